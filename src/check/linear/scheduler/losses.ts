/** Losses of the store that the fault log names: it may go back to what a node was before. */
import type { NodeInput, NodeOutput } from "./calls.ts";
import { openings } from "./moves.ts";
import { type FormerState, gone, incarnationsOf, type KnownNode, knownOf, type NodeState, placeOf } from "./state.ts";
import type { Loss } from "./terms.ts";

/**
 * `shown`: the store goes back only to states of which nothing more was shown since. What was shown later is true of them too, but is not kept there.
 * `any`: it goes back to every state that there was, so that more may seem possible than is.
 */
export type Reach = "shown" | "any";

/** Returns the states that the store may have gone back to. @param until it has done so by then */
export function lossesOf(node: KnownNode, state: NodeState, until: number, reach: Reach): readonly NodeState[] {
  return node.losses.flatMap((loss, index) => {
    const isPossible = (state.losses >>> index) % 2 === 0 && loss.from <= until && state.latest <= loss.until;
    if (!isPossible) return [];
    const trail = leftBy(left(state, until), loss.until);
    const losses = state.losses | (1 << index);
    const known = { ...knownOf(state), losses, latest: Math.max(state.latest, loss.from), trail };
    return statesAfter(node, { ...state, trail }, loss, reach).map((one) => ({ ...one, ...known }));
  });
}

function statesAfter(node: KnownNode, state: NodeState, { since }: Loss, reach: Reach): readonly NodeState[] {
  if (since === null) return [gone(state, node)];
  // The node's states before the history began are not known at all.
  const found = node.isOpen && since < node.answersFrom && reach === "any" ? openings(node).slice() : [];
  // The first is the state itself.
  for (let one = state.trail?.before ?? null; one !== null && one.until >= since; one = one.before) {
    const former = one.state;
    if (reach === "any" || !hasUnknown(former) || former.learned === state.learned) {
      found.push(goneBack(node, state, former));
    }
  }
  return found;
}

function goneBack({ given }: KnownNode, state: NodeState, former: NodeState): NodeState {
  const { leastAtFirst, mostAtFirst } = state;
  const isShown = former.status !== "none" && former.capacity === null && leastAtFirst === mostAtFirst;
  const back = isShown ? { ...former, capacity: leastAtFirst } : former;
  if (isUnnamed(former)) return back;
  // Incarnations that were lost do not return either.
  const lost = incarnationsOf(state, given).filter((one) => one !== former.incarnation);
  return { ...back, formerIncarnations: [...new Set([...former.formerIncarnations, ...lost])] };
}

/** The trail once the state is left, by `until`. */
export function left(state: NodeState, until: number): FormerState {
  return { state: { ...state, trail: null }, until, before: state.trail };
}

/** Limits the trail to `end`: a state that was left before a loss was left by the end of the loss. */
function leftBy(trail: FormerState, end: number): FormerState | null {
  const later: NodeState[] = [];
  let one: FormerState | null = trail;
  for (; one !== null && one.until > end; one = one.before) later.push(one.state);
  return later.reduceRight<FormerState | null>((before, state) => ({ state, until: end, before }), one);
}

function isUnnamed({ incarnation, status }: NodeState): boolean {
  return status !== "none" && incarnation === null;
}

function hasUnknown(state: NodeState): boolean {
  return state.isOpen || isUnnamed(state);
}

/** Whether a call with this answer has shown more of what was not known before it. */
export function hasShown(before: NodeState, after: NodeState, input: NodeInput, output: NodeOutput | null): boolean {
  if (!hasUnknown(before)) return false;
  switch (input.op) {
    case "register_node": {
      if (before.token === undefined && input.token !== null) return true;
      const isNew = output === null || output.outcome === "registered";
      return before.incarnation === null && (!isNew || typeof input.expected === "string");
    }
    case "reserve_job":
      if (output?.outcome === "already") return placeOf(before.held, input.job) === -1;
      return output?.outcome === "finished" && after.finished > before.finished;
    case "complete_job":
      return after.finished > before.finished && placeOf(before.held, input.job) === -1;
    case "release_job":
      return output?.outcome !== "unknown" && placeOf(before.held, input.job) === -1;
    default:
      return isMoreKnown(before, after);
  }
}

function isMoreKnown(before: NodeState, after: NodeState): boolean {
  if (before.incarnation !== after.incarnation || before.notIncarnations !== after.notIncarnations) return true;
  return before.seq === null && (before.seq !== after.seq || before.leastSeq !== after.leastSeq);
}
