/**
 * Part of J5: the answer to a heartbeat names exactly those of its jobs that have no place on the node. The node goes on with the others, so a job that is
 * not named runs a second time where it has got another place.
 */
import { type Call, versionText } from "../../check/history.ts";
import { inMs } from "../../check/judgement.ts";
import type { Findings } from "../findings.ts";
import { lastChunk } from "../jobs/chunks.ts";
import type { Case } from "../judge.ts";
import type { EpochLine } from "../truth.ts";
import { PlaceChanges } from "./place-changes.ts";

export class UnknownJobs {
  readonly #case: Case;
  readonly #findings: Findings;
  readonly #places = new PlaceChanges();
  readonly #answers: Call[] = [];
  #compared = 0;

  constructor(theCase: Case, findings: Findings) {
    this.#case = theCase;
    this.#findings = findings;
  }

  /** Jobs that had no place, and were compared with an answer. */
  get compared(): number {
    return this.#compared;
  }

  answered(call: Call): void {
    const { op, reply, unknown, version } = call;
    if (op === "heartbeat" && reply === "renewed" && unknown !== undefined && version !== undefined)
      this.#answers.push(call);
  }

  /** Once, when all changes have been heard of. */
  judge(): void {
    for (const call of this.#answers.splice(0)) {
      const line = call.version && this.#case.truth.line(call.version.epoch);
      if (line !== undefined) this.#compare(call, line);
    }
  }

  #compare(call: Call, line: EpochLine): void {
    const { node = "", running = [], unknown = [], version } = call;
    const sequence = version?.sequence ?? 0;
    const named = new Set(unknown);
    const last = lastChunk(call);
    for (const [index, job] of running.entries()) {
      // The answer is of the version at which the last part was taken.
      if (index < last && this.#hasChanged(call, line, job)) continue;
      const holds = line.holds(node, job, sequence);
      if (holds === false) this.#compared += 1;
      if (holds === named.has(job)) this.#blame(call, job, holds);
      named.delete(job);
    }
    const asked = new Set(running);
    for (const job of named) if (!asked.has(job)) this.#blame(call, job, null);
  }

  /** Whether the job may have got or lost a place during the call. A change may have been observed somewhat before or after it. */
  #hasChanged({ from, node = "", to }: Call, line: EpochLine, job: string): boolean {
    const during = { from: from - this.#case.truth.lag, until: to ?? Number.POSITIVE_INFINITY };
    return this.#places.isAny(line, node, job, during);
  }

  /** @param holds whether it has a place; null: the heartbeat did not name it */
  #blame({ from, id, instance, node = "", seq = 0, version }: Call, job: string, holds: boolean | null): void {
    const at = version === undefined ? "" : ` at ${versionText(version)}`;
    const found = holds === false ? "does not name job" : "names job";
    const why = holds === null ? "which the heartbeat did not name" : `which had ${holds ? "one" : "none"}${at}`;
    this.#findings.violate(
      () => [
        `the answer to heartbeat ${seq} of node ${node} ${found} ${job} among those without a place, ${why}, allowed are exactly those without one`,
        `asked by instance ${instance} at ${inMs(from)}`,
      ],
      [id],
    );
  }
}
