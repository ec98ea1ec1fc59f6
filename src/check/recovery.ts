/** D3: the mode returns to `normal` within the bound after healing, and does not flap. */
import { distributionOf } from "./distribution.ts";
import { type Episode, episodesOf, faultWindows } from "./fault-window.ts";
import type { Millis, ModeChange } from "./history.ts";
import { conclude, inMs, type Judgement, type Trial } from "./judgement.ts";
import { Modes } from "./modes.ts";
import { Noise } from "./noise.ts";
import { properties } from "./properties.ts";

/** Faults closer to each other than this heal once, after the last. */
const pause: Millis = 50;
/** One departure is the fault's own; one that follows a disturbance of the machine is that disturbance's. */
const departuresAllowed = 1;
export function judgeRecovery(trial: Trial): Judgement {
  const modes = new Modes(trial.history);
  const noise = new Noise(trial.history);
  const { recovery } = trial.bounds;
  const violations: (readonly string[])[] = [];
  const times: Millis[] = [];
  let unjudged = 0;
  const episodes = episodesOf(faultWindows(trial.history, trial.instances), pause);
  for (const [index, episode] of episodes.entries()) {
    const degraded = lastDegraded(episode, modes, trial.bounds.budget);
    if (degraded === null) continue;
    const back = modes.firstNormal(episode.instance, Math.max(degraded, episode.healed)) - episode.healed;
    times.push(back);
    const until = Math.min(episode.healed + recovery, nextFault(episode, episodes[index + 1]));
    const flaps = modes.departures(episode.instance, episode.asked, until);
    const unexplained = flaps.filter((change) => !noise.explains(change.at));
    const isLate = back > recovery;
    const isNoisy = noise.explains(episode.healed + recovery, recovery);
    if (unexplained.length > departuresAllowed) violations.push(flapStory(episode, unexplained));
    else if (isLate && !(isNoisy && back <= 2 * recovery)) violations.push(lateStory(episode, back, recovery));
    else if (isLate) unjudged += 1;
  }
  const distribution = distributionOf(times.filter(Number.isFinite));
  return conclude({
    property: "D3",
    premise: properties.D3.premise,
    exercised: times.length,
    unjudged,
    violations,
    open: "a stall of the machine fell into the time of recovery",
    measures:
      distribution === null
        ? []
        : [
            { name: "time_to_normal_ms_p50", value: distribution.p50 },
            {
              name: "time_to_normal_ms_max",
              value: distribution.max,
              ...(unjudged === 0 ? { threshold: recovery } : {}),
            },
          ],
  });
}

/** When the episode last found or left the instance degraded; what begins within the grace after healing is still its doing. null: never. */
function lastDegraded({ instance, asked, healed }: Episode, modes: Modes, grace: Millis): Millis | null {
  const left = modes.departures(instance, asked, healed + grace).at(-1);
  if (left !== undefined) return left.at;
  return modes.at(instance, asked) === "normal" ? null : asked;
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
