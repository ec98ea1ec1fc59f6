import { describe, expect, it } from "vitest";
import type { Call } from "../../../src/check/history.ts";
import { judgeAcknowledged } from "../../../src/simulate/judges/acknowledged.ts";
import { type Asked, complete, register, reserve, Stage } from "./stage.ts";

const lease = 1_000;
const sweep: Asked = { kind: "sweep", retention: 1_000, limit: 100, candidates: [] };

/** A node with one job, reserved at 10 ms. */
function begun(): Stage {
  const stage = new Stage(judgeAcknowledged, { settings: { lease } });
  stage.run(1, { ...register(), ttl: 60_000 } as Asked);
  stage.run(10, reserve("a", "n", lease));
  return stage;
}

/** A heartbeat that names the job, and its acknowledgement; what the store is told may be less. */
function beat(stage: Stage, at: number, parts: { passedOn?: readonly string[]; told?: Partial<Call> } = {}): void {
  const { passedOn = ["a"], told = {} } = parts;
  const metrics = { cpu: 0, gpu: 0, memory: 0, load: 0, latency_ms: 0, error_rate: 0 };
  const terms = { ttl: 60_000, lease, healthMilli: 500, metrics, seq: at, running: passedOn };
  stage.run(at, { kind: "heartbeat", node: "n", incarnation: stage.incarnation(), ...terms });
  const reply = { reply: "renewed", version: stage.version(), seq: at, running: ["a"] };
  stage.returned({ op: "heartbeat", from: at - 1, to: at + 1, ...reply, ...told });
}

/** The store's sweep, with what it was told to look at. */
function lapse(stage: Stage, at: number): void {
  const candidate = { node: "n", pools: ["pool-a"], languages: [{ source: "en", target: "de" }] };
  stage.run(at, { ...sweep, candidates: [candidate] } as Asked);
}

describe("D4 of a renewed lease", () => {
  it("holds where the job keeps its place for as long as was promised, and counts that it outlived its first lease", () => {
    const stage = begun();
    beat(stage, 500);
    beat(stage, 1_200);
    lapse(stage, 1_600);
    expect(stage.state().jobs.get("n")?.has("a")).toBe(true);
    lapse(stage, 2_300);
    expect(stage.state().jobs.get("n")?.has("a") ?? false).toBe(false);
    const judged = stage.finish();
    expect(judged).toMatchObject({ verdict: "held", exercised: 1 });
    expect(judged.measures).toContainEqual({ name: "jobs_that_outlived_a_lease", value: 1 });
  });

  it("is violated where an acknowledged heartbeat named it and the store was not told", () => {
    const stage = begun();
    beat(stage, 500, { passedOn: [] });
    lapse(stage, 1_100);
    expect(stage.finish().violations[0]?.[0]).toMatch(/^job a lost its place on node n 399 ms before the lease ended/);
  });

  it("claims nothing of a heartbeat that was not acknowledged, or that came when the job had lapsed already", () => {
    const stage = begun();
    beat(stage, 500, { passedOn: [], told: { outcome: "info", reply: "deadline" } });
    lapse(stage, 1_100);
    beat(stage, 1_200);
    stage.run(1_300, reserve("a", "n", 100));
    lapse(stage, 1_500);
    expect(stage.finish().violations).toEqual([]);
  });

  it("claims nothing of a job that has ended and been reserved again", () => {
    const stage = begun();
    beat(stage, 500);
    stage.run(600, { kind: "release_job", node: "n", job: "a" });
    stage.run(610, reserve("a", "n", 100));
    lapse(stage, 800);
    stage.run(900, complete("b"));
    expect(stage.finish().violations).toEqual([]);
  });

  it("goes by the server's clock, and claims nothing of a heartbeat under which that was moved", () => {
    const stage = begun();
    stage.hear({ kind: "server", at: 499.5, server: 1, what: "clock_moved", data: "kept" });
    beat(stage, 500, { passedOn: [] });
    lapse(stage, 1_100);
    expect(stage.finish().violations).toEqual([]);
  });
});

describe("D4 of an epoch that was left", () => {
  /** Instance 0 has followed server 1, and then server 2. */
  function moved(): Stage {
    const stage = begun();
    stage.says(11, { kind: "resynced", partition: 0, version: stage.version(), nodes: 1, pages: 1, took: 1 });
    stage.promote(20, 2, stage.state());
    stage.run(21, { kind: "changes_since", since: { epoch: 1, sequence: 1 }, limit: 0 }, { server: 2 });
    stage.says(22, { kind: "resynced", partition: 0, version: stage.version(2), nodes: 1, pages: 1, took: 1 });
    return stage;
  }

  function placed(stage: Stage, parts: Partial<Call> = {}): void {
    stage.run(30, reserve("b", "n", lease));
    const told = { reply: "reserved", version: stage.version(), job: "b" };
    stage.returned({ op: "reserve_job", from: 29, to: 31, ...told, ...parts });
  }

  it("is violated where an instance acknowledges there what nobody will name", () => {
    const stage = moved();
    placed(stage);
    expect(stage.finish().violations[0]?.[0]).toMatch(
      /^reserve_job of b on node n was acknowledged at .* by instance 0, which had left that epoch/,
    );
  });

  it.each([
    ["says that it may be lost", { outcome: "info", reply: "readonly" }],
    ["is another, which follows the former primary still", { instance: 1 }],
  ] as const)("holds where the instance %s", (_, parts) => {
    const stage = moved();
    placed(stage, parts);
    expect(stage.finish().violations).toEqual([]);
  });

  it("claims nothing of a new life, which has left nothing", () => {
    const stage = moved();
    stage.instance(25, "crashed");
    stage.instance(26, "started");
    placed(stage);
    expect(stage.finish().violations).toEqual([]);
  });
});
