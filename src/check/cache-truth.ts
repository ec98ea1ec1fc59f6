/** V2: a cache shows only what the store once held, whole, and never goes back. What it shows is the node that was asked for, and as old as it says. */
import { Absences } from "./absences.ts";
import { isTooOld, oldestConfirmed, tooOldStory, youngerStory } from "./answer-age.ts";
import { contradictionIn, contradictionStory } from "./answer-sense.ts";
import { contentText, firstDifference, whyNonsense } from "./content.ts";
import { type Coverage, coverageOf } from "./coverage.ts";
import { type Call, type Millis, type NodeContent, ofKind, type Version, versionText } from "./history.ts";
import { conclude, type Finding, fewFindings, inMs, type Judgement, type Trial } from "./judgement.ts";
import { dumpsOf, type Entry, entriesOf, epochsOf, type Observation, partitionsOf } from "./observation.ts";
import { properties } from "./properties.ts";
import { type ReplayedEpoch, replayEpochs } from "./replay.ts";
import { Stalls } from "./timing/stall.ts";

type Story = readonly string[];

/** One node as one answer showed it. */
interface Sight {
  readonly call: number;
  readonly instance: number;
  readonly from: Millis;
  readonly to: Millis;
  readonly node: NodeContent;
  /** Of a read; `selection` of a selection, which is always from the view. */
  readonly source: string;
  readonly how: string;
}

/** Where an answer comes from when it does not come from Redis. */
const caches: readonly string[] = ["l1", "l2", "selection"];

export function judgeCacheTruth(trial: Trial): Judgement {
  const held = new Held(replayEpochs(trial.observations), new Takeovers(trial.observations), coverageOf(trial));
  const calls = ofKind(trial.history, "call");
  const sights = calls.flatMap(sightsOf);
  const judged = sights.map((sight) => ({ sight, found: whyNonsense(sight.node) ?? held.judge(sight) }));
  const unseen = judged.filter(({ found }) => found === "unobserved").length;
  const violations = [
    ...calls.flatMap((call) => {
      const contradiction = contradictionIn(call);
      return contradiction === null ? [] : [{ story: contradictionStory(call, contradiction), calls: [call.id] }];
    }),
    ...judged.flatMap(({ sight, found }) =>
      found === "held" || found === "unobserved" ? [] : [{ story: neverHeld(sight, found), calls: [sight.call] }],
    ),
    ...wentBack(sights, held),
    ...wrongAges(trial, calls),
  ];
  return conclude({
    property: "V2",
    premise: properties.V2.premise,
    exercised: judged.filter(({ found, sight }) => found !== "unobserved" && caches.includes(sight.source)).length,
    judged: sights.length,
    unseen,
    ...fewFindings(violations),
  });
}

function sightsOf({ id: call, instance, from, to, read, selected }: Call): readonly Sight[] {
  if (to === null) return [];
  if (read?.node) {
    const how = `from ${read.source}, stale: ${read.stale}, mode ${read.mode}`;
    return [{ call, instance, from, to, node: read.node, source: read.source, how }];
  }
  return (selected ?? []).map((node) => ({
    call,
    instance,
    from,
    to,
    node,
    source: "selection",
    how: "in a selection",
  }));
}

function neverHeld({ how, instance, node, to }: Sight, why: string): Story {
  return [
    `instance ${instance} showed node ${node.node} at ${versionText(node.version)} as the store never held it`,
    `${why}; answered at ${inMs(to)} ${how}`,
  ];
}

/** Servers that took over with less than the epoch before had: what they lack is lost, and what they have is shown again. */
class Takeovers {
  readonly #byEpoch: ReadonlyMap<string, { readonly left: Version; readonly at: Millis }>;

  constructor(observations: readonly Observation[]) {
    // Of several looks at who took over the first counts, so it comes last.
    const dumps = dumpsOf(observations).toReversed();
    this.#byEpoch = new Map(dumps.flatMap(({ at, left }) => (left === undefined ? [] : [[left.epoch, { left, at }]])));
  }

  isLost({ epoch, sequence }: Version): boolean {
    return sequence > (this.#byEpoch.get(epoch)?.left.sequence ?? Number.POSITIVE_INFINITY);
  }

  /** Whether what was shown until `at` may have been lost, and the older `next` be what is held instead. */
  allowsReturn(last: Version, next: Version, at: Millis): boolean {
    const takeover = this.#byEpoch.get(last.epoch);
    if (takeover === undefined || next.epoch !== last.epoch) return false;
    return this.isLost(last) && !this.isLost(next) && at >= takeover.at;
  }
}

/** Every content that a node ever had, by version, and which version is later. */
class Held {
  readonly takeovers: Takeovers;
  readonly #contents = new Map<string, NodeContent>();
  readonly #epochs = new Map<string, { readonly order: number; readonly last: number }>();
  readonly #coverage: Coverage;

  constructor(epochs: readonly ReplayedEpoch[], takeovers: Takeovers, coverage: Coverage) {
    this.takeovers = takeovers;
    this.#coverage = coverage;
    for (const { epoch, order, last, base, steps } of epochs) {
      this.#epochs.set(epoch, { order, last });
      for (const { content } of base.values()) this.#add(content);
      for (const { after } of steps) if (after !== null) this.#add(after.content);
    }
  }

  judge({ node: shown, to }: Pick<Sight, "node" | "to">): "held" | "unobserved" | string {
    const known = this.#contents.get(keyOf(shown));
    if (known !== undefined) {
      return contentText(known) === contentText(shown) ? "held" : (firstDifference(shown, known) ?? "another content");
    }
    const standing = this.#coverage.standingShown(shown.version, to);
    if (standing === "unseen") return "unobserved";
    return standing === "held" ? "no change of this node had that version" : "the store never had that version";
  }

  /** Negative where `a` is older than `b`; 0 also where their order is not known. */
  compare(a: Version, b: Version): number {
    if (a.epoch === b.epoch) return a.sequence - b.sequence;
    const one = this.#epochs.get(a.epoch);
    const other = this.#epochs.get(b.epoch);
    return one === undefined || other === undefined ? 0 : one.order - other.order;
  }

  #add(content: NodeContent): void {
    this.#contents.set(keyOf(content), content);
  }
}

function keyOf({ node, version }: NodeContent): string {
  return `${versionText(version)} ${node}`;
}

/** What is asked for after an answer was given must not be answered with an older version of the same node. */
function wentBack(sights: readonly Sight[], held: Held): readonly Finding[] {
  const findings: Finding[] = [];
  const groups = Map.groupBy(sights, ({ instance, node }) => JSON.stringify([instance, node.node]));
  for (const own of groups.values()) {
    const ended = [...own].sort((a, b) => a.to - b.to);
    let next = 0;
    let newest: Sight | null = null;
    /** Shown again after what had followed it was lost: what was lost must not come back now. */
    let hasReturned = false;
    for (const sight of [...own].sort((a, b) => a.from - b.from)) {
      for (let one = ended[next]; one !== undefined && one.to <= sight.from; one = ended[next]) {
        next += 1;
        const returns = newest !== null && held.takeovers.allowsReturn(newest.node.version, one.node.version, one.to);
        hasReturned ||= returns;
        if (newest === null || returns || held.compare(one.node.version, newest.node.version) > 0) newest = one;
      }
      if (newest === null) continue;
      const { version } = sight.node;
      const isBack = held.compare(version, newest.node.version) < 0;
      if (
        (isBack && !held.takeovers.allowsReturn(newest.node.version, version, sight.to)) ||
        (hasReturned && held.takeovers.isLost(version))
      )
        findings.push({ story: backStory(sight, newest), calls: [newest.call, sight.call] });
    }
  }
  return findings;
}

/** A little more than what clocks round. */
const rounding: Millis = 1;

/** Where a partition has had more than one epoch, two servers may have told of it at a time, and only what is too old is looked for. */
function wrongAges(trial: Trial, calls: readonly Call[]): readonly Finding[] {
  const { bounds, history, instances, observations, terms } = trial;
  const absences = new Absences(history, instances);
  const stalls = new Stalls(history);
  const changes = changesOf(observations);
  const findings: Finding[] = [];
  for (const call of calls) {
    const { from, id, instance, read, to } = call;
    if (read === undefined || to === null || absences.touch(instance, from, to)) continue;
    const oldest = oldestConfirmed(read, to - from, terms, bounds.budget);
    // As long as the instance stood still since it asked, its answer is older through no fault of its own.
    const slack = stalls.within(from - Math.max(oldest, read.age_ms), to, instance);
    if (isTooOld(read, oldest + slack)) findings.push({ story: tooOldStory(call, read, oldest), calls: [id] });
    if (read.node === null || read.age_ms < 0) continue;
    const changed = changes.after(read.node);
    if (changed < from - read.age_ms - rounding)
      findings.push({ story: youngerStory(call, read, changed), calls: [id] });
  }
  return findings;
}

/** When each node changed next after a version, as the observer saw it: no sooner than it did. */
function changesOf(observations: readonly Observation[]): { after(node: NodeContent): Millis } {
  const single = new Set(partitionsOf(observations).filter((one) => epochsOf(observations, one).length === 1));
  const byNode = Map.groupBy(
    entriesOf(observations).filter(({ partition }) => single.has(partition)),
    ({ change }) => change.node,
  );
  return {
    after({ node, version }) {
      const own = byNode.get(node) ?? [];
      let low = 0;
      let high = own.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((own[middle] as Entry).sequence > version.sequence) high = middle;
        else low = middle + 1;
      }
      const next = own[low];
      return next?.epoch === version.epoch ? next.at : Number.POSITIVE_INFINITY;
    },
  };
}

function backStory(sight: Sight, before: Sight): Story {
  const { node, version } = sight.node;
  return [
    `instance ${sight.instance} showed node ${node} at ${versionText(version)} after it had shown ${versionText(before.node.version)}`,
    `asked at ${inMs(sight.from)}, answered ${sight.how}; the newer one was answered at ${inMs(before.to)} ${before.how}`,
  ];
}
