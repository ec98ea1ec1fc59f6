/**
 * Part of D5: L1 answers for its TTL after the last confirmation, so that within the shortest of its TTLs a node is asked for once. Not so where something may
 * have been heard of the node or its partition since, or where more nodes were asked for than are kept.
 */
import type { Millis, ReadAnswer } from "../../check/history.ts";
import type { Case } from "../judge.ts";

interface Asked {
  readonly instance: number;
  readonly node?: string | undefined;
  readonly from: Millis;
  readonly to: Millis;
}

/** The last answer about a node. */
interface Kept {
  readonly from: Millis;
  readonly to: Millis;
  /** Minus infinity: nothing was kept of it. */
  readonly confirmedAt: Millis;
}

interface Own {
  /** By node. */
  readonly kept: Map<string, Kept>;
  /** Partition -> when it was last loaded anew, or began to be. */
  readonly loads: Map<number, Millis>;
}

export class CachedAnswers {
  readonly #case: Case;
  readonly #instances: Own[];
  /** Node -> when it last changed. */
  readonly #changedAt = new Map<string, Millis>();

  constructor(theCase: Case) {
    this.#case = theCase;
    this.#instances = Array.from({ length: theCase.instances }, nothing);
  }

  loaded(instance: number, partition: number, at: Millis): void {
    this.#instances[instance]?.loads.set(partition, at);
  }

  changed(node: string, at: Millis): void {
    this.#changedAt.set(node, at);
  }

  reborn(instance: number): void {
    this.#instances[instance] = nothing();
  }

  /** Notes an answer. @returns when what L1 had to answer with was confirmed; null: L1 has answered, or need not have */
  due(asked: Asked, { age_ms: age, found, source, stale }: ReadAnswer, partition: number | undefined): Millis | null {
    const { from, instance, node = "", to } = asked;
    const own = this.#instances[instance];
    if (own === undefined) return null;
    const kept = own.kept.get(node);
    const isDue = kept !== undefined && source !== "l1" && this.#isDue(asked, kept, own.kept.size, partition);
    own.kept.set(node, { from, to, confirmedAt: found && !stale ? to - age : Number.NEGATIVE_INFINITY });
    return isDue ? kept.confirmedAt : null;
  }

  #isDue(asked: Asked, last: Kept, kept: number, partition: number | undefined): boolean {
    const { from, instance, to } = asked;
    const { scene, terms, timing } = this.#case;
    const { l1Ttl, maxEntries = 0, ttlSpread } = terms;
    const normalSince = scene.normalSince(instance);
    const isFresh = from > last.to && to < last.confirmedAt + l1Ttl * (1 - ttlSpread) - timing.grain;
    const isSettled = partition !== undefined && normalSince !== null && normalSince < last.from;
    if (!isFresh || !isSettled || kept >= maxEntries || timing.wasStopped(instance, last.from, to)) return false;
    return !this.mayHaveHeard(asked, partition, last.from);
  }

  /** Whether the instance may have heard of the node or loaded its partition from then on. @param partition undefined: it is not known */
  mayHaveHeard({ instance, node = "" }: Asked, partition: number | undefined, since: Millis): boolean {
    const { bounds } = this.#case;
    // It hears later of what the store has changed.
    const quietSince = since - bounds.staleness - bounds.budget;
    if ((this.#changedAt.get(node) ?? quietSince) > quietSince) return true;
    const loads = [...(this.#instances[instance]?.loads ?? [])];
    return loads.some(([loaded, at]) => (partition === undefined || loaded === partition) && at > quietSince);
  }
}

function nothing(): Own {
  return { kept: new Map(), loads: new Map() };
}
