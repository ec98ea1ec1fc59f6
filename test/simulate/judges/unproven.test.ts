/** Answers of which the store knows nothing: no judge may pass over one because it finds nothing to compare it with. */

import { describe, expect, it } from "vitest";
import type { Call } from "../../../src/check/history.ts";
import { judgeCacheTruth } from "../../../src/judges/answers/cache-truth.ts";
import { judgeFeedOrder } from "../../../src/judges/feed-order.ts";
import { judgeLinearizability } from "../../../src/judges/linear/linearizability.ts";
import { judgeMisses } from "../../../src/judges/misses.ts";
import { judgeSequences } from "../../../src/judges/sequences.ts";
import { judgeAcknowledged } from "../../../src/judges/writes/acknowledged.ts";
import { inSimulation } from "./in-simulation.ts";
import { type Asked, complete, type MakeStaged, register, reserve, Stage } from "./stage.ts";

type SimulatedEntry = Partial<Call> & Pick<Call, "op" | "reply">;

let calls = 1_000;

/** A client has asked for it, and the store has run it. */
function made(stage: Stage, at: number, asked: Asked): void {
  const job = "job" in asked ? asked.job : "";
  calls += 1;
  stage.hear({ kind: "called", at, call: calls, instance: 0, op: asked.kind as Call["op"], node: "n", job });
  const request = stage.send(at, asked);
  stage.run(at, asked, { request });
  const unanswered = { outcome: "info", reply: "deadline" } as const;
  stage.returned({ id: calls, op: asked.kind as Call["op"], job, from: at, to: at, ...unanswered });
}

/** A node with one of its two places taken by job `a`, and a client whose call is answered although the store has seen nothing of it. */
function acknowledged(make: MakeStaged, parts: SimulatedEntry): Stage {
  const stage = new Stage(make);
  made(stage, 1, register());
  made(stage, 2, reserve("a"));
  const id = stage.called(20, parts.op);
  stage.returned({ id, from: 20, to: 25, ...parts });
  return stage;
}

const nowhere = { epoch: "00000000deadbeef", sequence: 1 };
const lies: readonly SimulatedEntry[] = [
  { op: "reserve_job", job: "x", reply: "reserved" },
  { op: "dispatch", job: "x", reply: "reserved" },
  { op: "register_node", reply: "registered", incarnation: "0000000000000007:1" },
  { op: "offline_node", reply: "offline" },
  { op: "complete_job", job: "x", reply: "completed" },
  { op: "release_job", job: "x", reply: "completed" },
];
const state: readonly SimulatedEntry[] = [
  { op: "reserve_job", job: "x", reply: "full" },
  { op: "reserve_job", job: "x", reply: "already" },
  { op: "reserve_job", job: "x", reply: "not_online" },
  { op: "reserve_job", job: "x", reply: "finished" },
  { op: "dispatch", job: "x", reply: "finished" },
  { op: "dispatch", job: "x", reply: "already" },
  { op: "complete_job", job: "a", reply: "unknown" },
  { op: "release_job", job: "a", reply: "unknown" },
  { op: "offline_node", reply: "already" },
  { op: "offline_node", reply: "unknown_node", incarnation: "0000000000000007:1" },
  { op: "heartbeat", reply: "unknown_node", incarnation: "0000000000000007:1", seq: 1 },
  { op: "heartbeat", reply: "not_online", seq: 1 },
  { op: "reserve_job", node: "unknown", job: "x", reply: "full" },
];

const versions = ["none", "of no epoch", "of the future", "the last"] as const;

function versionOf(kind: (typeof versions)[number], stage: Stage): Call["version"] {
  const last = stage.version();
  if (kind === "none") return undefined;
  if (kind === "of no epoch") return nowhere;
  return kind === "the last" ? last : { ...last, sequence: last.sequence + 1_000 };
}

const named = ({ op, reply }: SimulatedEntry) => `${op} ${reply}`;
const each = <One>(all: readonly One[]) => versions.flatMap((version) => all.map((one) => [one, version] as const));

function verdict(make: MakeStaged, parts: SimulatedEntry, kind: (typeof versions)[number]): string {
  const version = versionOf(kind, acknowledged(make, parts));
  return acknowledged(make, { ...parts, version }).finish().verdict;
}

describe("an acknowledgement that the store never saw", () => {
  for (const [parts, kind] of each(lies)) {
    it(`violates D4 and L1: ${named(parts)}, its version ${kind}`, () => {
      expect(verdict(inSimulation(judgeAcknowledged), parts, kind)).toBe("violated");
      expect(verdict(inSimulation(judgeLinearizability), parts, kind)).toBe("violated");
    });
  }

  for (const kind of versions) {
    it(`violates D4: a heartbeat that is said to have been taken, its version ${kind}`, () => {
      expect(verdict(inSimulation(judgeAcknowledged), { op: "heartbeat", reply: "renewed", seq: 7 }, kind)).toBe(
        "violated",
      );
      expect(verdict(inSimulation(judgeAcknowledged), { op: "heartbeat", reply: "already", seq: 7 }, kind)).toBe(
        "violated",
      );
    });

    it(`violates D4: a configuration that is said to be stored, its version ${kind}`, () => {
      expect(verdict(inSimulation(judgeAcknowledged), { op: "put_config", reply: "stored" }, kind)).toBe("violated");
    });
  }

  it("is none where the change was made during the call, though the reply names no version", () => {
    for (const make of [inSimulation(judgeAcknowledged), inSimulation(judgeLinearizability)]) {
      const stage = new Stage(make);
      made(stage, 1, register());
      made(stage, 12, reserve("a"));
      const id = stage.called(13, "reserve_job");
      stage.returned({ id, op: "reserve_job", job: "a", from: 10, to: 14, reply: "reserved" });
      expect(stage.finish().violations).toEqual([]);
    }
  });

  it("is one where the change was made before the call", () => {
    const stage = acknowledged(inSimulation(judgeAcknowledged), { op: "reserve_job", job: "a", reply: "reserved" });
    expect(stage.finish().violations[0]?.[0]).toMatch(
      /was acknowledged without a version, and nothing that the store was meanwhile explains it/,
    );
  });
});

describe("an answer of a state that never was", () => {
  for (const [parts, kind] of each(state)) {
    it(`violates L1: ${named(parts)} of node ${parts.node ?? "n"}, its version ${kind}`, () => {
      expect(verdict(inSimulation(judgeLinearizability), parts, kind)).toBe("violated");
    });
  }

  it("is none where it was so at some moment of the call", () => {
    const stage = new Stage(inSimulation(judgeLinearizability));
    made(stage, 1, register());
    for (const job of ["a", "b"]) made(stage, 2, reserve(job));
    made(stage, 22, complete("a"));
    const id = stage.called(20, "reserve_job");
    stage.returned({ id, op: "reserve_job", job: "x", from: 20, to: 25, reply: "full" });
    const other = stage.called(23, "dispatch");
    stage.returned({ id: other, op: "dispatch", job: "a", from: 23, to: 25, reply: "finished" });
    expect(stage.finish().violations).toEqual([]);
  });

  it.each([
    ["an epoch that never began", nowhere],
    ["no epoch at all", { epoch: "", sequence: 0 }],
  ])("violates V1 where it names %s, for every operation", (_, version) => {
    for (const op of ["reserve_job", "put_config"] as const) {
      expect(acknowledged(inSimulation(judgeSequences), { op, reply: "full", version }).finish().verdict).toBe(
        "violated",
      );
    }
  });

  it.each([
    ["a status that there is not, in no epoch", { status: "purple", current_jobs: -5, version: nowhere }],
    ["what was, in no epoch", { version: nowhere }],
    ["a count that never was, at a version of the store", { current_jobs: -5 }],
  ])("violates V2 and, where Redis is said to have given it, L1: %s", (_, wrong) => {
    const stage = new Stage(inSimulation(judgeCacheTruth));
    const fresh = new Stage(inSimulation(judgeLinearizability));
    for (const one of [stage, fresh]) {
      made(one, 1, register());
      one.view(2, one.version());
      one.read(10, { ...one.content(), ...wrong }, { source: one === fresh ? "redis" : "l2", age_ms: 0 });
    }
    expect(stage.finish().verdict).toBe("violated");
    if ("version" in wrong) expect(fresh.finish().verdict).toBe("violated");
  });

  it("violates F1 where a view is of an epoch that never began", () => {
    const stage = new Stage(inSimulation(judgeFeedOrder));
    stage.run(1, register());
    const config = { shown: null, stored: null };
    const place = { kind: "sighted", at: 10, instance: 0, mode: "normal", nodes: [], config } as const;
    stage.hear({ ...place, views: [nowhere] });
    expect(stage.finish().violations[0]?.[0]).toMatch(/which the store never had/);
  });
});

describe("a premise", () => {
  it("of C2 is a mark that a request has left, not the word for it", () => {
    const stage = new Stage(inSimulation(judgeMisses));
    stage.read(10, null, { source: "miss" });
    expect(stage.finish()).toMatchObject({ verdict: "violated", exercised: 0 });
  });

  it("of L1 is a call beside another that was judged, not one that was made", () => {
    const stage = new Stage(inSimulation(judgeLinearizability));
    made(stage, 1, register());
    for (const at of [10, 11]) {
      stage.hear({ kind: "called", at, call: at, instance: 0, op: "heartbeat", node: "n", job: "" });
    }
    for (const id of [10, 11]) {
      stage.returned({ id, op: "heartbeat", from: id, to: 40, outcome: "info", reply: "deadline" });
    }
    expect(stage.finish()).toMatchObject({ verdict: "not_exercised", exercised: 0 });
  });
});
