import { describe, expect, it } from "vitest";
import { SettingsError } from "../../../src/scheduler/errors.ts";
import { Backlog, type JobState } from "../../../src/scheduler/migration/backlog.ts";
import { DualWrites } from "../../../src/scheduler/migration/dual-writes.ts";
import { legacyRegistry } from "../../../src/scheduler/migration/legacy.ts";
import type { NodeFacts } from "../../../src/scheduler/migration/registry.ts";
import { planRepair } from "../../../src/scheduler/migration/repair.ts";
import { ShadowReads } from "../../../src/scheduler/migration/shadow-reads.ts";
import { english } from "../support/model-store.ts";

const facts: NodeFacts = {
  node: "a",
  online: true,
  max_jobs: 3,
  current_jobs: 1,
  jobs: null,
  pools: ["p"],
  languages: [english],
  services: [],
};
const found = (more: Partial<NodeFacts> = {}) => ({ kind: "found", facts: { ...facts, ...more }, age_ms: 0 }) as const;
const absent = { kind: "absent", age_ms: 0 } as const;

function owed(states: Readonly<Record<string, JobState>> = {}) {
  const backlog = new Backlog({ maxNodes: 1, maxJobs: 5 });
  backlog.mark("a", "next", { kind: "look" }, 0);
  for (const [order, [job, state]] of Object.entries(states).entries()) {
    backlog.mark("a", "next", { kind: "job", job, state, order }, 0);
  }
  const entry = backlog.get("a");
  if (entry === undefined) throw new Error("not in the backlog");
  return entry;
}

describe("where the leader only counts its jobs", () => {
  it.each<[Record<string, JobState>, number, number, string]>([
    [{}, 1, 1, "agreed"],
    [{ j: "unknown" }, 1, 1, "agreed"],
    [{ j: "unknown", k: "unknown" }, 1, 1, "impossible"], // each side may hold the other one
    [{ j: "unknown", k: "unknown" }, 0, 0, "agreed"],
    [{ j: "unknown" }, 1, 0, "steps"],
    [{ j: "held" }, 1, 1, "steps"],
  ])("jobs %o and counts %d and %d are %s", (states, led, held, kind) => {
    const repair = planRepair(owed(states), found({ current_jobs: led }), found({ current_jobs: held }));
    expect(repair.kind).toBe(kind);
  });

  it("even the count may be missing: then one doubt is too many", () => {
    expect(planRepair(owed({ j: "unknown" }), found({ current_jobs: null }), found()).kind).toBe("impossible");
  });
});

describe("a repair", () => {
  it("takes a node offline that the leader does not have", () => {
    expect(planRepair(owed(), absent, found())).toEqual({
      kind: "steps",
      steps: [{ kind: "offline" }],
      target: "offline",
    });
    expect(planRepair(owed(), absent, found({ online: false }))).toEqual({ kind: "agreed" });
  });

  it("registers, ends jobs and then reserves, in that order", () => {
    const repair = planRepair(owed({ k: "completed", l: "released" }), found({ jobs: ["j"] }), found({ max_jobs: 1 }));
    expect(repair).toMatchObject({
      steps: [
        { kind: "register", offer: { node: "a", max_jobs: 3 } },
        { job: "k", state: "completed" },
        { job: "l", state: "released" },
        { job: "j", state: "held" },
      ],
    });
  });

  it("touches only the jobs that differ where both sides name them", () => {
    const repair = planRepair(owed({ k: "unknown" }), found({ jobs: ["j", "m"] }), found({ jobs: ["k", "j", "x"] }));
    expect(repair).toMatchObject({
      steps: [
        { job: "k", state: "released" },
        { job: "x", state: "released" },
        { job: "m", state: "held" },
      ],
    });
  });

  it("is impossible where the leader does not say what a registration needs", () => {
    expect(planRepair(owed(), found({ services: null }), absent)).toEqual({
      kind: "impossible",
      because: "offer_unknown",
    });
  });
});

describe("what is owed to a node", () => {
  it("takes the last word on a job, in whatever order it arrives", () => {
    const entry = owed({ j: "held", k: "held" });
    const backlog = new Backlog({ maxNodes: 1, maxJobs: 5 });
    for (const [state, order] of [
      ["released", 7],
      ["held", 3],
    ] as const) {
      backlog.mark("a", "next", { kind: "job", job: "j", state, order }, 0);
    }
    expect(backlog.get("a")?.jobs.get("j")).toEqual({ state: "released", by: "next", order: 7 });
    expect([...entry.jobs.keys()]).toEqual(["j", "k"]);
  });

  it("forgets the jobs of a former life, and those beyond its bound, the oldest first", () => {
    const backlog = new Backlog({ maxNodes: 1, maxJobs: 2 });
    for (const [order, job] of ["i", "j", "k"].entries()) {
      backlog.mark("a", "next", { kind: "job", job, state: "held", order }, 0);
    }
    expect([...(backlog.get("a")?.jobs.keys() ?? [])]).toEqual(["j", "k"]);
    backlog.mark("a", "next", { kind: "life", order: 2 }, 0);
    expect([...(backlog.get("a")?.jobs.keys() ?? [])]).toEqual(["k"]);
  });
});

describe("settings out of range are refused:", () => {
  const nothing = {} as never;
  it.each([
    ["legacy.readDeadline", () => legacyRegistry(nothing, nothing, { readDeadline: 0 })],
    ["legacy.maxCalls", () => legacyRegistry(nothing, nothing, { maxCalls: Number.NaN })],
    ["shadow.sampled", () => new ShadowReads(nothing, { sampled: 1.5 })],
    ["shadow.lookAgainAfter", () => new ShadowReads(nothing, { budget: 100, lookAgainAfter: 101 })],
    ["dual.maxBacklog", () => new DualWrites(nothing, { maxBacklog: 0 })],
    ["dual.settleAfter", () => new DualWrites(nothing, { settleAfter: Number.POSITIVE_INFINITY })],
  ])("%s", (where, make) => {
    expect(make).toThrow(SettingsError);
    expect(make).toThrow(where);
  });
});
