/**
 * Part of J5: a place gets exactly the lease that a call for it asked for, or that of the settings. A heartbeat that was acknowledged makes the lease of each job
 * that it named the later of what it was and that of the settings from then on, and leaves those of others as they were; none is ever shortened.
 *
 * Only where it is seen what a script left behind, which is in simulation.
 */
import type { Call, Millis } from "../../check/history.ts";
import { inMs } from "../../check/judgement.ts";
import type { Changed } from "../event.ts";
import type { Findings } from "../findings.ts";
import type { Case } from "../judge.ts";
import type { LineEntry } from "../truth.ts";
import type { LeasesServed } from "./events.ts";
import { leaseAskedFor } from "./renewals.ts";

/** The renewals that one heartbeat of a client must have brought about. */
interface Renewing {
  readonly call: number;
  readonly lease: Millis;
  readonly named: ReadonlySet<string>;
  readonly left: Map<string, () => void>;
}

export class Grants {
  readonly #lease: Millis | undefined;
  readonly #findings: Findings;
  /** Node and number of a heartbeat -> the runs of it that the store took. */
  readonly #served = new Map<string, LeasesServed[]>();
  readonly #granted: LineEntry[] = [];
  /** Job -> the leases that were asked for it. */
  readonly #asked = new Map<string, Set<Millis>>();
  #compared = 0;

  constructor({ terms }: Pick<Case, "terms">, findings: Findings) {
    this.#lease = terms.lease;
    this.#findings = findings;
  }

  /** Leases that were compared with what was asked for. */
  get compared(): number {
    return this.#compared;
  }

  changed({ entry }: Changed): void {
    if (typeof entry.lease === "number") this.#granted.push(entry);
  }

  served(event: LeasesServed): void {
    const { after, at, before, node, now, seq } = event;
    const key = keyOf(node, seq);
    this.#served.set(key, [...(this.#served.get(key) ?? []), event]);
    for (const [job, until] of before) {
      const left = after.get(job);
      if (left === undefined || left >= until) continue;
      this.#findings.violate(() => [
        `heartbeat ${seq} shortened the lease of job ${job} on node ${node} from ${inMs(until - now)} to ${inMs(left - now)}, allowed is never shorter`,
        `at ${inMs(at)}`,
      ]);
    }
  }

  answered(call: Call): void {
    if (call.op === "heartbeat") this.#renewed(call);
    else this.#reserved(call);
  }

  /** Once, when all calls have been heard of. */
  judge(): void {
    for (const entry of this.#granted.splice(0)) {
      const { at, job, lease, node, sequence } = entry;
      const asked = this.#asked.get(job ?? "");
      if (asked === undefined) continue; // no client is known to have asked
      this.#compared += 1;
      if (asked.has(lease ?? 0)) continue;
      this.#findings.violate(() => [
        `job ${job} got its place on node ${node} for ${inMs(lease ?? 0)}, allowed ${[...asked].map(inMs).join(" or ")}, as asked for`,
        `sequence ${sequence}, at ${inMs(at)}`,
      ]);
    }
  }

  #reserved(call: Call): void {
    const lease = leaseAskedFor(call) ?? this.#lease;
    if (call.job === undefined || lease === undefined) return;
    const asked = this.#asked.get(call.job) ?? new Set();
    this.#asked.set(call.job, asked.add(lease));
  }

  #renewed({ from, id, incarnation, node = "", reply, running, seq = 0, to }: Call): void {
    const lease = this.#lease;
    if (reply !== "renewed" || running === undefined || to === null || lease === undefined) return;
    const served = (this.#served.get(keyOf(node, seq)) ?? []).filter(
      (one) => one.at >= from && one.at <= to && (incarnation ?? one.incarnation) === one.incarnation,
    );
    const named = new Set(running);
    /** Named, and not renewed by the parts that the store has taken so far: one of them has to. */
    const left = new Map<string, () => void>();
    for (const run of served) {
      for (const job of left.keys()) if (!run.before.has(job)) left.delete(job); // it has ended meanwhile
      this.#compareRun(run, { lease, named, left, call: id });
    }
    for (const report of left.values()) report();
  }

  #compareRun({ after, at, before, node, now, seq }: LeasesServed, { call, lease, left, named }: Renewing): void {
    for (const [job, until] of before) {
      const isNamed = named.has(job);
      const right = isNamed ? Math.max(until, now + lease) : until;
      const found = after.get(job) ?? now;
      this.#compared += 1;
      const report = () =>
        this.#findings.violate(
          () => [
            `after heartbeat ${seq}, which ${isNamed ? "named" : "did not name"} it, job ${job} keeps its place on node ${node} for ${inMs(found - now)}, allowed ${inMs(right - now)}`,
            `at ${inMs(at)}; before it that was ${inMs(until - now)}`,
          ],
          [call],
        );
      if (found === right) left.set(job, nothing);
      else if (isNamed && found === until) {
        if (!left.has(job)) left.set(job, report);
      } else report();
    }
  }
}

const nothing = (): void => {};

function keyOf(node: string, seq: number): string {
  return `${seq} ${node}`;
}
