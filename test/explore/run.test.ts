import { describe, expect, it } from "vitest";
import { decodeToken } from "../../src/evidence/token.ts";
import { type ExploreOptions, runExplore } from "../../src/explore/run.ts";

const table = new URL("./spoilt-models.ts", import.meta.url).href;
const ours = new URL("../../src/explore/models.ts", import.meta.url).href;
const never = new AbortController().signal;

/** A clock that moves by a second each time it is read. */
function ticking(): () => number {
  let at = 0;
  return () => {
    at += 1000;
    return at;
  };
}

function run(model: string, options: Partial<ExploreOptions> = {}) {
  return runExplore({ model, table, signal: never, now: ticking(), ...options });
}

describe("explore", () => {
  it("says how many states there are, and that all properties were exercised and held", async () => {
    const { json, verdict, properties, violations } = await run("counter");
    expect(json).toMatchObject({
      model: "counter",
      scope: { S: 4 },
      unique_states: 10,
      generated_states: 10,
      depth: 10,
    });
    expect(json).toMatchObject({ verdict: "held", symmetry: "off", steps: null, threads: 1, mutant: null });
    expect(json.seconds).toBeGreaterThan(0);
    expect(verdict).toBe("held");
    expect(properties).toMatchObject([{ id: "V1", verdict: "held", exercised: 1 }]);
    expect(violations).toEqual([]);
  });

  it.each([1, 2])("counts the new states of each level, with %i threads", async (threads) => {
    const { explored, json } = await run("counter", { threads });
    expect(explored).toEqual([
      { model: "counter", scope: "S=4", levels: Array.from({ length: 10 }, () => 1), complete: true },
    ]);
    expect(json.unique_states).toBe(10);
  });

  it("keeps one state for those that a model says are alike", async () => {
    const { json } = await run("forgetful");
    expect(json).toMatchObject({ unique_states: 7, generated_states: 8, depth: 7, verdict: "held" });
  });

  it("knows a model's scopes by name, with what is changed of them, and how to count there", async () => {
    const of = async (scope: string, symmetry?: boolean) => {
      const { json } = await run("job-store", { table: ours, scope, symmetry });
      return [json.unique_states, json.symmetry];
    };
    expect(await of("small")).toEqual([1273, "off"]);
    expect(await of("small,J=1")).toEqual([(await of("N=1,I=1,V=3,J=1,C=1,M=3"))[0], "off"]);
    expect(await of("small", true)).toEqual([702, "on"]);
    const system = async (symmetry?: boolean) => {
      const scope = "standard,E=1,S=1,V=1,J=1,A=0,D=0,G=0";
      const { json } = await run("system", { table: ours, scope, symmetry });
      return json.symmetry;
    };
    expect([await system(), await system(false)]).toEqual(["on", "off"]);
  });

  it("takes a bound by its name or by its short form, and prints the short form", async () => {
    const spellings = ["N=1,J=1,C=1,M=3", "nodes=1,jobs=1,instances=1,messages=3", "N=1,jobs=1,C=1,messages=3"];
    const found = [];
    for (const scope of [...spellings, { N: 1, J: 1, C: 1, M: 3 }, { nodes: 1, jobs: 1, instances: 1, messages: 3 }]) {
      found.push((await run("job-store", { table: ours, scope })).json);
    }
    for (const { scope, token, unique_states } of found) {
      expect(scope).toEqual({ N: 1, I: 1, V: 3, J: 1, C: 1, M: 3, D: 1, K: 1 });
      expect(Object.keys(scope)).toEqual(["N", "I", "V", "J", "C", "M", "D", "K"]);
      expect({ token, unique_states }).toEqual({ token: found[0]?.token, unique_states: found[0]?.unique_states });
      expect(decodeToken(token).options?.["scope"]).toEqual(scope);
    }
  });

  it("calls a run in which no step leads anywhere not exercised", async () => {
    const { json, verdict, properties } = await run("stands-still");
    expect(json).toMatchObject({ unique_states: 1, verdict: "not_exercised" });
    expect(verdict).toBe("not_exercised");
    expect(properties).toMatchObject([
      { id: "V1", verdict: "not_exercised", exercised: 0, reason: "no step leads to another state: counts well" },
    ]);
  });

  it("calls a run in which no witness was reached not exercised", async () => {
    const { verdict, properties } = await run("no-witness");
    expect(verdict).toBe("not_exercised");
    expect(properties[0]).toMatchObject({ exercised: 0, reason: "never so in any state: comes to it" });
  });

  it("reports a lasso: the way to the loop, and the loop", async () => {
    const { verdict, violations, counterexamples } = await run("ring", { scope: "S=3" });
    expect(verdict).toBe("violated");
    expect(counterexamples[0]?.steps).toEqual([]);
    expect(counterexamples[0]?.loop?.map(({ action }) => action)).toEqual(["turn(1)", "turn(2)", "turn(0)"]);
    expect(violations[0]).toMatchObject({ property: "V3", layer: "explore", scenario: "ring S=3" });
    expect(violations[0]?.story).toContain("from here steps 1 to 3 repeat for ever:");
    expect((await run("fair-ring")).verdict).toBe("held");
  });

  it("gives a token that names model, scope and mutant", async () => {
    const { json } = await run("counter", { mutant: "none" });
    const { subject, layer, mutant, options } = decodeToken(json.token);
    expect({ subject, layer, mutant, options }).toEqual({
      subject: "explore",
      layer: "explore",
      mutant: "none",
      options: { model: "counter", scope: { S: 4 }, symmetry: false },
    });
  });

  it("ends as unknown when it is interrupted before its threads have loaded", async () => {
    const slow = new URL("./slow-table.ts", import.meta.url).href;
    const signal = AbortSignal.timeout(200);
    const { verdict, reason } = await run("counter", { table: slow, signal, threads: 2 });
    expect(verdict).toBe("unknown");
    expect(reason).toMatch(/^interrupted after 0 states/);
  });

  it("ends as unknown when it is interrupted", async () => {
    const { verdict, reason } = await run("counter", { signal: AbortSignal.abort() });
    expect(verdict).toBe("unknown");
    expect(reason).toMatch(/^interrupted after \d+ states?/);
  });

  it("ends as unknown, never in a crash, when its memory is full, and reports how far it came", async () => {
    const texts: string[] = [];
    const { verdict, reason, json } = await run("job-store", {
      table: ours,
      scope: { N: 1, I: 2, V: 4, J: 1, C: 2, M: 4 },
      memoryMb: 1,
      onProgress: (text) => texts.push(text),
    });
    expect(verdict).toBe("unknown");
    expect(reason).toMatch(/^out of memory after [0-9,]+ states$/);
    expect(json.unique_states).toBeGreaterThan(10_000);
    expect(json.states_mib).toBeLessThanOrEqual(1);
    expect(
      texts.every((text) => /^explore: [0-9,]+ states, [0-9,]+ a second, frontier [0-9,]+, depth \d+$/.test(text)),
    ).toBe(true);
    expect(texts.length).toBeGreaterThan(3);
  });
});

describe("what a model does wrong breaks the run, and says where", () => {
  it.each([
    ["property-throws", "model property-throws: a property threw: no answer", "V1 counts well, in the state count 3"],
    ["action-throws", "model action-throws: an action threw: no next", "Step() in the state count 3"],
    [
      "leaves-schema",
      "model leaves-schema: a state outside its schema: count is 12, allowed an integer from 0 to 9",
      "Step() in the state count 4",
    ],
    ["hidden-state", "model hidden-state: an action's order is not deterministic", "successor 1 of the state count 0"],
    ["when-changes", "model when-changes: an action threw: its when changes the state", "Step() in the state count 5"],
    ["too-large", "model too-large: an integer from 0 to 2147483647 is 2147483648 values", 'scope {"S":4}'],
    ["unknown-property", 'model unknown-property: property "Z9" is not in the registry', "counts well"],
  ])("%s", async (name, message, where) => {
    const error = await run(name).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "BrokenRunError", where });
    expect((error as Error).message).toContain(message);
  });
});

describe("what cannot be asked for is refused", () => {
  it.each<[string, string, Partial<ExploreOptions>]>([
    ["nothing-like-it", 'unknown model "nothing-like-it"; allowed: counter, ', {}],
    ["counter", "model counter: scope: S (size) is 10, allowed 1 to 9", { scope: "S=10" }],
    ["counter", 'model counter: scope: unknown key "T"; allowed: S', { scope: { T: 1 } }],
    ["counter", "model counter: scope: S is given twice", { scope: "S=1,S=2" }],
    ["counter", 'model counter: scope: found "S=x"; allowed: key=integer', { scope: "S=x" }],
    ["job-store", "model job-store: scope: N is given twice", { table: ours, scope: "N=1,nodes=2" }],
    ["job-store", "model job-store: scope: N (nodes) is 5, allowed 1 to 4", { table: ours, scope: { nodes: 5 } }],
    ["counter", 'model counter: unknown mutant "stale"; allowed: none', { mutant: "stale" }],
    ["counter", "found 0; allowed: an integer from 1 to 64", { threads: 0 }],
    ["ring", "model ring: symmetry is unsound for V3, an eventually: comes to a goal", { symmetry: true }],
  ])("%s: %s", async (name, message, options) => {
    const error = await run(name, options).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "UsageError" });
    expect((error as Error).message).toContain(message);
  });
});

describe("the number of threads changes neither counts nor verdict", () => {
  const middle = { N: 1, I: 2, V: 4, J: 1, C: 2, M: 4, D: 1, K: 1 };

  it.each<[string, Partial<ExploreOptions>]>([
    ["job-store", { scope: middle }],
    ["job-store", { scope: { ...middle, V: 3 }, symmetry: true }],
    ["job-store", { scope: middle, mutant: "stale" }],
    ["job-store", { scope: { ...middle, J: 2 }, mutant: "cap" }],
    ["ring", {}],
    ["fair-ring", {}],
    ["pair", {}],
    ["property-throws", {}],
  ])("%s %j", async (name, options) => {
    const ofTable = name === "job-store" ? { table: ours } : {};
    const outcomes = [];
    for (const threads of [1, 2, 3]) {
      const found = await run(name, { ...options, ...ofTable, threads }).catch((error: Error) => ({
        error: error.message,
      }));
      if ("error" in found) outcomes.push(found.error);
      else {
        const { unique_states, generated_states, depth, verdict, steps } = found.json;
        outcomes.push({ unique_states, generated_states, depth, verdict, steps, properties: found.properties });
      }
    }
    expect(outcomes[1]).toEqual(outcomes[0]);
    expect(outcomes[2]).toEqual(outcomes[0]);
  });
});
