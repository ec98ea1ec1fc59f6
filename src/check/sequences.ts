/** V1: sequences grow by one within an epoch; an epoch never comes back. */
import { ofKind, type Version } from "./history.ts";
import { conclude, fewStories, inMs, type Judgement, type Trial } from "./judgement.ts";
import { dumpsOf, entriesOf, epochsOf, type Observation, partitionsOf } from "./observation.ts";
import { properties } from "./properties.ts";

type Story = readonly string[];

export function judgeSequences(trial: Trial): Judgement {
  const { observations } = trial;
  const partitions = partitionsOf(observations);
  const epochs = partitions.map((partition) => epochsOf(observations, partition));
  const entries = entriesOf(observations);
  const begun = epochs.reduce((sum, seen) => sum + seen.length, 0);
  const violations = [
    ...partitions.flatMap((partition) => gaps(observations, partition)),
    ...epochs.flatMap((seen, index) => returns(partitions[index] ?? 0, seen)),
    ...toldTooMuch(trial),
  ];
  return conclude({
    property: "V1",
    premise: properties.V1.premise,
    exercised: begun === 0 ? 0 : entries.length,
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

/** Versions that clients were given but that the store never reached, within an epoch that is known to its end. */
function toldTooMuch({ history, observations }: Trial): readonly Story[] {
  const last = new Map<string, number>();
  for (const dump of dumpsOf(observations)) {
    if (dump.version !== null) last.set(dump.version.epoch, dump.version.sequence);
  }
  return ofKind(history, "call").flatMap(({ op, node, version, to }) => {
    const reached = version === undefined ? undefined : last.get(version.epoch);
    if (version === undefined || reached === undefined || version.sequence <= reached) return [];
    return [[`${op} ${node ?? ""} was told ${told(version)}, the store reached ${reached}`, `at ${inMs(to ?? 0)}`]];
  });
}

function told({ epoch, sequence }: Version): string {
  return `sequence ${sequence} of epoch ${epoch}`;
}
