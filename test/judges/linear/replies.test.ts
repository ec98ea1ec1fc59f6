/** The table of what replies claim, against what docs/protocol.md says of each: in which states of the node the script can give the reply without a change. */
import { describe, expect, it } from "vitest";
import type { Call } from "../../../src/check/history.ts";
import type { Observation } from "../../../src/check/observed/observation.ts";
import { judgeLinearizability } from "../../../src/judges/linear/linearizability.ts";
import { FinishedJobs } from "../../../src/judges/linear/replies/finished-jobs.ts";
import { NodeMoment } from "../../../src/judges/linear/replies/moment.ts";
import { claimOf } from "../../../src/judges/linear/replies/replies.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { RecordedTruth } from "../../../src/judges/recorded/truth.ts";
import { incarnationText } from "../../../src/simulate/servers/epoch-text.ts";
import { call, dump, entry, gone, job, registered, seenAt, trialOf } from "../../check/trials.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { type Asked as Command, complete, offline, register, reserve, Stage } from "../../simulate/judges/stage.ts";

const on = registered();
const a = job("reserved", "a", 1);
const b = job("reserved", "b", 1);
const c = job("reserved", "c", 1);
const done = job("completed", "a", 0);

/** By name: the changes that lead to the state. The node has two places. */
const states = {
  absent: [],
  empty: [on],
  "with a": [on, a],
  "with b": [on, b],
  "full of others": [on, b, c],
  "full, with a": [on, a, b],
  "after a": [on, a, done],
  "full after a": [on, a, done, b, c],
  offline: [on, gone("offline")],
  "offline after a": [on, a, done, gone("offline")],
  removed: [on, a, done, gone("offline"), gone("removed")],
} as const;
type State = keyof typeof states;

const online: readonly State[] = [
  ...(["empty", "with a", "with b", "full of others"] as const),
  ...(["full, with a", "after a", "full after a"] as const),
];
const off: readonly State[] = ["offline", "offline after a"];
const without: readonly State[] = ["absent", "removed"];
const withA: readonly State[] = ["with a", "full, with a"];
const afterA: readonly State[] = ["after a", "full after a", "offline after a"];
const all = Object.keys(states) as readonly State[];
const except = (some: readonly State[]): readonly State[] => all.filter((state) => !some.includes(state));

type Asked = Partial<Call> & Pick<Call, "op" | "reply">;
const ours = { incarnation: "e1:1" };
const another = { incarnation: "e1:0" };

const table: readonly (readonly [Asked, readonly State[]])[] = [
  [{ op: "reserve_job", reply: "reserved" }, []],
  [{ op: "reserve_job", reply: "already" }, withA],
  [{ op: "reserve_job", reply: "full" }, ["full of others"]],
  [{ op: "reserve_job", reply: "not_online" }, ["absent", "removed", "offline"]],
  [{ op: "reserve_job", reply: "finished" }, afterA],
  [{ op: "dispatch", reply: "already" }, withA],
  [{ op: "dispatch", reply: "finished" }, afterA],
  [{ op: "complete_job", reply: "completed" }, afterA],
  [{ op: "complete_job", reply: "unknown" }, except([...withA, ...afterA])],
  [{ op: "release_job", reply: "completed" }, []],
  [{ op: "release_job", reply: "unknown" }, except(withA)],
  [{ op: "register_node", reply: "registered", ...ours }, []],
  [{ op: "register_node", reply: "already", ...ours }, online],
  [{ op: "register_node", reply: "already", ...another }, []],
  [{ op: "register_node", reply: "superseded", ...ours }, [...online, ...off]],
  [{ op: "register_node", reply: "superseded", ...another }, []],
  ...(["renewed", "already", "stale"] as const).flatMap((reply): (readonly [Asked, readonly State[]])[] => [
    [{ op: "heartbeat", reply, ...ours }, online],
    [{ op: "heartbeat", reply, ...another }, []],
  ]),
  [{ op: "heartbeat", reply: "not_online", ...ours }, off],
  [{ op: "heartbeat", reply: "not_online", ...another }, []],
  [{ op: "offline_node", reply: "already", ...ours }, off],
  [{ op: "offline_node", reply: "already", ...another }, []],
  ...(["heartbeat", "offline_node"] as const).flatMap((op): (readonly [Asked, readonly State[]])[] => [
    [{ op, reply: "superseded", ...ours }, []],
    [{ op, reply: "superseded", ...another }, [...online, ...off]],
    [{ op, reply: "unknown_node", ...ours }, without],
  ]),
];

function momentOf(changes: readonly Parameters<typeof entry>[1][]): NodeMoment {
  const observations: readonly Observation[] = [dump(0, []), ...changes.map((change, at) => entry(at + 1, change))];
  const truth = new RecordedTruth(trialOf({ observations }));
  const line = truth.line("e1");
  if (line === undefined) throw new RangeError("no epoch");
  return new NodeMoment(line, "n1", changes.length, new FinishedJobs(truth));
}

const asked = (parts: Asked): Call => call({ node: "n1", job: "a", from: 0, to: 1, ...parts });

/** Whether the judge of a recorded run takes the reply at the last version. */
function isTakenFromARecord(parts: Asked, state: State): boolean {
  const changes = states[state];
  const observations = [dump(0, []), ...changes.map((change, at) => seenAt(at - 99, entry(at + 1, change)))];
  const version = { epoch: "e1", sequence: changes.length };
  const history = [call({ node: "n1", job: "a", from: 20, to: 21, version, ...parts })];
  return judgeRecorded(judgeLinearizability, trialOf({ history, observations })).violations.length === 0;
}

/** Each is asked of the store in turn, until the node is in the state. */
const toState: Partial<Readonly<Record<State, readonly ((stage: Stage) => Command)[]>>> = {
  absent: [() => register("m")],
  empty: [() => register()],
  "with a": [() => register(), () => reserve("a")],
  "with b": [() => register(), () => reserve("b")],
  "full of others": [() => register(), () => reserve("b"), () => reserve("c")],
  "full, with a": [() => register(), () => reserve("a"), () => reserve("b")],
  "after a": [() => register(), () => reserve("a"), () => complete("a")],
  "full after a": [() => register(), () => reserve("a"), () => complete("a"), () => reserve("b"), () => reserve("c")],
  offline: [() => register(), offline],
  "offline after a": [() => register(), () => reserve("a"), () => complete("a"), offline],
};

/** The same in a simulated run. */
function isTakenFromASimulation(parts: Asked, state: State): boolean {
  const stage = new Stage(inSimulation(judgeLinearizability));
  for (const [at, next] of (toState[state] ?? []).entries()) {
    const command = next(stage);
    const [node, id] = ["node" in command ? command.node : "", "job" in command ? command.job : ""];
    stage.hear({ kind: "called", at, call: -at - 1, instance: 0, op: command.kind as Call["op"], node, job: id });
    stage.ask(at, command);
  }
  const isOurs = parts.incarnation === ours.incarnation && state !== "absent";
  const life = isOurs ? { incarnation: incarnationText(stage.incarnation()) } : {};
  const id = stage.called(20, parts.op);
  stage.returned({ id, from: 20, to: 21, job: "a", version: stage.version(), ...parts, ...life });
  return stage.finish().violations.length === 0;
}

describe("a reply that claims a state", () => {
  it.each(table)("%o can be given where the node is in %j only", (parts, expected) => {
    const sees = claimOf(asked(parts))?.sees ?? null;
    const right = all.filter((state) => expected.includes(state));
    expect(all.filter((state) => sees?.(asked(parts), momentOf(states[state])) === true)).toEqual(right);
    expect(all.filter((state) => isTakenFromARecord(parts, state))).toEqual(right);
  });

  it.each(table)("%o is taken in simulation where the node is in %j only", (parts, expected) => {
    const staged = all.filter((state) => toState[state] !== undefined);
    expect(staged.filter((state) => isTakenFromASimulation(parts, state))).toEqual(
      staged.filter((state) => expected.includes(state)),
    );
  });

  it("is in the table for every reply of a script about a node", () => {
    const replies = new Set(table.map(([{ op, reply }]) => `${op} ${reply}`));
    expect(replies.size).toBeGreaterThan(20);
    expect(claimOf(asked({ op: "heartbeat", reply: "superfluous" }))).toBeNull();
  });

  it("claims nothing with neither an incarnation nor a version, where an instance may answer from its view", () => {
    const bare = { op: "heartbeat", reply: "unknown_node" } as const;
    expect(claimOf(asked(bare))).toBeNull();
    expect(claimOf(asked({ ...bare, version: { epoch: "e1", sequence: 1 } }))).not.toBeNull();
    expect(claimOf(asked({ ...bare, ...ours }))).not.toBeNull();
  });
});
