/** Schedulers that answer from nothing, simulated and recorded as a real run would be: the judges of real runs have to see it too. */
import { describe, expect, it } from "vitest";
import { judge } from "../../../src/judges/recorded/judges.ts";
import { findSchedulerMutant, loadScheduler } from "../../../src/mutants/schedulers.ts";
import { recordOf } from "./recorded.ts";

const lasting = 60_000;

/** One read in 300 is wrong of the mutants; one recorded run has too few that one of them is certain to be asked. */
const oftener = <Edit extends { readonly replace: string }>(edit: Edit): Edit => ({
  ...edit,
  replace: edit.replace.replace("% 300 ===", "% 20 ==="),
});

describe("the judges of recorded runs", () => {
  it.each([
    ["reserved-without-a-version", "D4", "was acknowledged without a version, and nothing"],
    ["reserved-in-no-epoch", "D4", "was acknowledged at 00000000deadbeef:7, which the store never had"],
    ["reserved-in-the-future", "D4", "which the store never had"],
    ["reserved-at-the-last-version", "D4", "and is not in the store, allowed only after an epoch change"],
    ["read-in-no-epoch", "V2", "at 00000000deadbeef"],
    ["read-of-no-state", "V2", "as the store never held it"],
  ] as const)(
    "find %s by %s",
    async (id, property, reported) => {
      const { edits } = findSchedulerMutant(id);
      using planted = await loadScheduler({ id, edits: edits.map(oftener) });
      const { createScheduler } = planted;
      const judged = judge(property, await recordOf("redis-gone", { createScheduler }));
      expect(judged.verdict).toBe("violated");
      expect(judged.violations[0]?.[0]).toContain(reported);
    },
    lasting,
  );
});
