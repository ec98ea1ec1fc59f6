/** J2: a reserve never takes a node past its capacity. */
import { whyNotCounts } from "./content.ts";
import { type Call, type NodeContent, ofKind, versionText } from "./history.ts";
import { conclude, fewStories, inMs, type Judgement, type Trial } from "./judgement.ts";
import { type Dump, type DumpedNode, dumpsOf, observerLag } from "./observation.ts";
import { properties } from "./properties.ts";
import { NodeStates, type ReplayedNode, type ReplayStep, replayEpochs } from "./replay.ts";

type Story = readonly string[];

/** Every node as an answer showed it. */
function shownIn({ history }: Trial): readonly { readonly call: Call; readonly node: NodeContent }[] {
  return ofKind(history, "call").flatMap((call) => {
    const shown = call.read?.node ? [call.read.node] : (call.selected ?? []);
    return shown.map((node) => ({ call, node }));
  });
}

function isNoCount({ current_jobs }: NodeContent): boolean {
  return !Number.isSafeInteger(current_jobs) || current_jobs < 0;
}

function shownStory({ from, instance }: Call, { node, version }: NodeContent, why: string | null): readonly Story[] {
  if (why === null) return [];
  return [
    [`instance ${instance} showed node ${node} with ${why}`, `asked at ${inMs(from)}, at ${versionText(version)}`],
  ];
}

export function judgeCapacity(trial: Trial): Judgement {
  const epochs = replayEpochs(trial.observations);
  const refusals = refusalsIn(trial, new NodeStates(epochs));
  const violations = [
    ...dumpsOf(trial.observations).flatMap((dump) => dump.nodes.flatMap((node) => overStory(dump, node))),
    ...epochs.flatMap(({ steps }) => steps).flatMap(overfilled),
    ...refusals.flatMap(roomStory),
    ...shownIn(trial).flatMap(({ call, node }) => shownStory(call, node, isNoCount(node) ? null : whyNotCounts(node))),
  ];
  return conclude({
    property: "J2",
    premise: properties.J2.premise,
    exercised: refusals.filter(({ held, most }) => held >= most).length,
    violations: fewStories(violations),
    measures: [{ name: "refusals_compared", value: refusals.length }],
  });
}

/** A reservation that was refused for want of room, beside what the node held at that version. */
interface Refusal {
  readonly call: Call;
  readonly held: number;
  readonly most: number;
}

/** Only those of which it is certain what the node held: the others L1 places, if it can. */
function refusalsIn({ history }: Trial, states: NodeStates): readonly Refusal[] {
  return ofKind(history, "call").flatMap((call): readonly Refusal[] => {
    if (call.reply !== "full" || call.node === undefined || call.to === null) return [];
    const state = heldBy(call.node, call, states);
    return state === null ? [] : [{ call, held: state.jobs.size, most: state.content.max_jobs }];
  });
}

/** At the version of the reply; without one, the fullest that it may have been meanwhile. null: not certain */
function heldBy(node: string, { from, to, version }: Call, states: NodeStates): ReplayedNode | null {
  if (version !== undefined) return states.at(node, version);
  const during = states.during(node, from, to ?? from, observerLag);
  const known = during.filter((state) => state !== null);
  if (known.length < during.length) return null;
  return known.reduce<ReplayedNode | null>((most, one) => (one.jobs.size > (most?.jobs.size ?? -1) ? one : most), null);
}

function roomStory({ call, held, most }: Refusal): readonly Story[] {
  if (held >= most) return [];
  const { from, instance, job = "", node, version } = call;
  return [
    [
      `job ${job} was refused by node ${node} as full, which held ${held} jobs of ${most}, allowed only where all places are taken`,
      `instance ${instance}, asked at ${inMs(from)}${version === undefined ? "" : `, at ${versionText(version)}`}`,
    ],
  ];
}

function overStory({ at }: Dump, { content, jobs }: DumpedNode): readonly Story[] {
  const found = Math.max(content.current_jobs, jobs.length);
  if (found <= content.max_jobs) return [];
  return [
    [
      `node ${content.node} holds ${found} jobs, allowed max_jobs ${content.max_jobs}`,
      `dump at ${inMs(at)}: ${jobs.join(", ")}`,
    ],
  ];
}

function overfilled({ entry, after }: ReplayStep): readonly Story[] {
  if (entry.change.kind !== "reserved" || after === null || after.jobs.size <= after.content.max_jobs) return [];
  const { node, job } = entry.change;
  return [
    [
      `job ${job} took node ${node} to ${after.jobs.size} jobs, allowed max_jobs ${after.content.max_jobs}`,
      `entry ${entry.sequence}, read at ${inMs(entry.at)}`,
    ],
  ];
}
