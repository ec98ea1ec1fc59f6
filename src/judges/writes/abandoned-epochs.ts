/** Which epochs an instance has abandoned since it started: it must know that an answer in one of them is of the past. */
import type { Call, Millis, Version } from "../../check/history.ts";
import type { ViewMoved } from "../event.ts";
import type { Case } from "../judge.ts";

interface Followed {
  /** When its view was seen to move in it for the last time. */
  lastAt: Millis;
  /** When its view was first seen in another one. */
  leftAt: Millis;
}

/** The epochs that the view of one partition has been in. */
interface Past {
  current: string;
  readonly epochs: Map<string, Followed>;
}

export class AbandonedEpochs {
  readonly #case: Pick<Case, "timing" | "truth">;
  /** By instance and partition. */
  readonly #pasts: readonly Past[][];

  constructor(theCase: Case) {
    this.#case = theCase;
    const past = (): Past => ({ current: "", epochs: new Map() });
    this.#pasts = Array.from({ length: theCase.instances }, () => Array.from({ length: theCase.partitions }, past));
  }

  on({ at, instance, partition, version: { epoch } }: ViewMoved): void {
    const past = this.#pasts[instance]?.[partition];
    if (past === undefined) return;
    const former = past.current === epoch ? undefined : past.epochs.get(past.current);
    if (former !== undefined) former.leftAt = at;
    const followed = past.epochs.get(epoch);
    if (followed === undefined) past.epochs.set(epoch, { lastAt: at, leftAt: Number.POSITIVE_INFINITY });
    else followed.lastAt = at;
    past.current = epoch;
  }

  /**
   * When the instance had left the epoch of that version before it answered; null: it had not, or it is not known. The answer may be noted a little later
   * than it was given.
   */
  leftBefore({ from, instance }: Call, to: Millis, { epoch }: Version): Millis | null {
    const { timing, truth } = this.#case;
    for (const { epochs } of this.#pasts[instance] ?? []) {
      const followed = epochs.get(epoch);
      if (followed === undefined) continue;
      const { lastAt, leftAt } = followed;
      if (leftAt > to || Math.min(lastAt, leftAt) < timing.presentSince(instance, from)) return null;
      return leftAt <= Math.max(from, to - truth.lag - timing.kept(instance, leftAt, to)) ? leftAt : null;
    }
    return null;
  }
}
