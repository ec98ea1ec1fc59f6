/**
 * Changes that a scheduler makes of itself: a node expires or is removed, a job lapses or is forgotten, the store loses data. Each is possible from its
 * time on. Only those are given that matter to the next call: any other may as well come after it.
 */
import type { NodeInput, NodeOutput } from "./calls.ts";
import {
  gone,
  isRecord,
  type KnownNode,
  leaseEnded,
  type NodeState,
  standingOf,
  unknownJob,
  withoutPlaces,
} from "./state.ts";
import type { Loss, NodeFacts } from "./terms.ts";

interface Next {
  readonly input: NodeInput;
  readonly output: NodeOutput | null;
  /** It is the answer in this state. */
  readonly fits: boolean;
}

/** What a node may be when a history begins in the middle. @param none when it begins with nothing */
export function openings(none: NodeState): readonly NodeState[] {
  const known = { ...none, incarnation: null, token: undefined, seq: null, isOpen: true, isReplaced: true };
  const record = { ...known, due: Number.NEGATIVE_INFINITY };
  return [
    { ...none, isReplaced: true },
    { ...record, status: "online", others: Number.POSITIVE_INFINITY },
    { ...record, status: "offline" },
    { ...record, status: "expired" },
  ];
}

/** Whether anything is due that may matter to a call. */
export function isAnythingDue(state: NodeState, input: NodeInput, until: number): boolean {
  if (state.due <= until) return true;
  for (const { due } of state.held) if (due <= until) return true;
  return canMeetFinished(input) && typeof state.marks.get(input.job) === "object";
}

/** The states after one change that is due. @param until it has been made by then */
export function dueChanges(node: KnownNode, state: NodeState, next: Next, until: number): readonly NodeState[] {
  const found: NodeState[] = [];
  if (isRecord(state) && state.due <= until && needsEnd(node, state, next, until)) found.push(ended(node, state));
  for (const { due, job } of state.held) {
    if (due <= until && needsLapse(state, next, job)) found.push(leaseEnded(state, job));
  }
  const { fits, input } = next;
  if (!fits && canMeetFinished(input) && isForgettable(node, state, input.job, until)) {
    found.push(unknownJob(state, input.job));
  }
  return found;
}

function canMeetFinished(input: NodeInput): input is Extract<NodeInput, { op: "reserve_job" | "complete_job" }> {
  return input.op === "reserve_job" || input.op === "complete_job";
}

/** The node expires, or is removed if it is not online. */
function ended(node: KnownNode, state: NodeState): NodeState {
  if (state.status !== "online") return gone(state, node);
  return { ...withoutPlaces(state), status: "expired", due: state.due + node.terms.retention };
}

/** A registration forgets the jobs of its predecessor and keeps what was finished, which the removal of the node does not. */
function needsEnd(
  { terms }: NodeFacts,
  { due, status }: NodeState,
  { fits, input, output }: Next,
  until: number,
): boolean {
  if (input.op === "register_node") return status !== "online" || !fits || due + terms.retention <= until;
  return output !== null && !fits;
}

function needsLapse(state: NodeState, { fits, input, output }: Next, job: number): boolean {
  switch (input.op) {
    case "heartbeat":
      return (output === null || output.outcome === "renewed") && input.running.includes(job);
    case "reserve_job": {
      if (output !== null && fits) return false;
      const wantsPlace = output === null || output.outcome === "reserved";
      return job === input.job || (wantsPlace && state.held.length >= (state.capacity ?? Number.POSITIVE_INFINITY));
    }
    case "complete_job":
    case "release_job":
      return output !== null && !fits && job === input.job;
    case "get_node":
      return output !== null && (!fits || state.others > 0);
    default:
      return false;
  }
}

function isForgettable({ terms }: NodeFacts, state: NodeState, job: number, until: number): boolean {
  const mark = state.marks.get(job);
  if (typeof mark !== "object" || standingOf(state, job) !== "finished") return false;
  return mark.at + terms.doneFor <= until || state.finished - mark.order >= terms.doneMax;
}

/** What the store may have gone back to. */
export function lossesOf(node: KnownNode, state: NodeState, until: number): readonly NodeState[] {
  return node.losses.flatMap((loss, index) => {
    const isPossible = (state.losses >>> index) % 2 === 0 && loss.from <= until && state.latest <= loss.until;
    return isPossible ? afterLoss(node, state, { ...loss, index }, until) : [];
  });
}

function afterLoss(
  node: KnownNode,
  state: NodeState,
  { from, index, since }: Loss & { readonly index: number },
  until: number,
): readonly NodeState[] {
  const losses = state.losses | (1 << index);
  const common = { losses, latest: Math.max(state.latest, from), trail: left(state, until) };
  if (since === null) return [{ ...gone(state, node), ...common }];
  const found: NodeState[] = [];
  for (let one = state.trail; one !== null; one = one.before) {
    if (one.until >= since) found.push({ ...one.state, ...common });
  }
  return found;
}

/** The trail once the state is left, by `until`. */
export function left(state: NodeState, until: number): NodeState["trail"] {
  return { state: { ...state, trail: null }, until, before: state.trail };
}
