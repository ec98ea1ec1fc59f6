/** Counts the situations that a run must meet to prove anything, as src/check/marks.ts does from a record. */
import { CallMarks } from "../../check/call-marks.ts";
import { marks } from "../../check/marks.ts";
import { claimOf } from "../../judges/linear/replies/replies.ts";
import type { Version } from "../../protocol/version.ts";
import { toPort } from "../servers/protocol-values.ts";
import type { Listener } from "./bus.ts";
import type { Returned, Said, SimEvent, Stepped } from "./events.ts";

/** Situations that only the simulator can observe, since it is on both sides of the network. */
const inside = [
  "request_lost",
  "reply_lost",
  "wake_up_lost",
  /** The network delivered one request twice, and the store ran it twice. */
  "duplicate_ran",
  /** A write ran, and changed something, after its sender had given it up. */
  "given_up_write_ran",
] as const;

export const allMarks = [...marks, ...inside] as const;
export type Counts = Record<(typeof allMarks)[number], number>;

const refusals: ReadonlySet<string> = new Set(["busy", "loading", "out_of_memory", "readonly", "wrong_type"]);

export function noMarks(): Counts {
  return Object.fromEntries(allMarks.map((mark) => [mark, 0])) as Counts;
}

export class MarkCounter implements Listener {
  readonly hears = [
    "returned",
    "stepped.but_polls",
    "settled.but_polls",
    "lost",
    "instance",
    "withheld",
    "scheduler.epoch_left",
    "scheduler.ambiguity_resolved",
    "scheduler.mode_changed",
    "scheduler.gap_found",
    "scheduler.resync_started",
    "scheduler.resynced",
  ] as const;
  readonly #met = new CallMarks();
  readonly #others = noMarks();
  /** Epoch -> its sequences at which a write was acknowledged to a client. */
  readonly #acknowledgedAt = new Map<string, number[]>();
  /** Epoch with a successor -> its last sequence on the server that began the successor. */
  readonly #kept = new Map<string, number>();
  /** Partition -> its latest epoch. */
  readonly #epochs = new Map<number, string>();
  /** Requests of writes that have run, and requests that were given up. */
  readonly #ran = new Set<number>();
  readonly #givenUp = new Set<number>();

  get counts(): Counts {
    return { ...this.#others, ...this.#met.counts };
  }

  on(event: SimEvent): void {
    // Before the load only writes count, since they may be lost during it.
    if (event.at < 0 && event.kind !== "stepped" && event.kind !== "returned") return;
    switch (event.kind) {
      case "returned":
        this.#returned(event);
        break;
      case "stepped":
        this.#stepped(event);
        break;
      case "settled":
        if (event.outcome === "deadline" || event.outcome === "disconnected") this.#givenUp.add(event.request);
        break;
      case "lost":
        this.#others[`${event.what}_lost`] += 1;
        break;
      case "instance":
        if (event.state === "started") this.#others.instance_restarted += 1;
        break;
      case "withheld":
        if (event.reply === "reserved" || event.reply === "completed") this.#others.reply_lost_after_commit += 1;
        break;
      case "scheduler":
        this.#said(event);
        break;
      default:
        break;
    }
  }

  #returned({ at, call }: Returned): void {
    const counts = this.#others;
    this.#met.add(call);
    const { op, outcome, read, reply, version } = call;
    const makes = claimOf(call)?.makes ?? null;
    const isMade = makes !== null && makes !== "health";
    if (outcome === "ok" && version !== undefined && isMade) this.#acknowledged(version);
    if (at < 0) return;
    if (read !== undefined) {
      if (read.source === "l2") counts.answered_from_l2 += 1;
      if (read.source === "miss") counts.miss_absorbed += 1;
      if (read.source === "redis" && !read.found) counts.missing_looked_up += 1;
      if (read.stale) counts.answered_stale += 1;
      return;
    }
    if (reply === "full") counts.node_full += 1;
    if (reply === "finished") counts.finished_job_refused += 1;
    if (reply === "overloaded") counts.overloaded += 1;
    if (op === "register_node" && reply === "registered") counts.registered_again += 1;
    if (op === "heartbeat" && (reply === "stale" || reply === "superseded")) counts.late_heartbeat_refused += 1;
    if (outcome !== "ok" && refusals.has(reply)) counts.refused_by_redis += 1;
  }

  #stepped(event: Stepped): void {
    const { after, before, changes, partition } = event;
    for (const { kind } of changes) {
      if (kind === "expired") this.#others.node_expired += 1;
      if (kind === "lapsed" && event.at >= 0) this.#others.lease_ended += 1;
      if (kind === "removed" && event.at >= 0) this.#others.node_forgotten += 1;
    }
    if (event.at >= 0) this.#ranLate(event);
    if (after.meta === null || after.meta.epoch === before.meta?.epoch) return;
    const former = this.#epochs.get(partition);
    this.#epochs.set(partition, toPort(after.meta).epoch);
    if (former === undefined) return;
    this.#others.new_epoch += 1;
    const takenOver = before.meta === null ? null : toPort(before.meta);
    const kept = takenOver?.epoch === former ? takenOver.sequence : 0;
    this.#kept.set(former, kept);
    for (const sequence of this.#acknowledgedAt.get(former) ?? [])
      if (sequence > kept) this.#others.acknowledged_write_lost += 1;
  }

  #acknowledged({ epoch, sequence }: Version): void {
    const kept = this.#kept.get(epoch);
    if (kept !== undefined) {
      // Acknowledged by a server that has been replaced already.
      if (sequence > kept) this.#others.acknowledged_write_lost += 1;
      return;
    }
    const known = this.#acknowledgedAt.get(epoch);
    if (known === undefined) this.#acknowledgedAt.set(epoch, [sequence]);
    else known.push(sequence);
  }

  #ranLate({ after, before, changes, command, partition, request }: Stepped): void {
    if (command.kind === "changes_since" || command.kind === "snapshot") return;
    if (this.#ran.has(request)) this.#others.duplicate_ran += 1;
    this.#ran.add(request);
    if (changes.length === 0 || after.meta === null) return;
    if (this.#givenUp.has(request)) this.#others.given_up_write_ran += 1;
    const isOld = before.meta?.epoch === after.meta.epoch && toPort(after.meta).epoch !== this.#epochs.get(partition);
    if (isOld) this.#others.split_brain_seen += 1;
  }

  #said({ what }: Said): void {
    const counts = this.#others;
    if (what.kind === "mode_changed" && what.from === "normal") counts.degraded += 1;
    if (what.kind === "gap_found") counts.gap_found += 1;
    if (what.kind === "epoch_left") counts.epoch_left += 1;
    if (what.kind === "ambiguity_resolved") counts.ambiguous_write_resolved += 1;
    if (what.kind === "resync_started" && what.reason === "trimmed") counts.feed_trimmed += 1;
    if (what.kind === "resynced" && what.pages > 1) counts.several_pages += 1;
  }
}
