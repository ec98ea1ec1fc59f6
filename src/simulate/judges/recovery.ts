/**
 * D3: the mode returns to `normal` within the bound after healing, and does not flap: nobody leaves `normal` without a fault, a single fault that
 * cuts an instance off makes it leave once, and whoever comes back too soon has to stay away longer each time.
 */
import { conclude, inMs, type Judgement } from "../../check/judgement.ts";
import { properties } from "../../check/properties.ts";
import type { Millis } from "../../scheduler/ports.ts";
import type { FaultDone, Said, Script, Sent, Settled, SimEvent } from "../trace/events.ts";
import { silence } from "../world/link.ts";
import { type Case, type OnlineJudge, Stories } from "./judge.ts";
import type { Scene } from "./scene.ts";

/** One instance, as it goes in and out of `normal`. */
interface Course {
  /** When the last fault on it ended, where it has not been in `normal` since; null: nothing is owed. */
  owedSince: Millis | null;
  /** When it last came to `normal`, and left it; minus infinity: never. */
  cameAt: Millis;
  leftAt: Millis;
  /** How often in a row `normal` did not last. */
  relapses: number;
  /** The fault that cuts it off now, if it is the only one; and how often it has left `normal` since. */
  cut: FaultDone | null;
  departures: number;
  /** Probes answered since a call last failed. */
  answered: number;
}

/** What such a failure tells is about one operation, or about ourselves: not that the store is slow or gone. */
const harmless: ReadonlySet<Settled["outcome"]> = new Set<Settled["outcome"]>([
  ...([
    "invalid",
    "closed",
    "aborted",
    "layout_mismatch",
    "overloaded",
    "out_of_memory",
    "denied",
    "wrong_type",
  ] as const),
]);

const reads: ReadonlySet<Script> = new Set<Script>(["changes_since", "snapshot", "read_config", "check_config"]);

/** What a fault leaves behind may come out this much later: a connection that has been silent for too long, and a deadline. */
const aftermath: Millis = silence + 100;

export function judgeRecovery(theCase: Case, scene: Scene): OnlineJudge {
  return new Recovery(theCase, scene);
}

class Recovery implements OnlineJudge {
  readonly property = "D3";
  readonly hears = ["fault", "instance", "phase", "sent", "settled", "scheduler.mode_changed"] as const;
  readonly #case: Case;
  readonly #scene: Scene;
  readonly #stories = new Stories();
  readonly #courses: readonly Course[];
  /** Requests that only ask whether the store answers. */
  readonly #probes = new Set<number>();
  #met = 0;
  #slowest: Millis = 0;

  constructor(theCase: Case, scene: Scene) {
    this.#case = theCase;
    this.#scene = scene;
    const never = Number.NEGATIVE_INFINITY;
    this.#courses = Array.from({ length: theCase.instances }, () => ({
      ...{ owedSince: null, cameAt: never, leftAt: never, relapses: 0, cut: null, departures: 0, answered: 0 },
    }));
  }

  on(event: SimEvent): void {
    switch (event.kind) {
      case "fault":
        for (const [index, course] of this.#courses.entries()) {
          if (event.instance === null || event.instance === index) this.#fault(index, course, event);
        }
        break;
      case "instance": {
        const course = this.#courses[event.instance];
        if (course === undefined || (event.state !== "crashed" && event.state !== "started")) break;
        course.relapses = 0;
        course.owedSince = null;
        course.cameAt = course.leftAt = Number.NEGATIVE_INFINITY;
        break;
      }
      case "phase":
        if (event.name === "end") for (const [index] of this.#courses.entries()) this.#settle(index, event.at, false);
        break;
      case "sent":
        if (isProbe(event)) this.#probes.add(event.request);
        break;
      case "settled":
        this.#settled(event);
        break;
      case "scheduler":
        this.#changed(event);
        break;
      default:
        break;
    }
  }

  finish(): Judgement {
    const { premise } = properties.D3;
    const { recovery: threshold } = this.#case;
    const measures = this.#met === 0 ? [] : [{ name: "time_to_normal_ms_max", value: this.#slowest, threshold }];
    return conclude({ property: "D3", premise, exercised: this.#met, violations: this.#stories.all, measures });
  }

  #fault(instance: number, course: Course, event: FaultDone): void {
    const { at, cutsOff, step } = event;
    if (step === "inject") {
      // Whatever it owed, it has no longer the time for.
      this.#settle(instance, at, false);
      course.owedSince = null;
      course.cut = cutsOff && course.cut === null ? event : null;
      course.departures = 0;
      return;
    }
    if (this.#scene.isTroubled(instance)) return;
    course.owedSince = at;
  }

  #changed({ at, instance, what }: Said): void {
    const course = this.#courses[instance];
    if (course === undefined || what.kind !== "mode_changed") return;
    if (what.to === "normal") this.#came(instance, course, at);
    else if (what.from === "normal") this.#left(instance, course, at, `${what.to}, because of ${what.cause}`);
  }

  #settled({ instance, outcome, request, script }: Settled): void {
    const course = this.#courses[instance];
    const wasProbe = this.#probes.size > 0 && this.#probes.delete(request);
    if (course === undefined) return;
    if (outcome === "answered") {
      if (wasProbe) course.answered += 1;
      return;
    }
    // A server that takes no writes may still be read: that it refuses one says nothing of probes.
    const saysNothing = harmless.has(outcome) || (outcome === "readonly" && !reads.has(script));
    if (!saysNothing) course.answered = 0;
  }

  #came(instance: number, course: Course, at: Millis): void {
    this.#settle(instance, at, true);
    const { probesInARow } = this.#case.settings;
    const { answered } = course;
    // A cold start has nothing to protect from flapping, and asks once.
    if (answered < probesInARow && course.leftAt > Number.NEGATIVE_INFINITY) {
      this.#stories.add(() => [
        `instance ${instance} was back in normal after ${answered} probes answered in a row, allowed at least ${probesInARow}`,
        `at ${inMs(at)}; it had left at ${inMs(course.leftAt)}`,
      ]);
    }
    const stayed = this.#scene.presence.ran(instance, course.leftAt, at);
    const { dwell, dwellMax } = this.#case.settings;
    const owed = course.relapses === 0 ? 0 : Math.min(dwellMax, dwell * 2 ** Math.min(course.relapses - 1, 30));
    course.cameAt = at;
    if (at - course.leftAt >= owed) return;
    this.#stories.add(() => [
      `instance ${instance} was back in normal after ${inMs(stayed)}, allowed at least ${inMs(owed)} after ${course.relapses} relapses in a row`,
      `at ${inMs(at)}; it had left at ${inMs(course.leftAt)}`,
    ]);
  }

  #left(instance: number, course: Course, at: Millis, to: string): void {
    const lasted = at - course.cameAt;
    course.relapses = lasted < this.#case.settings.calmAfter ? course.relapses + 1 : 0;
    course.leftAt = at;
    course.answered = 0;
    course.departures += 1;
    if (!this.#scene.wasTroubled(instance, at - aftermath)) {
      this.#stories.add(() => [
        `instance ${instance} left normal for ${to}, allowed only under a fault or within ${inMs(aftermath)} after one`,
        `at ${inMs(at)}; the last fault on it had ended at ${inMs(this.#scene.healedAt(instance))}`,
      ]);
    } else if (course.cut !== null && course.departures > 1) {
      const { cut } = course;
      this.#stories.add(() => [
        `instance ${instance} left normal ${course.departures} times around one fault, allowed once`,
        `${cut.name} (fault ${cut.fault}) from ${inMs(cut.at)}; this time at ${inMs(at)}, for ${to}`,
      ]);
    }
  }

  /** What is owed since the last heal is paid with the return to `normal`, and late once the bound has passed. */
  #settle(instance: number, at: Millis, isBack: boolean): void {
    const course = this.#courses[instance];
    if (course === undefined || course.owedSince === null) return;
    const wasDegraded = isBack || this.#scene.normalSince(instance) === null;
    if (!wasDegraded) return;
    const { recovery } = this.#case;
    // One that left only after the heal, for what the fault left behind, has its time from then on.
    const since = Math.max(course.owedSince, Math.min(course.leftAt, course.owedSince + aftermath));
    const took = this.#scene.presence.ran(instance, since, at);
    if (!isBack && took <= recovery) return;
    this.#met += 1;
    this.#slowest = Math.max(this.#slowest, took);
    course.owedSince = null;
    if (took <= recovery) return;
    const found = isBack
      ? `was normal again ${inMs(took)} after healing`
      : `was not normal ${inMs(took)} after healing`;
    this.#stories.add(() => [
      `instance ${instance} ${found}, allowed ${inMs(recovery)}`,
      `the last fault on it had ended at ${inMs(this.#scene.healedAt(instance))}; looked at ${inMs(at)}, counting only while the instance ran`,
    ]);
  }
}

function isProbe({ question }: Sent): boolean {
  return question.kind === "nodes" && question.asked.kind === "changes_since" && question.asked.limit === 0;
}
