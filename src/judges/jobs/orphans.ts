/**
 * O1: an instance that follows the feed over a change by which jobs lost their places calls back for exactly these jobs, once, in the order of the feed, and
 * before its view shows the change. It calls back for nothing else; and `dispatchedHere` names exactly the jobs whose last dispatch through this instance
 * placed them on the node, and was before the loss.
 *
 * An instance that loads a partition may report what changed before, where no other has acknowledged it; and each loss reaches at least one instance.
 */
import { type Millis, type Version, versionText } from "../../check/history.ts";
import { inMs, type Judgement } from "../../check/judgement.ts";
import type { JudgeEvent, ViewMoved } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";
import type { EpochLine, LineEntry } from "../truth.ts";
import { DispatchedJobs } from "./dispatched-jobs.ts";
import type { OrphansReported } from "./events.ts";
import { ReachedLosses } from "./reached-losses.ts";

/** How far an instance has come in one partition. */
interface Standing {
  view: Version | null;
  movedAt: Millis;
  /** Epoch -> the last sequence that it has reported. */
  readonly reported: Map<string, number>;
  /** Sequences that it has reported since its view last moved. */
  readonly fresh: Set<number>;
  /** All versions that it has reported, as text. */
  readonly all: Set<string>;
}

export function judgeOrphans(theCase: Case): Judge {
  return new Orphans(theCase);
}

class Orphans implements Judge {
  readonly property = "O1";
  readonly hears = ["view", "orphans_reported", "instance", "called", "returned", "mode"] as const;
  readonly operations = ["dispatch", "complete_job", "release_job"] as const;
  readonly #case: Case;
  readonly #findings = new Findings("O1");
  /** By instance and partition. */
  readonly #standings: readonly (readonly Standing[])[];
  readonly #placements: readonly DispatchedJobs[];
  readonly #reached: ReachedLosses;
  #compared = 0;
  /** Reported losses from a time in which the instance did not follow the feed. */
  #late = 0;

  constructor(theCase: Case) {
    this.#case = theCase;
    const { instances, partitions, terms } = theCase;
    const none = (): Standing => ({
      view: null,
      movedAt: Number.NEGATIVE_INFINITY,
      reported: new Map(),
      fresh: new Set(),
      all: new Set(),
    });
    this.#standings = Array.from({ length: instances }, () => Array.from({ length: partitions }, none));
    this.#placements = Array.from({ length: instances }, () => new DispatchedJobs(terms.maxEntries));
    this.#reached = new ReachedLosses(theCase, this.#findings);
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
      case "mode":
        this.#reached.changed(event);
        break;
      default:
        break;
    }
  }

  finish(): Judgement {
    this.#reached.judge();
    return this.#findings.conclude({
      exercised: this.#compared,
      measures: [
        { name: "losses_that_had_to_reach_one", value: this.#reached.compared },
        { name: "losses_reported_after_a_load", value: this.#late },
      ],
    });
  }

  #reborn(instance: number): void {
    this.#placements[instance]?.clear();
    for (const standing of this.#standings[instance] ?? []) {
      standing.view = null;
      standing.reported.clear();
      standing.fresh.clear();
      standing.all.clear();
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
    const found =
      report.lostAt === undefined ? this.#lossOf(report, standing) : this.#lossAt(report, report.lostAt, standing);
    if (found !== null) {
      const { entry, line } = found;
      standing.all.add(versionText({ epoch: line.epoch, sequence: entry.sequence }));
      this.#reached.reported(line, entry.sequence);
      if (isAhead(line, entry, standing)) {
        standing.reported.set(line.epoch, entry.sequence);
        if (line.epoch === standing.view?.epoch) standing.fresh.add(entry.sequence);
      } else this.#late += 1;
    } else if (this.#case.truth.mayHide(report.partition, standing.movedAt, report.at + this.#case.truth.lag)) {
      this.#findings.unseen();
    } else this.#invented(report);
    this.#compareDispatched(report);
  }

  /** The loss that it names: once, and in the order of the feed where that has yet to bring it. */
  #lossAt(report: OrphansReported, at: Version, standing: Standing): { line: EpochLine; entry: LineEntry } | null {
    const line = this.#case.truth.line(at.epoch);
    const entry = line?.entry(at.sequence);
    if (line === undefined || entry === undefined || entry.node !== report.node || !isLoss(entry, report)) return null;
    if (standing.all.has(versionText(at))) return null;
    const isLate = isAhead(line, entry, standing) && at.sequence <= (standing.reported.get(at.epoch) ?? 0);
    return isLate ? null : { line, entry };
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
      `instance ${instance} called back for ${jobs.join(", ") || "no job"} of node ${node} (${because}), allowed is once for each loss, with all of its jobs, in the order of the feed`,
      `partition ${partition}, at ${inMs(at)}`,
    ]);
  }

  #compareDispatched({ at, dispatchedHere, instance, jobs, lostAt, node, partition }: OrphansReported): void {
    const placements = this.#placements[instance];
    if (placements === undefined) return;
    const since = this.#case.timing.presentSince(instance, at);
    const wrong = jobs.filter((job) => {
      const where = placements.of(job, {
        node,
        since,
        lostAt,
        epoch: this.#standings[instance]?.[partition]?.view?.epoch,
      });
      return where !== "unknown" && (where === "here") !== dispatchedHere.includes(job);
    });
    wrong.push(...dispatchedHere.filter((job) => !jobs.includes(job)));
    for (const job of dispatchedHere) placements.lost(job, node);
    if (wrong.length === 0) return;
    this.#findings.violate(() => [
      `instance ${instance} called back for jobs of node ${node} with dispatchedHere ${dispatchedHere.join(", ") || "empty"}, which is wrong about ${wrong.join(", ")}`,
      `at ${inMs(at)}; allowed are exactly those of ${jobs.join(", ")} whose last dispatch through this instance placed them there`,
    ]);
  }
}

/** Whether the feed has yet to bring it. */
function isAhead(line: EpochLine, { sequence }: LineEntry, { view }: Standing): boolean {
  return view?.epoch === line.epoch && sequence > view.sequence;
}

function isLoss({ kind, orphaned }: LineEntry, { because, jobs }: OrphansReported): boolean {
  if (kind !== because) return false;
  if (orphaned === undefined) return true;
  return orphaned.length > 0 && orphaned.length === jobs.length && jobs.every((job) => orphaned.includes(job));
}
