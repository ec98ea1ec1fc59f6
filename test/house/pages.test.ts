/** Reference pages are printed from the registries in the code; `vitest run -u` prints them anew. */
import { type Command, Help, type Option } from "commander";
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
    "Reference, for readers of verdicts. Printed from `src/check/properties.ts` and `src/report/checklist/checklist-items.ts`.",
    "",
    "A property is exercised each time its premise is met. One that never was is `not_exercised`, and the exit code is 2.",
    "",
    "Which file judges a property: [how a run works](how-a-run-works.md#where-a-property-is-judged).",
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
  "- The started process supervises a second one, which is the run. Only an exit code that the run confirms counts: after a crash, a full heap, an early exit or",
  "  damaged files it is 3. A violation that was reported before keeps its 1.",
  "- SIGINT, SIGTERM and SIGHUP end every command within 2 s with 3, or with 1 where a violation was found. A second signal ends it at once.",
  "- SIGKILL of the started process ends the run and its servers within 3 s.",
  "- A result that cannot be printed (full disk, closed pipe) makes 0 and 2 a 3.",
  "- Paths of flags are checked before the run. A FIFO, a device or a file of `/proc` is refused, as are empty values and repeated flags.",
  "- Control characters in names, tokens and folders are printed as `\\x1b`.",
  "",
];

const keyOf = ({ description, flags }: Option): string => JSON.stringify([flags, description]);

/** Options that three commands or more have with one meaning: they are printed once. */
const ownersOf = Map.groupBy(
  program.commands.flatMap((command) => command.options.map((option) => ({ command, option }))),
  ({ option }) => keyOf(option),
);
const isShared = (option: Option): boolean =>
  option.long === "--help" || (ownersOf.get(keyOf(option))?.length ?? 0) >= 3;

function sharedOptions(): readonly string[] {
  const lines = [...ownersOf.values()].flatMap((owners) => {
    const [first] = owners;
    if (first === undefined || owners.length < 3) return [];
    const having = owners.map(({ command }) => command.name());
    const which = having.length === names.length ? "all" : having.join(", ");
    return [`- \`${first.option.flags}\`: ${first.option.description} (${which})`];
  });
  return ["## Options that several commands have", "", ...lines, ""];
}

function withoutShared(command: Command): void {
  command.configureHelp({
    visibleOptions: (one) => new Help().visibleOptions(one).filter((option) => !isShared(option)),
  });
}

function commandsPage(): string {
  for (const command of program.commands) withoutShared(command);
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
    "Reference, for users of the command line: the program's own `--help`. What the reports hold: [reports.md](reports.md).",
    "",
    ...howCommandsEnd,
    ...sharedOptions(),
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
