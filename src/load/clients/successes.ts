/** For each kind of load the calls that have to succeed at least once in a run: a load that never succeeds proves nothing. */
import type { Load } from "../../../scenarios/declare/declare.ts";
import type { Call } from "../../check/history.ts";

export interface Success {
  readonly what: string;
  by(call: Call): boolean;
}

const replies = (what: string, ops: readonly Call["op"][], allowed: readonly string[]): Success => ({
  what,
  by: ({ op, outcome, reply }) => outcome === "ok" && ops.includes(op) && allowed.includes(reply),
});

const found = replies("get_node of a node that there is", ["get_node"], ["found"]);
const registered = replies("register_node", ["register_node"], ["registered"]);
const finished = replies("the refusal of a job that had finished", ["reserve_job"], ["finished"]);
const ended = replies("the end of a job", ["complete_job", "release_job"], ["completed"]);

const successes: Readonly<Record<Load["kind"], readonly Success[]>> = {
  read: [found],
  read_each: [found],
  read_missing: [replies("get_node of a node that there is not", ["get_node"], ["missing"])],
  select: [{ what: "select_nodes", by: ({ op, selected }) => op === "select_nodes" && (selected?.length ?? 0) > 0 }],
  dispatch: [replies("dispatch", ["dispatch"], ["reserved", "already"]), ended],
  dispatch_again: [
    replies("dispatch", ["dispatch"], ["reserved", "already"]),
    replies("dispatch of a job that has its place", ["dispatch"], ["already"]),
    ended,
  ],
  reserve: [replies("reserve_job", ["reserve_job"], ["reserved", "already"]), ended],
  deliver_twice: [replies("reserve_job", ["reserve_job"], ["reserved", "already"]), finished],
  heartbeat: [replies("heartbeat", ["heartbeat"], ["renewed"])],
  // A heartbeat of an earlier incarnation of the node is answered `superseded`.
  repeat_heartbeat: [replies("a heartbeat sent again", ["heartbeat"], ["already", "superseded"])],
  late_heartbeat: [replies("the refusal of a late heartbeat", ["heartbeat"], ["stale", "superseded"])],
  late_goodbye: [replies("the refusal of a late goodbye", ["offline_node"], ["superseded"])],
  bad_heartbeat: [
    {
      what: "a heartbeat with a metric that is absent or cannot be",
      by: ({ metrics = {}, op, reply }) =>
        op === "heartbeat" && reply === "renewed" && Object.values(metrics).some((one) => one === null || one < 0),
    },
  ],
  go_offline: [replies("offline_node", ["offline_node"], ["offline"]), registered],
  fall_silent: [registered],
  finish_and_return: [registered, finished],
  arrive: [registered],
  odd_id: [registered],
  odd_job: [replies("reserve_job", ["reserve_job"], ["reserved", "already"]), ended],
  odd_call: [
    { what: "a call at a limit of its arguments", by: ({ allowed, outcome }) => allowed === true && outcome === "ok" },
  ],
  impersonate: [registered],
  put_config: [{ what: "put_config", by: ({ op, outcome }) => op === "put_config" && outcome === "ok" }],
};

/** Each once. */
export function successesOf(load: readonly Load[]): readonly Success[] {
  return [...new Map(load.flatMap(({ kind }) => successes[kind].map((one) => [one.what, one] as const))).values()];
}
