import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { flaws } from "./flaws.ts";
import { rowOf } from "./page.ts";

const text = (path: string): string => readFileSync(new URL(`../../../../${path}`, import.meta.url), "utf8");

describe("docs/sut-matrix.md", () => {
  it("has a row for every flaw, and no other; the figures are of the day on which it was printed", () => {
    const rows = text("docs/sut-matrix.md")
      .split("\n")
      .filter((line) => line.startsWith("| `"));
    expect(rows.map((row) => `${row.split(" | ").slice(0, 4).join(" | ")} |`)).toEqual(flaws.map(rowOf));
    expect(rows.filter((row) => row.includes("not found"))).toEqual([]);
  });
});

describe("the examples", () => {
  it.each([
    ["python", ["scheduler.py", "operations.lua"]],
    ["go", ["scheduler.go", "operations.go", "scripts.go"]],
  ])("of %s have every flaw", (language, files) => {
    const sources = files.map((file) => text(`examples/${language}/${file}`)).join("");
    expect(flaws.filter(({ name }) => !sources.includes(name))).toEqual([]);
  });

  it("are read by their pinned packages alone", () => {
    expect(text("examples/python/requirements.txt").trim().split("\n")).toSatisfy((lines: string[]) =>
      lines.every((line) => /^[\w.-]+==[\w.]+$/.test(line)),
    );
    expect(text("examples/go/go.sum")).toContain("github.com/redis/go-redis/v9 v9.");
  });
});
