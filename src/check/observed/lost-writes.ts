/** How many acknowledged writes Redis lost: they are beyond what another server took over, or their node is gone or in another life there. */
import { type Call, ofKind, type Version } from "../history.ts";
import type { Trial } from "../judgement.ts";
import { type Dump, dumpsOf, epochsOf, type Observation, partitionsOf } from "./observation.ts";

const acknowledgements: ReadonlySet<string> = new Set([
  ...["register_node registered", "offline_node offline", "dispatch reserved", "reserve_job reserved"],
  ...["complete_job completed", "release_job completed"],
]);

export function lostWrites({ history, observations }: Trial): number {
  const dumps = dumpsOf(observations);
  const next = nextEpochs(observations);
  return ofKind(history, "call").filter((call) => {
    const { op, outcome, reply, version } = call;
    if (outcome !== "ok" || version === undefined || !acknowledgements.has(`${op} ${reply}`)) return false;
    const heir = next.get(version.epoch);
    return heir !== undefined && isGone(call, version, heir, dumps);
  }).length;
}

function nextEpochs(observations: readonly Observation[]): ReadonlyMap<string, string> {
  const next = new Map<string, string>();
  for (const partition of partitionsOf(observations)) {
    const epochs = epochsOf(observations, partition);
    for (const [index, epoch] of epochs.slice(1).entries()) next.set(epochs[index] ?? "", epoch);
  }
  return next;
}

function isGone({ node }: Call, version: Version, heir: string, dumps: readonly Dump[]): boolean {
  const takenOver = dumps.find(({ left }) => left?.epoch === version.epoch)?.left;
  if (takenOver !== undefined) return version.sequence > takenOver.sequence;
  const first = dumps.find((dump) => dump.version?.epoch === heir);
  const held = first?.nodes.find(({ content }) => content.node === node);
  return held === undefined || held.content.incarnation.startsWith(`${heir}:`);
}
