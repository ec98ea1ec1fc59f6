import { describe, expect, it } from "vitest";
import { mutateCommand } from "../../../src/cli/mutate/command.ts";
import { createOutput } from "../../../src/cli/printing/output.ts";
import type { CodeMutant } from "../../../src/mutate/mutant.ts";
import { type OutcomeKind, outcomeOf } from "../../../src/mutate/outcome.ts";
import type { Mutated, MutateOptions } from "../../../src/mutate/run.ts";
import { idleContext } from "../process/idle.ts";
import { jsonLines, stream } from "../terminal.ts";

const place = { file: "src/scheduler/view/view.ts", line: 34, column: 7, start: 900, end: 905 };
const mutants = (count: number): readonly CodeMutant[] =>
  Array.from({ length: count }, (_, at) => ({
    ...place,
    ...{ id: `id${at}`, number: at + 1, operator: "EqualityOperator", original: "a < b", replacement: "a <= b" },
  }));

interface Found {
  readonly kinds: readonly OutcomeKind[];
  /** Mutants from which the sample was drawn. */
  readonly all?: number;
  /** Chosen mutants that did not run. */
  readonly left?: number;
}

function mutated({ all, kinds, left = 0 }: Found): Mutated {
  const chosen = mutants(kinds.length + left);
  const killed = {
    layer: "simulate",
    property: "V2",
    how: "violated",
    run: "simulate steady, seed 3",
    runs: 2,
  } as const;
  const outcomes = kinds.flatMap((kind, at) => {
    const mutant = chosen[at];
    return mutant === undefined ? [] : [[mutant, outcomeOf(mutant, kind, kind === "killed" ? killed : {})] as const];
  });
  return { all: all ?? chosen.length, chosen, outcomes };
}

async function mutate(words: readonly string[], found: Found) {
  const [out, err] = [stream(), stream()];
  let code = -1;
  let options: MutateOptions | undefined;
  const exit = (chosen: number): void => {
    code = chosen;
  };
  const context = { ...idleContext, output: createOutput(out, err, {}), exit };
  const fake = async (given: MutateOptions): Promise<Mutated> => {
    options = given;
    const made = mutated(found);
    given.onChosen();
    for (const [mutant, outcome] of made.outcomes) given.onOutcome(mutant, outcome, false);
    return made;
  };
  await mutateCommand(context, fake).parseAsync(words, { from: "user" });
  return { code, out: out.text, err: err.text, options };
}

const many = (kind: OutcomeKind, count: number): readonly OutcomeKind[] => Array.from({ length: count }, () => kind);

describe("mutate", () => {
  it.each([
    ["all are killed", { kinds: many("killed", 3) }, 0],
    ["one survives", { kinds: [...many("killed", 3), "survived"] }, 1],
    ["no run reaches one", { kinds: [...many("killed", 3), "no_coverage"] }, 1],
    ["one is equivalent", { kinds: [...many("killed", 3), "equivalent"] }, 0],
    ["one is no program", { kinds: [...many("killed", 3), "broken"] }, 0],
    ["none counts", { kinds: ["equivalent"] }, 2],
    ["none was chosen", { kinds: [] }, 2],
    ["not every chosen one has run", { kinds: many("killed", 3), left: 1 }, 2],
    ["they are a sample of many", { kinds: many("killed", 3), all: 500 }, 2],
  ] as const)("where %s", async (_, found, code) => {
    expect((await mutate([], found)).code).toBe(code);
  });

  it.each([
    [90, 90, 200, 0],
    [80, 90, 200, 1],
    [88, 90, 500, 2],
  ])("with %i of 100 killed, of which %i are asked for, from %i ends with %i", async (killed, least, all, code) => {
    const kinds = [...many("killed", killed), ...many("survived", 100 - killed)];
    const words = ["--least-score", String(least)];
    expect((await mutate(words, { kinds, all: code === 0 ? 100 : all })).code).toBe(code);
  });

  it("prints a row for each file, the score, and every survivor with its place and its change", async () => {
    const { out } = await mutate(["--seed", "7"], { kinds: ["killed", "killed", "killed", "survived"], all: 400 });
    expect(out).toContain("lockproof mutate   seed 7\n");
    expect(out).toMatch(/^survived +id3 +src\/scheduler\/view\/view\.ts:34 +EqualityOperator +a < b {2}-> {2}a <= b$/m);
    expect(out).toMatch(/^src\/scheduler\/view\/view\.ts +3 +1 +0 +0 +0 +75\.0 %$/m);
    expect(out).toMatch(/^killed by V2 3$/m);
    expect(out).toMatch(
      /^score 75\.0 % \(95 %: 30\.\d % to 95\.\d %\) {3}4 mutants of 400 {3}asked for 100 %: missed$/m,
    );
  });

  it("prints an object for each mutant with --json, with the fields of mutants and its place", async () => {
    const { err, out } = await mutate(["--json"], { kinds: ["killed", "survived"] });
    const origin = "src/scheduler/view/view.ts:34 EqualityOperator: a < b  ->  a <= b";
    expect(jsonLines(out)).toMatchObject([
      { id: "id0", origin, layer: "simulate", verdict: "killed", property: "V2", runs_to_kill: 2, token: null },
      { id: "id1", origin, layer: null, verdict: "survived", property: null, runs_to_kill: null, token: null },
    ]);
    expect(jsonLines(out)[0]).toMatchObject({
      file: place.file,
      line: 34,
      operator: "EqualityOperator",
      how: "violated",
    });
    expect(err).toMatch(/^score 50\.0 %/m);
  });

  it("passes on what was chosen", async () => {
    const words = ["--file", "lua/*.lua", "--since", "main", "--sample", "9", "--shard", "2/3", "--layer", "conform"];
    const { options } = await mutate([...words, "--seed", "5", "--profile", "full"], { kinds: [] });
    const chosen = { files: ["lua/*.lua"], since: "main", sample: 9, shard: { index: 2, of: 3 }, seed: 5 };
    expect(options).toMatchObject({ ...chosen, gate: { kinds: ["conform"], conformRuns: 1_000, seed: 5 } });
  });
});
