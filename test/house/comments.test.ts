/** Comments begin with their subject. */
import { describe, expect, it } from "vitest";
import { sourcesIn } from "./sources.ts";

const sources = ["src", "model", "scenarios", "lua", "test"].flatMap((folder) =>
  sourcesIn(folder, [".ts", ".js", ".lua"]),
);
const begins = /^\s*(?:\/\*\*|\/\/|--) (?:Of|What|Who|Whose|Whoever|Whom)\b/u;
const beginsBelow = /^\s*\* (?:Of|What|Who|Whose|Whoever|Whom)\b/u;
const isLine = (line = ""): boolean => /^\s*(?:\/\/|--) /u.test(line);

/** The first lines of comments that hide their subject. */
function hidden(text: string): readonly string[] {
  const lines = text.split("\n");
  return lines.filter((line, index) => {
    const before = lines[index - 1];
    if (before?.trim() === "/**") return beginsBelow.test(line);
    return begins.test(line) && !(isLine(line) && isLine(before));
  });
}

describe("a comment", () => {
  it("begins with its subject", () => {
    expect(sources.flatMap(({ path, text }) => hidden(text).map((line) => `${path}: ${line}`))).toEqual([]);
  });

  it("is looked for in many files", () => expect(sources.length).toBeGreaterThan(1_000));
});

describe("the check of comments", () => {
  it("finds each kind, and no line that goes on", () => {
    expect(hidden("/** Of a read. */\n/**\n * What it is.\n */\n  // Whose it is.\n\n-- Who it is\n")).toHaveLength(4);
    expect(hidden("// The place\n// Of a read.\n/** Officially. */\n/** The age. Of a read. */\n")).toEqual([]);
  });
});
