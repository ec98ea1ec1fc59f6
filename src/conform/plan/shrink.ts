/**
 * From a plan that fails to the smallest one found that still fails: moves taken out in ever smaller pieces (delta debugging),
 * then the remaining moves are made plainer. Moves refer to each other by place, so any part of a plan is a plan.
 */
import type { CallMove, Move, Plan } from "./plan.ts";

/** @param fails executes the plan; @param most executions at most: shrinking is bounded, and so is its time */
export async function shrink(plan: Plan, fails: (plan: Plan) => Promise<boolean>, most = 600): Promise<Plan> {
  let remaining = most;
  let best = plan;
  const tries = async (candidate: Plan): Promise<boolean> => {
    if (remaining <= 0) return false;
    remaining -= 1;
    const stillFails = await fails(candidate);
    if (stillFails) best = candidate;
    return stillFails;
  };
  for (let before: Plan | null = null; before !== best && remaining > 0; ) {
    before = best;
    await takeOut(() => best, tries);
    await takeOutItems(() => best, tries);
    await makeDirect(() => best, tries);
    await makePlainer(() => best, tries);
  }
  return best;
}

async function takeOut(best: () => Plan, tries: (plan: Plan) => Promise<boolean>): Promise<void> {
  for (let size = Math.ceil(best().moves.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let start = best().moves.length - size; start >= 0; start -= size) {
      const { feedMax, moves } = best();
      await tries({ feedMax, moves: moves.toSpliced(Math.min(start, moves.length), size) });
    }
  }
}

/** Makes groups smaller, and one of a single item that call alone. */
async function takeOutItems(best: () => Plan, tries: (plan: Plan) => Promise<boolean>): Promise<void> {
  for (let at = 0; at < best().moves.length; at += 1) {
    const there = groupAt(best(), at)?.items.length ?? 0;
    for (let item = there - 1; item >= 0; item -= 1) {
      const group = groupAt(best(), at);
      if (group === null) break;
      await tries(withCall(best(), at, { ...group, items: group.items.toSpliced(item, 1) }));
    }
    const group = groupAt(best(), at);
    const [only] = group?.items ?? [];
    if (group === null || only === undefined || group.items.length > 1) continue;
    const { do: _, instead: __, items: ___, ...call } = group;
    await tries(withCall(best(), at, { ...call, ...only }));
  }
}

type Group = Extract<CallMove, { do: "group" }>;

function groupAt({ moves }: Plan, at: number): Group | null {
  const move = moves[at];
  const call = move?.do === "send" ? move.call : move;
  return call?.do === "group" ? call : null;
}

function withCall({ feedMax, moves }: Plan, at: number, call: CallMove): Plan {
  const move = moves[at];
  return { feedMax, moves: moves.with(at, move?.do === "send" ? { ...move, call } : call) };
}

/** Makes a call synchronous that need not be in flight: where it runs, or else where it is sent. */
async function makeDirect(best: () => Plan, tries: (plan: Plan) => Promise<boolean>): Promise<void> {
  for (let at = best().moves.length - 1; at >= 0; at -= 1) {
    const { feedMax, moves } = best();
    const send = moves[at];
    if (send?.do !== "send") continue;
    const arrival = moves.findIndex((move, place) => place > at && move.do === "deliver" && move.name === send.name);
    const alone = moves.filter((move) => !("name" in move) || move.name !== send.name);
    const until = (place: number): number => moves.slice(0, place).filter((move) => alone.includes(move)).length;
    const places = arrival < 0 ? [at] : [arrival, at];
    for (const place of places) {
      if (await tries({ feedMax, moves: alone.toSpliced(until(place), 0, send.call) })) break;
    }
  }
}

async function makePlainer(best: () => Plan, tries: (plan: Plan) => Promise<boolean>): Promise<void> {
  for (let at = 0; at < best().moves.length; at += 1) {
    for (const edit of edits) {
      const { feedMax, moves } = best();
      const move = moves[at];
      const edited = move && plainer(move, edit);
      if (edited && JSON.stringify(edited) !== JSON.stringify(move)) {
        await tries({ feedMax, moves: moves.with(at, edited) });
      }
    }
  }
  if (best().feedMax !== 1_000) await tries({ ...best(), feedMax: 1_000 });
}

/** Makes a call in flight plainer in the same way as a synchronous one. */
function plainer(move: Move, edit: (move: Move) => Move | null): Move | null {
  const plain = edit(move);
  if (plain || move.do !== "send") return plain;
  const call = edit(move.call);
  return call && "delivery" in call ? { ...move, call } : null;
}

const edits: readonly ((move: Move) => Move | null)[] = [
  (move) => ("delivery" in move ? { ...move, delivery: "delivered" } : null),
  (move) => (move.do === "deliver" ? { ...move, answer: "heard" } : null),
  (move) => (move.do === "send" ? { ...move, knows: "all" } : null),
  (move) => ("client" in move ? { ...move, client: 0 } : null),
  (move) => ("delivery" in move && move.partitions !== undefined ? without(move, "partitions") : null),
  (move) => ("delivery" in move && move.clock !== undefined ? without(move, "clock") : null),
  (move) => (move.do === "spoil" ? { ...move, type: "string" } : null),
  (move) => ("running" in move ? { ...move, running: [] } : null),
  (move) => ("chunk" in move ? { ...move, chunk: 0 } : null),
  (move) => ("pools" in move ? { ...move, pools: [], languages: [] } : null),
  (move) => ("languages" in move ? { ...move, languages: [] } : null),
  (move) => ("ttl" in move ? { ...move, ttl: 15_000 } : null),
  (move) => ("losses" in move ? { ...move, losses: "all" } : null),
  (move) => ("seen" in move ? { ...move, seen: "all" } : null),
  (move) => ("lease" in move ? { ...move, lease: 15_000 } : null),
  (move) => ("metrics" in move ? { ...move, metrics: "plain" } : null),
  (move) => ("health" in move ? { ...move, health: 500 } : null),
  (move) => ("node" in move ? { ...move, node: 0 } : null),
  (move) => ("job" in move ? { ...move, job: 0 } : null),
  (move) => ("maxJobs" in move ? { ...move, maxJobs: 1 } : null),
];

function without(move: CallMove, field: "partitions" | "clock"): Move {
  const { [field]: _, ...plain } = move;
  return plain as Move;
}
