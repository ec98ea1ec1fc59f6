/** V2: a cache shows only what the store once held, whole, and never goes back. */
import { contentText, firstDifference } from "./content.ts";
import { type Call, type NodeContent, ofKind, type ReadAnswer, type Version, versionText } from "./history.ts";
import { conclude, fewStories, inMs, type Judgement, type Trial } from "./judgement.ts";
import { properties } from "./properties.ts";
import { type ReplayedEpoch, replayEpochs } from "./replay.ts";

type Story = readonly string[];
type Seen = Call & { readonly read: ReadAnswer & { readonly node: NodeContent } };

/** Where an answer comes from when it does not come from Redis. */
const caches: readonly string[] = ["l1", "l2"];

export function judgeCacheTruth(trial: Trial): Judgement {
  const held = new Held(replayEpochs(trial.observations));
  const seen = ofKind(trial.history, "call").filter(showsNode);
  const cached = seen.filter(({ read }) => caches.includes(read.source));
  const judged = seen.map((call) => ({ call, found: held.judge(call.read.node) }));
  const unjudged = judged.filter(({ found }) => found === "unobserved").length;
  const violations = [
    ...judged.flatMap(({ call, found }) =>
      found === "held" || found === "unobserved" ? [] : [neverHeld(call, found)],
    ),
    ...wentBack(seen, held),
  ];
  return conclude({
    property: "V2",
    premise: properties.V2.premise,
    exercised: cached.length,
    judged: seen.length,
    unjudged,
    violations: fewStories(violations),
    open: "the observer had not seen the store at those versions",
  });
}

function showsNode(call: Call): call is Seen {
  return call.op === "get_node" && call.read?.node !== null && call.read?.node !== undefined;
}

function neverHeld({ instance, read, to }: Seen, why: string): Story {
  const { node, version } = read.node;
  return [
    `instance ${instance} showed node ${node} at ${versionText(version)} as the store never held it`,
    `${why}; answered at ${inMs(to ?? 0)} from ${read.source}, stale: ${read.stale}, mode ${read.mode}`,
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

/** A read that began after another had ended must not show an older version of the same node. */
function wentBack(seen: readonly Seen[], held: Held): readonly Story[] {
  const stories: Story[] = [];
  for (const own of groups(seen)) {
    const ended = own.filter(({ to }) => to !== null).sort((a, b) => (a.to ?? 0) - (b.to ?? 0));
    let next = 0;
    let newest: Seen | null = null;
    for (const read of [...own].sort((a, b) => a.from - b.from)) {
      for (; next < ended.length; next += 1) {
        const one = ended[next];
        if (one === undefined || (one.to ?? 0) > read.from) break;
        if (newest === null || held.compare(one.read.node.version, newest.read.node.version) > 0) newest = one;
      }
      if (newest !== null && held.compare(read.read.node.version, newest.read.node.version) < 0) {
        stories.push(backStory(read, newest));
      }
    }
  }
  return stories;
}

function backStory(read: Seen, before: Seen): Story {
  const { node, version } = read.read.node;
  return [
    `instance ${read.instance} showed node ${node} at ${versionText(version)} after it had shown ${versionText(before.read.node.version)}`,
    `asked at ${inMs(read.from)}, from ${read.read.source}; the newer one was answered at ${inMs(before.to ?? 0)} from ${before.read.source}`,
  ];
}

function groups(seen: readonly Seen[]): Iterable<readonly Seen[]> {
  return Map.groupBy(seen, ({ instance, read }) => JSON.stringify([instance, read.node.node])).values();
}
