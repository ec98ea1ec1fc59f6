/** Which client's call each request was made for, so that a change is known to have been asked for, and one that was denied is found out. */
import type { Call } from "../../../check/history.ts";
import type { Called, Sent, Stepped } from "../../trace/events.ts";

/** A call under way, and the requests that were made for it. */
interface Asker {
  readonly call: number;
  readonly instance: number;
  readonly op: string;
  readonly node: string;
  readonly job: string;
  readonly requests: { readonly request: number; readonly node: string }[];
}

const byClients: ReadonlySet<string> = new Set([
  ...["register_node", "heartbeat", "offline_node"],
  ...["reserve_job", "complete_job", "release_job"],
]);

export type IsPlaced = (node: string, job: string) => boolean;

export class Askers {
  /** Node, or of a dispatch the job -> calls about it that are under way, the latest last: a few at a time. */
  readonly #open = new Map<string, Asker[]>();
  /** Requests that some call asked for. */
  readonly #asked = new Set<number>();
  /** Those of calls of which the client was answered that they did not happen. */
  readonly #denied = new Set<number>();
  /** Those that have made a change. */
  readonly #made = new Set<number>();

  called({ call, instance, job, node, op }: Called): void {
    if (!byClients.has(op) && op !== "dispatch") return;
    const asker: Asker = { call, instance, op, node, job, requests: [] };
    const subject = subjectOf(asker);
    const own = this.#open.get(subject);
    if (own === undefined) this.#open.set(subject, [asker]);
    else own.push(asker);
  }

  sent({ instance, question, request, script }: Sent): void {
    if (question.kind !== "nodes" || !byClients.has(script)) return;
    const { asked } = question;
    const node = "node" in asked ? asked.node : "";
    const job = "job" in asked ? asked.job : "";
    const own = this.#latest(instance, script, node, job);
    const asker = own ?? (script === "reserve_job" ? this.#latest(instance, "dispatch", "", job) : undefined);
    if (asker === undefined) return;
    asker.requests.push({ request, node });
    this.#asked.add(request);
  }

  /** @returns why the change that it made must not have been; null: it may */
  ran({ command, request }: Stepped): string | null {
    if (!byClients.has(command.kind)) return null;
    this.#made.add(request);
    if (this.#denied.has(request)) return "after its client had been answered that it did not happen, allowed is none";
    return this.#asked.has(request)
      ? null
      : "although no call for it was under way, allowed is at most one for each call";
  }

  /**
   * @param isPlaced whether the job has a place on the node now
   * @returns a request of the call that has made a change, where the client was answered that nothing happened; null: there is none
   */
  returned({ id, job = "", node = "", op, outcome, reply }: Call, isPlaced: IsPlaced): number | null {
    const subject = subjectOf({ op, node, job });
    const own = this.#open.get(subject) ?? [];
    const place = own.findLastIndex(({ call }) => call === id);
    const asker = own[place];
    if (asker === undefined) return null;
    if (own.length === 1) this.#open.delete(subject);
    else own.splice(place, 1);
    // A call that its client has aborted and that throws has no place, for certain; what else throws claims nothing.
    if (outcome !== "fail" || (reply.startsWith("threw") && !reply.startsWith("threw AbortError"))) return null;
    for (const { request } of asker.requests) this.#denied.add(request);
    const made = asker.requests.filter(({ request }) => this.#made.has(request));
    // On a node that a dispatch went on from its job may have had a place, if it has lost it again: that was settled.
    const isSettled = (other: string): boolean => op === "dispatch" && other !== node && !isPlaced(other, job);
    return made.find((one) => !isSettled(one.node))?.request ?? null;
  }

  #latest(instance: number, op: string, node: string, job: string): Asker | undefined {
    const own = this.#open.get(subjectOf({ op, node, job }));
    return own?.findLast((one) => one.instance === instance && one.op === op && one.node === node && one.job === job);
  }
}

function subjectOf({ job, node, op }: Pick<Asker, "op" | "node" | "job">): string {
  return op === "dispatch" ? job : node;
}
