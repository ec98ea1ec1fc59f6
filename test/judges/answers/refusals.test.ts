import { describe, expect, it } from "vitest";
import type { Call } from "../../../src/check/history.ts";
import { judgeRefusals } from "../../../src/judges/answers/refusals.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { Stage } from "../../simulate/judges/stage.ts";

const refusal =
  "threw InvalidInputError: lease: found 0, allowed an integer from 1 to 86400000; give a number in range";

function judged(...calls: readonly Partial<Call>[]) {
  const stage = new Stage(inSimulation(judgeRefusals));
  stage.instance(0, "started");
  for (const parts of calls) stage.returned({ op: "reserve_job", node: "n", job: "j", from: 10, to: 10, ...parts });
  return stage.finish();
}

const refused = { allowed: false, outcome: "fail", reply: refusal } as const;

describe("K7 of the arguments of calls", () => {
  it("holds where the last value is answered and the first beyond is refused", () => {
    expect(judged({ allowed: true, reply: "not_online", to: 12 }, refused)).toMatchObject({
      ...{ verdict: "held", exercised: 2 },
    });
  });

  it("is not exercised by usual calls", () => {
    expect(judged({ reply: "reserved" })).toMatchObject({ verdict: "not_exercised", exercised: 0 });
  });

  it.each([
    ["a value beyond that is answered", { ...refused, outcome: "ok", reply: "not_online" }, "was answered not_online"],
    ["a value that is allowed and refused", { ...refused, allowed: true }, "was refused"],
    ["a usual call that is refused", { ...refused, allowed: undefined }, "was refused"],
    ["an empty id that is answered", { node: "", reply: "not_online" }, "was answered"],
    ["an id of 257 bytes that is answered", { job: `${"結".repeat(85)}xx`, reply: "not_online" }, "was answered"],
    ["a refusal by the store", { ...refused, reply: "invalid", to: 12 }, "was refused after 2 ms"],
    [
      "a refusal without a reason",
      { ...refused, reply: "threw InvalidInputError: : found 0, allowed 1; 2" },
      "refused by",
    ],
    [
      "a refusal of nothing",
      { ...refused, reply: "threw InvalidInputError: undefined: found undefined, allowed undefined; undefined" },
      "refused by",
    ],
    [
      "a refusal without a remedy",
      { ...refused, reply: "threw InvalidInputError: x: found 0, allowed 1; " },
      "refused by",
    ],
  ] as const)("is violated by %s", (_, parts, found) => {
    expect(judged(parts).violations[0]?.[0]).toContain(found);
  });

  it.each([
    ["an id of 256 bytes", { job: `${"結".repeat(85)}x`, reply: "not_online" }],
    [
      "a refusal of an id that is too long, by a system behind the line protocol",
      { node: "x".repeat(257), reply: "invalid" },
    ],
    [
      "a call of an instance that is gone",
      { ...refused, outcome: "fail", reply: "threw NotThereError: x", from: 30, to: 30 },
    ],
  ] as const)("says nothing against %s", (_, parts) => {
    const stage = new Stage(inSimulation(judgeRefusals));
    stage.instance(0, "started");
    stage.instance(20, "crashed");
    stage.returned({ op: "reserve_job", node: "n", job: "j", from: 10, to: 10, ...parts });
    expect(stage.finish().violations).toEqual([]);
  });
});
