import { describe, expect, it } from "vitest";
import { decodeToken, encodeToken } from "../../../src/evidence/token.ts";
import { loadScheduler } from "../../../src/mutants/schedulers.ts";
import { timeRegressions } from "./time-regressions.ts";

describe("a regression of time", () => {
  it.each(timeRegressions.filter(({ scenario }) => scenario !== null))(
    "of $property can be applied to the scheduler as it is now, and has a token",
    async ({ edits, levels, property }) => {
      const id = `${property}-late-by-${levels[0]}`;
      using loaded = await loadScheduler({ id, edits: edits(levels[0] ?? 0) });
      expect(loaded.createScheduler).toBeTypeOf("function");
      const token = encodeToken({ subject: "redis-slow", seed: 1, layer: "inject", mutant: id });
      expect(decodeToken(token)).toMatchObject({ mutant: id });
    },
  );

  it("is tried from the smallest on", () => {
    for (const { levels } of timeRegressions) expect(levels).toEqual([...levels].sort((a, b) => a - b));
  });
});
