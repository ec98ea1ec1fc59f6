/** Reference pages are printed from the registries in the code; `vitest run -u` prints them anew. */
import { type Command, Help, type Option } from "commander";
import { describe, expect, it } from "vitest";
import { redisMutants } from "../../scenarios/mutants/redis/registry.ts";
import { type Claim, claims } from "../../src/bench/claims.ts";
import { properties } from "../../src/check/properties.ts";
import { createProgram } from "../../src/cli/program.ts";
import { watchGuide } from "../../src/cli/watch/guide.ts";
import { recordedCallsGuide } from "../../src/history/scheduler/guide.ts";
import { contractChecks } from "../../src/inject/contract/registry.ts";
import { checklistItems } from "../../src/report/checklist/checklist-items.ts";
import { thresholdText } from "../../src/report/checklist/figures.ts";
import { watchMetrics } from "../../src/watch/metrics.ts";
import { idleContext } from "../cli/process/idle.ts";
import { sourcesAtTop, sourcesIn } from "./sources.ts";

const program = createProgram(idleContext, "0.0.0");
const names = program.commands.map((one) => one.name());

function propertiesPage(): string {
  const rows = Object.entries(properties).map(([id, { claim, premise }]) => `| ${id} | ${claim} | ${premise} |`);
  const lines = checklistItems.map(({ title, properties: ids, threshold }) => {
    const bound = threshold === undefined ? "" : ` (${thresholdText(threshold)})`;
    return `- ${title.en}: ${ids.join(", ") || "measured"}${bound}`;
  });
  return [
    "# Properties",
    "",
    "Reference, for readers of verdicts. Printed from `src/check/properties.ts` and `src/report/checklist/checklist-items.ts`.",
    "",
    "A property is exercised each time its premise is met. One that never was is `not_exercised`, and the exit code is 2.",
    "",
    "[Which file judges a property](how-a-run-works.md#where-a-property-is-judged); [what `unknown` means for D1](how-a-run-works.md#what-unknown-means-for-d1).",
    "",
    "| id | claim | premise |",
    "| --- | --- | --- |",
    ...rows,
    "",
    "## What settles the acceptance checklist",
    "",
    "Each line with its properties, and the threshold of its figure. The report has the lines in Chinese too.",
    "",
    ...lines,
    "",
  ].join("\n");
}

const howCommandsEnd: readonly string[] = [
  "## How a command ends",
  "",
  "- The started process supervises the run. Only an exit code that the run confirms counts: after a crash, a full heap or damaged files it is 3, or 1 after a reported violation.",
  "- SIGINT, SIGTERM and SIGHUP end it within 2 s in the same way; a second signal at once.",
  "- SIGKILL of the started process ends the run and its servers within 3 s.",
  "- A result that cannot be printed (full disk, closed pipe) makes 0 and 2 a 3.",
  "- 1 also means: a mutant survived (`mutants`), the score is below `--least-score` (`mutate`), something differs by more than the threshold (`compare`), or something is worse (`report --compare`).",
  "- A flag's path is checked before the run. Devices, FIFOs, files of `/proc`, empty values and repeated flags are refused.",
  "- Control characters in names, tokens and folders are printed as `\\x1b`.",
  "- [Which file decides the exit code](how-a-run-works.md#the-exit-code).",
  "",
];

const keyOf = ({ description, flags }: Option): string => JSON.stringify([flags, description]);

/** Options that three commands or more have with one meaning: they are printed once. */
const ownersOf = Map.groupBy(
  program.commands.flatMap((command) => command.options.map((option) => ({ command: command.name(), option }))),
  ({ option }) => keyOf(option),
);
const isShared = (option: Option): boolean =>
  option.long === "--help" || (ownersOf.get(keyOf(option))?.length ?? 0) >= 3;

/** Some of the commands, in the fewest words. */
function commandsText(some: readonly string[]): string {
  const others = names.filter((name) => !some.includes(name));
  if (others.length === 0) return "all";
  return others.length < some.length ? `all but ${others.join(", ")}` : some.join(", ");
}

function sharedOptions(): readonly string[] {
  const lines = [...ownersOf.values()].flatMap((owners) => {
    const [first] = owners;
    if (first === undefined || owners.length < 3) return [];
    const which = commandsText(owners.map(({ command }) => command));
    return [`- \`${first.option.flags}\`: ${first.option.description} (${which})`];
  });
  return ["## Options that several commands have", "", ...lines, ""];
}

function withoutShared(command: Command): void {
  command.configureHelp({
    visibleOptions: (one) => new Help().visibleOptions(one).filter((option) => !isShared(option)),
  });
}

function helpOf(command: Command): string {
  let help = "";
  command.configureOutput({
    writeOut: (text) => (help += text),
    getOutHelpWidth: () => 100,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return help.trimEnd();
}

/** Summary, arguments and options. */
function commandSection(command: Command): string {
  withoutShared(command);
  const help = helpOf(command);
  const usage = command.registeredArguments.length === 0 ? "" : `${help.slice(0, help.indexOf("\n\n"))}\n`;
  const rows = help
    .replace(/^[\s\S]*?\n\n(?=Arguments:\n|Options:\n|Examples?:\n)/u, "")
    .replace(/\n*Examples?:\n[\s\S]*$/u, "")
    .replaceAll(/\n*(?:Arguments|Options):\n/gu, "\n");
  const block = `${usage}${rows.replace(/^\n/u, "")}`;
  const summary = command.summary();
  return [
    `## lockproof ${command.name()}`,
    "",
    `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`,
    "",
    ...(block === "" ? [] : ["```text", block, "```", ""]),
  ].join("\n");
}

function commandsPage(): string {
  const common = helpOf(program);
  return [
    "# Commands",
    "",
    "Reference, for users of the command line. Printed from the program; `--help` adds details and examples. What the reports hold: [reports.md](reports.md).",
    "",
    "```text",
    common.slice(common.indexOf("Exit codes:")),
    "```",
    "",
    ...howCommandsEnd,
    ...sharedOptions(),
    ...program.commands.map(commandSection),
  ].join("\n");
}

function contractPage(): string {
  const rows = contractChecks.map(({ id, property, claim }) => {
    const caught = redisMutants.filter(({ check }) => check === id).map((mutant) => `\`${mutant.id}\``);
    return `| \`${id}\` | ${property} | ${claim} | ${caught.join(", ")} |`;
  });
  return [
    "# The contract of the store's ports",
    "",
    "Reference, for developers who change `src/redis`, `src/embed` or `lua`, or rely on what the simulator assumes about Redis. Printed from `src/inject/contract/registry.ts`.",
    "",
    "Each check starts a fresh server behind a relay and causes one event. A check that cannot be made is broken.",
    "",
    "Its mutants change a copy of `src/redis`, `src/embed` or `lua` (`scenarios/mutants/redis/`). One is `void` if the unchanged code fails or the check does not start.",
    "",
    "| check | property | claim | mutants |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
    "## An instance by itself",
    "",
    "Other checks (`src/inject/contract/instance/`) script the ports and the clock of an instance, and so give answers that no fault makes on a server.",
    "They compare to the millisecond what it asks, answers and reports with what is documented. Each has a mutant in `scenarios/mutants/instances.ts`.",
    "",
    "## When they run",
    "",
    "- `npm test`: all checks and three mutants",
    "- `lockproof mutants`: all mutants",
    "- `lockproof verify`, every profile: all checks, three at a time, as the step `inject contract`",
    "",
  ].join("\n");
}

const units: Readonly<Record<Claim["unit"], string>> = {
  ...{ us: " µs", ms: " ms", per_s: " /s", mb: " MB", ratio: " ×", requests: "" },
};

/** The rows of the bench, as a section of docs/bench.md. */
function benchRows(): string {
  const rows = Object.values<Claim>(claims).map((claim) => {
    const { direction, figure, fullOnly = false, id, isStrict: strict = false, peer = "", property = "", what } = claim;
    const bound = `${thresholdText({ direction, strict, value: claim.threshold })}${units[claim.unit]} ${peer}`.trim();
    return `| \`${id}\` | ${what} | \`${figure}\` | ${bound} | ${property} | ${fullOnly ? "full" : "all"} |`;
  });
  const head = "| row | measures | figure | bound | property | profiles |";
  return [head, "| --- | --- | --- | --- | --- | --- |", ...rows].join("\n");
}

function watchPage(): string {
  return [
    "# Auditing a live store",
    "",
    "How-to, for operators of a deployment whose store has the [reference layout](protocol.md). Printed from the program; the flags are in [cli.md](cli.md#lockproof-watch), the rights in [acl.md](acl.md).",
    "",
    "```sh",
    "lockproof watch redis://watcher:secret@127.0.0.1:6379 --for 1h",
    "```",
    "",
    ...watchGuide.flatMap(({ items = [], paragraphs, title }) => [
      ...[`## ${title}`, "", ...paragraphs.flatMap((text) => [text, ""])],
      ...(items.length === 0 ? [] : [...items.map((item) => `- ${item}`), ""]),
    ]),
    "## Metrics",
    "",
    "`--metrics-port` serves them on 127.0.0.1, at `/metrics`.",
    "",
    ...watchMetrics.map(([name, help]) => `- \`${name}\`: ${help}`),
    "",
  ].join("\n");
}

function recordedCallsPage(): string {
  return [
    "# Recorded calls",
    "",
    "Reference, for authors of programs that record calls for `lockproof check FILE --model scheduler`. Printed from the program; [histories.md](histories.md#a-history-of-scheduler) has an example.",
    "",
    ...recordedCallsGuide.flatMap(({ items, paragraphs, title }) => [
      ...[`## ${title}`, "", ...paragraphs.flatMap((text) => [text, ""])],
      ...items.map((item) => `- ${item}`),
      "",
    ]),
  ]
    .join("\n")
    .replace(/\n+$/u, "\n");
}

describe("the reference pages", () => {
  it("docs/recorded-calls.md is the help of check", async () => {
    await expect(recordedCallsPage()).toMatchFileSnapshot("../../docs/recorded-calls.md");
  });

  it("docs/watch.md is the help of the command, with its metrics", async () => {
    await expect(watchPage()).toMatchFileSnapshot("../../docs/watch.md");
  });

  it("docs/bench.md has the rows of the bench", () => {
    expect(sourcesIn("docs", ["bench.md"])[0]?.text).toContain(`\n## Rows\n\n${benchRows()}\n\n## `);
  });

  it("docs/contract.md is the registry of checks, with the mutants of each", async () => {
    expect(redisMutants.filter(({ check }) => !contractChecks.some(({ id }) => id === check))).toEqual([]);
    await expect(contractPage()).toMatchFileSnapshot("../../docs/contract.md");
  });

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
