/** Which nodes to look at next: those that have changed first, then all others in turn. */
import type { Millis } from "../../check/history.ts";

/** ms between two rounds through all nodes. */
const roundEvery: Millis = 1_000;
/** A node that changes all the time is looked at once in so long: a violation is to be reported within 2 s, and looks cost the server time. */
const againAfter: Millis = 750;
/** Nodes of one page. */
export const membersOfPage = 200;

export class LookQueue {
  readonly #changed = new Set<string>();
  readonly #listed = new Set<string>();
  /** When each node was last handed out. */
  readonly #takenAt = new Map<string, Millis>();
  /** The last node of the last page; null: the round is over, or has not begun. */
  #after: string | null = null;
  #nextRoundAt: Millis = Number.NEGATIVE_INFINITY;
  #isWhole = false;

  /** Whether every node that there was has been handed out since the last reset. */
  get isWhole(): boolean {
    return this.#isWhole && this.#listed.size === 0;
  }

  changed(node: string): void {
    this.#changed.add(node);
  }

  gone(node: string): void {
    this.#takenAt.delete(node);
    this.#changed.delete(node);
    this.#listed.delete(node);
  }

  /** Takes the next nodes to look at. */
  take(most: number, now: Millis): readonly string[] {
    const taken: string[] = [];
    for (const queue of [this.#changed, this.#listed]) {
      for (const node of queue) {
        if (taken.length >= most) return taken;
        if (now - (this.#takenAt.get(node) ?? Number.NEGATIVE_INFINITY) < againAfter) continue;
        this.#changed.delete(node);
        this.#listed.delete(node);
        this.#takenAt.set(node, now);
        taken.push(node);
      }
    }
    return taken;
  }

  /** They could not be looked at. */
  putBack(nodes: readonly string[]): void {
    for (const node of nodes) {
      this.#takenAt.delete(node);
      this.#listed.add(node);
    }
  }

  /** After which node the next page is to be read; null: no page is due. */
  pageAfter(now: Millis): string | null {
    if (this.#listed.size >= membersOfPage) return null;
    if (this.#after !== null) return this.#after;
    return now >= this.#nextRoundAt ? "" : null;
  }

  listed(nodes: readonly string[], now: Millis): void {
    for (const node of nodes) this.#listed.add(node);
    if (nodes.length === membersOfPage) {
      this.#after = nodes.at(-1) ?? null;
      return;
    }
    this.#after = null;
    this.#nextRoundAt = now + roundEvery;
    this.#isWhole = true;
  }

  /** All nodes are to be looked at anew. */
  reset(): void {
    this.#changed.clear();
    this.#listed.clear();
    this.#takenAt.clear();
    this.#after = null;
    this.#nextRoundAt = Number.NEGATIVE_INFINITY;
    this.#isWhole = false;
  }
}
