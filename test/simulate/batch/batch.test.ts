import { describe, expect, it } from "vitest";
import { findScenario } from "../../../scenarios/registry.ts";
import { decodeToken } from "../../../src/evidence/token.ts";
import { createScheduler } from "../../../src/scheduler/scheduler.ts";
import { runBatch, runSimulate, simulatedNames } from "../../../src/simulate/batch/batch.ts";
import type { SeedLine, SimulateOptions } from "../../../src/simulate/batch/options.ts";
import { replaySimulate } from "../../../src/simulate/run/replay.ts";
import { fingerprintOf, tokenOf } from "../../../src/simulate/run/token.ts";
import type { Listener } from "../../../src/simulate/trace/bus.ts";
import { deaf, small } from "../small.ts";

const signal = new AbortController().signal;
const world = { signal, now: () => 0 };

function batch(more: Partial<SimulateOptions> = {}, scenario = small()) {
  const lines: SeedLine[] = [];
  const onSeed = (line: SeedLine): void => void lines.push(line);
  const evidence = runBatch(scenario, { ...world, seeds: { from: 1, to: 4 }, onSeed, ...more });
  return evidence.then((one) => ({ evidence: one, lines }));
}

describe("a batch", () => {
  it("runs every seed of its range, reports each, and sums up", async () => {
    const { evidence, lines } = await batch();
    expect(lines.map(({ seed }) => seed)).toEqual([1, 2, 3, 4]);
    expect(new Set(lines.map(({ trace_hash }) => trace_hash)).size).toBe(4);
    expect(lines.every(({ scenario, verdict }) => scenario === "small" && verdict === "held")).toBe(true);
    expect(evidence).toMatchObject({ name: "simulate", verdict: "held", runs: 4, violations: [] });
    expect(evidence.properties.map(({ id, verdict }) => [id, verdict])).toEqual([
      ["J1", "held"],
      ["V1", "held"],
      ["V3", "held"],
    ]);
  });

  it("shares the seeds among shards, each once", async () => {
    const seeds: number[] = [];
    for (const index of [1, 2, 3]) {
      const { lines } = await batch({ shard: { index, of: 3 } });
      seeds.push(...lines.map(({ seed }) => seed));
    }
    expect(seeds.sort()).toEqual([1, 2, 3, 4]);
  });

  it("ends with the seed that is running when its time is over", async () => {
    const stop = new AbortController();
    const { lines } = await batch({ signal: stop.signal, onProgress: () => {}, seeds: { from: 1, to: 4 } });
    expect(lines).toHaveLength(4);
    stop.abort();
    const none = await batch({ signal: stop.signal });
    expect(none.lines).toHaveLength(0);
    expect(none.evidence.verdict).toBe("not_exercised");
  });

  it("drops the run in whose middle its time is over", async () => {
    const stop = new AbortController();
    let heard = 0;
    const listener: Listener = {
      hears: ["returned"],
      on() {
        heard += 1;
        if (heard === 20) stop.abort();
      },
    };
    const { evidence, lines } = await batch({ signal: stop.signal, listeners: [listener] });
    expect(lines).toEqual([]);
    expect(evidence.verdict).toBe("not_exercised");
    expect(heard).toBeLessThan(60);
  });

  it("is not exercised where a kind of load never did what it is for", async () => {
    const full = small([], {
      load: [
        { kind: "read", every: 40 },
        { kind: "put_config", every: 30_000 },
      ],
    });
    const { verdict, reason } = (await batch({}, full)).evidence;
    expect([verdict, reason]).toEqual([
      "not_exercised",
      "small, simulated: never exercised: J1; never succeeded: put_config",
    ]);
  });

  it("is broken by a scheduler that throws what no scheduler promises to", async () => {
    const mistaken: typeof createScheduler = (ports, settings, observe) => {
      const right = createScheduler(ports, settings, observe);
      right.dispatch = () => Promise.reject(new TypeError("no such thing"));
      return right;
    };
    const { evidence } = await batch({ planted: { id: "mistaken", createScheduler: mistaken } });
    expect(evidence.verdict).toBe("broken");
    expect(evidence.reason).toMatch(/instance \d threw TypeError: no such thing; at dispatch: that is a mistake/);
  });

  it("is not exercised where a property of the scenario, or what has to be seen, never was", async () => {
    const idle = await batch({}, small([], { always: ["J1", "D4"] }));
    expect(idle.evidence).toMatchObject({ verdict: "not_exercised", reason: "small, simulated: never exercised: D4" });
    const unseen = await batch({}, small([], { sometimes: ["degraded"] }));
    expect(unseen.evidence).toMatchObject({
      verdict: "not_exercised",
      reason: "small, simulated: never seen: degraded",
    });
  });

  it("goes on while it lacks what has to be seen, for so many seeds and no more", async () => {
    const rare = findScenario("broken-client");
    const four = { from: 4, to: 4 };
    expect((await batch({ seeds: four }, rare)).evidence).toMatchObject({ verdict: "not_exercised", runs: 1 });
    const { evidence, lines } = await batch({ seeds: four, moreSeeds: 3 }, rare);
    expect(lines.map(({ seed }) => seed)).toEqual([4, 5]);
    expect(evidence).toMatchObject({ verdict: "held", runs: 2, json: { from: 4, to: 5 } });
    const never = small([], { sometimes: ["degraded"] });
    expect((await batch({ moreSeeds: 3 }, never)).evidence).toMatchObject({ verdict: "not_exercised", runs: 7 });
    expect((await batch({ moreSeeds: 3 })).evidence.runs).toBe(4);
    const planted = { id: "deaf", createScheduler: deaf };
    expect((await batch({ moreSeeds: 3, planted, failures: "plain" }, never)).evidence.runs).toBe(4);
  });

  it("does not judge what virtual time cannot show", async () => {
    const { evidence } = await batch({}, small([], { always: ["J1", "B2", "K4"] }));
    expect(evidence.properties.map(({ id }) => id)).toEqual(["J1", "V3"]);
  });
});

describe("a wrong scheduler", () => {
  const planted = { id: "deaf", createScheduler: deaf };

  it("is violated with every seed, and the same failure is reported once, with the first token", async () => {
    const { evidence, lines } = await batch({ planted, failures: "plain" });
    expect(lines.map(({ verdict }) => verdict)).toEqual(["violated", "violated", "violated", "violated"]);
    expect(evidence.verdict).toBe("violated");
    expect(evidence.violations.length).toBeLessThanOrEqual(3);
    expect(evidence.violations[0]).toMatchObject({ property: "V3", scenario: "small", token: lines[0]?.token });
    expect(evidence.violations[0]?.story.at(-1)).toMatch(/^found with \d of 4 seeds, first with 1$/);
  });

  it("ends a batch that is to end with the first failure", async () => {
    expect((await batch({ planted, untilFailure: true })).lines).toHaveLength(1);
  });
});

describe("a run that is not the same the second time", () => {
  it("is broken, and the first event that differs is named", async () => {
    let drawn = 0;
    const forgetful: typeof createScheduler = (ports, settings, observe) =>
      createScheduler(
        { ...ports, random: (concern) => (concern === "select" ? counting : ports.random(concern)) },
        settings,
        observe,
      );
    const counting = {
      nextUint32() {
        drawn += 0x9e3779b9;
        return drawn >>> 0;
      },
    };
    const diverging = batch({ planted: { id: "forgetful", createScheduler: forgetful } });
    await expect(diverging).rejects.toThrow(/^seed 1 was run twice, and event \d+ differs: "\d+ \w+ .*", then "\d+ /);
    await expect(diverging).rejects.toMatchObject({ name: "BrokenRunError" });
  });
});

describe("a token", () => {
  const steady = findScenario("steady");
  if (steady === undefined) throw new Error("no scenario steady");

  it("replays its run, line by line, with a log for people", async () => {
    const lines: SeedLine[] = [];
    await runSimulate({ ...world, scenario: "steady", seeds: { from: 3, to: 3 }, onSeed: (line) => lines.push(line) });
    const token = decodeToken(lines[0]?.token ?? "");
    const { log, line, trace } = await replaySimulate({ ...world, token });
    expect(line.trace_hash).toBe(lines[0]?.trace_hash);
    expect(trace).toHaveLength(line.events);
    expect(log.some((line) => line.endsWith("-- the load begins"))).toBe(true);
  });

  it("of an edited scenario is refused", async () => {
    const token = decodeToken(tokenOf({ scenario: { ...steady, duration: 1 }, seed: 1 }));
    const refused = replaySimulate({ ...world, token });
    await expect(refused).rejects.toMatchObject({ name: "UsageError", where: "token: declaration" });
  });

  it("of a scenario that there is not is refused", async () => {
    const token = decodeToken(tokenOf({ scenario: small(), seed: 1 }));
    await expect(replaySimulate({ ...world, token })).rejects.toThrow(/scenario "small": there is none of that name/);
  });

  it("depends on all that the declaration says, and not on the order of its fields", () => {
    expect(fingerprintOf(small())).toBe(fingerprintOf(Object.fromEntries(Object.entries(small()).reverse()) as never));
    expect(fingerprintOf(small())).not.toBe(fingerprintOf(small([], { staleness: 301 })));
  });
});

describe("the scenarios", () => {
  it("are those of the registry with faults that can be simulated", () => {
    expect(simulatedNames()).toEqual(expect.arrayContaining(["steady", "redis-gone", "random-nemesis", "clock-jump"]));
  });

  it("that there are not are refused", async () => {
    const refused = runSimulate({ ...world, scenario: "redis-gon", seeds: { from: 1, to: 1 } });
    await expect(refused).rejects.toMatchObject({ name: "UsageError", where: "scenario" });
  });
});
