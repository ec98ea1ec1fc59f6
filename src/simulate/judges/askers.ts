/** Which client's call each request was made for, so that a change is known to have been asked for, and one that was denied is found out. */
import type { Call } from "../../check/history.ts";
import type { Called, Sent, Stepped } from "../events.ts";
import { pairKey } from "./job-key.ts";

/** A call under way, and the requests that were made for it. */
interface Asker {
  readonly call: number;
  readonly requests: { readonly request: number; readonly node: string }[];
}

const byClients: ReadonlySet<string> = new Set([
  ...["register_node", "heartbeat", "offline_node"],
  ...["reserve_job", "complete_job", "release_job"],
]);

export type IsPlaced = (node: string, job: string) => boolean;

export class Askers {
  /** Instance, script, node and job -> calls under way, the latest last. */
  readonly #open = new Map<string, Asker[]>();
  readonly #keys = new Map<number, string>();
  /** Requests that some call asked for. */
  readonly #asked = new Set<number>();
  /** Those of calls of which the client was told that they did not happen. */
  readonly #denied = new Set<number>();
  /** Those that have made a change. */
  readonly #made = new Set<number>();

  called({ call, instance, job, node, op }: Called): void {
    const key = op === "dispatch" ? keyOf(instance, "dispatch", "", job) : keyOf(instance, op, node, job);
    const own = this.#open.get(key);
    if (own === undefined) this.#open.set(key, [{ call, requests: [] }]);
    else own.push({ call, requests: [] });
    this.#keys.set(call, key);
  }

  sent({ instance, question, request, script }: Sent): void {
    if (question.kind !== "nodes" || !byClients.has(script)) return;
    const { asked } = question;
    const node = "node" in asked ? asked.node : "";
    const job = "job" in asked ? asked.job : "";
    const own = this.#open.get(keyOf(instance, script, node, job))?.at(-1);
    const dispatched =
      script === "reserve_job" ? this.#open.get(keyOf(instance, "dispatch", "", job))?.at(-1) : undefined;
    const asker = own ?? dispatched;
    if (asker === undefined) return;
    asker.requests.push({ request, node });
    this.#asked.add(request);
  }

  /** @returns why the change that it made must not have been; null: it may */
  ran({ command, request }: Stepped): string | null {
    if (!byClients.has(command.kind)) return null;
    this.#made.add(request);
    if (this.#denied.has(request)) return "after its client had been told that it did not happen, allowed is none";
    return this.#asked.has(request)
      ? null
      : "although no call for it was under way, allowed is at most one for each call";
  }

  /**
   * @param isPlaced whether the job has a place on the node now
   * @returns a request of the call that has made a change, where the client was told that nothing happened; null: there is none
   */
  returned({ id, job = "", node, op, outcome, reply }: Call, isPlaced: IsPlaced): number | null {
    const key = this.#keys.get(id);
    const own = key === undefined ? undefined : this.#open.get(key);
    const asker = own?.find(({ call }) => call === id);
    if (key === undefined || own === undefined || asker === undefined) return null;
    this.#keys.delete(id);
    own.splice(own.indexOf(asker), 1);
    if (own.length === 0) this.#open.delete(key);
    if (outcome !== "fail" || reply.startsWith("threw")) return null;
    for (const { request } of asker.requests) this.#denied.add(request);
    const made = asker.requests.filter(({ request }) => this.#made.has(request));
    // On a node that a dispatch went on from its job may have had a place, if it has lost it again: that was settled.
    const isSettled = (other: string): boolean => op === "dispatch" && other !== node && !isPlaced(other, job);
    return made.find((one) => !isSettled(one.node))?.request ?? null;
  }
}

function keyOf(instance: number, op: string, node: string, job: string): string {
  return `${instance} ${op} ${pairKey(node, job)}`;
}
