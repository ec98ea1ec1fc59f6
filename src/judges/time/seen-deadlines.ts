/**
 * Part of N4: no node expires before the time that its record gave it, no place lapses before its deadline, and nothing is due while the store holds back
 * deadlines. Only where the deadlines of nodes are looked at, by the server's clock.
 */
import type { Millis } from "../../check/history.ts";
import { inMs } from "../../check/judgement.ts";
import type { Changed, NodeSeen } from "../event.ts";
import type { Findings } from "../findings.ts";

/** Times of the server and of the observer are compared over this long a jump of the server's clock at most; nothing smaller counts as early. */
const slack: Millis = 1_000;

interface Seen {
  readonly incarnation: string;
  readonly seq: number;
  readonly expires: Millis;
  /** How far the server's clock was ahead of the observer's. */
  readonly ahead: Millis;
  /** Job -> the deadline of its place. */
  readonly deadlines: Map<string, Millis>;
}

/** A node that expired, until it is looked at again: whether a heartbeat had renewed it since the last look shows then. */
interface Expired {
  readonly seen: Seen;
  readonly readAt: Millis;
  readonly isComparable: boolean;
  readonly sequence: number;
}

export class SeenDeadlines {
  readonly #findings: Findings;
  /** As each online node was last seen, and as it was seen first of those times that it has yet to outlive. */
  readonly #last = new Map<string, Seen>();
  readonly #first = new Map<string, Seen>();
  readonly #expired = new Map<string, Expired>();
  #outlived = 0;
  #ended = 0;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** Times that nodes outlived by heartbeats, and ends of nodes and places, that were compared with what had been seen of them. */
  get compared(): number {
    return this.#outlived + this.#ended;
  }

  seen({ at, heartbeatSeq: seq, node, partition, places, record, times }: NodeSeen): void {
    if (times === undefined || record === null) return;
    const { deadlines, expires_at_ms: expires, expiry, server_ms: now } = times;
    if (record.status !== "online") {
      this.#lookedAfter(node, record.incarnation, seq);
      return;
    }
    if (expiry !== null && expiry < expires) {
      this.#findings.violate(() => [
        `node ${node} is to expire ${inMs(expires - expiry)} before the time that its last heartbeat gave it, allowed only then`,
        `partition ${partition}, seen at ${inMs(at)}: the index of expiry has ${expiry}, the record ${expires}`,
      ]);
    }
    const jobs = [...places.keys()].map((job, index) => [job, deadlines[index] ?? 0] as const);
    const seen = { incarnation: record.incarnation, seq, expires, ahead: now - at, deadlines: new Map(jobs) };
    this.#last.set(node, seen);
    this.#expired.delete(node);
    const first = this.#first.get(node);
    const isSame = first?.incarnation === seen.incarnation && isSteady(first, seen.ahead);
    if (isSame && now <= first.expires) return;
    if (isSame && seq > first.seq) this.#outlived += 1;
    this.#first.set(node, seen);
  }

  changed({ at, entry, read }: Changed): void {
    const { job, kind, node, sequence } = entry;
    if (read === undefined) return;
    const { held_ms: held, server_ms: now } = read;
    const last = this.#last.get(node);
    const isEnd = kind === "expired" || kind === "lapsed";
    if (isEnd && held !== null && now + slack < held) {
      this.#findings.violate(() => [
        `node ${node} ${kind === "expired" ? "expired" : "lost places"} while the store held back deadlines for another ${inMs(held - now)}, allowed only after that`,
        `sequence ${sequence}, at ${inMs(at)}`,
      ]);
    }
    if (kind === "lapsed" && last !== undefined) this.#lapsed(entry.lapsed, last, { at, node, now, sequence });
    if (kind === "health") return;
    if (job !== null) last?.deadlines.delete(job);
    else if (kind !== "lapsed") this.#gone(node, last, kind === "expired" ? { at, now, sequence } : null);
  }

  #gone(node: string, seen: Seen | undefined, expired: { at: Millis; now: Millis; sequence: number } | null): void {
    this.#last.delete(node);
    this.#first.delete(node);
    this.#expired.delete(node);
    if (expired === null || seen === undefined) return;
    const { at, now: readAt, sequence } = expired;
    this.#expired.set(node, { seen, readAt, isComparable: isSteady(seen, readAt - at), sequence });
  }

  #lookedAfter(node: string, incarnation: string, seq: number): void {
    const expired = this.#expired.get(node);
    this.#expired.delete(node);
    if (expired === undefined || !expired.isComparable) return;
    const { readAt, seen, sequence } = expired;
    if (seen.incarnation !== incarnation || seen.seq !== seq) return;
    this.#ended += 1;
    if (readAt + slack >= seen.expires) return;
    this.#findings.violate(() => [
      `node ${node} expired at least ${inMs(seen.expires - readAt)} before the time that its last heartbeat gave it, allowed only after that`,
      `sequence ${sequence}, heartbeat ${seq}`,
    ]);
  }

  #lapsed(
    jobs: readonly string[],
    seen: Seen,
    { at, node, now, sequence }: { at: Millis; node: string; now: Millis; sequence: number },
  ): void {
    for (const job of jobs) {
      const deadline = seen.deadlines.get(job);
      seen.deadlines.delete(job);
      if (deadline === undefined || !isSteady(seen, now - at)) continue;
      this.#ended += 1;
      if (now + slack >= deadline) continue;
      this.#findings.violate(() => [
        `job ${job} of node ${node} lapsed at least ${inMs(deadline - now)} before its deadline, allowed only after that`,
        `sequence ${sequence}, at ${inMs(at)}`,
      ]);
    }
  }
}

/** Whether the server's clock has not jumped since. */
function isSteady({ ahead }: Seen, now: Millis): boolean {
  return Math.abs(now - ahead) <= slack;
}
