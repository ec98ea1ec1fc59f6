/** V2: a cache shows only what the store once held, whole, and never goes back. */
import { contentText, firstDifference } from "./content.ts";
import { type Call, type Millis, type NodeContent, ofKind, type Version, versionText } from "./history.ts";
import { conclude, fewStories, inMs, type Judgement, type Trial } from "./judgement.ts";
import { properties } from "./properties.ts";
import { type ReplayedEpoch, replayEpochs } from "./replay.ts";

type Story = readonly string[];

/** One node as one answer showed it. */
interface Sight {
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
  const held = new Held(replayEpochs(trial.observations));
  const sights = ofKind(trial.history, "call").flatMap(sightsOf);
  const judged = sights.map((sight) => ({ sight, found: held.judge(sight.node) }));
  const unjudged = judged.filter(({ found }) => found === "unobserved").length;
  const violations = [
    ...judged.flatMap(({ sight, found }) =>
      found === "held" || found === "unobserved" ? [] : [neverHeld(sight, found)],
    ),
    ...wentBack(sights, held),
  ];
  return conclude({
    property: "V2",
    premise: properties.V2.premise,
    exercised: sights.filter(({ source }) => caches.includes(source)).length,
    judged: sights.length,
    unjudged,
    violations: fewStories(violations),
    open: "the observer had not seen the store at those versions",
  });
}

function sightsOf({ instance, from, to, read, selected }: Call): readonly Sight[] {
  if (to === null) return [];
  if (read?.node) {
    const how = `from ${read.source}, stale: ${read.stale}, mode ${read.mode}`;
    return [{ instance, from, to, node: read.node, source: read.source, how }];
  }
  return (selected ?? []).map((node) => ({ instance, from, to, node, source: "selection", how: "in a selection" }));
}

function neverHeld({ how, instance, node, to }: Sight, why: string): Story {
  return [
    `instance ${instance} showed node ${node.node} at ${versionText(node.version)} as the store never held it`,
    `${why}; answered at ${inMs(to)} ${how}`,
  ];
}

/** Every content that a node ever had, by version, and which version is later. */
class Held {
  readonly #contents = new Map<string, NodeContent>();
  readonly #epochs = new Map<string, { readonly order: number; readonly last: number }>();

  constructor(epochs: readonly ReplayedEpoch[]) {
    for (const { epoch, order, last, base, steps } of epochs) {
      this.#epochs.set(epoch, { order, last });
      for (const { content } of base.values()) this.#add(content);
      for (const { after } of steps) if (after !== null) this.#add(after.content);
    }
  }

  judge(shown: NodeContent): "held" | "unobserved" | string {
    const known = this.#contents.get(keyOf(shown));
    if (known !== undefined) {
      return contentText(known) === contentText(shown) ? "held" : (firstDifference(shown, known) ?? "another content");
    }
    const epoch = this.#epochs.get(shown.version.epoch);
    if (epoch === undefined || shown.version.sequence > epoch.last) return "unobserved";
    return "no change of this node had that version";
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
function wentBack(sights: readonly Sight[], held: Held): readonly Story[] {
  const stories: Story[] = [];
  const groups = Map.groupBy(sights, ({ instance, node }) => JSON.stringify([instance, node.node]));
  for (const own of groups.values()) {
    const ended = [...own].sort((a, b) => a.to - b.to);
    let next = 0;
    let newest: Sight | null = null;
    for (const sight of [...own].sort((a, b) => a.from - b.from)) {
      for (let one = ended[next]; one !== undefined && one.to <= sight.from; one = ended[next]) {
        next += 1;
        if (newest === null || held.compare(one.node.version, newest.node.version) > 0) newest = one;
      }
      if (newest !== null && held.compare(sight.node.version, newest.node.version) < 0) {
        stories.push(backStory(sight, newest));
      }
    }
  }
  return stories;
}

function backStory(sight: Sight, before: Sight): Story {
  const { node, version } = sight.node;
  return [
    `instance ${sight.instance} showed node ${node} at ${versionText(version)} after it had shown ${versionText(before.node.version)}`,
    `asked at ${inMs(sight.from)}, answered ${sight.how}; the newer one was answered at ${inMs(before.to)} ${before.how}`,
  ];
}
