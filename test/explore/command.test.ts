import { describe, expect, it } from "vitest";
import { exploreCommand } from "../../src/cli/commands/explore.ts";
import { createOutput } from "../../src/cli/printing/output.ts";
import { explainFailure } from "../../src/cli/process/ending.ts";
import { runExplore } from "../../src/explore/run.ts";
import { idleContext } from "../cli/process/idle.ts";
import { jsonLines, stream } from "../cli/terminal.ts";

/** @param explore instead of our own models' */
async function command(words: readonly string[], explore?: typeof runExplore) {
  const out = stream();
  const err = stream();
  let code = -1;
  const context = {
    ...idleContext,
    output: createOutput(out, err, {}),
    now: () => performance.now(),
    exit: (given: number) => {
      code = given;
    },
  };
  try {
    await exploreCommand(context, explore).exitOverride().parseAsync(words, { from: "user" });
  } catch (error) {
    code = explainFailure(error, context.output, {}, undefined);
  }
  return { code, out: out.text, err: err.text };
}

const small = ["--model", "job-store", "--scope", "N=1,I=1,V=3,J=2,C=1,M=3,D=1,K=1"];

describe("lockproof explore", () => {
  it("prints one object with the stable fields with --json, and nothing else", async () => {
    const { code, out, err } = await command([...small, "--json"]);
    expect(code).toBe(0);
    expect(err).toBe("");
    const lines = jsonLines(out);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      model: "job-store",
      scope: { N: 1, I: 1, V: 3, J: 2, C: 1, M: 3, D: 1, K: 1 },
      unique_states: 1273,
      generated_states: 7995,
      depth: 12,
      verdict: "held",
      symmetry: "off",
    });
    expect(lines[0]?.["seconds"]).toBeTypeOf("number");
  });

  it("says what was seen, in words", async () => {
    const { code, out } = await command([...small, "--symmetry", "--threads", "2"]);
    expect(code).toBe(0);
    expect(out).toMatch(/held {3}702 states {3}4,382 generated {3}depth 12 .* states a second {3}symmetry on/);
  });

  it("prints a counterexample step by step, and ends with 1", async () => {
    const { code, out } = await command(["--model", "job-store", "--scope", "C=2,V=4,M=4", "--mutant", "stale"]);
    expect(code).toBe(1);
    expect(out).toContain("VIOLATED");
    expect(out).toContain(
      "a cache never goes back within an incarnation: found otherwise after 4 steps, allowed never",
    );
    expect(out).toContain("1. Register(node 0)");
    expect(out).toContain("net: + Notify(i 0, n 0, inc 1, ver 1, alive true, count 0)");
  });
});

describe("what lockproof explore does not judge", () => {
  it("is named, with the reason, in words and in JSON", async () => {
    const words = ["--model", "system", "--scope", "replica,X=0,S=1,T=0"];
    const { code, out } = await command(words);
    expect(code).toBe(2);
    const reason = "liveness is judged where T=1, nothing is forgotten (Z=0), and there is no clock (Y=0)";
    expect(out).toContain(`not judged in this scope: V3 every view is the store's, after a fault: ${reason}`);
    const [json] = jsonLines((await command([...words, "--json"])).out);
    expect(json?.["not_judged"]).toContainEqual({
      property: "N1",
      claim: "an older call, or one of a former life, never changes a node",
      reason: "no node lives twice (L > 1)",
    });
  });
});

describe("bad input to lockproof explore", () => {
  const table = new URL("./spoilt-models.ts", import.meta.url).href;
  const ofSpoilt: typeof runExplore = (options) => runExplore({ ...options, table });

  it.each([
    [["--model", "system", "--scope", "N=3"], "model system: scope: N (nodes) is 3, allowed 1 to 2"],
    [["--model", "system", "--scope", "full,N=3"], "model system: scope: N (nodes) is 3, allowed 1 to 2"],
    [["--model", "system", "--scope", "Q=1"], 'model system: scope: unknown key "Q"; allowed: N, J, C'],
    [
      ["--model", "system", "--scope", "wide"],
      'scope: found "wide"; allowed: quick, groups, replica, former, outage, standard, full, key=integer',
    ],
    [["--model", "job-store", "--scope", "full"], 'model job-store: scope: found "full"; allowed: small, middle, main'],
    [["--model", "system", "--symmetry"], "model system: symmetry is unsound for V3, an eventually"],
  ])("%j is wrong usage", async (words, message) => {
    const { code, out, err } = await command(words);
    expect(code).toBe(64);
    expect(out).toBe("");
    expect(err).toContain(message);
  });

  it.each([
    ["property-throws", "model property-throws: a property threw: no answer"],
    ["action-throws", "model action-throws: an action threw: no next"],
    ["leaves-schema", "model leaves-schema: a state outside its schema: count is 12, allowed an integer from 0 to 9"],
    ["hidden-state", "model hidden-state: an action's order is not deterministic"],
    ["normal-throws", "model normal-throws: an action threw: no normal form"],
    ["normal-leaves-schema", "a state outside its schema: count is 12, allowed an integer from 0 to 9"],
  ])("%s is a broken run: neither held nor violated", async (model, message) => {
    const { code, out, err } = await command(["--model", model, "--json"], ofSpoilt);
    expect(code).toBe(3);
    expect(out).toBe("");
    expect(err).toContain(message);
  });
});
