/** The epochs of one partition, as this instance has adopted them. An abandoned epoch never becomes current again: its data are of a lost past. */
import { invariant } from "../invariant.ts";
import { beforeAll } from "../version.ts";

/** How many abandoned epochs are remembered, the latest ones. A reply would have to be that many failovers late to be mistaken for a new epoch's. */
export const rememberedEpochs = 64;

export type EpochJudgement = "current" | "abandoned" | "unknown";

export class Epochs {
  #current = beforeAll.epoch;
  readonly #abandoned = new Set<string>();

  judge(epoch: string): EpochJudgement {
    if (epoch === this.#current) return "current";
    return this.#abandoned.has(epoch) ? "abandoned" : "unknown";
  }

  /** Leaves the current epoch for good. Only a resync may call this, with the epoch that its own requests were answered in.
   * @throws InvariantError when the epoch has been abandoned before */
  adopt(epoch: string): void {
    invariant(!this.#abandoned.has(epoch), "V1 an instance never returns to an epoch it has left", { epoch });
    if (epoch === this.#current) return;
    if (this.#current !== beforeAll.epoch) this.#abandoned.add(this.#current);
    this.#current = epoch;
    for (const oldest of this.#abandoned) {
      if (this.#abandoned.size <= rememberedEpochs) break;
      this.#abandoned.delete(oldest);
    }
  }
}
