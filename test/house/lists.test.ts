/** Pages with lists of declarations are complete. */
import { describe, expect, it } from "vitest";
import { faultKinds } from "../../scenarios/declare/fault-kinds.ts";
import { scenarios } from "../../scenarios/registry.ts";
import { sourcesIn } from "./sources.ts";

const pages = new Map(sourcesIn("docs", [".md"]).map(({ path, text }) => [path, text]));

/** The names that no code span of the page has. */
function unnamed(page: string, names: readonly string[]): readonly string[] {
  const text = pages.get(page) ?? "";
  return names.filter((name) => !text.includes(`\`${name}\``));
}

describe("the lists in the pages", () => {
  it("docs/scenarios.md names every scenario", () => {
    const names = scenarios.map(({ name }) => name);
    expect(unnamed("docs/scenarios.md", names)).toEqual([]);
  });

  it("docs/faults.md names every kind of fault", () => {
    expect(unnamed("docs/faults.md", faultKinds)).toEqual([]);
  });

  it("the search finds a name that is not there", () => {
    expect(unnamed("docs/faults.md", ["redis_latency", "redis_nowhere"])).toEqual(["redis_nowhere"]);
  });
});
