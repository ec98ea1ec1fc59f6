/** The client of a job in the `system` model chooses a node by an instance's view, and asks the store until it is answered. */
import type { Bounds } from "../scope.ts";
import type { Domains, Instance, Job, State } from "../state.ts";
import type { StoreCalls } from "./calls.ts";

export class Clients {
  protected readonly domains: Domains;
  readonly #capacity: number;
  readonly #calls: StoreCalls;

  constructor(domains: Domains, { capacity }: Pick<Bounds, "capacity">, calls: StoreCalls) {
    this.domains = domains;
    this.#capacity = capacity;
    this.#calls = calls;
  }

  mayDispatch(state: State, instance: Instance, j: number, n: number): boolean {
    if (state.job.get(j).kind !== "idle" || instance.missed.get(n)) return false;
    const seen = instance.seen.get(n);
    return seen?.isOnline === true && seen.count < this.#capacity;
  }

  dispatch(state: State, j: number, n: number): boolean {
    state.job.set(j, this.dispatched(n));
    state.dispatched = state.dispatched.with(j);
    return this.#calls.send(state, this.domains.Message.make.Reserve({ n, j }));
  }

  /** A call that was not answered is made again. */
  askAgain(state: State, j: number): boolean {
    const { Reserve, Complete } = this.domains.Message.make;
    const job = state.job.get(j);
    if (job.kind === "ending") return this.#calls.send(state, Complete({ n: job.n, j }));
    if (job.kind !== "asked" || state.net.has(Reserve({ n: job.n, j }))) return false;
    return this.#calls.send(state, Reserve({ n: job.n, j: this.idOfRetry(j) }));
  }

  /** The job is done, as far as its client knows. */
  end(state: State, j: number): boolean {
    const job = state.job.get(j);
    if (job.kind !== "held" && job.kind !== "lost") return false;
    state.job.set(j, this.domains.Job.make.ending({ n: job.n }));
    return this.#calls.send(state, this.domains.Message.make.Complete({ n: job.n, j }));
  }

  /** The client's knowledge of its reservation when the call has been sent. */
  protected dispatched(n: number): Job {
    return this.domains.Job.make.asked({ n });
  }

  protected idOfRetry(j: number): number {
    return j;
  }
}
