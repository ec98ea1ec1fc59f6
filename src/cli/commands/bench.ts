/** `bench`: speed and size in rounds, compared with thresholds and peers. */

import { Command, Option } from "commander";
import { exitCodeOf, type Verdict, verdicts } from "../../check/verdict.ts";
import { visible } from "../../evidence/escape.ts";
import { withoutUndefined } from "../../evidence/without-undefined.ts";
import { durationText, numberText, verdictWords } from "../../evidence/words.ts";
import { thresholdText } from "../../report/checklist/figures.ts";
import type { BenchEvidence, BenchLine, BenchProfile } from "../../verify/layers.ts";
import { chooseSeed, jsonFlag, redisFlag, type SeedFlag, seedFlag } from "../arguments/flags.ts";
import { checkWords, oneOf, several } from "../arguments/values.ts";
import type { Output } from "../printing/output.ts";
import type { Context } from "../process/context.ts";

interface BenchFlags extends SeedFlag {
  readonly profile: BenchProfile;
  readonly row?: readonly string[];
  readonly peers?: string;
  readonly redisServer?: string;
  readonly json?: true;
}

const benchProfiles = ["quick", "full"] as const;
const wordWidth = Math.max(...verdicts.map((verdict) => verdictWords[verdict].en.length));

export function benchCommand(context: Context): Command {
  return new Command("bench")
    .summary("compare speed and size with thresholds and peers")
    .description("Measures each row in rounds and judges the median. What CPU contention leaves undecided is unknown.")
    .addOption(
      new Option("--profile <name>", `how much to measure: ${benchProfiles.join(", ")}`)
        .default("full")
        .argParser(oneOf("profile", "--profile", benchProfiles)),
    )
    .addOption(new Option("--row <id>", "only this row; repeatable (default: all)").argParser(several(String)))
    .addOption(
      new Option("--peers <dir>", "with redis-limit and bullmq (default: LOCKPROOF_PEERS, or beside the checkout)"),
    )
    .addOption(seedFlag())
    .addOption(redisFlag())
    .addOption(jsonFlag())
    .addHelpText(
      "after",
      "\nExamples:\n  lockproof bench\n  lockproof bench --row heartbeat --row pairs --peers ./peers --json",
    )
    .action((flags: BenchFlags) => bench(flags, context));
}

async function bench(flags: BenchFlags, context: Context): Promise<void> {
  const { output } = context;
  const layers = await context.layers();
  const known = await layers.benchRows();
  checkWords("row", flags.row ?? [], known, "--row");
  const seed = chooseSeed(flags, context);
  const width = Math.max(...known.map((id) => id.length));
  if (flags.json === undefined) {
    output.line(`lockproof bench   profile ${flags.profile}   seed ${seed}`);
    output.line(columns(["row", "verdict", "median", "min to max", "threshold", "rounds"], width));
  }
  const onRow = (line: BenchLine): void => {
    if (flags.json) output.json(line);
    else for (const text of rowLines(line, width, output)) output.line(text);
  };
  const { peers, profile, redisServer, row } = flags;
  const evidence = await layers.runBench({
    ...{ profile, seed, signal: context.interrupted, env: context.env },
    onProgress: (text) => output.progress(text),
    onRow,
    ...withoutUndefined({ rows: row, peers, redisServer }),
  });
  const code = exitCodeOf(evidence.verdict);
  if (flags.json) {
    const { machine } = evidence.json;
    output.json({
      verdict: evidence.verdict,
      exit_code: code,
      profile,
      seed,
      duration_ms: evidence.duration_ms,
      machine,
    });
  } else for (const text of closingLines(evidence, code)) output.line(text);
  context.exit(code);
}

function rowLines(line: BenchLine, width: number, output: Output): readonly string[] {
  const { direction, id, max, median, min, reason, rounds, strict = false, threshold, unit, verdict } = line;
  const figure = median === null ? "—" : `${numberText(median)} ${unitWords[unit] ?? unit}`;
  const spread = min === null || max === null ? "—" : `${numberText(min)} to ${numberText(max)}`;
  const allowed = thresholdText({ direction, strict, value: threshold });
  const word = output.verdict(verdict, wordWidth);
  const indent = " ".repeat(width + 2);
  return [
    columns([id, word, figure, spread, allowed, String(rounds)], width),
    ...(line.peer === undefined || line.peer.median === null ? [] : [`${indent}${besidePeer(line)}`]),
    ...(reason === undefined ? [] : [`${indent}${visible(reason)}`]),
  ];
}

const unitWords: Readonly<Record<string, string>> = { us: "µs", per_s: "/s", mb: "MB", ratio: "×", requests: "" };

function besidePeer({ ours, peer }: BenchLine): string {
  const rate = (found: number | null | undefined): string => (found == null ? "—" : numberText(found));
  return `ours ${rate(ours?.median)}/s, ${peer?.name} ${rate(peer?.median)}/s, in the same run`;
}

type Row = readonly [id: string, verdict: string, figure: string, spread: string, threshold: string, rounds: string];

/** @param width of the first column */
function columns([id, verdict, figure, spread, threshold, rounds]: Row, width: number): string {
  const cells = [id.padEnd(width), verdict.padEnd(wordWidth), figure.padStart(14), spread.padStart(22)];
  return [...cells, threshold.padStart(12), rounds.padStart(6)].join("  ").trimEnd();
}

/** The machine, then `9 held · 1 violated (pairs)      exit 1`. */
function closingLines({ duration_ms, json }: BenchEvidence, code: number): readonly string[] {
  const { machine, rows } = json;
  const counts = verdicts.flatMap((verdict) => {
    const ids = rows.filter((row) => row.verdict === verdict).map(({ id }) => id);
    return ids.length === 0 ? [] : [countOf(verdict, ids)];
  });
  const { cores, cpu, node, platform, redis } = machine;
  return [
    "",
    visible(`  ${cores} × ${cpu}, ${platform}, node ${node}, redis ${redis}; ${durationText(duration_ms)}`),
    `  ${counts.reverse().join(" · ")}      exit ${code}`,
  ];
}

function countOf(verdict: Verdict, ids: readonly string[]): string {
  return `${ids.length} ${verdictWords[verdict].en}${verdict === "held" ? "" : ` (${ids.join(" ")})`}`;
}
