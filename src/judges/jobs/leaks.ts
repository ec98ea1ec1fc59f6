/**
 * J4: no reservation leaks: a node whose jobs have all ended or lapsed, as the changes show, counts none and holds none; and a job that a client was
 * answered to have ended has no place any longer.
 */
import type { Call } from "../../check/history.ts";
import { inMs, type Judgement } from "../../check/judgement.ts";
import type { Changed, EpochStarted, JudgeEvent, NodeSeen, Returned } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";
import type { EpochLine, LineEntry, Truth } from "../truth.ts";
import { HeldJobs } from "./held-jobs.ts";

/** The last change of a node, with which the last of its jobs went. */
interface Emptied {
  readonly entry: LineEntry;
  /** Whether what is left was compared with something. */
  isCompared: boolean;
}

export function judgeLeaks(theCase: Case): Judge {
  return new Leaks(theCase);
}

class Leaks implements Judge {
  readonly property = "J4";
  readonly hears = ["epoch", "change", "node", "returned"] as const;
  readonly operations = ["complete_job", "release_job"] as const;
  readonly #truth: Truth;
  readonly #findings: Findings;
  readonly #held = new HeldJobs();
  readonly #emptied = new Map<EpochLine, Map<string, Emptied>>();
  /** By partition: the last epoch that began. */
  readonly #latest = new Map<number, EpochStarted>();
  readonly #lastSeen = new Map<string, NodeSeen>();
  /** Calls that were answered that a job has ended. */
  readonly #ended: Call[] = [];
  #compared = 0;

  constructor({ onViolation, truth }: Case) {
    this.#truth = truth;
    this.#findings = new Findings("J4", onViolation);
  }

  on(event: JudgeEvent): void {
    switch (event.kind) {
      case "epoch":
        this.#latest.set(event.line.partition, event);
        break;
      case "change":
        this.#changed(event);
        break;
      case "node":
        this.#seen(event);
        break;
      case "returned":
        this.#returned(event);
        break;
      default:
        break;
    }
  }

  finish(): Judgement {
    for (const call of this.#ended) this.#judgeEnd(call);
    return this.#findings.conclude({ exercised: this.#compared });
  }

  #changed({ at, entry, line }: Changed): void {
    const { count, kind, node, sequence } = entry;
    const before = this.#held.of(line, node)?.size ?? 0;
    this.#held.change(line, entry);
    const emptied = this.#emptied.get(line);
    if (this.#held.of(line, node)?.size !== 0) emptied?.delete(node);
    // A node that held none still holds none.
    if (before === 0 || this.#held.of(line, node)?.size !== 0) return;
    const left: Emptied = { entry, isCompared: count !== null };
    if (emptied === undefined) this.#emptied.set(line, new Map([[node, left]]));
    else emptied.set(node, left);
    if (count === null) return;
    this.#compared += 1;
    if (count === 0) return;
    this.#findings.violate(() => [
      `${kind} of node ${node} leaves current_jobs ${count} although all of its jobs have ended or lapsed, allowed 0`,
      `sequence ${sequence}, at ${inMs(at)}`,
    ]);
  }

  #seen(event: NodeSeen): void {
    const { at, line, node, partition, places, record } = event;
    this.#lastSeen.set(node, event);
    this.#compareIndex(event);
    const emptied = line === null ? undefined : this.#emptied.get(line)?.get(node);
    if (emptied === undefined) return;
    if (!emptied.isCompared) this.#compared += 1;
    emptied.isCompared = true;
    const held = Math.max(record?.currentJobs ?? 0, places.size);
    if (held === 0) return;
    const { kind, sequence } = emptied.entry;
    this.#findings.violate(() => [
      `node ${node} holds ${held} jobs although all of its jobs have ended or lapsed, allowed 0`,
      `${kind}, sequence ${sequence}; partition ${partition}, seen at ${inMs(at)}: ${[...places.keys()].join(", ") || "no jobs"}`,
    ]);
  }

  /** Sweeps find lapsed jobs by the index of earliest leases alone. */
  #compareIndex({ at, node, partition, times }: NodeSeen): void {
    if (times === undefined) return;
    const { deadlines, lease } = times;
    const earliest = deadlines.length === 0 ? null : Math.min(...deadlines);
    if (lease === earliest) return;
    this.#findings.violate(() => [
      `node ${node} is in the index of leases with ${lease ?? "nothing"}, allowed its earliest lease, ${earliest ?? "nothing"}`,
      `partition ${partition}, ${deadlines.length} jobs, seen at ${inMs(at)}`,
    ]);
  }

  #returned({ call }: Returned): void {
    if (call.reply === "completed" && call.to !== null) this.#ended.push(call);
  }

  /** It still has its place when the node is last seen, with no epoch and no reservation since. */
  #judgeEnd({ from, id, instance, job = "", node = "", op, to, version }: Call): void {
    const seen = this.#lastSeen.get(node);
    if (seen === undefined || seen.line === null || !seen.places.has(job) || seen.at <= (to ?? from)) return;
    const { at, line, partition } = seen;
    const latest = this.#latest.get(partition);
    const isSameEpoch = latest?.line === line && (line.order === 0 || latest.at < from);
    // Two servers may go on side by side, each in its own epoch.
    const answered = version === undefined ? undefined : this.#truth.line(version.epoch);
    if (!isSameEpoch || (answered !== undefined && answered !== line)) return;
    for (const entry of line.since(node, from)) if (entry.kind === "reserved" && entry.job === job) return;
    this.#findings.violate(
      () => [
        `job ${job} still has its place on node ${node}, though ${op} was answered completed, allowed none`,
        `answered by instance ${instance} at ${inMs(to ?? from)}; partition ${partition}, seen at ${inMs(at)}`,
      ],
      [id],
    );
  }
}
