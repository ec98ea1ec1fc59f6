/**
 * Part of D4: an acknowledged heartbeat is in the store. It need not change anything that has a version, but the store keeps the sequence of the last
 * heartbeat of each life, which a look that began after the answer shows.
 */
import type { Call, Millis } from "../../check/history.ts";
import { inMs } from "../../check/judgement.ts";
import type { NodeSeen } from "../event.ts";
import type { Findings } from "../findings.ts";
import type { Case } from "../judge.ts";

interface Taken {
  readonly call: Call;
  readonly seq: number;
  readonly to: Millis;
}

export class LostHeartbeats {
  readonly #truth: Case["truth"];
  readonly #findings: Findings;
  /** Node -> those that no look has been held against yet. */
  readonly #taken = new Map<string, Taken[]>();
  #compared = 0;

  constructor({ truth }: Case, findings: Findings) {
    this.#truth = truth;
    this.#findings = findings;
  }

  /** How many were held against a look. */
  get compared(): number {
    return this.#compared;
  }

  answered(call: Call, to: Millis): void {
    const { node = "", seq } = call;
    if (seq === undefined) return;
    const own = this.#taken.get(node);
    if (own === undefined) this.#taken.set(node, [{ call, seq, to }]);
    else own.push({ call, seq, to });
  }

  /** The first look that began after the answer decides, if it is one at the epoch that answered. */
  seen(look: NodeSeen): void {
    const own = this.#taken.get(look.node);
    if (own === undefined) return;
    const later = own.filter(({ to }) => to > look.since);
    if (later.length === own.length) return;
    for (const taken of own) if (taken.to <= look.since && this.#isOf(taken, look)) this.#compare(taken, look);
    if (later.length === 0) this.#taken.delete(look.node);
    else this.#taken.set(look.node, later);
  }

  /** A heartbeat that an epoch began without is Redis's loss. If two servers answer at a time, that of its instance took it. */
  #isOf({ call: { from, instance, version }, to }: Taken, { line, partition }: NodeSeen): boolean {
    if (line === null || line.begunAt > from) return false;
    const epoch = version?.epoch ?? this.#truth.followedBy(instance, partition, to)?.epoch;
    return epoch === line.epoch;
  }

  /** A later life has a count of its own. */
  #compare({ call, seq, to }: Taken, { at, heartbeatSeq, record, since }: NodeSeen): void {
    if (record === null || record.incarnation !== call.incarnation) return;
    this.#compared += 1;
    if (heartbeatSeq >= seq) return;
    const { from, id, instance, node, reply } = call;
    this.#findings.violate(
      () => [
        `heartbeat ${seq} of node ${node} was answered ${reply} and is not in the store, which had ${heartbeatSeq} for its last`,
        `answered by instance ${instance}, asked at ${inMs(from)}, answered at ${inMs(to)}; looked at from ${inMs(since)} to ${inMs(at)}`,
      ],
      [id],
    );
  }
}
