/** `compare BASE HEAD`: what two revisions of the scheduler cost, exactly. */
import { dirname, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, Option } from "commander";
import { exitCodes } from "../../check/verdict.ts";
import type { Comparison, Difference } from "../../compare/compare.ts";
import { visible } from "../../evidence/escape.ts";
import { UsageError } from "../../evidence/failure.ts";
import { numberText } from "../../evidence/words.ts";
import { jsonFlag } from "../arguments/flags.ts";
import { notReadable, type Range, readRange, several } from "../arguments/values.ts";
import type { Output } from "../printing/output.ts";
import type { Context } from "../process/context.ts";

interface CompareFlags {
  readonly scenario?: readonly string[];
  readonly seeds: Range;
  /** Per cent. */
  readonly threshold: number;
  readonly json?: true;
}

export function compareCommand(context: Context): Command {
  return new Command("compare")
    .summary("compare what two revisions of the scheduler cost")
    .description(
      "Runs the scheduler of two revisions on the same seeds in virtual time, and reports what differs: calls to Redis and their bytes, round trips, latencies, reloads, time degraded, computed steps and objects for each operation. The same code gives the same figures. Needs a checkout. Exit 0: nothing differs by more than the threshold; 1: something does; 2: a run is broken or violates a property.",
    )
    .argument("<base>", "a commit, or a folder with a checkout")
    .argument("[head]", "the same; the working tree of this checkout when absent")
    .addOption(new Option("--scenario <name>", "only this one; repeatable").argParser(several(String)))
    .addOption(
      new Option("--seeds <a..b>", "the seeds of each scenario")
        .default({ from: 1, to: 5 }, "1..5")
        .argParser(readRange),
    )
    .addOption(new Option("--threshold <percent>", "report differences above this").default(1).argParser(percentOf))
    .addOption(jsonFlag())
    .addHelpText(
      "after",
      "\nExamples:\n  lockproof compare main\n  lockproof compare v1.0 HEAD --scenario redis-gone --json",
    )
    .action((base: string, head: string | undefined, flags: CompareFlags) =>
      compare({ base, head: head ?? ownCheckout(), ...flags }, context),
    );
}

interface Choice extends CompareFlags {
  readonly base: string;
  readonly head: string;
}

async function compare({ base, head, ...flags }: Choice, context: Context): Promise<void> {
  if (import.meta.url.endsWith(".js"))
    throw new UsageError("compare needs a checkout of lockproof, and this is the installed package", {
      where: "lockproof compare",
      fix: "run it in a checkout",
    });
  const { compareRevisions, comparedScenarios } = await import("../../compare/compare.ts");
  const { output } = context;
  const comparison = await compareRevisions({
    ...{ base, head, repository: ownCheckout(), seeds: flags.seeds, threshold: flags.threshold / 100 },
    scenarios: flags.scenario ?? comparedScenarios,
    signal: context.interrupted,
    onProgress: (text) => output.progress(visible(text)),
  });
  if (flags.json) for (const difference of comparison.differences) output.json(jsonOf(difference));
  else {
    output.line(`lockproof compare   ${visible(base)} -> ${visible(nameOf(head))}`);
    printDifferences(comparison, flags.threshold, output);
  }
  for (const reason of comparison.open) output.note(`open: ${visible(reason)}`);
  context.exit(exitCodeOf(comparison));
}

function exitCodeOf({ compared, differences, open }: Comparison): number {
  if (open.length > 0 || compared === 0) return exitCodes.inconclusive;
  return differences.some(({ isBeyond }) => isBeyond) ? exitCodes.violated : exitCodes.held;
}

function printDifferences({ compared, differences, runs }: Comparison, threshold: number, output: Output): void {
  const beyond = differences.filter(({ isBeyond }) => isBeyond);
  const width = (of: (one: Difference) => string): number => Math.max(0, ...beyond.map((one) => of(one).length));
  const [scenarios, metrics] = [width(({ scenario }) => scenario), width(({ metric }) => metric)];
  for (const { base, change, head, metric, scenario } of beyond) {
    const figures = `${numberText(base)} -> ${numberText(head)}`;
    output.line(
      `  ${scenario.padEnd(scenarios)}  ${metric.padEnd(metrics)}  ${changeText(change).padStart(8)}  ${figures}`,
    );
  }
  const within = differences.length - beyond.length;
  output.line(
    `  ${beyond.length} of ${compared} figures differ by more than ${threshold} %, ${within} by less; ${runs} runs of each revision`,
  );
}

function changeText(change: number): string {
  if (!Number.isFinite(change)) return "new";
  return `${change > 0 ? "+" : ""}${(100 * change).toFixed(1)} %`;
}

/** Returns the figures; a change that JSON cannot hold is null. */
function jsonOf({ change, isBeyond, ...figures }: Difference): object {
  return { ...figures, change: Number.isFinite(change) ? change : null, beyond_threshold: isBeyond };
}

/** The folder above src/ or dist/. */
function ownCheckout(): string {
  const parts = dirname(fileURLToPath(import.meta.url)).split(sep);
  return parts.slice(0, Math.max(parts.lastIndexOf("src"), 1)).join(sep);
}

/** Without a path of this machine. */
const nameOf = (revision: string): string => (revision === ownCheckout() ? "the working tree" : revision);

function percentOf(text: string): number {
  const value = Number(text);
  if (/^\d{1,4}(\.\d{1,3})?$/u.test(text) && value <= 1_000) return value;
  throw notReadable("--threshold", text, "a number from 0 to 1000, per cent");
}
