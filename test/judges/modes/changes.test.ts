import { describe, expect, it } from "vitest";
import type { ModeChange } from "../../../src/check/history.ts";
import { judgedBy, mode, trialOf } from "../../check/trials.ts";

const saidOf = (...history: readonly ModeChange[]): readonly string[] =>
  judgedBy("D5", trialOf({ history })).violations.map(([first = ""]) => first);

const left = mode(10, "normal", "l2_only");
const back = mode(90, "l2_only", "normal");

describe("D5 of the changes of an instance's mode", () => {
  it.each([
    ["go on from one another", [left, back, mode(120, "normal", "l2_only"), mode(150, "l2_only", "local_only")]],
    ["are those of two instances", [left, { ...left, instance: 1 }, back, { ...back, instance: 1 }]],
    [
      "are seen from outside",
      [
        { ...left, cause: "status" },
        { ...back, cause: "status" },
      ],
    ],
    [
      "begin a new life",
      [left, { ...mode(40, "l2_only", "local_only"), cause: "restarted" }, mode(50, "local_only", "normal")],
    ],
    ["began before the record", [mode(10, "local_only", "normal")]],
  ])("is held where they %s", (_, history) => {
    expect(saidOf(...history)).toEqual([]);
  });

  it.each([
    [
      "one is missing",
      [left, mode(150, "local_only", "normal")],
      "went from local_only to normal, allowed is from where it was: in l2_only",
    ],
    ["one comes twice", [left, { ...left, at: 20 }], "allowed is from where it was: in l2_only"],
    ["a failure leads back", [left, { ...back, cause: "deadline" }], "to normal because of deadline"],
    ["a load of what was missed leads away", [{ ...left, cause: "resynced" }], "to l2_only because of resynced"],
    ["there is no such cause", [{ ...left, cause: "made_up" }], "to l2_only because of made_up"],
    ["there is no such mode", [mode(10, "normal", "purple")], "to purple because of deadline"],
    ["nothing changes", [mode(10, "l2_only", "l2_only")], "from l2_only to l2_only because of deadline"],
    ["a refused argument leads away", [{ ...left, cause: "invalid" }], "to l2_only because of invalid"],
  ])("is violated where %s", (_, history, said) => {
    expect(saidOf(...history)).toEqual([expect.stringContaining(said)]);
  });
});
