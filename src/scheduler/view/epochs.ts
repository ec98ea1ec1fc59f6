/** The epochs of one partition, as this instance has lived them. An epoch that was left never comes back: what it says is of a lost past. */
import { invariant } from "../invariant.ts";
import { beforeAll } from "../version.ts";

/** How many left epochs are remembered, the latest ones. A reply would have to be that many failovers late to be mistaken for a new epoch's. */
export const rememberedEpochs = 64;

export type EpochJudgement = "current" | "left" | "unknown";

export class Epochs {
  #current = beforeAll.epoch;
  readonly #left = new Set<string>();

  get current(): string {
    return this.#current;
  }

  judge(epoch: string): EpochJudgement {
    if (epoch === this.#current) return "current";
    return this.#left.has(epoch) ? "left" : "unknown";
  }

  /** Leaves the current epoch for good. Only a resync may call this, with the epoch that its own requests were answered in.
   * @throws InvariantError when the epoch has been left before */
  adopt(epoch: string): void {
    invariant(!this.#left.has(epoch), "V1 an instance never returns to an epoch it has left", { epoch });
    if (epoch === this.#current) return;
    if (this.#current !== beforeAll.epoch) this.#left.add(this.#current);
    this.#current = epoch;
    for (const oldest of this.#left) {
      if (this.#left.size <= rememberedEpochs) break;
      this.#left.delete(oldest);
    }
  }
}
