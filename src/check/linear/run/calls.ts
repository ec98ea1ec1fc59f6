/** The calls of a run that say something of a node, by node, each at the positions that its reply allows. */

import { type Call, type HistoryEvent, ofKind } from "../../history.ts";
import type { Trial } from "../../judgement.ts";
import { type Coverage, coverageOf } from "../../observed/coverage.ts";
import { entriesOf, type Observation } from "../../observed/observation.ts";
import { Stalls } from "../../timing/stall.ts";
import { type Beside, NodeCalls } from "../node/calls.ts";
import { type Courses, positionIn } from "../node/courses.ts";
import { LostRequests } from "./lost-requests.ts";

/** Faults that let two servers answer at a time. */
const replacing: readonly string[] = ["redis_failover", "redis_split_brain"];

/** What has to be known of a run before its calls are placed. */
export class RunCalls {
  /** Whether two servers may have answered at a time. */
  readonly wasReplaced: boolean;
  readonly #history: readonly HistoryEvent[];
  readonly #observations: readonly Observation[];
  readonly #lost: LostRequests;
  readonly #stalls: Stalls;
  readonly #coverage: Coverage;

  /** Of calls it looks at nothing but that they are calls: they are most of what there is. */
  constructor(trial: Trial) {
    const { history, observations } = trial;
    this.#coverage = coverageOf(trial);
    const others = history.filter(({ kind }) => kind !== "call");
    this.wasReplaced = ofKind(others, "fault").some(({ name, step }) => step === "inject" && replacing.includes(name));
    this.#history = history;
    this.#observations = observations;
    this.#stalls = new Stalls(others);
    this.#lost = new LostRequests(ofKind(others, "store_call"), this.#stalls);
  }

  /** All in one pass, in the order in which they lie in memory: of a long run, most of the time goes into getting them from there. */
  place(courses: Courses): PlacedRun {
    const placed = new PlacedRun(courses, { coverage: this.#coverage, stalls: this.#stalls });
    const wandering: Call[] = [];
    for (const event of this.#history) {
      if (event.kind !== "call") continue;
      placed.take(event, this.#lost.within(event));
      if (this.#hasWandered(event)) wandering.push(event);
    }
    this.#leave(wandering, placed);
    for (const calls of placed.byNode.values()) calls.settle();
    return placed;
  }

  #hasWandered(call: Call): boolean {
    if (call.outcome === "ok" && this.#lost.isEmpty) return false;
    return call.op === "dispatch" && (call.outcome !== "ok" || this.#lost.within(call) > 0);
  }

  /** Dispatches may have left a place behind on a node, though they went on to another. */
  #leave(wandering: readonly Call[], placed: PlacedRun): void {
    const places = placesOf(wandering, this.#observations);
    for (const call of wandering) {
      const unanswered: Call = { ...call, outcome: "info", reply: "a place left behind" };
      for (const node of places.get(call.job ?? "") ?? []) {
        if (node !== call.node) placed.byNode.get(node)?.take(unanswered, null, this.#lost.within(call));
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
  readonly #beside: Beside;

  constructor(courses: Courses, beside: Beside) {
    this.#courses = courses;
    this.#beside = beside;
    for (const node of courses.nodes) this.#callsOf(node);
  }

  take(call: Call, lost: number): void {
    const { node, version } = call;
    const calls = node === undefined ? null : this.#callsOf(node);
    const epoch = version === undefined ? null : (calls ?? this.#courses).epochOf(version);
    calls?.take(call, epoch, lost);
    if (version === undefined || epoch === null || call.outcome !== "ok") return;
    const position = positionIn(epoch, version);
    if (position < (this.firstTold.get(epoch.partition) ?? Number.POSITIVE_INFINITY)) {
      this.firstTold.set(epoch.partition, position);
    }
  }

  #callsOf(node: string): NodeCalls {
    const known = this.byNode.get(node);
    if (known !== undefined) return known;
    const calls = new NodeCalls(this.#courses, node, this.#beside);
    this.byNode.set(node, calls);
    return calls;
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
