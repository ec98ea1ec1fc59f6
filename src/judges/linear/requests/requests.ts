/**
 * For which client's call each request to the store was made, where requests are observed: then it is known which call made a change, and a change that no
 * call asked for, or of which its client was answered that it did not happen, is found.
 */
import type { Call } from "../../../check/history.ts";
import type { Called, JobRequested, NodeRequested } from "../../event.ts";
import type { EpochLine, LineEntry, Truth } from "../../truth.ts";
import { notAskedFor } from "../messages.ts";
import { isDenied } from "../replies/replies.ts";

/** A call in flight, and the requests that were made for it. */
interface Caller {
  readonly call: number;
  readonly instance: number;
  readonly op: string;
  readonly node: string;
  readonly job: string;
  readonly requests: number[];
}

interface Made {
  readonly line: EpochLine;
  readonly entry: LineEntry;
}

const writing: ReadonlySet<string> = new Set([
  ...["register_node", "heartbeat", "offline_node"],
  ...["reserve_job", "complete_job", "release_job", "dispatch"],
]);
/** Changes that the store makes by itself, when a sweep finds something due. */
const swept: ReadonlySet<string> = new Set(["expired", "lapsed", "removed"]);

export class Requests {
  readonly #truth: Pick<Truth, "of">;
  /** Node, or of a dispatch the job -> calls about it that are in flight, the latest last: a few at a time. */
  readonly #open = new Map<string, Caller[]>();
  /** Those that some call made. */
  readonly #asked = new Set<number>();
  /** Those of calls of which the client was answered that they did not happen. */
  readonly #denied = new Set<number>();
  /** Request -> the first change that it made. */
  readonly #made = new Map<number, Made>();

  constructor(truth: Pick<Truth, "of">) {
    this.#truth = truth;
  }

  called({ call, instance, job, node, op }: Called): void {
    if (!writing.has(op)) return;
    const caller: Caller = { call, instance, op, node, job, requests: [] };
    const subject = subjectOf(caller);
    const own = this.#open.get(subject);
    if (own === undefined) this.#open.set(subject, [caller]);
    else own.push(caller);
  }

  requested(asked: JobRequested | NodeRequested): void {
    const { instance, node, request, script: op } = asked;
    const job = asked.kind === "job_requested" ? asked.job : "";
    const own = this.#latest({ instance, op, node, job });
    const caller =
      own ?? (op === "reserve_job" ? this.#latest({ instance, op: "dispatch", node: "", job }) : undefined);
    if (caller === undefined) return;
    caller.requests.push(request);
    this.#asked.add(request);
  }

  /** @returns why there must not have been such a change; null: there may, or its cause was not observed */
  changed(line: EpochLine, entry: LineEntry): string | null {
    const { kind, request } = entry;
    if (request === undefined || swept.has(kind)) return null;
    if (!this.#made.has(request)) this.#made.set(request, { line, entry });
    if (this.#denied.has(request)) return "after its client had been answered that it did not happen: allowed is none";
    return this.#asked.has(request) ? null : notAskedFor;
  }

  /** @returns a change that the call has made, where its client was answered that nothing happened; null: there is none */
  returned(returned: Call): LineEntry | null {
    const { id, job = "", node = "", op } = returned;
    const subject = subjectOf({ op, node, job });
    const own = this.#open.get(subject) ?? [];
    const place = own.findLastIndex(({ call }) => call === id);
    const caller = own[place];
    if (caller === undefined) return null;
    if (own.length === 1) this.#open.delete(subject);
    else own.splice(place, 1);
    if (!isDenied(returned)) return null;
    for (const request of caller.requests) this.#denied.add(request);
    const made = caller.requests.flatMap((request) => this.#made.get(request) ?? []);
    // On a node that a dispatch went on from its job may have had a place, if it has lost it again: that was settled.
    const isSettled = (one: Made): boolean => op === "dispatch" && one.entry.node !== node && !this.#isPlaced(one, job);
    return made.find((one) => !isSettled(one))?.entry ?? null;
  }

  /** Whether the job still has the place, in this epoch or in one that has taken over all of it. */
  #isPlaced({ entry: { node }, line }: Made, job: string): boolean {
    let current = line;
    for (const next of this.#truth.of(line.partition).slice(line.order + 1)) {
      if (next.follows?.epoch === current.epoch && next.follows.sequence >= current.last) current = next;
    }
    return current.holds(node, job, current.last) === true;
  }

  #latest({ instance, job, node, op }: Omit<Caller, "call" | "requests">): Caller | undefined {
    const own = this.#open.get(subjectOf({ op, node, job }));
    return own?.findLast((one) => one.instance === instance && one.op === op && one.node === node && one.job === job);
  }
}

function subjectOf({ job, node, op }: Pick<Caller, "op" | "node" | "job">): string {
  return op === "dispatch" ? job : node;
}
