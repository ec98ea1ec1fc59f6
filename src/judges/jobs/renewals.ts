/**
 * Part of J5: a job that was reserved, or that an acknowledged heartbeat named, keeps its place for as long as it was promised, by the server's clock, from the
 * moment at which the call was made, at the least.
 *
 * A promise made in an epoch is checked in that epoch only: one that another server does not know is lost by Redis, and named as lost.
 */
import { type Call, type Millis, type Version, versionText } from "../../check/history.ts";
import { inMs } from "../../check/judgement.ts";
import { PlaceChanges } from "../answers/place-changes.ts";
import type { Changed } from "../event.ts";
import type { Findings } from "../findings.ts";
import type { Case } from "../judge.ts";
import type { EpochLine } from "../truth.ts";

/** That a job keeps its place until then, by the server's clock. */
interface Promised {
  readonly call: Call;
  readonly line: EpochLine;
  readonly version: Version;
  readonly job: string;
  readonly until: Millis;
}

export class Renewals {
  readonly #case: Case;
  readonly #findings: Findings;
  readonly #promised: Promised[] = [];
  readonly #places = new PlaceChanges();
  /** Node and job -> when it got its place, by epoch. */
  readonly #since = new Map<EpochLine, Map<string, Millis>>();
  readonly #outlived = new Set<string>();

  constructor(theCase: Case, findings: Findings) {
    this.#case = theCase;
    this.#findings = findings;
  }

  /** Jobs that had their places for longer than the lease with which they got them. */
  get outlived(): number {
    return this.#outlived.size;
  }

  changed({ entry: { at, job, kind, node }, line }: Changed): void {
    if (kind !== "reserved" || job === null) return;
    const own = this.#since.get(line);
    if (own === undefined) this.#since.set(line, new Map([[keyOf(node, job), at]]));
    else own.set(keyOf(node, job), at);
  }

  /** Nothing is promised where the lease is not known, or by which of two clocks the call ran. */
  answered(call: Call): void {
    const { from, job: reserved = "", node = "", op, outcome, reply, running = [], to } = call;
    const isReserve = op !== "heartbeat" && reply === "reserved";
    const jobs = isReserve ? [reserved] : running;
    if ((reply !== "renewed" && !isReserve) || outcome !== "ok" || jobs.length === 0 || to === null) return;
    const { terms, truth } = this.#case;
    const version = call.version ?? (isReserve ? undefined : truth.run({ ...call, to }));
    const line = version ? truth.line(version.epoch) : undefined;
    const ahead = truth.clock(from, to);
    const lease = (isReserve ? leaseAskedFor(call) : undefined) ?? terms.lease;
    if (!version || line === undefined || ahead === undefined || lease === undefined) return;
    const until = Math.floor(from) + ahead + lease;
    for (const job of jobs) {
      // A job that had lapsed, or ended, by then was answered as unknown.
      if (line.holds(node, job, version.sequence) === false) continue;
      this.#promised.push({ call, line, version, job, until });
      const key = keyOf(node, job);
      const since = this.#since.get(line)?.get(key);
      if (!isReserve && since !== undefined && from > since + lease)
        this.#outlived.add(`${line.epoch} ${since} ${key}`);
    }
  }

  judge(): void {
    for (const promised of this.#promised.splice(0)) this.#judge(promised);
  }

  #judge({ call, job, line, until, version }: Promised): void {
    const { node = "" } = call;
    const next = this.#places.next(line, node, job, version.sequence);
    // Its job has ended, or its node has: what comes after is another reservation.
    if (next?.kind !== "lapsed") return;
    const { at, sequence } = next;
    const ahead = this.#case.truth.clock(at, at);
    const early = ahead === undefined ? 0 : until - Math.floor(at) - ahead;
    if (early <= this.#case.timing.grain) return;
    const { from, id, instance, op, reply, seq = 0 } = call;
    const promise =
      op === "heartbeat"
        ? "an acknowledged heartbeat had renewed"
        : "its reserve, which was acknowledged, had asked for";
    const asked = op === "heartbeat" ? `heartbeat ${seq} named it` : `${op} of it`;
    this.#findings.violate(
      () => [
        `job ${job} lost its place on node ${node} ${inMs(early)} before the lease ended that ${promise}, allowed is none before`,
        `${asked}, by instance ${instance} at ${inMs(from)}, answered ${reply} at ${versionText(version)}; lapsed at sequence ${sequence}, ${inMs(at)}`,
      ],
      [id],
    );
  }
}

/** The lease that a reserve or a dispatch asks for; undefined: that of the settings. */
export function leaseAskedFor({ asked, lease }: Call): Millis | undefined {
  return lease ?? asked?.lease;
}

function keyOf(node: string, job: string): string {
  return `${node.length}:${node}${job}`;
}
