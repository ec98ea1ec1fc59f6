/**
 * When what is due has certainly been swept: an instance sweeps at an interval, and after a gap in the sweeps nothing is due for a TTL. A system may not heed
 * the settings that say so; then its nodes and leases outlive a run.
 */
import type { Millis } from "../../check/history.ts";
import type { FaultStep } from "../event.ts";
import type { Case } from "../judge.ts";

/** ms that a system may leave between two sweeps, whatever its settings say, and nodes that a sweep takes at the least. */
const [slowest, batch] = [1_200, 50] as const;
/** ms of which an instance was kept from running for nearly all: a pause in which it made no sweep. Many short waits are none. */
const [window, paused] = [200, 190] as const;

/** Faults that let no request through, or no answer. */
export const silent: ReadonlySet<string> = new Set(["redis_blackhole", "redis_refused"]);

/** When no instance could certainly reach the store. */
interface Outage {
  readonly from: Millis;
  readonly to: Millis;
}

/** A node whose time is over, or a place whose lease is. */
export type Kind = "node" | "lease";

export class Sweeps {
  readonly #case: Pick<Case, "instances" | "scene" | "terms" | "timing">;
  readonly #ended = new Set<Kind>();
  readonly #late = new Set<Kind>();
  /** Those that may be due at once. */
  nodes = 0;
  /** By instance: since when each fault has cut it off from the store. */
  readonly #cuts: readonly Map<number, Millis>[];
  #outage: Outage | null = null;

  constructor(theCase: Pick<Case, "instances" | "scene" | "terms" | "timing">) {
    this.#case = theCase;
    this.#cuts = Array.from({ length: theCase.instances }, () => new Map<number, Millis>());
  }

  /** The last one that is over. */
  get outage(): Outage | null {
    return this.#outage;
  }

  fault({ at, cutsOff, fault, inForce = at, instance, name, step }: FaultStep): void {
    if (!cutsOff || !silent.has(name)) return;
    for (const [index, cuts] of this.#cuts.entries()) {
      if (instance !== null && instance !== index) continue;
      if (step === "inject") {
        cuts.set(fault, inForce);
        continue;
      }
      const from = Math.max(...this.#cuts.map((own) => Math.min(...own.values())));
      if (cuts.has(fault) && from < inForce) this.#outage = { from, to: inForce };
      cuts.delete(fault);
    }
  }

  /** The system has ended one itself. */
  ended(kind: Kind): void {
    this.#ended.add(kind);
  }

  /** One that was due at `due` was there at `at`. */
  late(kind: Kind, due: Millis, at: Millis): void {
    if (this.#doneBy(due, at) < at) this.#late.add(kind);
  }

  /** Whether it ends what is due, and later than it has to: it may sweep seldom. */
  get isSlow(): boolean {
    return [...this.#ended].some((kind) => this.#late.has(kind));
  }

  /** Whether it was seen to leave what was due, and never to end any: then nothing shows that it ever does. */
  neverEnds(kind: Kind): boolean {
    return this.#late.has(kind) && !this.#ended.has(kind);
  }

  /** @returns infinity: it may not have been swept by `now` */
  doneBy(due: Millis, now: Millis): Millis {
    return this.#ended.size === 0 ? Number.POSITIVE_INFINITY : this.#doneBy(due, now);
  }

  #doneBy(due: Millis, now: Millis): Millis {
    const { instances, scene, terms, timing } = this.#case;
    const { heartbeatTtl, sweepInterval, ttlSpread } = terms;
    if (sweepInterval === undefined) return Number.POSITIVE_INFINITY;
    const [interval, ttl] = [sweepInterval * (1 + ttlSpread), heartbeatTtl * (1 + ttlSpread)];
    // The first sweep follows a gap, too. One instance in `normal` is enough for there to be none.
    let gapEnds = Math.max(0, this.#normalSince);
    for (let instance = 0; instance < instances; instance += 1) {
      if (scene.isTroubled(instance)) return Number.POSITIVE_INFINITY;
      gapEnds = Math.max(gapEnds, scene.healedAt(instance));
    }
    const needed = interval * (2 + Math.ceil(this.nodes / batch));
    const begun = Math.max(due, gapEnds + interval + ttl);
    const by = begun + Math.max(slowest, needed);
    if (by >= now) return by;
    for (let instance = 0; instance < instances; instance += 1) {
      const ran = now - begun - timing.kept(instance, begun, now);
      if (ran < needed || this.#mayHavePaused(instance, begun - ttl, now)) return Number.POSITIVE_INFINITY;
    }
    return by;
  }

  /** Since when an instance has been in `normal`; infinity: none is. */
  get #normalSince(): Millis {
    const { instances, scene } = this.#case;
    let since = Number.POSITIVE_INFINITY;
    for (let instance = 0; instance < instances; instance += 1)
      since = Math.min(since, scene.normalSince(instance) ?? Number.POSITIVE_INFINITY);
    return since;
  }

  /** Whether the machine may have kept an instance from sweeping for so long that it is a gap. */
  #mayHavePaused(instance: number, since: Millis, now: Millis): boolean {
    for (let from = since; from < now; from += window / 4)
      if (this.#case.timing.kept(instance, from, from + window) > paused) return true;
    return false;
  }
}
