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
export type AnyMark = (typeof allMarks)[number];
export type Counts = Record<AnyMark, number>;

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
  readonly #met: CallMarks;
  readonly #others = noMarks();
  readonly #onMet: (mark: AnyMark) => void;
  /** Epoch -> its sequences at which a write was acknowledged to a client. */
  readonly #acknowledgedAt = new Map<string, number[]>();
  /** Epoch with a successor -> its last sequence on the server that began the successor. */
  readonly #kept = new Map<string, number>();
  /** Partition -> its latest epoch. */
  readonly #epochs = new Map<number, string>();
  /** Requests of writes that have run, and requests that were given up. */
  readonly #ran = new Set<number>();
  readonly #givenUp = new Set<number>();

  /** @param onMet called each time that one is seen, while its event is heard */
  constructor(onMet: (mark: AnyMark) => void = () => {}) {
    this.#onMet = onMet;
    this.#met = new CallMarks(onMet);
  }

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
        this.#see(`${event.what}_lost`);
        break;
      case "instance":
        if (event.state === "started") this.#see("instance_restarted");
        break;
      case "withheld":
        if (event.reply === "reserved" || event.reply === "completed") this.#see("reply_lost_after_commit");
        break;
      case "scheduler":
        this.#said(event);
        break;
      default:
        break;
    }
  }

  #returned({ at, call }: Returned): void {
    this.#met.add(call);
    const { op, outcome, read, reply, version } = call;
    const makes = claimOf(call)?.makes ?? null;
    const isMade = makes !== null && makes !== "health";
    if (outcome === "ok" && version !== undefined && isMade) this.#acknowledged(version);
    if (at < 0) return;
    if (read !== undefined) {
      if (read.source === "l2") this.#see("answered_from_l2");
      if (read.source === "miss") this.#see("miss_absorbed");
      if (read.source === "redis" && !read.found) this.#see("missing_looked_up");
      if (read.stale) this.#see("answered_stale");
      return;
    }
    if (reply === "full") this.#see("node_full");
    if (reply === "finished") this.#see("finished_job_refused");
    if (reply === "overloaded") this.#see("overloaded");
    if (op === "register_node" && reply === "registered") this.#see("registered_again");
    if (op === "heartbeat" && (reply === "stale" || reply === "superseded")) this.#see("late_heartbeat_refused");
    if (outcome !== "ok" && refusals.has(reply)) this.#see("refused_by_redis");
  }

  #stepped(event: Stepped): void {
    const { after, before, changes, partition } = event;
    for (const { kind } of changes) {
      if (kind === "expired") this.#see("node_expired");
      if (kind === "lapsed" && event.at >= 0) this.#see("lease_ended");
      if (kind === "removed" && event.at >= 0) this.#see("node_forgotten");
    }
    if (event.at >= 0) this.#ranLate(event);
    if (after.meta === null || after.meta.epoch === before.meta?.epoch) return;
    const former = this.#epochs.get(partition);
    this.#epochs.set(partition, toPort(after.meta).epoch);
    if (former === undefined) return;
    this.#see("new_epoch");
    const takenOver = before.meta === null ? null : toPort(before.meta);
    const kept = takenOver?.epoch === former ? takenOver.sequence : 0;
    this.#kept.set(former, kept);
    for (const sequence of this.#acknowledgedAt.get(former) ?? [])
      if (sequence > kept) this.#see("acknowledged_write_lost");
  }

  #acknowledged({ epoch, sequence }: Version): void {
    const kept = this.#kept.get(epoch);
    if (kept !== undefined) {
      // Acknowledged by a server that has been replaced already.
      if (sequence > kept) this.#see("acknowledged_write_lost");
      return;
    }
    const known = this.#acknowledgedAt.get(epoch);
    if (known === undefined) this.#acknowledgedAt.set(epoch, [sequence]);
    else known.push(sequence);
  }

  #ranLate({ after, before, changes, command, partition, request }: Stepped): void {
    if (command.kind === "changes_since" || command.kind === "snapshot") return;
    if (this.#ran.has(request)) this.#see("duplicate_ran");
    this.#ran.add(request);
    if (changes.length === 0 || after.meta === null) return;
    if (this.#givenUp.has(request)) this.#see("given_up_write_ran");
    const isOld = before.meta?.epoch === after.meta.epoch && toPort(after.meta).epoch !== this.#epochs.get(partition);
    if (isOld) this.#see("split_brain_seen");
  }

  #said({ what }: Said): void {
    if (what.kind === "mode_changed" && what.from === "normal") this.#see("degraded");
    if (what.kind === "gap_found") this.#see("gap_found");
    if (what.kind === "epoch_left") this.#see("epoch_left");
    if (what.kind === "ambiguity_resolved") this.#see("ambiguous_write_resolved");
    if (what.kind === "resync_started" && what.reason === "trimmed") this.#see("feed_trimmed");
    if (what.kind === "resynced" && what.pages > 1) this.#see("several_pages");
  }

  #see(mark: AnyMark): void {
    this.#others[mark] += 1;
    this.#onMet(mark);
  }
}
