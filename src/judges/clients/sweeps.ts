/**
 * When what is due has certainly been swept: an instance sweeps at an interval, and after a gap in the sweeps nothing is due for a TTL. A system may not heed
 * the settings that say so; then its nodes and leases outlive a run.
 */
import type { Millis } from "../../check/history.ts";
import type { Case } from "../judge.ts";

/** ms that a system may leave between two sweeps, whatever its settings say, and nodes that a sweep takes at the least. */
const [slowest, batch] = [1_200, 50] as const;
/** ms of which an instance was kept from running for most, where it may have made no sweep. */
const [window, longestPause] = [500, 400] as const;

export class Sweeps {
  readonly #case: Pick<Case, "instances" | "scene" | "terms" | "timing">;
  #areSeen = false;

  constructor(theCase: Pick<Case, "instances" | "scene" | "terms" | "timing">) {
    this.#case = theCase;
  }

  /** The system has ended a node or a lease itself. */
  seen(): void {
    this.#areSeen = true;
  }

  /**
   * @param nodes that may be due at once
   * @returns infinity: it may not have been swept by `now`
   */
  doneBy(due: Millis, now: Millis, nodes: number): Millis {
    const { instances, scene, terms, timing } = this.#case;
    const { heartbeatTtl, sweepInterval, ttlSpread } = terms;
    if (!this.#areSeen || sweepInterval === undefined) return Number.POSITIVE_INFINITY;
    const [interval, ttl] = [sweepInterval * (1 + ttlSpread), heartbeatTtl * (1 + ttlSpread)];
    // The first sweep follows a gap, too.
    let gapEnds = 0;
    for (let instance = 0; instance < instances; instance += 1) {
      if (scene.isTroubled(instance)) return Number.POSITIVE_INFINITY;
      gapEnds = Math.max(gapEnds, scene.healedAt(instance));
    }
    const needed = interval * (2 + Math.ceil(nodes / batch));
    const begun = Math.max(due, gapEnds + interval + ttl);
    const by = begun + Math.max(slowest, needed);
    if (by >= now) return by;
    for (let instance = 0; instance < instances; instance += 1) {
      const ran = now - begun - timing.kept(instance, begun, now);
      if (ran < needed || this.#mayHavePaused(instance, begun - ttl, now)) return Number.POSITIVE_INFINITY;
    }
    return by;
  }

  /** Whether the machine may have kept an instance from sweeping for so long that it is a gap. */
  #mayHavePaused(instance: number, since: Millis, now: Millis): boolean {
    for (let from = since; from < now; from += window / 2)
      if (this.#case.timing.kept(instance, from, from + window) > longestPause) return true;
    return false;
  }
}
