import { describe, expect, it } from "vitest";
import { judged } from "./slowest.ts";

describe("the budget of the tests", () => {
  const files = Array.from({ length: 25 }, (_, index) => ({ file: `f${index}.test.ts`, seconds: index }));

  it("is kept by a run that takes no longer, of which the slowest files are named", () => {
    const { isWithin, lines } = judged(files, 300, 300);
    expect(isWithin).toBe(true);
    expect(lines).toHaveLength(22);
    expect(lines[1]).toMatch(/24\.0 {2}f24\.test\.ts$/u);
    expect(lines.at(-1)).toBe("All files: 300 s of at most 300 s");
  });

  it("is exceeded by a second more, and the run fails", () => {
    const { isWithin, lines } = judged(files, 300, 299);
    expect(isWithin).toBe(false);
    expect(lines.at(-1)).toContain("Over the budget");
  });
});
