/**
 * O1: an instance that follows the feed over a change by which jobs lost their places calls back for exactly these jobs, once, in the order of the feed, and
 * before its view shows the change. It calls back for nothing else; and `dispatchedHere` names exactly the jobs whose last dispatch through this instance
 * placed them on the node.
 *
 * An instance that loads a partition is owed nothing that changed before. A loss that all instances missed so is reported by none, which is only counted.
 */
import { type Millis, type Version, versionText } from "../../check/history.ts";
import { inMs, type Judgement } from "../../check/judgement.ts";
import type { JudgeEvent, ViewMoved } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";
import type { EpochLine, LineEntry } from "../truth.ts";
import { DispatchedJobs } from "./dispatched-jobs.ts";
import type { OrphansReported } from "./events.ts";

/** How far an instance has come in one partition. */
interface Standing {
  view: Version | null;
  movedAt: Millis;
  /** Epoch -> the last sequence that it has reported. */
  readonly reported: Map<string, number>;
  /** Sequences that it has reported since its view last moved. */
  readonly fresh: Set<number>;
}

export function judgeOrphans(theCase: Case): Judge {
  return new Orphans(theCase);
}

class Orphans implements Judge {
  readonly property = "O1";
  readonly hears = ["view", "orphans_reported", "instance", "called", "returned"] as const;
  readonly operations = ["dispatch", "complete_job", "release_job"] as const;
  readonly #case: Case;
  readonly #findings = new Findings("O1");
  /** By instance and partition. */
  readonly #standings: readonly (readonly Standing[])[];
  readonly #placements: readonly DispatchedJobs[];
  /** Losses that some instance has reported. */
  readonly #known = new Map<EpochLine, Set<number>>();
  #compared = 0;

  constructor(theCase: Case) {
    this.#case = theCase;
    const { instances, partitions } = theCase;
    const none = (): Standing => ({
      view: null,
      movedAt: Number.NEGATIVE_INFINITY,
      reported: new Map(),
      fresh: new Set(),
    });
    this.#standings = Array.from({ length: instances }, () => Array.from({ length: partitions }, none));
    this.#placements = Array.from({ length: instances }, () => new DispatchedJobs());
  }

  on(event: JudgeEvent): void {
    switch (event.kind) {
      case "called":
        this.#placements[event.instance]?.called(event);
        break;
      case "returned":
        this.#placements[event.call.instance]?.returned(event.call);
        break;
      case "view":
        this.#moved(event);
        break;
      case "orphans_reported":
        this.#reported(event);
        break;
      case "instance":
        if (event.state === "started" || event.state === "crashed") this.#reborn(event.instance);
        break;
      default:
        break;
    }
  }

  finish(): Judgement {
    const losses = Array.from({ length: this.#case.partitions }, (_, partition) => this.#missedByAll(partition));
    const value = losses.reduce((sum, each) => sum + each, 0);
    return this.#findings.conclude({
      exercised: this.#compared,
      measures: [{ name: "losses_no_instance_followed", value }],
    });
  }

  #reborn(instance: number): void {
    this.#placements[instance]?.clear();
    for (const standing of this.#standings[instance] ?? []) {
      standing.view = null;
      standing.reported.clear();
      standing.fresh.clear();
    }
  }

  #moved({ at, by, instance, partition, version }: ViewMoved): void {
    const standing = this.#standings[instance]?.[partition];
    if (standing === undefined) return;
    const { view } = standing;
    standing.view = version;
    standing.movedAt = at;
    const line = this.#case.truth.line(version.epoch);
    const isFollowed = by === "feed" && view?.epoch === version.epoch && this.#case.reporting.has(instance);
    for (let sequence = (view?.sequence ?? 0) + 1; isFollowed && line && sequence <= version.sequence; sequence += 1) {
      this.#followed(line, sequence, standing, instance);
    }
    standing.fresh.clear();
  }

  #followed(line: EpochLine, sequence: number, { fresh, view }: Standing, instance: number): void {
    const entry = line.entry(sequence);
    if (entry?.orphaned === undefined) {
      this.#findings.unseen();
      return;
    }
    if (entry.orphaned.length === 0) return;
    this.#compared += 1;
    if (fresh.has(sequence)) return;
    this.#findings.violate(() => [
      `instance ${instance} followed the feed over the loss of ${entry.orphaned?.join(", ")} of node ${entry.node} (${entry.kind}), and did not call back for it`,
      `sequence ${sequence}, at ${inMs(entry.at)}; its view is at ${view === null ? "nothing" : versionText(view)}`,
    ]);
  }

  #reported(report: OrphansReported): void {
    const standing = this.#standings[report.instance]?.[report.partition];
    if (standing === undefined) return;
    const found = this.#lossOf(report, standing);
    if (found !== null) {
      const { entry, line } = found;
      standing.reported.set(line.epoch, entry.sequence);
      if (line.epoch === standing.view?.epoch) standing.fresh.add(entry.sequence);
      const known = this.#known.get(line) ?? new Set();
      this.#known.set(line, known.add(entry.sequence));
    } else if (this.#case.truth.mayHide(report.partition, standing.movedAt, report.at + this.#case.truth.lag)) {
      this.#findings.unseen();
    } else this.#invented(report);
    this.#compareDispatched(report);
  }

  /** The first loss like this one that it has not reported: in the epoch that it follows, or in one that it may have gone to since. */
  #lossOf(report: OrphansReported, { reported, view }: Standing): { line: EpochLine; entry: LineEntry } | null {
    const { partition } = report;
    const { truth } = this.#case;
    const current = view === null ? undefined : truth.line(view.epoch);
    for (const line of truth.of(partition)) {
      if (current !== undefined && line.order < current.order) continue;
      const shown = line === current ? (view?.sequence ?? 0) : 0;
      let entry = line.next(report.node, Math.max(shown, reported.get(line.epoch) ?? 0));
      while (entry !== undefined && !isLoss(entry, report)) entry = line.next(report.node, entry.sequence);
      if (entry !== undefined) return { line, entry };
    }
    return null;
  }

  #invented({ at, because, instance, jobs, node, partition }: OrphansReported): void {
    this.#findings.violate(() => [
      `instance ${instance} called back for ${jobs.join(", ") || "no job"} of node ${node} (${because}), allowed is once for each loss that the feed tells of, with all of its jobs`,
      `partition ${partition}, at ${inMs(at)}`,
    ]);
  }

  #compareDispatched({ at, dispatchedHere, instance, jobs, node }: OrphansReported): void {
    const placements = this.#placements[instance];
    if (placements === undefined) return;
    const since = this.#case.timing.presentSince(instance, at);
    const wrong = jobs.filter((job) => {
      const where = placements.of(job, node, since);
      return where !== "unknown" && (where === "here") !== dispatchedHere.includes(job);
    });
    wrong.push(...dispatchedHere.filter((job) => !jobs.includes(job)));
    for (const job of jobs) placements.lost(job, node);
    if (wrong.length === 0) return;
    this.#findings.violate(() => [
      `instance ${instance} called back for jobs of node ${node} with dispatchedHere ${dispatchedHere.join(", ") || "empty"}, which is wrong about ${wrong.join(", ")}`,
      `at ${inMs(at)}; allowed are exactly those of ${jobs.join(", ")} whose last dispatch through this instance placed them there`,
    ]);
  }

  #missedByAll(partition: number): number {
    let missed = 0;
    for (const line of this.#case.truth.of(partition)) {
      const known = this.#known.get(line);
      for (let sequence = 1; sequence <= line.last; sequence += 1) {
        if ((line.entry(sequence)?.orphaned?.length ?? 0) > 0 && known?.has(sequence) !== true) missed += 1;
      }
    }
    return missed;
  }
}

function isLoss({ kind, orphaned }: LineEntry, { because, jobs }: OrphansReported): boolean {
  if (kind !== because) return false;
  if (orphaned === undefined) return true;
  return orphaned.length > 0 && orphaned.length === jobs.length && jobs.every((job) => orphaned.includes(job));
}
