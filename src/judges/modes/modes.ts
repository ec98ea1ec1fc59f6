/**
 * D5: the modes are as documented (docs/modes.md). A degraded instance has no store to ask, so it answers at once. It leaves `normal` only under a fault, or
 * for what one left behind; it is `local_only` exactly when what it holds is too old; and it comes back after as many probes in a row as its settings say,
 * after a relapse not before it has stayed away, longer each time, and not later either. What its answers say of themselves is true.
 */
import { type Millis, readOps } from "../../check/history.ts";
import { inMs, type Judgement, type ModeTerms } from "../../check/judgement.ts";
import { knownModes } from "../answers/sense.ts";
import type { Called, InstanceChanged, JudgeEvent, ModeChanged, Returned, Sampled, Sent, Settled } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";
import { Answers } from "./answers.ts";
import { Confirmations } from "./confirmations.ts";
import { LocalOnly } from "./local-only.ts";
import { ModeHistory } from "./mode-history.ts";
import { saysGone } from "./store-calls.ts";
import { dwellOf, WaysBack } from "./way-back.ts";

/** One instance, as it goes in and out of `normal`. */
interface Course {
  /** The mode that its last change led to; null: it has not said in this life. */
  mode: string | null;
  /** When it last came to `normal`, and left it; minus infinity: never. */
  cameAt: Millis;
  leftAt: Millis;
  /** How often in a row `normal` did not last. */
  relapses: number;
  /** Probes answered since a call last failed. */
  answered: number;
}

export function judgeModes(theCase: Case): Judge {
  return new Modes(theCase);
}

class Modes implements Judge {
  readonly property = "D5";
  readonly hears = [
    ...(["called", "returned", "sent", "settled", "mode", "instance", "command_link"] as const),
    ...(["requested", "request_ended", "view", "change", "sample"] as const),
  ] as const;
  readonly operations = readOps;
  readonly #case: Case;
  readonly #findings = new Findings("D5");
  readonly #courses: readonly Course[];
  readonly #modes: ModeHistory;
  readonly #confirmations: Confirmations;
  readonly #answers: Answers;
  /** null: nothing holds the instances to their settings. */
  readonly #waysBack: WaysBack | null;
  readonly #localOnly: LocalOnly | null;
  /** Reads without an end that were asked of a degraded instance. */
  readonly #asked = new Set<number>();
  #exercised = 0;

  constructor(theCase: Case) {
    const { instances, terms } = theCase;
    this.#case = theCase;
    this.#courses = Array.from({ length: instances }, () => ({ ...neverAway, answered: 0 }));
    this.#modes = new ModeHistory(instances);
    this.#confirmations = new Confirmations(theCase);
    this.#answers = new Answers(theCase, this.#findings, this.#confirmations, this.#modes);
    const { modes } = terms;
    this.#waysBack = modes === undefined ? null : new WaysBack(theCase, modes, this.#findings);
    this.#localOnly = modes === undefined ? null : new LocalOnly(theCase, modes, this.#findings, this.#confirmations);
  }

  on(event: JudgeEvent): void {
    this.#answers.comes(event.at);
    switch (event.kind) {
      case "called":
        this.#called(event);
        break;
      case "returned":
        this.#returned(event);
        break;
      case "sent":
        this.#sent(event);
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
      case "command_link":
        this.#waysBack?.linked(event);
        break;
      case "requested":
        this.#answers.requested(event);
        break;
      case "request_ended":
        this.#answers.ended(event);
        break;
      case "view":
        this.#answers.moved(event);
        break;
      case "change":
        this.#answers.placed(event);
        break;
      case "sample":
        this.#sampled(event);
        break;
      default:
        break;
    }
  }

  finish(): Judgement {
    this.#answers.comes(Number.POSITIVE_INFINITY);
    const { compared } = this.#answers;
    const entered = this.#localOnly?.entered ?? 0;
    return this.#findings.conclude({
      exercised: this.#exercised + compared + entered,
      measures: [{ name: "times_local_only", value: entered }],
    });
  }

  #called({ call, instance }: Called): void {
    if (this.#case.scene.normalSince(instance) === null) this.#asked.add(call);
  }

  #returned({ at, call }: Returned): void {
    this.#answers.judge(call);
    const { scene, timing } = this.#case;
    const { from, id, instance, node = "", op, to } = call;
    const until = to ?? Math.min(at, scene.givenUpAt);
    if (!this.#asked.delete(id) || timing.wasAway(instance, from, until)) return;
    const took = timing.ran(instance, from, until);
    const late = took - timing.atOnce;
    if (to === null && late <= 0) return;
    this.#exercised += 1;
    if (late <= 0) return;
    const blame = timing.blameForCall(late, { ...call, to: until });
    const isMarginal = timing.isMarginal(late, from, until, instance);
    const story = (): readonly string[] => [
      `${op} ${node} on instance ${instance} took ${inMs(took)} though the instance was degraded, allowed is an answer at once`,
      `asked at ${inMs(from)}; ${timing.waitText(instance, from, until)}`,
    ];
    this.#findings.late(blame, isMarginal, story, [id]);
  }

  #sent(event: Sent): void {
    this.#waysBack?.sent(event);
    this.#answers.sent(event);
    if (event.isProbe === true) this.#localOnly?.probed(event);
    else if (event.script === "changes_since") this.#localOnly?.sentInNormal(event);
  }

  #settled(event: Settled): void {
    this.#waysBack?.settled(event);
    this.#confirmations.settled(event);
    this.#answers.settled(event);
    const { instance, isProbe = false, outcome } = event;
    const course = this.#courses[instance];
    if (course === undefined) return;
    if (isProbe && outcome === "answered") course.answered += 1;
    else if (saysGone(event)) course.answered = 0;
  }

  #changed(change: ModeChanged): void {
    this.#modes.changed(change);
    this.#answers.changed(change);
    this.#localOnly?.changed(change);
    this.#waysBack?.changed(change);
    const { modes } = this.#case.terms;
    const course = this.#courses[change.instance];
    if (course === undefined) return;
    this.#follow(course, change);
    if (modes === undefined) return;
    if (change.to === "normal") this.#came(course, change, modes);
    else if (change.from === "normal") this.#left(course, change, modes);
  }

  /** Each change goes on from the one before, and names a cause that can have led to it. */
  #follow(course: Course, { at, cause, from, instance, to }: ModeChanged): void {
    const { mode } = course;
    course.mode = to;
    if (mode !== null && mode !== from) {
      this.#findings.violate(() => [
        `instance ${instance} said that it went from ${from} to ${to}, allowed is from where it was: in ${mode}`,
        `at ${inMs(at)}, because of ${cause}`,
      ]);
    }
    if (from !== to && knownModes.has(to) && (to === "normal" ? leadsBack : leadsAway).has(cause)) return;
    this.#findings.violate(() => [
      `instance ${instance} said that it went from ${from} to ${to} because of ${cause}, allowed is what can be a reason for that`,
      `at ${inMs(at)}`,
    ]);
  }

  /** The present mode, by the status of the instance. */
  #sampled({ at, instance, mode }: Sampled): void {
    const { timing, watched } = this.#case;
    if (!watched.has(instance) || timing.wasStopped(instance, at - timing.grain, at)) return;
    const modes = this.#modes.within(instance, at - timing.grain, at + timing.grain);
    if (modes.includes(mode)) return;
    this.#findings.violate(() => [
      `instance ${instance} said that it was in ${mode}, allowed is what was true: it was in ${modes.join(", ")}`,
      `asked for its status at ${inMs(at)}`,
    ]);
  }

  #reborn(event: InstanceChanged): void {
    this.#modes.reborn(event);
    this.#answers.reborn(event);
    this.#confirmations.reborn(event);
    this.#waysBack?.reborn(event);
    const course = this.#courses[event.instance];
    const isReborn = event.state === "crashed" || event.state === "started";
    if (course !== undefined && isReborn) Object.assign(course, neverAway);
  }

  #came(course: Course, { at, instance }: ModeChanged, terms: ModeTerms): void {
    const { answered, leftAt, relapses } = course;
    const { probesInARow } = terms;
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
    const owed = dwellOf(relapses, terms);
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

/** The load of what was missed. */
const resynced = "resynced";
/** Causes of a return to `normal`: that, or a change that was seen from outside, which names no cause. */
const leadsBack: ReadonlySet<string> = new Set([resynced, "restarted", "status"]);
/** Causes of any other change (docs/modes.md): failed calls but those of one operation or key, another store, what is held gets old; and the same from outside. */
const leadsAway: ReadonlySet<string> = new Set([
  ...["deadline", "disconnected", "readonly", "loading", "busy", "moved", "protocol"],
  ...["left_epoch", "store_behind", "silence", "l2_expired", "cold_start", "restarted", "status"],
]);

const neverAway = { mode: null, cameAt: Number.NEGATIVE_INFINITY, leftAt: Number.NEGATIVE_INFINITY, relapses: 0 };
