import { describe, expect, it } from "vitest";
import { exploreCommand } from "../../src/cli/explore.ts";
import { createOutput } from "../../src/cli/output.ts";
import { idleContext } from "../cli/idle.ts";
import { jsonLines, stream } from "../cli/terminal.ts";

async function command(...words: readonly string[]) {
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
  await exploreCommand(context).exitOverride().parseAsync(words, { from: "user" });
  return { code, out: out.text, err: err.text };
}

const small = ["--model", "job-store", "--scope", "N=1,I=1,V=3,J=2,C=1,M=3,D=1,K=1"];

describe("lockproof explore", () => {
  it("prints one object with the stable fields with --json, and nothing else", async () => {
    const { code, out, err } = await command(...small, "--json");
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
    const { code, out } = await command(...small, "--symmetry", "--threads", "2");
    expect(code).toBe(0);
    expect(out).toMatch(/held {3}702 states {3}4,382 generated {3}depth 12 .* states a second {3}symmetry on/);
  });

  it("tells a counterexample step by step, and ends with 1", async () => {
    const { code, out } = await command("--model", "job-store", "--scope", "C=2,V=4,M=4", "--mutant", "stale");
    expect(code).toBe(1);
    expect(out).toContain("VIOLATED");
    expect(out).toContain(
      "a cache never goes back within an incarnation: found otherwise after 4 steps, allowed never",
    );
    expect(out).toContain("1. Register(node 0)");
    expect(out).toContain("net: + Notify(i 0, n 0, inc 1, ver 1, alive true, count 0)");
  });
});
