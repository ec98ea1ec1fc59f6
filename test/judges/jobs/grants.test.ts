/** The part of J5 that is about leases as the store was asked for them. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Call } from "../../../src/check/history.ts";
import { judgeLeases } from "../../../src/judges/jobs/leases.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { resolveSettings } from "../../../src/scheduler/settings.ts";
import { call, entry, job, registered, seenAt, trialOf } from "../../check/trials.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { type Asked, register, reserve, Stage, type Wrong } from "../../simulate/judges/stage.ts";

const lease = 1_000;

function begun(first = lease): Stage {
  const stage = new Stage(inSimulation(judgeLeases), { settings: { lease } });
  stage.run(1, { ...register(), ttl: 60_000 } as Asked);
  stage.run(10, reserve("a", "n", first));
  return stage;
}

const firstOf = (stage: Stage): string => stage.finish().violations[0]?.[0] ?? "";

describe("J5 of a lease that was asked for", () => {
  const asked = (first: number, parts: Partial<Call> = {}): Stage => {
    const stage = begun(first);
    stage.returned({ op: "reserve_job", job: "a", from: 9, to: 11, reply: "reserved", ...parts });
    return stage;
  };

  it("holds where the place got it, or that of the settings where none was asked for", () => {
    const all = [asked(lease), asked(70, { lease: 70 }), asked(80, { op: "dispatch", asked: wish(80) })];
    for (const stage of all) expect(firstOf(stage)).toBe("");
    expect(asked(lease).finish().measures).toContainEqual({ name: "leases_compared", value: 1 });
  });

  it.each([
    ["a day instead of that of the settings", asked(86_400_000), "86400000 ms, allowed 1000 ms"],
    ["that of the settings instead of its own", asked(lease, { lease: 70 }), "1000 ms, allowed 70 ms"],
    [
      "another than its dispatch asked for",
      asked(lease, { op: "dispatch", asked: wish(80) }),
      "1000 ms, allowed 80 ms",
    ],
  ])("is violated by %s", (_, stage, found) => {
    expect(firstOf(stage)).toBe(`job a got its place on node n for ${found}, as asked for`);
  });

  it("claims nothing of a job that no client is known to have asked for", () => {
    expect(firstOf(begun(7))).toBe("");
  });
});

function wish(own: number) {
  return { pool: "pool-a", source: "en", target: "de", services: [], lease: own };
}

/** A heartbeat, acknowledged, that names the jobs; what the store makes of it may be wrong. */
function beat(
  stage: Stage,
  at: number,
  running: readonly string[],
  parts: { passedOn?: readonly string[]; wrong?: Wrong; until?: number; chunk?: number } = {},
): void {
  const metrics = { cpu: 0, gpu: 0, memory: 0, load: 0, latency_ms: 0, error_rate: 0 };
  const { chunk = 0, passedOn = running, until = lease, wrong = {} } = parts;
  const terms = { ttl: 60_000, lease: until, healthMilli: 500, metrics, seq: at, chunk, running: passedOn };
  stage.run(at, { kind: "heartbeat", node: "n", incarnation: stage.incarnation(), ...terms }, { wrong });
  stage.returned({
    op: "heartbeat",
    from: at - 1,
    to: at + 1,
    reply: "renewed",
    version: stage.version(),
    seq: at,
    running,
  });
}

describe("J5 of a lease that a heartbeat renews", () => {
  it("holds where exactly the jobs that it names are renewed, and a longer lease stays", () => {
    const stage = begun();
    stage.run(20, reserve("b", "n", 5_000));
    beat(stage, 500, ["a", "b"]);
    beat(stage, 600, ["b"]);
    expect(firstOf(stage)).toBe("");
    expect(stage.finish().measures).toContainEqual({ name: "leases_compared", value: 4 });
  });

  it("is violated where only the first is passed on, where others are, and where it is renewed for another time", () => {
    const first = begun();
    first.run(20, reserve("b"));
    beat(first, 500, ["a", "b"], { passedOn: ["a"] });
    expect(firstOf(first)).toMatch(
      /^after heartbeat 500, which named it, job b keeps its place on node n for 520 ms, allowed 1000 ms$/,
    );
    const others = begun();
    beat(others, 500, ["b"], { passedOn: ["a"] });
    expect(firstOf(others)).toMatch(
      /^after heartbeat 500, which did not name it, job a keeps .* 1000 ms, allowed 510 ms$/,
    );
    const day = begun();
    beat(day, 500, ["a"], { until: 86_400_000 });
    expect(firstOf(day)).toMatch(/for 86400000 ms, allowed 1000 ms$/);
  });

  it("holds each part of a long list against all that was named, and asks for each job once", () => {
    const running = ["a", "b"];
    const inParts = (parts: readonly (readonly string[])[]): string => {
      const stage = begun();
      stage.run(20, reserve("b"));
      const metrics = { cpu: 0, gpu: 0, memory: 0, load: 0, latency_ms: 0, error_rate: 0 };
      const terms = { ttl: 60_000, lease, healthMilli: 500, metrics, seq: 7, incarnation: stage.incarnation() };
      for (const [chunk, named] of parts.entries())
        stage.run(500 + chunk, { kind: "heartbeat", node: "n", ...terms, chunk, running: named });
      const reply = { reply: "renewed", version: stage.version(), seq: 7, running };
      stage.returned({ op: "heartbeat", from: 499, to: 510, ...reply });
      return firstOf(stage);
    };
    expect(inParts([["a"], ["b"]])).toBe("");
    expect(inParts([["a"], []])).toMatch(
      /which named it, job b keeps its place on node n for 520 ms, allowed 1000 ms$/,
    );
    expect(inParts([["a"], ["a"]])).toMatch(/job b keeps its place on node n for 520 ms/);
  });

  it("is violated where a lease becomes shorter", () => {
    const stage = begun(5_000);
    const shortened: Wrong = {
      after: (after) => ({ ...after, jobs: new Map([["n", new Map([["a", 1_000_600]])]]) }),
    };
    beat(stage, 500, [], { wrong: shortened });
    expect(firstOf(stage)).toBe(
      "heartbeat 500 shortened the lease of job a on node n from 4510 ms to 100 ms, allowed is never shorter",
    );
  });
});

describe("J5 of a first lease, in a recorded run", () => {
  const reserved = (parts: Partial<Call> = {}): Call =>
    call({
      op: "reserve_job",
      node: "n1",
      job: "a",
      reply: "reserved",
      version: { epoch: "e1", sequence: 2 },
      from: 9,
      to: 12,
      ...parts,
    });
  const judged = (at: number, parts: Partial<Call> = {}) => {
    const lapsed = entry(3, { kind: "lapsed", node: "n1", jobs: ["a"], current_jobs: 0 });
    const observations = [entry(1, registered()), seenAt(10, entry(2, job("reserved", "a", 1))), seenAt(at, lapsed)];
    return judgeRecorded(judgeLeases, trialOf({ history: [reserved(parts)], observations, terms: { lease } }));
  };

  it("is violated where the place lapses before the lease that was asked for, or that of the settings", () => {
    expect(judged(1_020).violations).toEqual([]);
    expect(judged(500).violations[0]?.[0]).toMatch(/^job a lost its place on node n1 509 ms before the lease ended/);
    expect(judged(500, { lease: 400 }).violations).toEqual([]);
  });
});

describe("the lease of the settings", () => {
  it("is the documented one", () => {
    const page = readFileSync(new URL("../../../docs/instance.md", import.meta.url), "utf8");
    const [, seconds] = /its lease, (\d+) s where none is given/u.exec(page) ?? [];
    expect(resolveSettings({}).lease).toBe(1_000 * Number(seconds));
  });
});
