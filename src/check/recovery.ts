/** D3: the mode returns to `normal` within the bound after healing, and does not flap. */

import { type Episode, episodesOf, faultWindows } from "./fault-window.ts";
import { type Millis, type ModeChange, ofKind, phaseAt } from "./history.ts";
import { conclude, inMs, type Judgement, type Trial } from "./judgement.ts";
import { Modes } from "./modes.ts";
import { properties } from "./properties.ts";
import { distributionOf } from "./timing/distribution.ts";
import { Noise } from "./timing/noise.ts";
import { type Blame, mildest } from "./timing/stall.ts";

/** Faults closer to each other than this heal once, after the last. */
const pause: Millis = 50;
/** One departure is the fault's own; one that follows a disturbance of the machine, or may, is not held against the instance. */
const departuresAllowed = 1;
export function judgeRecovery(trial: Trial): Judgement {
  const modes = new Modes(trial.history);
  const noise = new Noise(trial.history);
  const { recovery } = trial.bounds;
  const violations: (readonly string[])[] = [];
  const times: Millis[] = [];
  let exercised = 0;
  let unjudged = 0;
  let unclear = 0;
  let isSlight = true;
  const episodes = episodesOf(faultWindows(trial.history, trial.instances), pause);
  for (const [index, episode] of episodes.entries()) {
    const degraded = lastDegraded(episode, modes, trial.bounds.budget);
    if (degraded === null) continue;
    const back = modes.firstNormal(episode.instance, Math.max(degraded, episode.healed)) - episode.healed;
    times.push(back);
    if (episode.isExercised) exercised += 1;
    const next = nextFault(episode, episodes[index + 1]);
    const until = Math.min(episode.healed + recovery, next);
    const flaps = modes.departures(episode.instance, episode.asked, until);
    const blames = flaps.map((flap) => noise.blameForDeparture(flap));
    const unexplained = flaps.filter((_, index) => blames[index] === "instance");
    const perhaps = blames.filter((blame) => blame !== "machine").length;
    const isLate = back > recovery;
    const late = blameForLate({ trial, noise, episode, back, next });
    if (unexplained.length > departuresAllowed) {
      violations.push(flapStory(episode, unexplained));
      isSlight &&= countFirm(unexplained) <= departuresAllowed;
    } else if (isLate && late === "instance") {
      violations.push(lateStory(episode, back, recovery));
      isSlight = false;
    } else if (perhaps > departuresAllowed || (isLate && late === "unclear")) unclear += 1;
    else if (isLate) unjudged += 1;
  }
  const distribution = distributionOf(times.filter(Number.isFinite));
  return conclude({
    property: "D3",
    premise: properties.D3.premise,
    exercised,
    judged: times.length,
    unjudged,
    unclear,
    waits: noise.worstWait,
    violations,
    isSlight,
    cause: "machine_load",
    open: "a stall of the machine, or the next fault, fell into the time of recovery",
    measures:
      distribution === null
        ? []
        : [
            { name: "time_to_normal_ms_p50", value: distribution.p50 },
            {
              name: "time_to_normal_ms_max",
              value: distribution.max,
              ...(unjudged + unclear === 0 ? { threshold: recovery } : {}),
            },
          ],
  });
}

interface Late {
  readonly trial: Trial;
  readonly noise: Noise;
  readonly episode: Episode;
  readonly back: Millis;
  /** When the next fault comes. */
  readonly next: Millis;
}

/**
 * Whose doing it is that it was away for longer than the bound. Not its own where the next fault came before that was over. The machine's where that
 * was disturbed within the bound, and it was not away for twice as long, unless it is known what the disturbance took (a hosted instance); where
 * the machine took from the process, or perhaps from the servers and the proxy, what the bound was exceeded by; or where each call that failed meanwhile, one at least, failed because of it,
 * and the instance was back, or the next fault came, within the bound after the last of them.
 */
function blameForLate({ back, episode, next, noise, trial }: Late): Blame {
  const { healed, instance } = episode;
  const { recovery } = trial.bounds;
  const until = Math.min(healed + back, next, phaseAt(trial.history, "end"));
  const failed = ofKind(trial.history, "store_call").filter(
    (call) => call.instance === instance && call.outcome !== "answered" && call.from >= healed && call.to <= until,
  );
  // Nobody knows whether it would have been back in time.
  if (next <= healed + recovery) return "machine";
  const last = failed.reduce((latest, { to }) => Math.max(latest, to), Number.NEGATIVE_INFINITY);
  return mildest([
    back <= 2 * recovery && !noise.isMeasured(instance)
      ? noise.blame(healed + recovery, recovery, instance)
      : "instance",
    until > healed + recovery ? noise.blameForLate(until - healed - recovery, healed, until, instance) : "instance",
    until - last <= recovery ? noise.blameForAll(failed) : "instance",
  ]);
}

/** When the episode last found or left the instance degraded; what begins within the grace after healing is still its doing. null: never. */
function lastDegraded({ instance, asked, healed }: Episode, modes: Modes, grace: Millis): Millis | null {
  const left = modes.departures(instance, asked, healed + grace).at(-1);
  if (left !== undefined) return left.at;
  return modes.at(instance, asked) === "normal" ? null : asked;
}

/** Those that do not hang on a deadline, which may have been missed by little. */
function countFirm(departures: readonly ModeChange[]): number {
  return departures.filter(({ cause }) => cause !== "deadline").length;
}

/** When something else is done to the same instance. */
function nextFault({ instance }: Episode, next: Episode | undefined): Millis {
  return next !== undefined && next.instance === instance ? next.asked : Number.POSITIVE_INFINITY;
}

function flapStory({ instance, names, asked, healed }: Episode, flaps: readonly ModeChange[]): readonly string[] {
  return [
    `instance ${instance} left normal ${flaps.length} times around one fault, allowed ${departuresAllowed}`,
    `${names.join(", ")} from ${inMs(asked)} to ${inMs(healed)}`,
    ...flaps.map(({ at, to, cause }) => `at ${inMs(at)} to ${to}, because of ${cause}`),
  ];
}

function lateStory({ instance, names, healed }: Episode, back: Millis, recovery: Millis): readonly string[] {
  const found = Number.isFinite(back) ? `was normal again ${inMs(back)} after healing` : "never was normal again";
  return [`instance ${instance} ${found}, allowed ${inMs(recovery)}`, `${names.join(", ")} healed at ${inMs(healed)}`];
}
