/** The calls of a run that say something of a node, by node, each at the positions that its reply allows. */
import { type Call, type HistoryEvent, ofKind, type StoreCall } from "../history.ts";
import type { Trial } from "../judgement.ts";
import { entriesOf } from "../observation.ts";
import { Stalls, timerGrain } from "../stall.ts";
import { type JudgedCall, judgedCall } from "./node-calls.ts";
import type { Courses } from "./node-course.ts";

/** Made one node at a time: of a long run only the calls themselves are kept. */
export class NodeHistories {
  readonly #courses: Courses;
  readonly #losses: Losses;
  readonly #stalls: Stalls;
  readonly #calls = new Map<string, Call[]>();

  constructor({ history, observations }: Trial, courses: Courses) {
    this.#courses = courses;
    this.#losses = new Losses(history);
    this.#stalls = new Stalls(history);
    const calls = ofKind(history, "call");
    for (const node of courses.nodes) this.#calls.set(node, []);
    for (const call of calls) if (call.node !== undefined) this.#add(call.node, call);
    const wandering = calls.filter(
      (call) => call.op === "dispatch" && (call.outcome !== "ok" || this.#losses.within(call) > 0),
    );
    const places = placesOf(new Set(wandering.map(({ job = "" }) => job)), observations);
    for (const call of wandering) {
      for (const node of places.get(call.job ?? "") ?? []) if (node !== call.node) this.#add(node, leftBehind(call));
    }
  }

  get nodes(): Iterable<string> {
    return this.#calls.keys();
  }

  of(node: string): readonly JudgedCall[] {
    const judged: JudgedCall[] = [];
    for (const call of this.#calls.get(node) ?? []) {
      const late = this.#stalls.within(call.from, call.to ?? call.from, call.instance) + timerGrain;
      const one = judgedCall(this.#courses, call, this.#losses.within(call), late);
      if (one !== null) judged.push(one);
    }
    return judged;
  }

  #add(node: string, call: Call): void {
    const own = this.#calls.get(node);
    if (own === undefined) this.#calls.set(node, [call]);
    else own.push(call);
  }
}

/** On which nodes each of these jobs was ever reserved. */
function placesOf(jobs: ReadonlySet<string>, observations: Trial["observations"]): ReadonlyMap<string, Set<string>> {
  const places = new Map<string, Set<string>>();
  for (const { change } of entriesOf(observations)) {
    if (change.kind !== "reserved" || !jobs.has(change.job)) continue;
    const nodes = places.get(change.job);
    if (nodes === undefined) places.set(change.job, new Set([change.node]));
    else nodes.add(change.node);
  }
  return places;
}

/** A dispatch may have left a place on any node where its job was reserved, though it went on to another. */
function leftBehind(call: Call): Call {
  return { ...call, outcome: "info", reply: "a place left behind" };
}

const scripts: Readonly<Partial<Record<Call["op"], string>>> = { dispatch: "reserve_job" };

/** Requests of instances to the store that were not answered, or so late that the instance had given them up, by instance and script. */
class Losses {
  readonly #lost: ReadonlyMap<string, readonly StoreCall[]>;

  constructor(history: readonly HistoryEvent[]) {
    const lost = ofKind(history, "store_call").filter(
      ({ deadline, from, outcome, to }) => outcome !== "answered" || to - from > deadline - timerGrain,
    );
    this.#lost = Map.groupBy(lost, ({ instance, script }) => `${instance} ${script}`);
  }

  /** How many a call may have made. */
  within({ from, instance, op, to }: Call): number {
    if (this.#lost.size === 0) return 0;
    const own = this.#lost.get(`${instance} ${scripts[op] ?? op}`) ?? [];
    const until = to ?? Number.POSITIVE_INFINITY;
    return own.filter((one) => one.to >= from && one.from <= until).length;
  }
}

/** By partition: the earliest position that a client was told of. What was changed before was asked for before the history began. */
export function firstTold(history: readonly HistoryEvent[], courses: Courses): ReadonlyMap<number, number> {
  const first = new Map<number, number>();
  for (const { outcome, version } of ofKind(history, "call")) {
    const epoch = version === undefined || outcome !== "ok" ? null : courses.epochOf(version);
    const position = version === undefined ? null : courses.positionOf(version);
    if (epoch === null || position === null) continue;
    first.set(epoch.partition, Math.min(position, first.get(epoch.partition) ?? position));
  }
  return first;
}
