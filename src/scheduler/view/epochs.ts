/** The epochs of one partition, as this instance has adopted them. An abandoned epoch never becomes current again: its data are of a lost past. */
import type { Succession } from "../../protocol/version.ts";
import { invariant } from "../invariant.ts";
import { beforeAll } from "../version.ts";

/** How many abandoned epochs are remembered, the latest ones. A reply would have to be that many failovers late to be mistaken for a new epoch's. */
export const rememberedEpochs = 64;

export type EpochJudgement = "current" | "abandoned" | "unknown";

export class Epochs {
  #current = beforeAll.epoch;
  /** The succession of the current epoch; null: not known. */
  #succession: Succession | null = null;
  readonly #abandoned = new Set<string>();

  judge(epoch: string): EpochJudgement {
    if (epoch === this.#current) return "current";
    return this.#abandoned.has(epoch) ? "abandoned" : "unknown";
  }

  /**
   * Judges an epoch by its place too. One that goes back to the same first epoch as the current one, and has fewer before it, is of a former primary that
   * goes on: it is abandoned. One with as many may be the other side of a split, and the only one that remains.
   */
  place(epoch: string, succession: Succession | undefined): EpochJudgement {
    const judged = this.judge(epoch);
    if (judged !== "unknown" || succession === undefined || this.#succession === null) return judged;
    const isOfOne = firstOf(epoch, succession) === firstOf(this.#current, this.#succession);
    if (!isOfOne || succession.generation >= this.#succession.generation) return "unknown";
    this.#abandon(epoch);
    return "abandoned";
  }

  /** Leaves the current epoch for good, and all that came before the new one. Only a resync may call this, with the epoch that its own requests were answered in.
   * @throws InvariantError when the epoch has been abandoned before */
  adopt(epoch: string, succession?: Succession): void {
    invariant(!this.#abandoned.has(epoch), "V1 an instance never returns to an epoch it has left", { epoch });
    if (succession !== undefined) this.#succession = succession;
    else if (epoch !== this.#current) this.#succession = null;
    for (const past of succession?.past ?? []) if (past !== epoch) this.#abandon(past);
    if (epoch === this.#current) return;
    if (this.#current !== beforeAll.epoch) this.#abandon(this.#current);
    this.#current = epoch;
  }

  #abandon(epoch: string): void {
    this.#abandoned.add(epoch);
    for (const oldest of this.#abandoned) {
      if (this.#abandoned.size <= rememberedEpochs) break;
      this.#abandoned.delete(oldest);
    }
  }
}

/** The epoch with which all began that follow one another. */
function firstOf(epoch: string, { past }: Succession): string {
  return past[0] ?? epoch;
}
