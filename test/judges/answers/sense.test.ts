import { describe, expect, it } from "vitest";
import type { ReadAnswer } from "../../../src/check/history.ts";
import { contradictionIn } from "../../../src/judges/answers/sense.ts";
import { node } from "../../check/trials.ts";

const found = { found: true, source: "l1", stale: false, age_ms: 1, mode: "normal", node: node(1) } as const;
const missing = { ...found, found: false, node: null } as const;
const wrongIn = (read: ReadAnswer, reply = read.found ? "found" : "missing") =>
  contradictionIn({ node: "n1", read, reply });

describe("an answer to a lookup", () => {
  it.each<ReadAnswer>([
    ...["l1", "l2", "redis"].map((source) => ({ ...found, source })),
    ...["l2", "redis", "miss", "none"].map((source) => ({ ...missing, source })),
  ])("may be %o", (read) => {
    expect(wrongIn(read)).toBeNull();
  });

  it.each<readonly [ReadAnswer, string]>([
    [{ ...found, source: "purple" }, "found: true, from purple"],
    [{ ...found, source: "miss" }, "found: true, from miss"],
    [{ ...found, mode: "purple" }, "found: true, in mode purple"],
    [missing, "found: false, from l1"],
    [{ ...found, node: null }, "found: true, and no node"],
    [{ ...found, node: node(1, { node: "n2" }) }, "node n2"],
  ])("cannot be %o", (read, what) => {
    expect(wrongIn(read)).toBe(what);
  });

  it("cannot be found and missing at once", () => {
    expect(wrongIn(found, "missing")).toBe("found: true, as missing");
    expect(wrongIn({ ...missing, source: "l2" }, "found")).toBe("found: false, as found");
  });
});
