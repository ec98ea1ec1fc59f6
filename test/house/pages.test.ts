/** Reference pages are printed from the registries in the code; `vitest run -u` prints them anew. */
import { describe, expect, it } from "vitest";
import { properties } from "../../src/check/properties.ts";
import { createProgram } from "../../src/cli/program.ts";
import { checklistItems } from "../../src/report/checklist/checklist-items.ts";
import { thresholdText } from "../../src/report/checklist/figures.ts";
import { idleContext } from "../cli/process/idle.ts";
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
    "Printed from `src/check/properties.ts` and `src/report/checklist/checklist-items.ts`.",
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

const howCommandsEnd: readonly string[] = [
  "## How a command ends",
  "",
  "- The started process supervises a second one, which is the run. Only an exit code that the run confirms counts: a crash, a full heap, an early exit and",
  "  damaged files are 3. A violation that was reported before keeps its 1.",
  "- SIGINT, SIGTERM and SIGHUP end every command within 2 s with 3, or with 1 where a violation was found. A second signal ends it at once.",
  "- SIGKILL of the started process ends the run and its servers too, within 3 s.",
  "- A result that cannot be printed is no pass: a full disk or a reader that went away (`| head -1`) makes 0 and 2 a 3. `--help` is no result.",
  "- Paths of flags are looked at before the run. A FIFO, a device or a file of `/proc` is refused, as are empty values and repeated flags.",
  "- Control characters in names, tokens and folders are printed as `\\x1b`; only our own colours reach a terminal.",
  "",
];

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
    ...howCommandsEnd,
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
