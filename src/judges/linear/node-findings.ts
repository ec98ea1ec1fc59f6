/** Impossible calls and changes of one node: the first of each server that no order explains, and replies that contradict what the store held. */
import type { Call } from "../../check/history.ts";
import { findMisplaced, type Misplaced, type Room } from "../../check/linear/search/order.ts";
import type { EpochLine } from "../truth.ts";
import {
  blamedFor,
  explainCall,
  explainOrder,
  explainUnasked,
  type JudgedCall,
  notAskedFor,
  type Shown,
} from "./messages.ts";
import type { NodeCalls } from "./node-calls.ts";
import { NodeChanges } from "./node-changes.ts";

export interface Impossible {
  /** The first line says what was found and what is allowed. */
  readonly message: () => readonly string[];
  /** The ids of the calls that show it. */
  readonly calls: readonly number[];
}

/** A node whose calls have all been taken. */
export interface JudgedNode extends Pick<Shown, "node" | "momentAt"> {
  readonly calls: NodeCalls;
  /** The epochs of its partition. */
  readonly lines: readonly EpochLine[];
  /** The earliest position that a client was shown of the partition. */
  readonly firstShown: number | undefined;
}

/** Each server by itself: what another one took over may lack what the first had acknowledged, which is D4's to name. */
export function findImpossible(judged: JudgedNode, room: Room): readonly Impossible[] {
  const { calls, lines } = judged;
  const found: Impossible[] = [];
  const explained = new Set<Call>();
  const servers = new Set(lines.map(({ server }) => server));
  for (const server of servers.size > 1 ? servers : [null]) {
    const chosen = server === null ? null : calls.of(server);
    const own = server === null ? lines : lines.filter((line) => line.server === server);
    const placed = chosen === null ? calls.placed : calls.placed.pick(chosen);
    const changes = new NodeChanges(own, judged);
    const misplaced = findMisplaced(placed, changes, room);
    if (misplaced === null) continue;
    const all = calls.judged(chosen);
    found.push({ message: explain(judged, misplaced, all, changes), calls: blamedFor(misplaced, all) });
    const wrong = misplaced.kind === "change" ? undefined : all[misplaced.call];
    if (wrong !== undefined) explained.add(wrong.call);
  }
  const others = calls.contradictions.filter(({ call }) => !explained.has(call));
  return [...found, ...others.map(({ call }) => ({ message: explainContradiction(judged, call), calls: [call.id] }))];
}

function explain(judged: JudgedNode, misplaced: Misplaced, calls: readonly JudgedCall[], changes: NodeChanges) {
  return (): readonly string[] => {
    if (misplaced.kind === "change") {
      const change = changes.placed(misplaced.change);
      return change === undefined ? [] : explainUnasked(change, notAskedFor, calls);
    }
    const wrong = calls[misplaced.call];
    const order = explainOrder(misplaced, calls, (change) => changes.placed(change)?.entry);
    return wrong === undefined ? [] : explainCall(wrong, order, shownOf(judged, wrong.call, calls));
  };
}

function explainContradiction(judged: JudgedNode, call: Call) {
  const wrong = { call, to: call.to ?? Number.POSITIVE_INFINITY };
  return (): readonly string[] => explainCall(wrong, [], shownOf(judged, call, judged.calls.judged(null)));
}

function shownOf(
  { calls: { contradictions }, momentAt, node }: JudgedNode,
  wrong: Call,
  calls: readonly JudgedCall[],
): Shown {
  return { node, calls, momentAt, why: contradictions.find(({ call }) => call === wrong)?.why };
}
