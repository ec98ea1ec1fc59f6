/** D3: the mode returns to `normal` within the bound after healing, and does not flap. */
import type { Millis } from "../../check/history.ts";
import { inMs, type Judgement } from "../../check/judgement.ts";
import { Latencies } from "../../check/timing/distribution.ts";
import type { FaultStep, InstanceChanged, JudgeEvent, ModeChanged } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";
import type { Blame } from "../timing.ts";

/** Faults closer to each other than this heal once, after the last. */
const pause: Millis = 50;
/** One departure is the fault's own; this one cuts its instances off twice, by the promotion and when they are led back. */
const departuresOf: Readonly<Record<string, number>> = { redis_former_primary: 2 };

/** Faults of one instance that follow each other without a pause. */
interface Episode {
  readonly from: Millis;
  /** By their places in the plan. */
  readonly names: Map<number, string>;
  /** Infinity: one of them is in force. */
  healed: Millis;
  /** One of them was in force as declared. */
  isDeclared: boolean;
  /** When they last found or left the instance degraded. null: never. */
  degradedAt: Millis | null;
  /** From then on it has its time to come back. */
  since: Millis;
  backAt: Millis | null;
  /** Since the last of them began. */
  readonly departures: { readonly change: ModeChanged; readonly blame: Blame }[];
}

interface Return {
  readonly until: Millis;
  /** null: it was in time. */
  readonly blame: Blame | null;
  readonly isMarginal?: boolean;
}

export function judgeRecovery(theCase: Case): Judge {
  return new Recovery(theCase);
}

class Recovery implements Judge {
  readonly property = "D3";
  readonly hears = ["fault", "instance", "mode"] as const;
  readonly #case: Case;
  readonly #findings = new Findings("D3");
  readonly #times = new Latencies();
  /** By instance. */
  readonly #episodes: (Episode | null)[];
  /** After healing, what the faults left behind may come out for so long. */
  readonly #aftermath: Millis;
  #judged = 0;
  #exercised = 0;

  constructor(theCase: Case) {
    this.#case = theCase;
    this.#episodes = Array.from({ length: theCase.instances }, () => null);
    this.#aftermath = Math.max(theCase.bounds.budget, theCase.terms.modes?.aftermath ?? 0);
  }

  on(event: JudgeEvent): void {
    if (event.kind === "mode") this.#changed(event);
    else if (event.kind === "instance") this.#reborn(event);
    else if (event.kind === "fault") {
      for (const instance of this.#episodes.keys()) {
        if (event.instance === null || event.instance === instance) this.#fault(instance, event);
      }
    }
  }

  finish(): Judgement {
    for (const instance of this.#episodes.keys()) this.#end(instance, Number.POSITIVE_INFINITY);
    const { bounds, timing } = this.#case;
    const times = this.#times.distribution;
    const threshold = this.#findings.isSettled ? { threshold: bounds.recovery } : {};
    return this.#findings.conclude({
      exercised: this.#exercised,
      judged: this.#judged,
      waits: timing.longestWait,
      open: "a stall of the machine, or the next fault, fell into the time of recovery",
      measures:
        times === null
          ? []
          : [
              { name: "time_to_normal_ms_p50", value: times.p50 },
              { name: "time_to_normal_ms_max", value: times.max, ...threshold },
            ],
    });
  }

  #fault(instance: number, { at, fault, lack = null, name, step }: FaultStep): void {
    const { scene } = this.#case;
    if (step === "heal") {
      if (!scene.isTroubled(instance)) this.#heal(instance, at);
      return;
    }
    const last = this.#episodes[instance] ?? null;
    const isSame = last !== null && at - last.healed <= pause;
    // Each fault may be left once.
    if (isSame) this.#judgeDepartures(instance, last);
    else this.#end(instance, at);
    const episode = isSame ? last : begun(at, scene.mode(instance));
    this.#episodes[instance] = episode;
    episode.names.set(fault, name);
    episode.healed = Number.POSITIVE_INFINITY;
    episode.backAt = null;
    episode.isDeclared ||= lack === null;
  }

  #heal(instance: number, at: Millis): void {
    const episode = this.#episodes[instance] ?? null;
    if (episode === null) return;
    episode.healed = episode.since = at;
    if (episode.degradedAt !== null && this.#case.scene.mode(instance) === "normal") episode.backAt = at;
  }

  #changed(change: ModeChanged): void {
    const { at, from, instance, to } = change;
    const episode = this.#episodes[instance] ?? null;
    if (episode === null) return;
    const { bounds } = this.#case;
    if (to === "normal" && episode.degradedAt !== null && episode.healed <= at) episode.backAt ??= at;
    if (from !== "normal") return;
    if (at <= episode.healed + Math.max(bounds.recovery, this.#aftermath)) {
      episode.departures.push({ change, blame: this.#case.timing.blameForDeparture(change) });
    }
    // One that leaves a little after the heal, for what the fault left behind, has its time from then on.
    const isOfTheFault = at <= episode.healed + bounds.budget;
    if (!isOfTheFault && (episode.backAt !== null || at > episode.healed + this.#aftermath)) return;
    episode.degradedAt = at;
    episode.backAt = null;
    if (!isOfTheFault) episode.since = at;
  }

  /** A new life owes nothing of what the one before did; but what is in force still it has to come back from. */
  #reborn({ at, instance, state }: InstanceChanged): void {
    const episode = this.#episodes[instance] ?? null;
    if (episode === null || (state !== "crashed" && state !== "started")) return;
    if (episode.healed <= at) {
      this.#episodes[instance] = null;
      return;
    }
    episode.degradedAt = at;
    episode.departures.length = 0;
  }

  /** @param next when the next fault of the instance comes */
  #end(instance: number, next: Millis): void {
    const episode = this.#episodes[instance] ?? null;
    this.#episodes[instance] = null;
    if (episode === null || episode.degradedAt === null) return;
    const isFlapping = this.#judgeDepartures(instance, episode);
    const back = this.#judgeReturn(instance, episode, next);
    if (back === null) return;
    this.#judged += 1;
    if (episode.isDeclared) this.#exercised += 1;
    if (!isFlapping && back.blame !== null)
      this.#findings.late(back.blame, back.isMarginal ?? false, () => this.#lateStory(instance, episode, back.until));
  }

  /** @returns null: nothing was owed, since there was no time for it */
  #judgeReturn(instance: number, { backAt, healed, since }: Episode, next: Millis): Return | null {
    if (healed === Number.POSITIVE_INFINITY) return null;
    const { bounds, scene, timing } = this.#case;
    const until = backAt ?? Math.min(next, scene.endedAt);
    const took = timing.ran(instance, since, until);
    if (backAt !== null) this.#times.add(took);
    if (backAt === null ? took < bounds.recovery : took <= bounds.recovery) {
      if (backAt !== null) return { until, blame: null };
      return timing.cutShort === null ? null : { until, blame: timing.cutShort };
    }
    const isNever = backAt === null && next === Number.POSITIVE_INFINITY;
    const late = { instance, since, until, took: isNever ? next : took, bound: bounds.recovery };
    const isMarginal = timing.isReturnMarginal(late);
    return { until, blame: isMarginal ? "instance" : timing.blameForReturn(late), isMarginal };
  }

  /**
   * Those since the last fault began. One that follows a disturbance of the machine, or may, is not held against the instance.
   * @returns whether they are a violation
   */
  #judgeDepartures(instance: number, { departures, from, healed, names }: Episode): boolean {
    const [name = ""] = [...names.values()].slice(-1);
    const allowed = departuresOf[name] ?? 1;
    const all = departures.splice(0);
    if (all.length <= allowed) return false;
    const own = all.flatMap(({ blame, change }) => (blame === "instance" ? [change] : []));
    const isViolation = own.length > allowed;
    // Those that hang on a deadline may have missed it by little.
    const isMarginal = own.filter(({ cause }) => cause !== "deadline").length <= allowed;
    const isOpen = all.filter(({ blame }) => blame !== "machine").length > allowed;
    if (!isOpen) return false;
    this.#findings.late(isViolation ? "instance" : "unclear", isMarginal, () => [
      `instance ${instance} left normal ${own.length} times around one fault, allowed ${allowed}`,
      `${[...names.values()].join(", ")} from ${inMs(from)} to ${inMs(healed)}`,
      ...own.map(({ at, cause, to }) => `at ${inMs(at)} to ${to}, because of ${cause}`),
    ]);
    return isViolation;
  }

  #lateStory(instance: number, { backAt, healed, names, since }: Episode, until: Millis): readonly string[] {
    const { bounds, timing } = this.#case;
    const took = timing.ran(instance, since, until);
    const missing = Number.isFinite(took) ? `was not normal ${inMs(took)} after healing` : "never was normal again";
    const found = backAt === null ? missing : `was normal again ${inMs(took)} after healing`;
    return [
      `instance ${instance} ${found}, allowed ${inMs(bounds.recovery)}`,
      `${[...names.values()].join(", ")} healed at ${inMs(healed)}; ${timing.waitText(instance, since, until)}`,
    ];
  }
}

function begun(at: Millis, mode: string): Episode {
  return {
    ...{ from: at, names: new Map(), healed: Number.POSITIVE_INFINITY, isDeclared: false, departures: [] },
    ...{ degradedAt: mode === "normal" ? null : at, since: at, backAt: null },
  };
}
