import { describe, expect, it } from "vitest";
import { jobStore } from "../../../model/system/job-store.ts";
import { compileCanonical } from "../../../src/explore/symmetry/symmetry.ts";
import { countPlainly, countUnnamed } from "../../model/system/job-store-plain.ts";
import { explore, machineOf } from "../alone.ts";
import { pair } from "../spoilt-models.ts";

const wideScope = { N: 2, I: 1, V: 2, J: 2, C: 2, M: 2, D: 0, K: 1 };
const wide = machineOf(jobStore, wideScope);

describe("symmetry", () => {
  it.each([
    ["job-store", wide],
    ["pair", pair],
  ])("keeps exactly one of the states of %s that differ only in names", (_, build) => {
    const { graph, reference, unique } = explore(build);
    const representatives = new Set<string>();
    const canonical = compileCanonical(reference.expander, (...words) => representatives.add(String(words)));
    for (let state = 0; state < unique; state += 1) canonical(...graph.wordsOf(state));
    const reduced = explore(build, { isSymmetric: true });
    expect(reduced.unique).toBe(representatives.size);
    expect(reduced.unique).toBeLessThan(unique / 2);
    const kept = new Set(Array.from({ length: reduced.unique }, (_, state) => String(reduced.graph.wordsOf(state))));
    expect(kept).toEqual(representatives);
  });

  it.each([
    { N: 2, I: 1, V: 2, J: 2, C: 1, M: 2, D: 0, K: 1 },
    { N: 1, I: 1, V: 3, J: 2, C: 2, M: 2, D: 1, K: 2 },
    { N: 2, I: 1, V: 2, J: 1, C: 2, M: 2, D: 0, K: 1 },
  ])("counts as many states as there are when names are left out: %j", (scope) => {
    const { states } = countPlainly(scope);
    expect(explore(machineOf(jobStore, scope), { isSymmetric: true }).unique).toBe(countUnnamed(states, scope));
  });

  it("counts as many states of three alike as there are multisets", () => {
    const levels = new Set<string>();
    for (let bits = 0; bits < 4 ** 3; bits += 1) {
      const own = [bits & 3, (bits >> 2) & 3, bits >> 4];
      for (const chosen of [0, 1, 2]) {
        if ((own[chosen] ?? 0) > 0 || (bits === 0 && chosen === 0)) {
          levels.add(String(own.map((level, node) => level * 2 + (node === chosen ? 1 : 0)).sort()));
        }
      }
    }
    expect(explore(pair, { isSymmetric: true }).unique).toBe(levels.size);
  });

  const middle = { N: 1, I: 2, V: 4, J: 2, C: 2, M: 4, D: 1, K: 1 };
  it.each([
    ["no bug, middle", { ...middle, J: 1 }, null],
    ["no bug, two nodes", { N: 2, I: 1, V: 2, J: 1, C: 2, M: 3, D: 1, K: 1 }, null],
    ["stale", middle, "stale"],
    ["cap", middle, "cap"],
  ])("gives the same verdict and lengths as without: %s", (_, scope, mutant) => {
    const build = machineOf(jobStore, scope, mutant);
    const plain = explore(build);
    const reduced = explore(build, { isSymmetric: true });
    const lengths = ({ violated }: typeof plain) => [...violated].map(([claim, steps]) => [claim, steps.length]);
    expect(lengths(reduced)).toEqual(lengths(plain));
    expect(reduced.depth).toBe(plain.depth);
    expect(reduced.unique).toBeLessThan(plain.unique);
  });

  it("reports a true run, in which names stay what they are", () => {
    const { violated } = explore(pair, { isSymmetric: true });
    const steps = violated.get("not all are full") ?? [];
    expect(steps).toHaveLength(9);
    for (const node of [0, 1, 2]) expect(steps.filter((step) => step === `Grow(node ${node})`)).toHaveLength(3);
  });
});
