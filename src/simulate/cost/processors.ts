/**
 * The processors of the instances in a run in which computing takes time. Each instance has one: while it computes, its other events wait, its messages
 * leave when it has computed that far, and a client is answered when it is done.
 *
 * A step is what runs from one thing that is due to the next. Its cost is the blocks that were counted (instrument.ts) and what the ways in and out take
 * in production, by a measured table: so it is the same on every machine, with every load.
 */
import type { Target } from "../../load/clients/target.ts";
import type { Millis } from "../../protocol/time.ts";
import type { Owner, Timeline } from "../world/virtual-time.ts";
import { work } from "./instrument.ts";

/** Nanoseconds; measured by test/simulate/cost/costs.ts (docs/simulation.md, "What computing takes"). */
export const costs = {
  /** A function that is entered, or a round of a loop, with what is done in it. */
  block: 60,
  /** A timer fires. */
  timer: 800,
  /** Something is read from a socket, or a client's call comes in. */
  arrival: 8_000,
} as const;

/** The cause of a step: a client's call by its name, a timer, or an arriving message. */
export type Cause = keyof Target | "timer" | "arrival";

/** All steps with one cause. */
export interface Spent {
  steps: number;
  /** The blocks of all steps together. */
  blocks: number;
  /** Microseconds of the one that took longest. */
  longest: number;
}

export interface LongStep {
  readonly instance: number;
  readonly at: Millis;
  readonly took: Millis;
  readonly cause: Cause;
}

interface Processor {
  readonly owner: Owner;
  readonly index: number;
  /** When it computed, in order. */
  readonly busy: { readonly from: Millis; readonly to: Millis }[];
}

/** Steps that took longer than this are kept, to be judged. */
const long: Millis = 1;

export class Processors {
  readonly spent = new Map<Cause, Spent>();
  readonly longSteps: LongStep[] = [];
  readonly #all: Processor[] = [];
  #timeline: Timeline | null = null;
  #mark = work.blocks;
  /** The client call that began the current step; null: an event of the timeline began it. */
  #called: { readonly processor: Processor; readonly cause: Cause } | null = null;

  /** @param owners the instances, in their order */
  begin(timeline: Timeline, owners: readonly Owner[]): void {
    this.#timeline = timeline;
    this.#mark = work.blocks;
    for (const [index, owner] of owners.entries()) this.#all.push({ owner, index, busy: [] });
  }

  /** For how long an owner has computed in the step that runs now. */
  lag(owner: Owner): Millis {
    const step = this.#step();
    return step?.processor.owner === owner ? this.#costOf(step.cause) : 0;
  }

  /** Called between two steps: charges the computation of the one that has ended to its instance. */
  settle(): void {
    const step = this.#step();
    const blocks = work.blocks - this.#mark;
    if (step !== null && this.#timeline !== null) {
      const { cause, processor } = step;
      const took = this.#costOf(cause);
      const { now } = this.#timeline;
      processor.busy.push(this.#timeline.keepBusy(processor.owner, took));
      this.#add(cause, blocks, took);
      if (took > long) this.longSteps.push({ instance: processor.index, at: now, took, cause });
    }
    this.#mark = work.blocks;
    this.#called = null;
  }

  /** For how much of the time from `from` to `to` an instance computed. */
  busy(instance: number, from: Millis, to: Millis): Millis {
    let sum = 0;
    const all = this.#all[instance]?.busy ?? [];
    for (let index = all.length - 1; index >= 0; index -= 1) {
      const one = all[index] as Processor["busy"][number];
      if (one.to <= from) break;
      sum += Math.max(0, Math.min(one.to, to) - Math.max(one.from, from));
    }
    return sum;
  }

  /** The way in for clients: a call waits until the instance is free, and is answered when what it takes has been computed. */
  target(front: Target, index: number): Target {
    const through =
      <Result>(cause: Cause, run: () => Result | Promise<Result>) =>
      (): Promise<Result> =>
        this.#call(index, cause, run);
    return {
      registerNode: (request) => through("registerNode", () => front.registerNode(request))(),
      heartbeat: (request) => through("heartbeat", () => front.heartbeat(request))(),
      offlineNode: (node, life) => through("offlineNode", () => front.offlineNode(node, life))(),
      reserveJob: (node, job) => through("reserveJob", () => front.reserveJob(node, job))(),
      completeJob: (node, job) => through("completeJob", () => front.completeJob(node, job))(),
      releaseJob: (node, job) => through("releaseJob", () => front.releaseJob(node, job))(),
      getNode: (node) => through("getNode", () => front.getNode(node))(),
      selectNodes: (wanted) => through("selectNodes", () => front.selectNodes(wanted))(),
      dispatch: (request) => through("dispatch", () => front.dispatch(request))(),
      config: () => front.config(),
      putConfig: (config, expected) => through("putConfig", () => front.putConfig(config, expected))(),
    };
  }

  #call<Result>(index: number, cause: Cause, run: () => Result | Promise<Result>): Promise<Result> {
    const processor = this.#all[index];
    const timeline = this.#timeline;
    if (processor === undefined || timeline === null) throw new RangeError(`no instance ${index}`);
    return new Promise<Result>((resolve, reject) => {
      const later = (settle: () => void): void => {
        timeline.after(this.lag(processor.owner), null, settle);
      };
      const ask = (): void => {
        // A step of another instance may have begun this one: its cost until now is its own.
        this.settle();
        this.#called = { processor, cause };
        const answered = async (): Promise<Result> => run();
        answered().then(
          (result) => later(() => resolve(result)),
          (error: unknown) => later(() => reject(error)),
        );
      };
      const { busyUntil } = processor.owner;
      if (busyUntil > timeline.tick) timeline.atTick(busyUntil, ask);
      else ask();
    });
  }

  #step(): { readonly processor: Processor; readonly cause: Cause } | null {
    if (this.#called !== null) return this.#called;
    const due = this.#timeline?.ran ?? null;
    const processor = due === null ? undefined : this.#all.find(({ owner }) => owner === due.owner);
    if (due === null || processor === undefined) return null;
    return { processor, cause: due.isTimer ? "timer" : "arrival" };
  }

  #costOf(cause: Cause): Millis {
    const way = cause === "timer" ? costs.timer : costs.arrival;
    return (way + (work.blocks - this.#mark) * costs.block) / 1e6;
  }

  #add(cause: Cause, blocks: number, took: Millis): void {
    const known = this.spent.get(cause) ?? { steps: 0, blocks: 0, longest: 0 };
    known.steps += 1;
    known.blocks += blocks;
    known.longest = Math.max(known.longest, took * 1_000);
    this.spent.set(cause, known);
  }
}
