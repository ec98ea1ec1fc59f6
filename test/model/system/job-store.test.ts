import { describe, expect, it } from "vitest";
import { jobStore } from "../../../model/system/job-store.ts";
import { explore, machineOf } from "../../explore/alone.ts";
import { countPlainly, type PlainScope } from "./job-store-plain.ts";

const small: PlainScope = { N: 1, I: 1, V: 3, J: 2, C: 1, M: 3, D: 1, K: 1 };
const middle: PlainScope = { N: 1, I: 2, V: 4, J: 1, C: 2, M: 4, D: 1, K: 1 };
/** Two of everything that is permuted, small enough for the plain one. */
const wide: PlainScope = { N: 2, I: 1, V: 2, J: 1, C: 2, M: 2, D: 1, K: 1 };
const crowded: PlainScope = { ...middle, J: 2 };

const scopes = { small, middle, wide, crowded };

function counts(scope: PlainScope, mutant: string | null = null) {
  const { unique, generated, depth, violated } = explore(machineOf(jobStore, { ...scope }, mutant));
  const lengths = [...violated.values()].map((steps) => steps.length);
  return { unique, generated, depth, steps: lengths.length === 0 ? null : Math.min(...lengths) };
}

describe("the job store has exactly the states that its rules give", () => {
  it.each([
    ["small", { unique: 1273, generated: 7995, depth: 12, steps: null }],
    ["middle", { unique: 133_365, generated: 1_129_562, depth: 20, steps: null }],
  ] as const)("as another checker counted them in the %s scope", (name, expected) => {
    expect(counts(scopes[name])).toEqual(expected);
  });

  it.each(["small", "wide"] as const)("as the rules, written down plainly, give them in the %s scope", (name) => {
    const { states, ...plain } = countPlainly(scopes[name]);
    expect(counts(scopes[name])).toEqual(plain);
    expect(states.size).toBe(plain.unique);
  });
});

describe("its mutants are refuted by shortest counterexamples", () => {
  /** Stateright reports 7 steps here: of the violations it meets in a block it keeps the last. Four are enough. */
  it("stale: a cache goes back", () => {
    const { violated } = explore(machineOf(jobStore, { ...middle }, "stale"));
    expect([...violated.keys()]).toEqual(["a cache never goes back within an incarnation"]);
    expect(violated.values().next().value).toEqual([
      "Register(node 0)",
      "Expire(node 0)",
      "Deliver(Notify(i 0, n 0, inc 1, ver 2, alive false, count 0))",
      "Deliver(Notify(i 0, n 0, inc 1, ver 1, alive true, count 0))",
    ]);
    expect(countPlainly(middle, "stale").steps).toBe(4);
  });

  it("cap: a node takes one job too many", () => {
    const { violated } = explore(machineOf(jobStore, { ...crowded }, "cap"));
    expect([...violated.keys()]).toEqual(["0 <= |jobs| <= K on every node"]);
    expect(violated.values().next().value).toHaveLength(7);
    expect(countPlainly(crowded, "cap").steps).toBe(7);
  });
});
