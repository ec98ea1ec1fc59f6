/** Requests of instances to the store that were not answered, or so late that the instance had given them up. Each may still have taken effect. */
import type { Call } from "../../../check/history.ts";
import type { Settled } from "../../event.ts";
import type { Timing } from "../../timing.ts";
import { RequestTimes } from "./request-times.ts";

export class LostRequests {
  readonly #timing: Pick<Timing, "grain" | "kept">;
  readonly #lost = new RequestTimes();
  /** All of them, lost or not. */
  readonly #all = new RequestTimes();

  constructor(timing: Pick<Timing, "grain" | "kept">) {
    this.#timing = timing;
  }

  settled(request: Settled): void {
    this.#all.add(request);
    if (this.#isLost(request)) this.#lost.add(request);
  }

  /** How many a call may have made. Once all have been heard of. */
  within(call: Call): number {
    return this.#lost.within(call);
  }

  /** The same of a call that was answered by the store: one of its requests was not lost. */
  besideAnswer(call: Call): number {
    const lost = this.within(call);
    return lost === 0 ? 0 : Math.min(lost, Math.max(0, this.#all.within(call) - 1));
  }

  /** An instance's deadline runs from before its request is noted: if the process was kept waiting in between, it was over the sooner. */
  #isLost({ at, deadline, from, instance, outcome }: Settled): boolean {
    const { grain } = this.#timing;
    const took = at - from;
    if (outcome !== "answered" || took > deadline - grain) return true;
    const before = this.#timing.kept(instance, from - deadline, from);
    return before > 0 && took + before > deadline - grain;
  }
}
