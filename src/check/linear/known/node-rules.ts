/** Histories of a scheduler's node whose verdict is known, and mutants of the object's rules, each of which gets one of them wrong. */
import type { NodeInput, NodeOutput } from "../scheduler/calls.ts";
import { schedulerNode } from "../scheduler/scheduler-node.ts";
import type { NodeState } from "../scheduler/state.ts";
import type { NodeFacts } from "../scheduler/terms.ts";
import type { Operation, Ruling, SequentialObject } from "../search/operation.ts";
import { judgeByWindow } from "../search/windowed.ts";
import type { JudgeTrial } from "./wrong-judges.ts";

type Call = Operation<NodeInput, NodeOutput>;
type NodeObject = SequentialObject<NodeState, NodeInput, NodeOutput>;

export const ruleChanges = [
  "counts-one-place-more",
  "believes-full",
  "forgets-finished-jobs",
  "lapses-at-once",
  "expires-at-once",
  "never-lapses",
  "never-expires",
  "takes-old-incarnations",
  "loses-at-any-time",
  "knows-nothing-at-first",
] as const;
export type RuleChange = (typeof ruleChanges)[number];

const limits = { configurations: 100_000, outOfTime: () => false };
const facts: NodeFacts = {
  terms: { ttl: 100, lease: 50, doneFor: 1_000, doneMax: 100, retention: 1_000 },
  losses: [],
  isOpen: false,
  beginsAt: 0,
  answersFrom: 0,
  given: new Map([
    ["e:1", 1],
    ["e:2", 1],
  ]),
  hasUnnamed: false,
  jobs: ["a", "b"],
};

function call(at: number, input: NodeInput, output: NodeOutput): Call {
  return { id: at, call: at, returned: at + 1, input, outcome: "ok", output };
}
const register = (at: number, incarnation = "e:1"): Call =>
  call(at, { op: "register_node", at, token: null, capacity: 1 }, { outcome: "registered", incarnation });
const reserve = (at: number, job: number, outcome: NodeOutput["outcome"]): Call =>
  call(at, { op: "reserve_job", at, job, lease: null }, { outcome });
const complete = (at: number, job: number, outcome: NodeOutput["outcome"]): Call =>
  call(at, { op: "complete_job", at, job }, { outcome });
const beat = (at: number, seq: number): Call =>
  call(at, { op: "heartbeat", at, incarnation: "e:1", seq, running: [] }, { outcome: "renewed" });

interface KnownNodeHistory {
  readonly name: string;
  readonly verdict: Ruling["verdict"];
  readonly calls: readonly Call[];
}

const start = register(0);

export const nodeHistories: readonly KnownNodeHistory[] = [
  { name: "a place for one", verdict: "held", calls: [start, reserve(2, 0, "reserved"), reserve(4, 1, "full")] },
  {
    name: "a place for two",
    verdict: "violated",
    calls: [start, reserve(2, 0, "reserved"), reserve(4, 1, "reserved")],
  },
  { name: "full, and empty", verdict: "violated", calls: [start, reserve(2, 0, "full")] },
  {
    name: "a finished job begun again",
    verdict: "violated",
    calls: [start, reserve(2, 0, "reserved"), complete(4, 0, "completed"), reserve(6, 0, "reserved")],
  },
  {
    name: "a lapse before its time",
    verdict: "violated",
    calls: [start, reserve(2, 0, "reserved"), reserve(50, 1, "reserved")],
  },
  { name: "a lapse in time", verdict: "held", calls: [start, reserve(2, 0, "reserved"), reserve(51, 1, "reserved")] },
  {
    name: "an expiry before its time",
    verdict: "violated",
    calls: [start, beat(50, 1), reserve(148, 0, "not_online")],
  },
  { name: "an expiry in time", verdict: "held", calls: [start, beat(50, 1), reserve(149, 0, "not_online")] },
  { name: "a heartbeat of a former life", verdict: "violated", calls: [start, register(2, "e:2"), beat(4, 1)] },
  { name: "a node that was lost", verdict: "violated", calls: [start, beat(2, 1), reserve(4, 0, "not_online")] },
  { name: "an end without a beginning", verdict: "violated", calls: [complete(0, 0, "completed")] },
];

/** @param change null: the rules as they are */
export function tryRules(change: RuleChange | null): readonly JudgeTrial[] {
  const judge = "of a scheduler's node";
  for (const [index, { calls, name, verdict: expected }] of nodeHistories.entries()) {
    const found = judgeByWindow(objectWith(change), calls, limits).verdict;
    if (found !== expected) return [{ judge, asked: index + 1, wrong: { judge, history: name, expected, found } }];
  }
  return [{ judge, asked: nodeHistories.length, wrong: null }];
}

function objectWith(change: RuleChange | null): NodeObject {
  const { terms } = facts;
  const long = 1_000_000;
  switch (change) {
    case null:
      return schedulerNode(facts);
    case "counts-one-place-more":
      return asking((input) => (input.op === "register_node" ? { ...input, capacity: input.capacity + 1 } : input));
    case "takes-old-incarnations":
      return asking((input, state) =>
        input.op === "heartbeat" ? { ...input, incarnation: state.incarnation ?? input.incarnation } : input,
      );
    case "believes-full": {
      const object = schedulerNode(facts);
      return {
        ...object,
        next: (state, input, output, until) =>
          output?.outcome === "full" ? state : object.next(state, input, output, until),
      };
    }
    case "forgets-finished-jobs":
      return schedulerNode({ ...facts, terms: { ...terms, doneFor: 0 } });
    case "lapses-at-once":
      return schedulerNode({ ...facts, terms: { ...terms, lease: 0 } });
    case "expires-at-once":
      return schedulerNode({ ...facts, terms: { ...terms, ttl: 0 } });
    case "never-lapses":
      return schedulerNode({ ...facts, terms: { ...terms, lease: long } });
    case "never-expires":
      return schedulerNode({ ...facts, terms: { ...terms, ttl: long } });
    case "loses-at-any-time":
      return schedulerNode({ ...facts, losses: [{ from: 0, until: long, since: null }] });
    case "knows-nothing-at-first":
      return schedulerNode({ ...facts, isOpen: true });
  }
}

function asking(change: (input: NodeInput, state: NodeState) => NodeInput): NodeObject {
  const object = schedulerNode(facts);
  return { ...object, next: (state, input, output, until) => object.next(state, change(input, state), output, until) };
}
