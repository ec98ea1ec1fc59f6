/** A dispatch of a job that the instance is dispatching already joins that dispatch, and has its result: what that made was made for both. */
import type { Call, Millis } from "../../../check/history.ts";
import type { Called } from "../../event.ts";

interface Open {
  readonly call: number;
  readonly from: Millis;
}

/** When a call may have taken effect, to the earliest, and whether another one shares what it made. */
export interface Effect {
  readonly since: Millis;
  readonly isShared: boolean;
}

export class JoinedDispatches {
  /** By instance and job, the oldest first. */
  readonly #open = new Map<string, Open[]>();
  /** Calls that joined another -> when that one was made. */
  readonly #joined = new Map<number, Millis>();

  called({ at, call, instance, job, op }: Called): void {
    if (op !== "dispatch") return;
    const key = `${instance} ${job}`;
    const own = this.#open.get(key) ?? [];
    if (own.length === 0) this.#open.set(key, own);
    const oldest = own[0];
    if (oldest !== undefined) this.#joined.set(call, oldest.from);
    own.push({ call, from: at });
  }

  returned({ from, id, instance, job = "", op }: Call): Effect {
    if (op !== "dispatch") return { since: from, isShared: false };
    const key = `${instance} ${job}`;
    const left = (this.#open.get(key) ?? []).filter(({ call }) => call !== id);
    if (left.length === 0) this.#open.delete(key);
    else this.#open.set(key, left);
    const joined = this.#joined.get(id);
    this.#joined.delete(id);
    return { since: joined ?? from, isShared: joined !== undefined };
  }
}
