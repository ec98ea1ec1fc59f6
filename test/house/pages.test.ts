/** Reference pages are printed from the registries in the code; `vitest run -u` prints them anew. */
import { describe, expect, it } from "vitest";
import { properties } from "../../src/check/properties.ts";
import { createProgram } from "../../src/cli/program.ts";
import { checklistItems } from "../../src/report/checklist-items.ts";
import { thresholdText } from "../../src/report/words.ts";
import { idleContext } from "../cli/idle.ts";
import { sourcesAtTop, sourcesIn } from "./sources.ts";

const program = createProgram(idleContext, "0.0.0");
const names = program.commands.map((one) => one.name());

function propertiesPage(): string {
  const rows = Object.entries(properties).map(([id, { claim, premise }]) => `| ${id} | ${claim} | ${premise} |`);
  const lines = checklistItems.map(
    ({ title, properties: ids, threshold }) =>
      `| ${title.en} | ${title.zh} | ${ids.join(", ") || "—"} | ${thresholdText(threshold ?? null)} |`,
  );
  return [
    "# Properties",
    "",
    "Printed from `src/check/properties.ts` and `src/report/checklist-items.ts`.",
    "",
    "A property counts as exercised when its premise was met, and a report says how often. A property that was never exercised is",
    "`not_exercised`, and the gate is not green.",
    "",
    "| id | claim | premise |",
    "| --- | --- | --- |",
    ...rows,
    "",
    "## What settles the acceptance checklist",
    "",
    "| line | 项目 | properties | threshold |",
    "| --- | --- | --- | --- |",
    ...lines,
    "",
  ].join("\n");
}

function commandsPage(): string {
  const sections = [program, ...program.commands].map((command) => {
    let help = "";
    command.configureOutput({
      writeOut: (text) => (help += text),
      getOutHelpWidth: () => 100,
      getOutHasColors: () => false,
    });
    command.outputHelp();
    const title = command === program ? "lockproof" : `lockproof ${command.name()}`;
    return [`## ${title}`, "", "```text", help.trimEnd(), "```", ""].join("\n");
  });
  return [
    "# Commands",
    "",
    "Printed from the program's own `--help`. What the reports hold: [reports.md](reports.md).",
    "",
    ...sections,
  ].join("\n");
}

describe("the reference pages", () => {
  it("docs/properties.md is the registry", async () => {
    await expect(propertiesPage()).toMatchFileSnapshot("../../docs/properties.md");
  });

  it("docs/cli.md is the program's own help", async () => {
    await expect(commandsPage()).toMatchFileSnapshot("../../docs/cli.md");
  });

  it.each(names)("a page of docs/ or the README mentions lockproof %s", (name) => {
    const pages = [...sourcesIn("docs", [".md"]), ...sourcesAtTop("README.md")];
    expect(pages.some((page) => page.text.includes(`lockproof ${name}`))).toBe(true);
  });
});
