/** The epochs in which each instance was answered: two servers may answer at a time, but no instance goes back to an epoch that it has left. */
import type { Call, Millis } from "../../check/history.ts";
import type { EpochLine, Truth } from "../truth.ts";

interface Answered {
  readonly line: EpochLine;
  readonly call: Call;
  readonly at: Millis;
}

export class InstanceEpochs {
  readonly #truth: Pick<Truth, "lived">;
  /** By instance: partition -> each in another epoch than the one before, and none in one that was past by then. */
  readonly #answered: readonly Map<number, Answered[]>[];

  constructor(instances: number, truth: Pick<Truth, "lived">) {
    this.#truth = truth;
    this.#answered = Array.from({ length: instances }, () => new Map<number, Answered[]>());
  }

  died(instance: number): void {
    this.#answered[instance]?.clear();
  }

  /** @returns the earlier call that was answered in a later epoch; null: there was none */
  answered(call: Call, line: EpochLine, to: Millis): Call | null {
    const { from, instance } = call;
    const own = this.#answered[instance];
    const before = own?.get(line.partition) ?? [];
    if (before.length === 0) own?.set(line.partition, before);
    const latest = before.at(-1);
    if (latest?.line === line) return null;
    const last = before.findLast(({ at }) => at < from);
    const isBack = last !== undefined && this.#isPast(instance, line, last.line);
    if (latest === undefined || !this.#isPast(instance, line, latest.line)) before.push({ line, call, at: to });
    return isBack ? last.call : null;
  }

  /** Whether an instance that has come to `now` has left `line`: of an epoch in which it has not lived it cannot know that it is past. */
  #isPast(instance: number, line: EpochLine, now: EpochLine): boolean {
    const lived = this.#truth.lived(instance, line.partition);
    const turn = lived.indexOf(line);
    return turn >= 0 && turn < lived.indexOf(now);
  }
}
