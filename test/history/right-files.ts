/** Small correct histories, which `check` holds, for tests that damage them. */
import { headLine } from "../../src/inject/observe/files.ts";
import {
  call,
  dump,
  entry,
  job,
  mode,
  node,
  read,
  registered,
  request,
  seenAt,
  stall,
  storeCall,
  trialOf,
  view,
} from "../check/trials.ts";
import {
  call as schedulerCall,
  complete as schedulerComplete,
  head as schedulerHead,
  reserve as schedulerReserve,
} from "./scheduler/lines.ts";

const operation = (call: number, parts: object) =>
  JSON.stringify({
    client: 1,
    call_ns: call,
    return_ns: call + 50,
    key: "n",
    kind: "read",
    args: {},
    result: null,
    ...parts,
  });
const ok = { status: "ok" };

/** Ten operations of two clients on one key, some concurrent, one unanswered. */
export const nodeJobsFile = Buffer.from(
  `${[
    operation(1_000, { kind: "register", result: { status: "ok", incarnation: 1 } }),
    operation(1_100, { kind: "reserve", args: { job: 1, cap: 2 }, result: ok }),
    operation(1_110, { client: 2, kind: "reserve", args: { job: 2, cap: 2 }, result: ok }),
    operation(1_200, { kind: "reserve", args: { job: 3, cap: 2 }, result: { status: "full" } }),
    operation(1_210, { client: 2, result: { status: "ok", incarnation: 1, jobs: 2 } }),
    operation(1_300, { client: 3, return_ns: null, kind: "complete", args: { job: 1 } }),
    operation(1_400, { kind: "complete", args: { job: 2 }, result: ok }),
    operation(1_500, { kind: "expire", result: ok }),
    operation(1_600, { kind: "reserve", args: { job: 4, cap: 2 }, result: { status: "dead" } }),
    operation(1_700, { client: 2, kind: "register", result: { status: "ok", incarnation: 2 } }),
  ].join("\n")}\n`,
);

/** Nine calls of two clients on one node, with an outcome of each kind, one unanswered and one that failed. */
export const schedulerFile = Buffer.from(
  `${[
    schedulerHead(),
    schedulerCall({ op: "register_node", call: 1_000, asked: { max_jobs: 1 }, reply: { incarnation: "e:1" } }),
    schedulerReserve(1_100, "a", "reserved"),
    schedulerReserve(1_101, "b", "full", { client: 2 }),
    schedulerCall({
      ...{ op: "heartbeat", call: 1_200, reply: {} },
      asked: { incarnation: "e:1", seq: 1, running: ["a"] },
    }),
    schedulerReserve(1_300, "c", null, { client: 3, returned: null }),
    schedulerReserve(1_400, "d", null, { reply: { error: { code: "denied", definite: true } } }),
    schedulerComplete(1_500, "a", "completed"),
    schedulerReserve(1_600, "a", "finished", { client: 2 }),
    schedulerCall({ op: "release_job", call: 1_700, asked: { job: "x" }, reply: { outcome: "unknown" } }),
  ].join("\n")}\n`,
);

const version = { epoch: "e1", sequence: 2 };
const reserve = (from: number, reply = "reserved") =>
  call({ op: "reserve_job", node: "n1", job: "a", from, to: from + 9, reply, version });
const answer = {
  found: true,
  source: "redis",
  stale: false,
  age_ms: 16,
  mode: "normal",
  node: node(2, { current_jobs: 1 }),
};

/** Each kind of line that the judges of J1, L1 and V1 use, and some that they do not. */
const trial = trialOf({
  history: [
    reserve(10),
    reserve(11, "already"),
    read(25, 27, { read: answer }),
    stall(28, 2),
    storeCall(11, 14),
    request(14),
    mode(30, "normal", "l2_only"),
    mode(60, "l2_only", "normal"),
    view(20, 2),
    { kind: "observer_read", at: 50, took: 1 },
    { kind: "note", at: 51, instance: 0, what: "followed", facts: { partition: 0 } },
  ],
  observations: [
    dump(0, []),
    entry(1, registered()),
    seenAt(12, entry(2, job("reserved", "a", 1))),
    seenAt(80, dump(2, [[node(2, { current_jobs: 1 }), ["a"]]])),
  ],
});
/** Each call has two lines. */
const begun = trial.history.flatMap((event) => {
  if (event.kind !== "call") return [];
  const { from, id, instance, job, node, op } = event;
  return [{ kind: "begun", id, instance, op, node, job, from }];
});
const run = { scenario: "small-run", redis: "single", seed: 7, properties: ["J1", "L1", "V1"] } as const;

export const runFile = Buffer.from(
  `${[headLine(run, trial), ...begun, ...trial.history, ...trial.observations, { kind: "phase", at: 90, name: "end" }]
    .map((one) => JSON.stringify(one))
    .join("\n")}\n`,
);
