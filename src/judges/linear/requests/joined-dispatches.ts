/** A dispatch of a job that the instance is dispatching already joins that dispatch, and has its result: what that made was made for both. */
import type { Call, Millis } from "../../../check/history.ts";
import type { Called } from "../../event.ts";

interface Open {
  readonly call: number;
  readonly from: Millis;
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

  /** @returns since when it may have taken effect */
  returned({ from, id, instance, job = "", op }: Call): Millis {
    if (op !== "dispatch") return from;
    const key = `${instance} ${job}`;
    const left = (this.#open.get(key) ?? []).filter(({ call }) => call !== id);
    if (left.length === 0) this.#open.delete(key);
    else this.#open.set(key, left);
    const since = this.#joined.get(id) ?? from;
    this.#joined.delete(id);
    return since;
  }
}
