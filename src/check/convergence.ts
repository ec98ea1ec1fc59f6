/** V3: once faults heal and writes stop, every instance's view equals the store, in version and content, within the bound. */
import { firstDifference } from "./content.ts";
import { type HistoryEvent, type Millis, ofKind, phaseAt, type Sample, versionText } from "./history.ts";
import { conclude, inMs, type Judgement, type Trial } from "./judgement.ts";
import { Noise } from "./noise.ts";
import { type Dump, dumpsOf, partitionsOf } from "./observation.ts";
import { properties } from "./properties.ts";
import { type Blame, mildest, Stalls } from "./stall.ts";

export function judgeConvergence(trial: Trial): Judgement {
  const { convergence } = trial.bounds;
  const truth = finalDumps(trial);
  const samples = ofKind(trial.history, "sample");
  const quiet = Math.max(phaseAt(trial.history, "quiet"), phaseAt(trial.history, "healed"));
  const violations: (readonly string[])[] = [];
  const times: Millis[] = [];
  const stalls = new Stalls(trial.history);
  let compared = 0;
  let unjudged = 0;
  let unclear = 0;
  for (let instance = 0; instance < trial.instances; instance += 1) {
    const own = samples.filter((sample) => sample.instance === instance).sort((a, b) => a.at - b.at);
    const last = own.at(-1);
    if (last === undefined) continue;
    compared += truth.length;
    const equalFrom = convergedAt(own, truth);
    const took = equalFrom === null ? Number.POSITIVE_INFINITY : Math.max(0, equalFrom - quiet);
    if (equalFrom !== null) times.push(took);
    if (took <= convergence) continue;
    const observed = (equalFrom ?? last.at) - quiet;
    // A run that was ended before the bound had seen enough.
    const blames: Blame[] = [
      observed > convergence ? stalls.blame(observed - convergence, quiet, quiet + observed, instance) : "instance",
      blameForItsMode(trial.history, own.find(({ at }) => at > quiet + convergence) ?? last, quiet, quiet + observed),
    ];
    const blame = mildest(blames);
    if (blame === "machine") unjudged += 1;
    else if (blame === "unclear") unclear += 1;
    else violations.push(storyOf(last, truth, took, convergence));
  }
  const exercised = Number.isNaN(quiet) || truth.length === 0 ? 0 : compared;
  const measures =
    times.length === 0
      ? []
      : [
          {
            name: "time_to_convergence_ms_max",
            value: Math.max(...times),
            ...(unjudged + unclear === 0 ? { threshold: convergence } : {}),
          },
        ];
  const open = "the machine's own stalls took an instance the time that it had, or kept it from asking the store";
  const counts = { exercised, unjudged, unclear };
  return conclude({ property: "V3", premise: properties.V3.premise, ...counts, violations, measures, open });
}

/**
 * Whose doing it is that it was degraded when the bound was over: the machine's where each of its calls that failed from the end of the load
 * until it was equal, one at least, failed because of it.
 */
function blameForItsMode(history: readonly HistoryEvent[], due: Sample, quiet: Millis, until: Millis): Blame {
  if (due.mode === "normal") return "instance";
  const failed = ofKind(history, "store_call").filter(
    ({ instance, outcome, to }) => instance === due.instance && outcome !== "answered" && to > quiet && to <= until,
  );
  return new Noise(history).blameForAll(failed);
}

/** The last dump of each partition: what the store held when everything had come to rest. */
function finalDumps({ observations }: Trial): readonly Dump[] {
  const dumps = dumpsOf(observations);
  return partitionsOf(observations).flatMap((partition) => {
    const own = dumps.filter((dump) => dump.partition === partition);
    const last = own.at(-1);
    // One in which no epoch ever began is none that anybody asked for; one whose epoch is past is not what anybody may still hold.
    return last === undefined || own.every(({ version }) => version === null) ? [] : [last];
  });
}

/** The time of the first sample from which on all are equal to the store; null: the last one is not. */
function convergedAt(samples: readonly Sample[], truth: readonly Dump[]): Millis | null {
  const wrong = samples.findLastIndex((sample) => difference(sample, truth) !== null);
  return samples[wrong + 1]?.at ?? null;
}

function difference(sample: Sample, truth: readonly Dump[]): string | null {
  const shown = new Map(sample.nodes.map((node) => [node.node, node]));
  for (const { partition, version, nodes } of truth) {
    const view = sample.views[partition] ?? null;
    if (view === null || version === null || versionText(view) !== versionText(version)) {
      const held = version === null ? "nothing" : versionText(version);
      return `partition ${partition}: view at ${view === null ? "nothing" : versionText(view)}, store at ${held}`;
    }
    for (const { content } of nodes) {
      const node = shown.get(content.node);
      const differs = node === undefined ? "is not there" : firstDifference(node, content);
      if (differs !== null) return `partition ${partition}: node ${content.node}: ${differs}`;
    }
  }
  const held = new Set(truth.flatMap(({ nodes }) => nodes.map(({ content }) => content.node)));
  const extra = sample.nodes.find(({ node }) => !held.has(node));
  return extra === undefined ? null : `node ${extra.node}, which the store does not hold`;
}

function storyOf(last: Sample, truth: readonly Dump[], took: Millis, bound: Millis): readonly string[] {
  const found = Number.isFinite(took) ? `equalled the store ${inMs(took)} after` : "never equalled the store after";
  return [
    `the view of instance ${last.instance} ${found} healing and the end of the load, allowed ${inMs(bound)}`,
    `last looked at ${inMs(last.at)}, mode ${last.mode}: ${difference(last, truth) ?? "equal by then"}`,
  ];
}
