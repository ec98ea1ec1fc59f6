/** The adapter that the owner of an existing registry writes, and what bounds it. */

import type { Millis } from "../../protocol/time.ts";
import type { NodeOffer } from "../input.ts";
import type { Clock } from "../ports.ts";
import type { Wanted } from "../selection/select.ts";
import { inRange } from "./ranges.ts";
import type { Beat, Ended, NodeFacts, Registry, RegistryFailure, Reserved } from "./registry.ts";

type Word<Answer extends { readonly kind: string }> = Exclude<Answer["kind"], "failed">;

/**
 * An existing registry, in plain promises; it may be slow, hang and throw. Throw `NotAppliedError` where nothing has happened and nothing
 * will (a place could not be had in time); any other error is taken as "may have happened". `signal` aborts at the deadline: what has not
 * been sent by then should not be.
 */
export interface LegacyRegistry {
  /** @returns null when there is no such node */
  getNode(node: string, signal: AbortSignal): Promise<NodeFacts | null>;
  /** Ids, best first. */
  selectNodes(wanted: Wanted, signal: AbortSignal): Promise<readonly string[]>;
  /** @returns null when it cannot list its nodes: then only nodes that are written to can be moved */
  listNodes(signal: AbortSignal): Promise<readonly string[] | null>;
  registerNode(offer: NodeOffer, signal: AbortSignal): Promise<void>;
  heartbeat(beat: Beat, signal: AbortSignal): Promise<"renewed" | "not_online">;
  offlineNode(node: string, signal: AbortSignal): Promise<void>;
  reserveJob(node: string, job: string, signal: AbortSignal): Promise<Word<Reserved>>;
  completeJob(node: string, job: string, signal: AbortSignal): Promise<Word<Ended>>;
  /** Like complete, but the job may be reserved again. A registry without this difference completes it. */
  releaseJob(node: string, job: string, signal: AbortSignal): Promise<Word<Ended>>;
}

/** Thrown by an adapter that knows that its call had no effect. */
export class NotAppliedError extends Error {
  override readonly name = "NotAppliedError";
}

export interface LegacyBounds {
  readonly readDeadline: Millis;
  readonly writeDeadline: Millis;
  /** Calls in flight at once; more are refused, never queued. A call past its deadline counts until it has ended. */
  readonly maxCalls: number;
}

const legacyBounds: LegacyBounds = { readDeadline: 200, writeDeadline: 500, maxCalls: 256 };

/** The registry with a deadline on every call, and failures as answers. @throws SettingsError */
export function legacyRegistry(legacy: LegacyRegistry, clock: Clock, bounds: Partial<LegacyBounds> = {}): Registry {
  const { readDeadline, writeDeadline, maxCalls } = inRange(
    "legacy",
    { ...legacyBounds, ...bounds },
    { readDeadline: [1, 60_000], writeDeadline: [1, 60_000], maxCalls: [1, 1_000_000] },
  );
  const gate = new Gate(clock, maxCalls);
  const read = <Answer>(call: (signal: AbortSignal) => Promise<Answer>) => gate.pass(call, readDeadline);
  const write = <Answer>(call: (signal: AbortSignal) => Promise<Answer>) => gate.pass(call, writeDeadline);
  return {
    getNode: (node) =>
      read(async (signal) => {
        const facts = await legacy.getNode(node, signal);
        return facts === null ? { kind: "absent", age_ms: 0 } : { kind: "found", facts, age_ms: 0 };
      }),
    selectNodes: (wanted) =>
      read(async (signal) => ({ kind: "selected", nodes: await legacy.selectNodes(wanted, signal) })),
    listNodes: () =>
      read(async (signal) => {
        const nodes = await legacy.listNodes(signal);
        return nodes === null ? { kind: "not_listed" } : { kind: "listed", nodes };
      }),
    registerNode: (offer) =>
      write(async (signal) => {
        await legacy.registerNode(offer, signal);
        return { kind: "registered" };
      }),
    heartbeat: (beat) => write(async (signal) => ({ kind: await legacy.heartbeat(beat, signal) })),
    offlineNode: (node) =>
      write(async (signal) => {
        await legacy.offlineNode(node, signal);
        return { kind: "offline" };
      }),
    reserveJob: (node, job) => write(async (signal) => ({ kind: await legacy.reserveJob(node, job, signal) })),
    completeJob: (node, job) => write(async (signal) => ({ kind: await legacy.completeJob(node, job, signal) })),
    releaseJob: (node, job) => write(async (signal) => ({ kind: await legacy.releaseJob(node, job, signal) })),
  };
}

class Gate {
  readonly #clock: Clock;
  readonly #maxCalls: number;
  #inFlight = 0;

  constructor(clock: Clock, maxCalls: number) {
    this.#clock = clock;
    this.#maxCalls = maxCalls;
  }

  async pass<Answer>(
    call: (signal: AbortSignal) => Promise<Answer>,
    deadline: Millis,
  ): Promise<Answer | RegistryFailure> {
    if (this.#inFlight >= this.#maxCalls) {
      return failed("no", "overloaded", `not sent: ${this.#inFlight} calls are in flight already`);
    }
    const overdue = new AbortController();
    const waiting = new AbortController();
    const late = this.#clock
      .sleep(deadline, waiting.signal)
      .then(() => failed("unknown", "deadline", `no answer within ${deadline} ms`));
    const answer = await Promise.race([this.#run(call, overdue.signal), late]);
    overdue.abort();
    waiting.abort();
    return answer;
  }

  async #run<Answer>(
    call: (signal: AbortSignal) => Promise<Answer>,
    signal: AbortSignal,
  ): Promise<Answer | RegistryFailure> {
    this.#inFlight++;
    try {
      return await call(signal);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return error instanceof NotAppliedError ? failed("no", "refused", message) : failed("unknown", "threw", message);
    } finally {
      this.#inFlight--;
    }
  }
}

export function failed(applied: RegistryFailure["applied"], cause: string, message: string): RegistryFailure {
  return { kind: "failed", applied, cause, message };
}
