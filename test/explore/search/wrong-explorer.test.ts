/** Explorers made wrong on purpose: what the tests of the right one pin, each of them misses. */
import { describe, expect, it } from "vitest";
import { jobStore } from "../../../model/system/job-store.ts";
import { compileExpander } from "../../../src/explore/search/expander.ts";
import { explore, machineOf } from "../alone.ts";

const middle = machineOf(jobStore, { N: 1, I: 2, V: 4, J: 1, C: 2, M: 4, D: 1, K: 1 });
const right = { unique: 133_365, generated: 1_129_562, depth: 20 };
const { packing, parts } = compileExpander(middle(), { emit: () => {} });
const slots = parts.flatMap((part) => part.slots);

describe("a wrong explorer is caught by its counts", () => {
  it("and the right one is right", () => expect(explore(middle)).toMatchObject(right));

  const fields = slots.map(({ where }) => where).filter((where) => where !== "regressed");
  it.each(fields)("an identity that ignores %s", (where) => {
    const field = packing.fields[slots.findIndex((slot) => slot.where === where)];
    const ignored = field === undefined ? 0 : (2 ** field.bits - 1) << field.shift;
    const masks = Array.from({ length: packing.words }, (_, word) => (word === field?.word ? ~ignored : -1));
    expect(explore(middle, { faults: { masks } }).unique).toBeLessThan(right.unique);
  });

  it("a queue that drops one state in a thousand", () => {
    const { unique, generated } = explore(middle, { faults: { drops: (state) => state % 1000 === 999 } });
    expect(generated).toBeLessThan(right.generated);
    expect(unique).toBeLessThanOrEqual(right.unique);
  });
});
