/** V1: sequences grow by one within an epoch; an epoch never comes back. */
import { coverageOf } from "./coverage.ts";
import { type Call, ofKind, type Version } from "./history.ts";
import { conclude, fewStories, inMs, type Judgement, type Trial } from "./judgement.ts";
import { entriesOf, epochsOf, type Observation, partitionsOf } from "./observation.ts";
import { properties } from "./properties.ts";

type Story = readonly string[];

export function judgeSequences(trial: Trial): Judgement {
  const { observations } = trial;
  const partitions = partitionsOf(observations);
  const epochs = partitions.map((partition) => epochsOf(observations, partition));
  const entries = entriesOf(observations);
  const begun = epochs.reduce((sum, seen) => sum + seen.length, 0);
  const { tooMuch, told, unseen } = toldTo(trial);
  const violations = [
    ...partitions.flatMap((partition) => gaps(observations, partition)),
    ...epochs.flatMap((seen, index) => returns(partitions[index] ?? 0, seen)),
    ...tooMuch,
  ];
  return conclude({
    property: "V1",
    premise: properties.V1.premise,
    exercised: begun === 0 ? 0 : entries.length,
    judged: entries.length + told,
    unseen,
    violations: fewStories(violations),
    measures: [{ name: "epochs_begun", value: begun }],
  });
}

function gaps(observations: readonly Observation[], partition: number): readonly Story[] {
  const stories: Story[] = [];
  let epoch = "";
  let sequence = 0;
  for (const one of observations) {
    if (one.partition !== partition || (one.kind === "dump" && one.version === null)) continue;
    const at = one.kind === "dump" ? (one.version ?? { epoch, sequence }) : one;
    if (at.epoch !== epoch) sequence = 0;
    epoch = at.epoch;
    const expected = one.kind === "dump" ? sequence : sequence + 1;
    if (at.sequence !== expected) {
      const where = one.kind === "dump" ? "meta" : "the feed";
      stories.push([
        `${where} of partition ${partition} is at sequence ${at.sequence}, allowed ${expected} after ${sequence}`,
        `epoch ${epoch}, read at ${inMs(one.at)}`,
      ]);
    }
    sequence = at.sequence;
  }
  return stories;
}

function returns(partition: number, seen: readonly string[]): readonly Story[] {
  const left = new Set<string>();
  return seen.flatMap((epoch, index) => {
    const came = left.has(epoch);
    left.add(epoch);
    return came
      ? [[`epoch ${epoch} of partition ${partition} came back, allowed once`, `it was the ${index + 1}th epoch seen`]]
      : [];
  });
}

interface Told {
  readonly told: number;
  readonly tooMuch: readonly Story[];
  readonly unseen: number;
}

/** Versions that clients were given, and of those the ones that the store never reached. */
function toldTo(trial: Trial): Told {
  const coverage = coverageOf(trial);
  const tooMuch: Story[] = [];
  let [told, unseen] = [0, 0];
  for (const call of ofKind(trial.history, "call")) {
    const { op, version } = call;
    // Configurations have a feed of their own, which the observer does not follow.
    if (version === undefined || op === "put_config") continue;
    told += 1;
    const standing = coverage.standingOf(call, version);
    if (standing === "unseen") unseen += 1;
    else if (standing === "never") tooMuch.push(tooMuchStory(call, version, coverage.lastOf(version.epoch)));
  }
  return { told, tooMuch, unseen };
}

function tooMuchStory({ node, op, to }: Call, version: Version, reached: number | null): Story {
  const store = reached === null ? "the store never had that epoch" : `the store reached ${reached}`;
  return [`${op} ${node ?? ""} was answered with ${textOf(version)}, ${store}`, `at ${inMs(to ?? 0)}`];
}

function textOf({ epoch, sequence }: Version): string {
  return `sequence ${sequence} of epoch ${epoch}`;
}
