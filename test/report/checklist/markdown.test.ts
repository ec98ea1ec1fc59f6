import { describe, expect, it } from "vitest";
import { checklistMarkdown } from "../../../src/report/checklist/markdown.ts";
import { composeReport } from "../../../src/report/document/compose.ts";
import { allHeld, identity, layer, meta, redisGone, sampleToken, violation } from "../sample.ts";

const composed = composeReport([redisGone], meta);
const english = checklistMarkdown(composed, ["en"]);
const chinese = checklistMarkdown(composed, ["zh"]);

describe("checklist.md", () => {
  it.each([english, chinese])("has a row a line, with figure, margin, properties and tokens", (text) => {
    const rows = text.split("\n").filter((line) => /^\| \d+ \|/.test(line));
    expect(rows).toHaveLength(16);
    for (const row of rows) expect(row.split("|")).toHaveLength(9);
    expect(rows[7]).toContain(sampleToken);
    expect(rows[7]).toContain("| 12 % |");
  });

  it("says in words with units what was measured and what is allowed", () => {
    expect(english).toContain("44 ms of at most 50 ms · slowest degradation · redis-gone, with faults");
    expect(english).toContain("0 counterexamples among 3 healed faults judged");
    expect(chinese).toContain("44 ms，上限 50 ms · 最慢降级 · redis-gone，有故障");
    expect(english).toContain("N1 (not exercised)");
    expect(chinese).toContain("N1 (未检验)");
  });

  it("has every language unless one is chosen, and each alone without the other", () => {
    expect(checklistMarkdown(composed)).toBe(`${english}\n${chinese}`);
    const tokens = /`[^`]*`/g;
    expect(english).not.toMatch(/\p{Script=Han}/u);
    expect(chinese.replaceAll(tokens, "")).not.toMatch(/\b(held|unknown|exercised|figure|verdict)\b/);
  });

  it("has no name of the code", () => {
    for (const evidence of [redisGone, allHeld]) {
      const text = checklistMarkdown(composeReport([evidence], meta)).replaceAll(/`[^`]*`/g, "");
      expect(text.match(/[a-z0-9]+_[a-z0-9_]+/g)).toBeNull();
    }
  });

  it("says what to do about every line that is not held, and which layers the run had", () => {
    const red = layer("inject", { verdict: "violated", violations: [violation()] });
    const only = { identity: { ...identity, chosen: { ...identity.chosen, layers: ["inject"] } } };
    const text = checklistMarkdown(composeReport([red], { ...meta, ...only }), ["en"]);
    expect(text).toContain("A promise was broken: do not accept this build.");
    expect(text).toContain("never negative: violated: J1. Do not accept this build.");
    expect(text).toContain("This run had only these layers: inject.");
  });

  it("gives the reason of an open property, and the premise only of one that no run met", () => {
    const versions = english.split("\n").find((line) => line.startsWith("- Versions work"));
    expect(versions).toContain("V2: the budget was spent");
    expect(versions).toContain("No run met this premise: a change took a version, and an epoch began.");
    expect(versions).not.toContain("an answer from a cache was compared");
  });

  it("names what was judged", () => {
    const { evidence_sha256 } = composed.report;
    expect(english).toContain(`- SHA-256 of evidence.json: ${evidence_sha256}`);
    expect(english).toContain("- Git commit: 0123456789ab, without uncommitted changes");
  });
});
