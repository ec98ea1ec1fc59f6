/** The calls of a run that say something of a node, by node, each at the positions that its reply allows. */
import type { Call, HistoryEvent, StoreCall } from "../history.ts";
import type { Trial } from "../judgement.ts";
import { entriesOf, type Observation } from "../observation.ts";
import { Stalls, timerGrain } from "../stall.ts";
import { type Courses, positionIn } from "./courses.ts";
import { LostRequests } from "./lost-requests.ts";
import { NodeCalls } from "./node-calls.ts";

/** Faults that let two servers answer at a time. */
const replacing: readonly string[] = ["redis_failover", "redis_split_brain"];

/** What has to be known of a run before its calls are placed. */
export class RunCalls {
  /** Whether two servers may have answered at a time. */
  readonly wasReplaced: boolean;
  readonly #history: readonly HistoryEvent[];
  readonly #lost: LostRequests;
  readonly #stalls: Stalls;
  /** How many there are of each node, places left behind included. */
  readonly #counts = new Map<string, number>();
  /** Dispatches that may have left a place behind on a node, though they went on to another. */
  readonly #leftBehind: { readonly node: string; readonly call: Call }[] = [];

  constructor({ history, observations }: Trial) {
    const requests: StoreCall[] = [];
    const dispatches: Call[] = [];
    let wasReplaced = false;
    for (const event of history) {
      if (event.kind === "call") {
        if (event.node !== undefined) this.#count(event.node);
        if (event.op === "dispatch") dispatches.push(event);
      } else if (event.kind === "store_call") requests.push(event);
      else if (event.kind === "fault") wasReplaced ||= event.step === "inject" && replacing.includes(event.name);
    }
    this.wasReplaced = wasReplaced;
    this.#history = history;
    this.#stalls = new Stalls(history);
    this.#lost = new LostRequests(requests, this.#stalls);
    this.#leave(dispatches, observations);
  }

  /** All in one pass, in the order in which they lie in memory: of a long run, most of the time goes into getting them from there. */
  place(courses: Courses): PlacedRun {
    const placed = new PlacedRun(courses, this.#counts);
    for (const event of this.#history) {
      if (event.kind === "call") placed.take(event, this.#lost.within(event), this.#lateness(event));
    }
    for (const { call, node } of this.#leftBehind) {
      const unanswered: Call = { ...call, outcome: "info", reply: "a place left behind" };
      placed.byNode.get(node)?.take(unanswered, this.#lost.within(call), 0);
    }
    return placed;
  }

  #count(node: string): void {
    this.#counts.set(node, (this.#counts.get(node) ?? 0) + 1);
  }

  /** Of reads alone it matters how much later than the answer its end may have been taken down. */
  #lateness({ from, instance, op, to }: Call): number {
    return op === "get_node" ? this.#stalls.within(from, to ?? from, instance) + timerGrain : 0;
  }

  #leave(dispatches: readonly Call[], observations: readonly Observation[]): void {
    const wandering = dispatches.filter((call) => call.outcome !== "ok" || this.#lost.within(call) > 0);
    const places = placesOf(wandering, observations);
    for (const call of wandering) {
      for (const node of places.get(call.job ?? "") ?? []) {
        if (node === call.node) continue;
        this.#leftBehind.push({ node, call });
        this.#count(node);
      }
    }
  }
}

class PlacedRun {
  /** Those of nodes that the feed does not know too, after those that it knows. */
  readonly byNode = new Map<string, NodeCalls>();
  /** By partition: the earliest position that a client was told of. What was changed before was asked for before the history began. */
  readonly firstTold = new Map<number, number>();
  readonly #courses: Courses;

  constructor(courses: Courses, counts: ReadonlyMap<string, number>) {
    this.#courses = courses;
    for (const node of [...courses.nodes, ...counts.keys()]) {
      if (!this.byNode.has(node)) this.byNode.set(node, new NodeCalls(courses, node, counts.get(node) ?? 0));
    }
  }

  take(call: Call, lost: number, late: number): void {
    const { node, outcome, version } = call;
    if (node !== undefined) this.byNode.get(node)?.take(call, lost, late);
    const epoch = version === undefined || outcome !== "ok" ? null : this.#courses.epochOf(version);
    if (version === undefined || epoch === null) return;
    const position = positionIn(epoch, version);
    if (position < (this.firstTold.get(epoch.partition) ?? Number.POSITIVE_INFINITY)) {
      this.firstTold.set(epoch.partition, position);
    }
  }
}

/** On which nodes the job of each of these calls was ever reserved. */
function placesOf(
  calls: readonly Call[],
  observations: readonly Observation[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const places = new Map<string, Set<string>>();
  if (calls.length === 0) return places;
  const jobs = new Set(calls.map(({ job = "" }) => job));
  for (const { change } of entriesOf(observations)) {
    if (change.kind !== "reserved" || !jobs.has(change.job)) continue;
    const nodes = places.get(change.job);
    if (nodes === undefined) places.set(change.job, new Set([change.node]));
    else nodes.add(change.node);
  }
  return places;
}
