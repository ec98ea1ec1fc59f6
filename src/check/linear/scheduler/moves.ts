/**
 * Changes that a scheduler makes of itself: a node expires or is removed, a job lapses or is forgotten. Each is possible from its
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
import type { NodeFacts } from "./terms.ts";

interface Next {
  readonly input: NodeInput;
  readonly output: NodeOutput | null;
  /** It is the answer in this state. */
  readonly fits: boolean;
}

/** Returns the states that a node may be in when a history begins in the middle. @param none when it begins with nothing */
export function openings({ beginsAt, none }: KnownNode): readonly NodeState[] {
  const known = { ...none, incarnation: null, token: undefined, seq: null, isOpen: true, isReplaced: true };
  const record = { ...known, due: Number.NEGATIVE_INFINITY };
  return [
    { ...none, isReplaced: true },
    // It was not expired when the history began.
    { ...record, status: "online", others: Number.POSITIVE_INFINITY, due: beginsAt },
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
  const add = (due: number, changed: NodeState): void => {
    found.push(node.losses.length === 0 ? changed : { ...changed, latest: Math.max(state.latest, due) });
  };
  if (isRecord(state) && state.due <= until && needsEnd(node, state, next, until)) add(state.due, ended(node, state));
  for (const { due, job } of state.held) {
    if (due <= until && needsLapse(state, next, job)) add(due, leaseEnded(state, job));
  }
  const { fits, input } = next;
  if (!fits && canMeetFinished(input)) {
    const due = forgottenFrom(node, state, input.job);
    if (due <= until) add(due, unknownJob(state, input.job));
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

/** Infinity: it was not finished here. */
function forgottenFrom({ terms }: NodeFacts, state: NodeState, job: number): number {
  const mark = state.marks.get(job);
  if (typeof mark !== "object" || standingOf(state, job) !== "finished") return Number.POSITIVE_INFINITY;
  return state.finished - mark.order >= terms.doneMax ? Number.NEGATIVE_INFINITY : mark.at + terms.doneFor;
}
