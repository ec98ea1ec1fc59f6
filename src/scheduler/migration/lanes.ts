/** The writes in flight by node: overlapping calls of the leader, and one ordered lane a node for the other side. */

/** The scope of a call: the node as such, or one job on it. */
export type Scope = { readonly job: string | null };

export interface LaneCall {
  readonly node: string;
  readonly scope: Scope;
  /** Whether a call with an overlapping scope was in flight meanwhile: only the leader knows which came first. */
  overlapped: boolean;
}

export class Lanes {
  readonly #maxWaiting: number;
  readonly #calls = new Map<string, Set<LaneCall>>();
  readonly #lanes = new Map<string, Promise<void>>();
  #waiting = 0;

  /** @param maxWaiting calls in all lanes together */
  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting;
  }

  get waiting(): number {
    return this.#waiting;
  }

  isBusy(node: string): boolean {
    return this.#calls.has(node) || this.#lanes.has(node);
  }

  begin(node: string, scope: Scope): LaneCall {
    const call: LaneCall = { node, scope, overlapped: false };
    const others = this.#calls.get(node) ?? new Set();
    for (const other of others) {
      if (other.scope.job !== null && scope.job !== null && other.scope.job !== scope.job) continue;
      other.overlapped = true;
      call.overlapped = true;
    }
    this.#calls.set(node, others.add(call));
    return call;
  }

  end(call: LaneCall): void {
    const others = this.#calls.get(call.node);
    if (others?.delete(call) && others.size === 0) this.#calls.delete(call.node);
  }

  /** Runs `work`, which does not reject, when everything before it in the node's lane has ended.
   * @returns null when too much is waiting already: nothing will be run
   */
  enter(node: string, work: () => Promise<void>): Promise<void> | null {
    if (this.#waiting >= this.#maxWaiting) return null;
    this.#waiting++;
    const run = async (former: Promise<void> | undefined) => {
      await former;
      try {
        await work();
      } finally {
        this.#waiting--;
        if (this.#lanes.get(node) === lane) this.#lanes.delete(node);
      }
    };
    const lane = run(this.#lanes.get(node));
    this.#lanes.set(node, lane);
    return lane;
  }

  /** Resolves when every lane is empty. */
  async drained(): Promise<void> {
    while (this.#lanes.size > 0) await Promise.all(this.#lanes.values());
  }
}
