/** The part of a load that a scheduler has the operations for. Clients do not make the calls that it does not claim; they are counted. */
import type { Load } from "../../../scenarios/declare/declare.ts";
import type { Action } from "./plan.ts";

/** Operations of the line protocol without which no call of the load can be made. An end of a job is either of two. */
const needed: Readonly<Record<Exclude<Action["kind"] | Load["kind"], "finish">, readonly string[]>> = {
  read: ["get_node"],
  read_each: ["get_node"],
  read_missing: ["get_node"],
  look_up: ["get_node"],
  select: ["select_nodes"],
  dispatch: ["select_nodes", "reserve_job"],
  dispatch_again: ["select_nodes", "reserve_job"],
  reserve: ["reserve_job"],
  deliver_twice: ["reserve_job"],
  odd_job: ["reserve_job"],
  heartbeat: ["heartbeat"],
  repeat_heartbeat: ["heartbeat"],
  late_heartbeat: ["heartbeat"],
  bad_heartbeat: ["heartbeat"],
  impostor_beats: ["heartbeat"],
  impersonate: ["register_node"],
  arrive: ["register_node"],
  odd_id: ["register_node"],
  late_goodbye: ["offline_node"],
  go_offline: ["offline_node"],
  fall_silent: ["register_node"],
  finish_and_return: ["register_node", "reserve_job"],
  come_back: ["register_node"],
  put_config: ["put_config"],
  odd_call: [],
};

export function operationsOf(kind: keyof typeof needed): readonly string[] {
  return needed[kind];
}

export interface ClaimedLoad {
  readonly actions: readonly Action[];
  /** By the operation that was lacking: the actions that are not made. */
  readonly notMade: Readonly<Record<string, number>>;
}

/** @param claimed what an instance claims; undefined: everything */
export function claimedLoad(
  planned: readonly Action[],
  claimed: (instance: number) => readonly string[] | undefined,
): ClaimedLoad {
  const notMade: Record<string, number> = {};
  const unplaced = new Set<string>();
  const actions = planned.flatMap((action): readonly Action[] => {
    const ops = claimed(action.instance);
    if (ops === undefined) return [action];
    if (action.kind === "finish" && unplaced.has(action.job)) return []; // there is no call to make
    const lacking = lackingOf(action, ops);
    if (lacking === undefined) return [action];
    notMade[lacking] = (notMade[lacking] ?? 0) + 1;
    if ("job" in action && action.kind !== "finish") unplaced.add(action.job);
    // A job that cannot be released is completed, or its place would never be free again.
    const canComplete = action.kind === "finish" && ops.includes("complete_job");
    return canComplete ? [{ ...action, how: "complete_job" }] : [];
  });
  return { actions, notMade };
}

function lackingOf(action: Action, ops: readonly string[]): string | undefined {
  const own = action.kind === "finish" ? [action.how] : operationsOf(action.kind);
  return own.find((op) => !ops.includes(op));
}
