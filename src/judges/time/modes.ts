/**
 * D5: the modes are as documented. A degraded instance has no store to ask, so it answers at once. It leaves `normal` only under a fault, or for what one left
 * behind; and it comes back after as many probes in a row as its settings say, after a relapse not before it has stayed away, longer each time.
 */
import { type Millis, readOps } from "../../check/history.ts";
import { inMs, type Judgement, type ModeTerms } from "../../check/judgement.ts";
import type { Called, InstanceChanged, JudgeEvent, ModeChanged, Returned, Settled } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";

/** One instance, as it goes in and out of `normal`. */
interface Course {
  /** When it last came to `normal`, and left it; minus infinity: never. */
  cameAt: Millis;
  leftAt: Millis;
  /** How often in a row `normal` did not last. */
  relapses: number;
  /** Probes answered since a call last failed. */
  answered: number;
}

/** Such a failure is about one operation, or about the instance itself: not about a store that is slow or gone. */
const harmless: ReadonlySet<string> = new Set([
  ...["invalid", "closed", "aborted", "layout_mismatch", "overloaded", "out_of_memory", "denied", "wrong_type"],
]);
const readOnly: ReadonlySet<string> = new Set(["changes_since", "snapshot", "read_config", "check_config"]);

export function judgeModes(theCase: Case): Judge {
  return new Modes(theCase);
}

class Modes implements Judge {
  readonly property = "D5";
  readonly hears = ["called", "returned", "settled", "mode", "instance"] as const;
  readonly operations = readOps;
  readonly #case: Case;
  readonly #findings = new Findings("D5");
  readonly #courses: readonly Course[];
  /** Reads without an end that were asked of a degraded instance. */
  readonly #asked = new Set<number>();
  #exercised = 0;

  constructor(theCase: Case) {
    this.#case = theCase;
    this.#courses = Array.from({ length: theCase.instances }, () => ({ ...neverAway, answered: 0 }));
  }

  on(event: JudgeEvent): void {
    switch (event.kind) {
      case "called":
        this.#called(event);
        break;
      case "returned":
        this.#returned(event);
        break;
      case "settled":
        this.#settled(event);
        break;
      case "mode":
        this.#changed(event);
        break;
      case "instance":
        this.#reborn(event);
        break;
      default:
        break;
    }
  }

  finish(): Judgement {
    return this.#findings.conclude({ exercised: this.#exercised });
  }

  #called({ call, instance }: Called): void {
    if (this.#case.scene.normalSince(instance) === null) this.#asked.add(call);
  }

  #returned({ at, call }: Returned): void {
    const { timing } = this.#case;
    const { from, id, instance, node = "", op, to } = call;
    const until = to ?? at;
    if (!this.#asked.delete(id) || timing.wasAway(instance, from, until)) return;
    this.#exercised += 1;
    const took = timing.ran(instance, from, until);
    if (took <= timing.grain) return;
    this.#findings.violate(
      () => [
        `${op} ${node} on instance ${instance} took ${inMs(took)} though the instance was degraded, allowed is an answer at once`,
        `asked at ${inMs(from)}; ${timing.waitText(instance, from, until)}`,
      ],
      [id],
    );
  }

  #settled({ instance, isProbe = false, outcome, script }: Settled): void {
    const course = this.#courses[instance];
    if (course === undefined) return;
    if (outcome === "answered") {
      if (isProbe) course.answered += 1;
      return;
    }
    // A server that takes no writes may still be read: that it refuses one says nothing of probes.
    const saysNothing = harmless.has(outcome) || (outcome === "readonly" && !readOnly.has(script));
    if (!saysNothing) course.answered = 0;
  }

  #changed(change: ModeChanged): void {
    const { modes } = this.#case.terms;
    const course = this.#courses[change.instance];
    if (course === undefined || modes === undefined) return;
    if (change.to === "normal") this.#came(course, change, modes);
    else if (change.from === "normal") this.#left(course, change, modes);
  }

  #reborn({ instance, state }: InstanceChanged): void {
    const course = this.#courses[instance];
    if (course !== undefined && (state === "crashed" || state === "started")) Object.assign(course, neverAway);
  }

  #came(course: Course, { at, instance }: ModeChanged, { dwell, dwellMax, probesInARow }: ModeTerms): void {
    const { answered, leftAt, relapses } = course;
    course.cameAt = at;
    // A cold start has nothing to protect from flapping, and asks once.
    if (leftAt === Number.NEGATIVE_INFINITY) return;
    this.#exercised += 1;
    if (answered < probesInARow) {
      this.#findings.violate(() => [
        `instance ${instance} was back in normal after ${answered} probes answered in a row, allowed at least ${probesInARow}`,
        `at ${inMs(at)}; it had left at ${inMs(leftAt)}`,
      ]);
    }
    const owed = relapses === 0 ? 0 : Math.min(dwellMax, dwell * 2 ** Math.min(relapses - 1, 30));
    if (at - leftAt >= owed) return;
    const stayed = this.#case.timing.ran(instance, leftAt, at);
    this.#findings.violate(() => [
      `instance ${instance} was back in normal after ${inMs(stayed)}, allowed at least ${inMs(owed)} after ${relapses} relapses in a row`,
      `at ${inMs(at)}; it had left at ${inMs(leftAt)}`,
    ]);
  }

  #left(course: Course, { at, cause, instance, to }: ModeChanged, { aftermath, calmAfter }: ModeTerms): void {
    course.relapses = at - course.cameAt < calmAfter ? course.relapses + 1 : 0;
    course.leftAt = at;
    course.answered = 0;
    const { scene } = this.#case;
    if (scene.wasTroubled(instance, at - aftermath)) return;
    this.#findings.violate(() => [
      `instance ${instance} left normal for ${to}, because of ${cause}, allowed only under a fault or within ${inMs(aftermath)} after one`,
      `at ${inMs(at)}; the last fault on it had ended at ${inMs(scene.healedAt(instance))}`,
    ]);
  }
}

const neverAway = { cameAt: Number.NEGATIVE_INFINITY, leftAt: Number.NEGATIVE_INFINITY, relapses: 0 };
