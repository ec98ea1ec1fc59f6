/** `watch URL`: audits a live store, read-only. */
import { Command, Option } from "commander";
import { exitCodeOf } from "../../check/verdict.ts";
import { withoutUndefined } from "../../evidence/without-undefined.ts";
import { jsonFlag } from "../arguments/flags.ts";
import { integerWithin, readDuration } from "../arguments/values.ts";
import type { Context } from "../process/context.ts";
import { guideText } from "./guide.ts";
import { jsonOfEnd, jsonOfEvent, linesOfEnd, linesOfEvent } from "./lines.ts";

interface WatchFlags {
  readonly namespace: string;
  readonly for?: number;
  readonly rate: number;
  readonly keep: number;
  readonly dir: string;
  readonly metricsPort?: number;
  readonly json?: true;
}

export function watchCommand(context: Context): Command {
  return new Command("watch")
    .summary("audit a live store, read-only")
    .description(
      "Follows the feeds of a live store of the reference layout and judges J1, J2, J4, V1, F1, N4 and P1 (docs/watch.md). It sends reading commands only. A signal ends it with the verdict of what was seen.",
    )
    .argument("<url>", "redis://[user:password@]host:port[/db], or rediss:// for TLS")
    .addOption(new Option("--namespace <prefix>", "prefix of the keys").default("lp:"))
    .addOption(
      new Option("--for <time>", "how long to watch (default: until a signal)").argParser(readDuration("--for")),
    )
    .addOption(
      new Option("--rate <n>", "commands a second at most")
        .default(1_000)
        .argParser(integerWithin("--rate", 20, 1_000_000)),
    )
    .addOption(
      new Option("--keep <n>", "changes of a partition in the history of a violation")
        .default(1_000)
        .argParser(integerWithin("--keep", 1, 1_000_000)),
    )
    .addOption(
      new Option("--dir <folder>", "keep the histories of violations here, for `lockproof check`").default(
        "reports/watch",
      ),
    )
    .addOption(
      new Option("--metrics-port <n>", "serve Prometheus metrics on this port of 127.0.0.1; 0: any").argParser(
        integerWithin("--metrics-port", 0, 65_535),
      ),
    )
    .addOption(jsonFlag())
    .addHelpText(
      "after",
      `\nExamples:\n  lockproof watch redis://watcher:secret@127.0.0.1:6379 --for 1h\n  lockproof watch rediss://redis.example:6380 --metrics-port 9400 --json\n\n${guideText()}`,
    )
    .action((url: string, flags: WatchFlags) => watch(url, flags, context));
}

async function watch(url: string, flags: WatchFlags, context: Context): Promise<void> {
  const { interrupted, output } = context;
  const layers = await context.layers();
  context.endsBySignal();
  const { dir, for: limit, json, keep, metricsPort, namespace, rate } = flags;
  const ended = limit === undefined ? interrupted : AbortSignal.any([interrupted, context.timeLimit(limit)]);
  const result = await layers.watchStore({
    ...{ url, namespace, rate, keep, dir, ended },
    ...withoutUndefined({ metricsPort }),
    onMetrics: (address) => output.note(`metrics: ${address}`),
    on: (event) => {
      if (event.kind === "violation") context.judged("violated");
      const time = context.wallClock();
      if (json) output.json(jsonOfEvent(event, time));
      else for (const line of linesOfEvent(event, time)) output.line(line);
    },
  });
  if (json) output.json(jsonOfEnd(result, context.wallClock()));
  else for (const line of linesOfEnd(result)) output.line(line);
  if (json === undefined) output.line(`  ${output.verdict(result.verdict)}`);
  context.exit(exitCodeOf(result.verdict));
}
