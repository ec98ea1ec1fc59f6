/**
 * L1: answers that may be given again without asking, and the marks of nodes that are not there.
 *
 * Both follow the feed at once: a change to a node replaces its answer and removes its mark. Neither ever brings news, so neither can
 * take an answer back to an older state than the view's. Bounded by `maxEntries` each; what was set longest ago goes first (for an answer:
 * confirmed or changed, not read), since it expires first. What goes early costs one more request, never a wrong answer.
 */

import type { NodeState } from "../../protocol/node.ts";
import type { Instant } from "../../protocol/time.ts";
import { jittered } from "../jitter.ts";
import type { Random } from "../ports.ts";
import type { Settings } from "../settings.ts";
import { BoundedMap } from "./bounded.ts";

interface Kept {
  readonly partition: number;
  /** How often the partition had been forgotten before. */
  readonly era: number;
  readonly expiresAt: Instant;
}

export interface CachedAnswer extends Kept {
  readonly node: NodeState;
  /** When the request was sent that confirmed it: the content was true at that time or later. */
  readonly confirmedAt: Instant;
}

interface MissMark extends Kept {
  readonly confirmedAt: Instant;
}

export class Caches {
  readonly #settings: Settings;
  readonly #random: Random;
  readonly #answers: BoundedMap<string, CachedAnswer>;
  readonly #misses: BoundedMap<string, MissMark>;
  /** By partition: how often it was forgotten. A walk through all entries would hold the instance up for each partition of a new epoch. */
  readonly #eras: number[];

  constructor(settings: Settings, random: Random) {
    this.#settings = settings;
    this.#random = random;
    this.#answers = new BoundedMap(settings.maxEntries);
    this.#misses = new BoundedMap(settings.maxEntries);
    this.#eras = new Array<number>(settings.partitions).fill(0);
  }

  fresh(node: string, now: Instant): CachedAnswer | undefined {
    const answer = this.#answers.get(node);
    return answer !== undefined && now < answer.expiresAt && this.#counts(answer) ? answer : undefined;
  }

  keep(partition: number, node: NodeState, confirmedAt: Instant): void {
    this.#misses.delete(node.node);
    const ttl = jittered(this.#settings.l1Ttl, this.#settings.ttlSpread, this.#random);
    this.#answers.set(node.node, {
      partition,
      era: this.#era(partition),
      node,
      confirmedAt,
      expiresAt: confirmedAt + ttl,
    });
  }

  /** The node may have registered at any time since the request was sent, so that is when the mark begins.
   * @param confirmedAt when the request was sent that found no such node
   */
  mark(partition: number, node: string, confirmedAt: Instant): void {
    const expiresAt = confirmedAt + this.#settings.missTtl;
    this.#misses.set(node, { partition, era: this.#era(partition), confirmedAt, expiresAt });
  }

  missed(node: string, now: Instant): MissMark | undefined {
    const mark = this.#misses.get(node);
    return mark !== undefined && now < mark.expiresAt && this.#counts(mark) ? mark : undefined;
  }

  /** The feed has reported a change of `id`; `node` is what it was then, null when it was removed.
   * @param confirmedAt null: it may be another by now, so it is no answer to be given again
   */
  changed(partition: number, id: string, node: NodeState | null, confirmedAt: Instant | null): void {
    if (node !== null) this.#misses.delete(id);
    const held = this.#answers.get(id);
    if (held === undefined) return;
    if (node === null || confirmedAt === null || !this.#counts(held)) this.#answers.delete(id);
    else this.keep(partition, node, confirmedAt);
  }

  /** Nothing that was said of this partition counts any longer. */
  forget(partition: number): void {
    this.#eras[partition] = this.#era(partition) + 1;
  }

  #era(partition: number): number {
    return this.#eras[partition] ?? 0;
  }

  #counts({ era, partition }: Kept): boolean {
    return era === this.#eras[partition];
  }
}
