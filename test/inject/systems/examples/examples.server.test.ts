/** The schedulers of examples/, with keys and scripts of their own: right without a flaw, and red by the property that each flaw breaks. */
import { describe, expect, it } from "vitest";
import { checkSystem, type StepLine } from "../../../../src/inject/systems/check/check.ts";
import { type Flaw, flaws } from "./flaws.ts";
import { exampleCommand, type Language, languages } from "./prepare.ts";
import { findFlaw, runExample } from "./run.ts";

const { signal } = new AbortController();

describe("an example", { timeout: 300_000, tags: ["nightly"] }, () => {
  it.each(languages)("in %s passes the check of a system, at level 2", async (language) => {
    const lines: StepLine[] = [];
    const command = await exampleCommand(language);
    const { level, verdict } = await checkSystem({ command, signal, onStep: (line) => lines.push(line) });
    expect(lines.filter(({ ok }) => !ok)).toEqual([]);
    expect({ level, verdict }).toEqual({ level: 2, verdict: "held" });
  });

  it.each([
    ...["even-load", "instance-crash", "redis-gone"].map(
      (name) => [name, ["J2", "J3", "J4", "V1", "V2", "S1"]] as const,
    ),
    // Settings that let it look for changes every five seconds are no reason to show them so late.
    ["avalanche", ["V1", "V2", "N3", "S1"]],
  ] as const)("is not accused in %s", async (scenario, held) => {
    for (const run of await Promise.all(languages.map((language) => runExample(language, scenario)))) {
      expect(run.violated).toEqual([]);
      expect(run.verdict).not.toBe("violated");
      expect(run.held).toEqual(expect.arrayContaining([...held]));
      // An open property is open for its timing alone.
      const open = run.properties.filter(({ verdict }) => verdict === "unknown");
      expect(open.filter(({ cause }) => cause !== "machine_load")).toEqual([]);
    }
  });
});

/** In one language each, by turns: docs/sut-matrix.md has both. */
const written = flaws.map((flaw, index): { flaw: Flaw; name: string; language: Language } => ({
  flaw,
  name: flaw.name,
  language: index % 2 === 0 ? "python" : "go",
}));

describe("an example with a flaw", { timeout: 300_000, tags: ["nightly"] }, () => {
  it.each(written)("$name, in $language, is red by its property", async ({ flaw, language }) => {
    const { violated } = await findFlaw(language, flaw);
    expect(violated).toContain(flaw.property);
  });
});
