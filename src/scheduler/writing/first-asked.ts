/**
 * Reserves of unknown outcome, each with how many jobs its node had finished when the place was first asked for. A repetition has to say the same: what
 * the store has forgotten since may be this very job, which must not run a second time.
 */
import type { Answer, ReserveReply } from "../../protocol/replies.ts";
import type { Reservation } from "../../protocol/requests.ts";
import { isFailure } from "../ports.ts";
import { BoundedMap } from "../reading/bounded.ts";

interface Attempt {
  readonly answer: Answer<ReserveReply>;
  /** The request was sent more than once: an earlier one may have been granted. */
  readonly isRepeated: boolean;
}

export class FirstAsked {
  /** Node and job -> `seen`, from the first request until its answer. */
  readonly #open: BoundedMap<string, number>;

  constructor(maxEntries: number) {
    this.#open = new BoundedMap(maxEntries);
  }

  /**
   * Asks for a place, once more where a first request was refused for certain, only because this instance knew too little of the node.
   * @param known the jobs that the node is known to have finished; undefined: the node is not known
   */
  async reserve(
    request: Omit<Reservation, "seen">,
    known: number | undefined,
    attempt: (request: Reservation) => Promise<Attempt>,
  ): Promise<Answer<ReserveReply>> {
    const key = `${request.node.length}:${request.node}${request.job}`;
    const before = this.#open.get(key);
    let isOpen = before !== undefined;
    let seen = before ?? known ?? 0;
    this.#open.set(key, seen);
    try {
      let { answer, isRepeated } = await attempt({ ...request, seen });
      if (answer.kind === "finished_unknown" && !isOpen && !isRepeated) {
        seen = answer.finished;
        this.#open.set(key, seen);
        ({ answer } = await attempt({ ...request, seen }));
      }
      isOpen = isFailure(answer) && (isOpen || answer.applied === "unknown");
      return answer;
    } finally {
      if (!isOpen) this.#open.delete(key);
    }
  }
}
