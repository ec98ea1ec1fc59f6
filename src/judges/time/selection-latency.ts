/** B2 under faults: the P99 of selections stays within the budget, of the whole run and of the faults alone. What the bench measures is the same when healthy. */
import type { Millis } from "../../check/history.ts";
import { inMs, type Judgement } from "../../check/judgement.ts";
import { Latencies } from "../../check/timing/distribution.ts";
import type { JudgeEvent, Returned } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";

/** P99 is the smallest that 99 % do not exceed: more than this share late, and it is late. */
const lateAllowed = 0.01;

class LateCount {
  readonly when: string;
  of = 0;
  late = 0;
  /** Selections that were late by no more than the machine kept the instance waiting. */
  excused = 0;
  slowest: Millis = 0;

  constructor(when: string) {
    this.when = when;
  }

  get isOver(): boolean {
    return this.late > this.of * lateAllowed;
  }

  add(late: { readonly took: Millis; readonly isExcused: boolean } | null): void {
    this.of += 1;
    if (late === null) return;
    this.late += 1;
    if (late.isExcused) this.excused += 1;
    this.slowest = Math.max(this.slowest, late.took);
  }
}

export function judgeSelectionLatency(theCase: Case): Judge {
  return new SelectionLatency(theCase);
}

class SelectionLatency implements Judge {
  readonly property = "B2";
  readonly hears = ["returned"] as const;
  readonly operations = ["select_nodes"] as const;
  readonly #case: Case;
  readonly #findings = new Findings("B2");
  readonly #latencies = new Latencies();
  readonly #all = new LateCount("");
  readonly #duringFaults = new LateCount(" during faults");
  #exercised = 0;

  constructor(theCase: Case) {
    this.#case = theCase;
  }

  on(event: JudgeEvent): void {
    if (event.kind === "returned") this.#returned(event);
  }

  finish(): Judgement {
    const counts = [this.#all, this.#duringFaults];
    for (const count of counts) {
      const { excused, late, of } = count;
      if (late - excused > of * lateAllowed) this.#findings.violate(() => this.#story(count));
    }
    // Late ones that are excused leave the whole open as soon as the P99 hangs on them.
    const isOpen = counts.some(({ isOver }) => isOver);
    const { bounds, timing } = this.#case;
    const latency = this.#latencies.distribution;
    const threshold = isOpen ? {} : { threshold: bounds.budget };
    return this.#findings.conclude({
      exercised: this.#exercised,
      judged: this.#all.of,
      isOpen,
      open: timing.openText,
      measures:
        latency === null
          ? []
          : [
              { name: "selection_ms_p50", value: latency.p50 },
              { name: "selection_ms_p99", value: latency.p99, ...threshold },
              ...timing.measures,
            ],
    });
  }

  #returned({ at, call }: Returned): void {
    const { bounds, scene, timing } = this.#case;
    const { from, instance, to } = call;
    const until = to ?? Math.min(at, scene.givenUpAt);
    if (timing.wasAway(instance, from, until)) return;
    const took = timing.ran(instance, from, until);
    // Up to the end of the run it had not run for so long.
    if (to === null && took < bounds.budget) return;
    this.#latencies.add(took);
    const isLate = took >= bounds.budget;
    const isExcused = isLate && timing.blameForCall(took - bounds.budget, { ...call, to: until }) !== "instance";
    const late = isLate ? { took, isExcused } : null;
    this.#all.add(late);
    if (scene.wasTroubled(instance, from)) this.#duringFaults.add(late);
    if (scene.wasMet(instance, from)) this.#exercised += 1;
    // No single one decides, so its cause need not be certain.
    if (isExcused) this.#findings.late("machine", false, () => []);
  }

  #story({ excused, late, of, slowest, when }: LateCount): readonly string[] {
    return [
      `${late} of ${of} selections${when} took ${inMs(this.#case.bounds.budget)} or more, allowed 1 in 100`,
      `the slowest took ${inMs(slowest)}; ${excused} of them while the machine kept the instance waiting`,
    ];
  }
}
