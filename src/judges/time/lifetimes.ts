/**
 * Part of N4: an instance asks for what its settings promise of a node. Each heartbeat and registration renews it for `heartbeatTtl`, give or take the spread, and
 * one that goes or expires is known for `retention`.
 *
 * Only where it is seen what an instance asks of its store, which is in simulation.
 */
import type { Millis } from "../../check/history.ts";
import { inMs } from "../../check/judgement.ts";
import type { NodeRequested, SweepRequested } from "../event.ts";
import type { Findings } from "../findings.ts";
import type { Case } from "../judge.ts";

export class Lifetimes {
  readonly #case: Pick<Case, "terms">;
  readonly #findings: Findings;
  #compared = 0;

  constructor(theCase: Pick<Case, "terms">, findings: Findings) {
    this.#case = theCase;
    this.#findings = findings;
  }

  /** Requests that were compared with the settings. */
  get compared(): number {
    return this.#compared;
  }

  asked({ at, instance, lasts, node, script }: NodeRequested): void {
    if (script === "offline_node") this.#retained(`node ${node}`, lasts, instance, at);
    else this.#renewed({ at, instance, lasts, node, script });
  }

  swept({ at, instance, retention }: SweepRequested): void {
    this.#retained("what a sweep expires", retention, instance, at);
  }

  #renewed({
    at,
    instance,
    lasts,
    node,
    script,
  }: Pick<NodeRequested, "at" | "instance" | "lasts" | "node" | "script">) {
    const { heartbeatTtl, ttlSpread } = this.#case.terms;
    const [least, most] = [heartbeatTtl * (1 - ttlSpread) - 1, heartbeatTtl * (1 + ttlSpread) + 1];
    this.#compared += 1;
    if (lasts >= least && lasts <= most) return;
    this.#findings.violate(() => [
      `${script} asked that node ${node} be online for ${inMs(lasts)}, allowed ${inMs(heartbeatTtl)} give or take ${ttlSpread * 100} %`,
      `instance ${instance}, at ${inMs(at)}`,
    ]);
  }

  #retained(what: string, asked: Millis, instance: number, at: Millis): void {
    const { retention } = this.#case.terms;
    if (retention === undefined) return;
    this.#compared += 1;
    if (asked === retention) return;
    this.#findings.violate(() => [
      `an instance asked that ${what} be known for ${inMs(asked)}, allowed ${inMs(retention)}`,
      `instance ${instance}, at ${inMs(at)}`,
    ]);
  }
}
