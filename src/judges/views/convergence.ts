/**
 * V3: once faults heal and writes stop, every instance's view equals the store within the bound, in version and content, and the instance is in
 * `normal`: one that is degraded does not claim to follow.
 *
 * The store changes even then: a node expires, a lease lapses. An instance may be as far behind such a change as one in `normal` may ever be. One that is
 * further behind has not converged, so that its time counts from when everything was at rest, unless the machine kept it.
 */
import type { Millis } from "../../check/history.ts";
import { inMs, type Judgement } from "../../check/judgement.ts";
import { mildest } from "../../check/timing/stall.ts";
import type { JudgeEvent, ModeChanged, PhaseBegun, Sampled } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";
import type { Blame } from "../timing.ts";
import { type Lack, Lacks, oldestOf } from "./lack.ts";

/** The observations of one instance since everything has been at rest. */
interface Follower {
  readonly instance: number;
  /** null: it has not been looked at. */
  last: Sampled | null;
  /** Whether the last look shows what was not seen of the store. */
  isUnseen: boolean;
  /** The lack that has lasted longest; null: the instance equals the store. */
  lack: Lack | null;
  /** Those at which it lacked something, since it last equalled the store. */
  readonly looks: Sampled[];
  /** Whether its nodes, as they were last looked at, have been compared with those of the store at the same version. */
  isShown: boolean;
  /** The last look at its nodes, where the store had not been looked at at the same version by then. */
  unread: Sampled | null;
  readonly departures: ModeChanged[];
  /** When it left `normal`; null: it is there, or that was not seen. */
  leftAt: Millis | null;
  /** The longest that it took to equal the store. */
  slowest: Millis;
}

/** It lacked something from `from` to `to`. */
interface Span {
  readonly from: Millis;
  readonly to: Millis;
  /** When it was first seen to be too late, or last. */
  readonly due: Pick<Sampled, "at" | "mode">;
}

export function judgeConvergence(theCase: Case): Judge {
  return new Convergence(theCase);
}

class Convergence implements Judge {
  readonly property = "V3";
  readonly hears = ["phase", "mode", "sample", ...Lacks.hears] as const;
  readonly #case: Case;
  readonly #findings = new Findings("V3");
  readonly #lacks: Lacks;
  readonly #followers: readonly Follower[];
  readonly #phases = new Map<PhaseBegun["name"], Millis>();
  /** Since when everything has healed and the load is over; NaN: it has not, or that is not known. */
  #restingSince: Millis = Number.NaN;
  /** Views that were looked at since. */
  #compared = 0;

  constructor(theCase: Case) {
    this.#case = theCase;
    this.#lacks = new Lacks(theCase);
    this.#followers = Array.from({ length: theCase.instances }, (_, instance) => followerOf(instance));
  }

  on(event: JudgeEvent): void {
    switch (event.kind) {
      case "sample":
        this.#look(event);
        break;
      case "epoch":
      case "epoch_ended":
      case "partition":
        this.#lacks.on(event);
        break;
      case "mode":
        this.#changed(event);
        break;
      case "phase":
        this.#begin(event);
        break;
      default:
        break;
    }
  }

  finish(): Judgement {
    const times: Millis[] = [];
    for (const follower of this.#followers) {
      const { isUnseen, last, slowest } = follower;
      if (last === null) {
        // It was not looked at.
        if (this.#compared > 0) this.#findings.unseen(this.#case.partitions);
        continue;
      }
      this.#readLate(follower);
      if (isUnseen || (follower.lack === null && !follower.isShown)) this.#findings.unseen(this.#case.partitions);
      else if (follower.lack === null) times.push(slowest);
      else this.#judge(follower, follower.lack, last);
    }
    const isSettled = this.#findings.isSettled;
    const longest = { name: "time_to_convergence_ms_max", value: Math.max(...times) };
    return this.#findings.conclude({
      exercised: this.#compared,
      isOpen: !isSettled,
      open: "the machine's own stalls took an instance the time that it had, or kept it from asking the store, or the store changed when the run was about to end",
      waits: this.#case.timing.longestWait,
      measures: times.length === 0 ? [] : [isSettled ? { ...longest, threshold: this.#bound } : longest],
    });
  }

  get #bound(): Millis {
    return this.#case.bounds.convergence;
  }

  #begin({ at, name }: PhaseBegun): void {
    this.#phases.set(name, at);
    const [healed = Number.NaN, quiet = Number.NaN] = [this.#phases.get("healed"), this.#phases.get("quiet")];
    this.#restingSince = Math.max(healed, quiet);
  }

  #changed(change: ModeChanged): void {
    const follower = this.#followers[change.instance];
    if (follower === undefined) return;
    if (change.from === "normal") {
      follower.departures.push(change);
      follower.leftAt = change.at;
    } else if (change.to === "normal") follower.leftAt = null;
  }

  #look(sample: Sampled): void {
    const follower = this.#followers[sample.instance];
    if (follower === undefined || Number.isNaN(this.#restingSince)) return;
    const found = this.#lackOf(follower, sample);
    follower.last = sample;
    follower.isUnseen = found === "unseen";
    if (found === "unseen") return;
    const { lack, looks } = follower;
    if (lack !== null && (found === null || found.since > lack.since)) this.#judge(follower, lack, sample, true);
    follower.lack = found;
    if (found === null) looks.length = 0;
    else looks.push(sample);
  }

  /** Returns the longest lack. null: there is none; `unseen`: it shows a state that was not seen in the store. */
  #lackOf(follower: Follower, sample: Sampled): Lack | "unseen" | null {
    let oldest = lackOfMode(follower, sample);
    let [isWhole, isUnseen] = [true, false];
    for (let partition = 0; partition < this.#case.partitions; partition += 1) {
      const lack = this.#lacks.ofVersion(partition, sample);
      if (lack === undefined) continue;
      this.#compared += 1;
      if (lack === "unseen") isUnseen = true;
      else if (lack !== null) [oldest, isWhole] = [oldestOf(oldest, lack), false];
    }
    if (isUnseen) return "unseen";
    if (sample.nodes === undefined) return oldest;
    const nodes = this.#lacks.ofNodes(sample, isWhole);
    follower.isShown = nodes !== "unread";
    follower.unread = nodes === "unread" && isWhole ? sample : null;
    return nodes === "unread" ? oldest : oldestOf(oldest, nodes);
  }

  /** Compares the nodes that it showed at a version at which the store was looked at only afterwards. */
  #readLate(follower: Follower): void {
    const { unread } = follower;
    const nodes = unread === null ? "unread" : this.#lacks.ofNodes(unread, true);
    if (nodes === "unread") return;
    follower.isShown = true;
    follower.lack = oldestOf(follower.lack, nodes);
  }

  /** @param isOver it was without it no longer when it was last looked at */
  #judge(follower: Follower, lack: Lack, last: Sampled, isOver = false): void {
    const span = this.#spanOf(follower, lack, last);
    const took = span.to - span.from;
    if (isOver) follower.slowest = Math.max(follower.slowest, took);
    if (isOver && took <= this.#bound) return;
    if (!isOver && !lack.isAsFar && took <= this.#bound && span.from > this.#restingSince) {
      this.#findings.leftOpen(1, "unobserved"); // the store changed too late to see what becomes of it
      return;
    }
    const blame = this.#blameFor(follower, span, took - this.#bound);
    this.#findings.late(blame, false, () => this.#storyOf(span, last, isOver ? null : lack));
  }

  #spanOf(follower: Follower, { since }: Lack, last: Sampled): Span {
    const { bounds } = this.#case;
    const spanFrom = (from: Millis): Span => {
      const due = follower.looks.find(({ at }) => at > from + bounds.convergence) ?? last;
      return { from, to: last.at, due };
    };
    const from = Math.max(this.#restingSince, since);
    const degraded = follower.looks.find(({ at, mode }) => at >= from && mode !== "normal");
    // Until then it certainly lacked it.
    const until = follower.looks.at(-1)?.at ?? last.at;
    const late = until - from - (degraded === undefined ? bounds.staleness : 0);
    if (degraded === undefined && late <= 0) return spanFrom(from);
    const blame = this.#blameFor(follower, { from, to: last.at, due: degraded ?? last }, late);
    return spanFrom(blame === "instance" ? this.#restingSince : from);
  }

  /**
   * Where it was degraded the machine's if each of its calls that failed meanwhile, one at least, failed because of it; or if it had left `normal` because of
   * it, and each that failed since did so too: after several departures it stays away for longer than the bound.
   */
  #blameFor({ departures, instance }: Follower, { due, from, to }: Span, late: Millis): Blame {
    const { timing } = this.#case;
    if (due.mode === "normal") return late > 0 ? timing.blameWithServers(late, from, to, instance) : "instance";
    const left = departures.findLast(({ at }) => at <= due.at);
    return mildest([
      timing.blameForSilence(late, from, to, instance),
      left === undefined || left.at > from ? "instance" : timing.blameForAbsence(left, to),
    ]);
  }

  #storyOf({ from, to }: Span, { at, instance, mode }: Sampled, lack: Lack | null): readonly string[] {
    const found = lack === null ? `equalled the store ${inMs(to - from)} after` : "never equalled the store after";
    const when =
      from === this.#restingSince
        ? "healing and the end of the load"
        : `the change at ${inMs(from)}, when all else was at rest`;
    return [
      `the view of instance ${instance} ${found} ${when}, allowed ${inMs(this.#bound)}`,
      `last looked at ${inMs(at)}, mode ${mode}: ${lack === null ? "equal by then" : lack.text()}`,
    ];
  }
}

function followerOf(instance: number): Follower {
  return {
    ...{ instance, last: null, isUnseen: false, lack: null, looks: [] },
    ...{ isShown: false, unread: null, departures: [], leftAt: null, slowest: 0 },
  };
}

function lackOfMode({ leftAt }: Follower, { mode }: Sampled): Lack | null {
  if (mode === "normal") return null;
  return { since: leftAt ?? Number.NEGATIVE_INFINITY, isAsFar: false, text: () => "it does not claim to follow" };
}
