/**
 * What nobody reads any more is forgotten, so that states which differ only in that are one state (scope `normalForm=1`).
 *
 * Each rule says why no later step and no `always` or `sometimes` can tell the difference; liveness may, and is left out. A wrong design that does
 * read what a rule forgets is exempt from it. A test compares both ways of counting.
 */
import type { Bounds } from "./scope.ts";
import type { Instance, Message, Seen, State, Version, Words } from "./state.ts";

type Answer = Extract<Message, { kind: "Found" }>;

/** The rules, and the wrong designs in which something still reads what they forget. */
const readers: Readonly<Record<"wakeUps" | "numbers" | "lookups" | "dispatches", readonly string[]>> = {
  wakeUps: ["wake-ups-trusted", "published-first", "epochs-ignored"],
  numbers: ["versions-by-node", "page-adds", "epochs-ignored", "cache-replaced"],
  lookups: ["cache-replaced", "epochs-ignored", "epoch-reused", "epoch-kept"],
  dispatches: ["retry-renamed"],
};

export function normalFormOf(
  words: Words,
  { heartbeats }: Pick<Bounds, "heartbeats">,
  design: string | null,
): (state: State) => void {
  const { nodes, jobs, instances, Agent, Message, Seen, StoredNode } = words;
  const isForgotten = (rule: keyof typeof readers): boolean => design === null || !readers[rule].includes(design);
  const forgetsWakeUps = isForgotten("wakeUps");
  const forgetsNumbers = isForgotten("numbers");
  const forgetsLookups = isForgotten("lookups");
  const forgetsDispatches = isForgotten("dispatches");
  const someLife = words.Version.of({ epoch: 0, sequence: 0 });

  /** A node's record is compared with changes after the view only: how far before the view it is does not matter. */
  function unnumbered(seen: Seen | null, upTo: number): Seen | null {
    if (seen === null || seen.sequence === 0 || seen.sequence > upTo) return seen;
    const { isOnline, incarnation, count } = seen;
    return Seen.of({ isOnline, incarnation, sequence: 0, count });
  }

  function settleInstance(instance: Instance): void {
    // An instance asks for changes whether it is woken or not.
    if (forgetsWakeUps) instance.isWoken = false;
    // A mark keeps an instance from asking and from choosing, for a second; without it it may do all that it may do with it.
    for (const n of nodes.all) instance.missed.set(n, false);
    if (!forgetsNumbers) return;
    const { seen, page, version } = instance;
    for (const n of nodes.all) {
      seen.set(n, unnumbered(seen.get(n), version.sequence));
      if (page.version !== null) page.seen.set(n, unnumbered(page.seen.get(n), page.version.sequence));
    }
  }

  /**
   * An answer to a lookup says nothing, now or later, where
   * - it found nothing: it would but leave a mark;
   * - the view is newer: it is thrown away when it arrives;
   * - the instance has crashed since: the page that it begins with is as new, and says the same or more;
   * - the view holds what it says, and no older page is on its way: a change of that node makes the view newer.
   */
  function isOfNoUse({ i, n, at, seen }: Answer, state: State): boolean {
    const { version, page, seen: held } = state.instance.get(i);
    if (seen === null || version.epoch === 0 || isBefore(at, version)) return true;
    return held.get(n) === seen && (page.version === null || !isBefore(page.version, at));
  }

  function settleLookups(state: State): void {
    for (const message of [...state.net]) {
      if (message.kind !== "Found") continue;
      const settled = forgetsNumbers ? unnumberedAnswer(message, state) : message;
      if (settled !== message) state.net.delete(message);
      if (isOfNoUse(settled, state)) state.net.delete(settled);
      else if (settled !== message) state.net.add(settled);
    }
  }

  function unnumberedAnswer(message: Answer, state: State): Answer {
    const { version } = state.instance.get(message.i);
    if (message.at.epoch !== version.epoch) return message;
    const seen = unnumbered(message.seen, version.sequence);
    const { i, n, at } = message;
    return seen === message.seen ? message : Message.make.Found({ i, n, at, seen });
  }

  /** A node that has sent all its heartbeats never says again who it is; one that is not online cannot be renewed. */
  function settleNode(state: State, n: number): void {
    const { life, incarnation, seq } = state.agent.get(n);
    if (seq === heartbeats && incarnation !== null) state.agent.set(n, Agent.of({ life, incarnation: someLife, seq }));
    const record = state.store.node.get(n);
    if (record === null || record.status === "online" || record.heartbeatSeq < 0) return;
    state.store.node.set(n, StoredNode.of({ ...record, heartbeatSeq: -1 }));
  }

  /** A job of which there is no trace left is as good as new. */
  function settleJob(state: State, j: number): void {
    if (state.job.get(j).kind !== "idle" || !state.dispatched.has(j)) return;
    if (!hasTrace(state, j)) state.dispatched = state.dispatched.without(j);
  }

  function hasTrace({ net, store, replica }: State, j: number): boolean {
    for (let index = 0; index < net.size; index += 1) {
      const message = net.at(index);
      if (message.kind === "Reserve" && message.j === j) return true;
    }
    return nodes.all.some(
      (n) => (store.node.get(n)?.jobs.has(j) ?? false) || (replica.node.get(n)?.jobs.has(j) ?? false),
    );
  }

  return (state) => {
    for (const i of instances.all) settleInstance(state.instance.get(i));
    if (forgetsLookups) settleLookups(state);
    for (const n of nodes.all) settleNode(state, n);
    if (forgetsDispatches) for (const j of jobs.all) settleJob(state, j);
  };
}

function isBefore(one: Version, other: Version): boolean {
  return one.epoch < other.epoch || (one.epoch === other.epoch && one.sequence < other.sequence);
}
