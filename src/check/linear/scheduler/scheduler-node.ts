/** The object `scheduler`: one node as clients see it through a scheduler, with all answers of the line protocol. */
import type { SequentialObject } from "../search/operation.ts";
import type { NodeInput, NodeOutput } from "./calls.ts";
import { hasShown, left, lossesOf, type Reach } from "./losses.ts";
import { Marks } from "./marks.ts";
import { dueChanges, isAnythingDue, openings } from "./moves.ts";
import { afterAnswer, afterNoAnswer } from "./rules.ts";
import { covers, hashOf, type NodeState } from "./state.ts";
import type { NodeFacts } from "./terms.ts";
import { atVersion } from "./versions.ts";
import { callText, stateText } from "./words.ts";

const noStates: readonly NodeState[] = [];

/** Nothing has happened yet. */
function noNode(jobs: number): NodeState {
  return {
    ...{
      status: "none",
      incarnation: null,
      notIncarnations: [],
      formerIncarnations: [],
      token: null,
      notTokens: [],
      isReplaced: false,
    },
    ...{ seq: -1, leastSeq: -1, capacity: null, held: [], others: 0, room: 0, due: Number.POSITIVE_INFINITY },
    ...{ marks: Marks.none(jobs), isOpen: false, finished: 0, firstFinished: Number.POSITIVE_INFINITY },
    ...{ leastAtFirst: 0, mostAtFirst: Number.POSITIVE_INFINITY },
    ...{ latest: Number.NEGATIVE_INFINITY, losses: 0, trail: null, learned: 0, version: null },
  };
}

/** Answers that change nothing, whatever the node is; of incarnations only where all of them are known. */
const reads: ReadonlySet<string> = new Set([
  ...["already", "full", "not_online", "finished", "finished_unknown"].map((outcome) => `reserve_job ${outcome}`),
  ...["complete_job unknown", "release_job unknown", "get_node shown", "get_node missing"],
]);
const readsOfIncarnations: ReadonlySet<string> = new Set([
  ...["already", "superseded", "conflict"].map((outcome) => `register_node ${outcome}`),
  ...["already", "stale", "superseded", "unknown_node", "not_online"].map((outcome) => `heartbeat ${outcome}`),
  ...["already", "superseded", "unknown_node"].map((outcome) => `offline_node ${outcome}`),
]);

export type SchedulerNode = SequentialObject<NodeState, NodeInput, NodeOutput>;

/** @param reach how far a loss leads back */
export function schedulerNode(facts: NodeFacts, reach: Reach = "any"): SchedulerNode {
  const { hasUnnamed, isOpen, jobs, losses } = facts;
  const none = noNode(jobs.length);
  const node = { ...facts, none };
  const starts = isOpen ? openings(node) : noStates;
  const hasLosses = losses.length > 0;
  const oldest = Math.min(...losses.map(({ since }) => since ?? Number.POSITIVE_INFINITY));
  const isPlain = !isOpen && !hasLosses;
  const trailOf = (state: NodeState, until: number) => (until >= oldest ? left(state, until) : state.trail);
  const next = (state: NodeState, input: NodeInput, output: NodeOutput | null, until: number): NodeState | null => {
    if (state.status === "open") return null;
    const after =
      output === null
        ? afterNoAnswer(facts, state, input, until)
        : atVersion(state, afterAnswer(facts, state, { input, output }, until), input, output);
    if (!hasLosses || after === null || (after === state && output === null)) return after;
    const latest = Math.max(state.latest, input.at);
    if (after === state) return { ...state, latest };
    const learned = state.learned + (hasShown(state, after, input, output) ? 1 : 0);
    return { ...after, latest, learned, trail: trailOf(state, until) };
  };
  return {
    initial: isOpen ? { ...none, status: "open" } : none,
    next,
    moves(state, input, output, until) {
      if (state.status === "open") return starts;
      const lost = hasLosses ? lossesOf(node, state, until, reach) : noStates;
      if (!isAnythingDue(state, input, until)) return lost;
      const fits = output !== null && next(state, input, output, until) !== null;
      const due = dueChanges(node, state, { input, output, fits }, until);
      if (!hasLosses) return due;
      return [...lost, ...due.map((one) => ({ ...one, trail: trailOf(state, until) }))];
    },
    isRead({ op }, { outcome, shown }) {
      if (!isPlain || (hasUnnamed && shown?.incarnation !== undefined)) return false;
      const answer = `${op} ${outcome}`;
      return reads.has(answer) || (!hasUnnamed && readsOfIncarnations.has(answer));
    },
    covers,
    hash: hashOf,
    describe: (state) => stateText(state, jobs),
    say: (operation) => callText(operation, jobs),
  };
}
