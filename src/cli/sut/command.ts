/** `sut`: what authors of a scheduler written elsewhere need before they run a scenario. */
import { Command, Option } from "commander";
import { exitCodeOf } from "../../check/verdict.ts";
import { visible } from "../../evidence/escape.ts";
import { UsageError } from "../../evidence/failure.ts";
import { withoutUndefined } from "../../evidence/without-undefined.ts";
import { type SkeletonLanguage, skeletonLanguages, writeSkeleton } from "../../sut/skeleton.ts";
import type { Layers } from "../../verify/layers.ts";
import { jsonFlag, redisFlag } from "../arguments/flags.ts";
import { oneOf } from "../arguments/values.ts";
import type { Context } from "../process/context.ts";

type StepLine = Parameters<Parameters<Layers["checkSystem"]>[0]["onStep"]>[0];

interface CheckFlags {
  readonly redisServer?: string;
  readonly json?: true;
}

export function sutCommand(context: Context): Command {
  return new Command("sut")
    .summary("check a scheduler that speaks the line protocol")
    .description("For authors of a scheduler that is verified over the line protocol (docs/sut-protocol.md).")
    .addCommand(newCommand(context))
    .addCommand(checkCommand(context))
    .addCommand(schemaCommand(context));
}

function newCommand({ exit, output }: Context): Command {
  return new Command("new")
    .summary("write the skeleton of a scheduler")
    .description("Writes a small scheduler of level 0 with keys of its own, which passes the check, into a new folder.")
    .argument("<folder>", "one that is not there yet, or is empty")
    .addOption(
      new Option("--lang <language>", skeletonLanguages.join(", "))
        .argParser(oneOf("language", "--lang", skeletonLanguages))
        .makeOptionMandatory(),
    )
    .addHelpText("after", "\nExample:\n  lockproof sut new --lang python my-scheduler")
    .action((folder: string, { lang }: { readonly lang: SkeletonLanguage }) => {
      const { commands, files } = writeSkeleton(lang, folder);
      output.line(`lockproof sut new   ${lang} scheduler in ${visible(folder)}: ${files.join(", ")}`);
      output.line();
      for (const command of [`cd ${wordOf(folder)}`, ...commands]) output.line(`  ${command}`);
      exit(0);
    });
}

/** As a shell reads it. */
function wordOf(path: string): string {
  const text = visible(path);
  return /^[\w./-]+$/u.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function checkCommand(context: Context): Command {
  return new Command("check")
    .summary("call every operation, and see how it ends")
    .description(
      "Starts the command on a Redis of its own, calls every operation that it claims, and stops, kills and starts it.",
    )
    .argument("<command...>", "the program and its arguments, after --")
    .addOption(redisFlag())
    .addOption(jsonFlag())
    .addHelpText("after", "\nExample:\n  lockproof sut check -- python3 my_scheduler.py")
    .action((words: readonly string[], flags: CheckFlags) => check(words, flags, context));
}

async function check(words: readonly string[], { json, redisServer }: CheckFlags, context: Context): Promise<void> {
  const { output } = context;
  const [file, ...args] = words;
  if (file === undefined) {
    throw new UsageError("found no command; allowed: a program and its arguments", {
      where: "lockproof sut check",
      fix: "give it after --",
    });
  }
  const layers = await context.layers();
  const checked = await layers.checkSystem({
    ...{ command: { file, args, workDir: process.cwd() }, signal: context.interrupted },
    ...withoutUndefined({ redisServer }),
    onStep: (line) => {
      if (json) output.json(line);
      else for (const text of stepText(line)) output.line(text);
    },
  });
  context.exit(exitCodeOf(checked.verdict));
  const { level, name, properties, verdict, version } = checked;
  if (json) {
    output.json(checked);
    return;
  }
  output.line();
  output.line(`  ${visible(`${name} ${version}`)}   level ${level < 0 ? "none" : level}`);
  for (const { id, judged } of properties) output.line(`  ${id.padEnd(4)}${judged}`);
  output.line(`  ${output.verdict(verdict)}`);
}

function stepText({ details, found, ms, ok, step }: StepLine): readonly string[] {
  return [
    `  ${ok ? "ok    " : "wrong "}  ${step}   ${ms} ms`,
    `          ${visible(found)}`,
    ...details.map((line) => `          ${visible(line)}`),
  ];
}

function schemaCommand(context: Context): Command {
  return new Command("schema")
    .summary("print the JSON Schema of requests and replies")
    .description("Prints the JSON Schema of every request and reply of the line protocol.")
    .action(async () => {
      const { protocolSchema } = await import("../../sut/schema.ts");
      context.output.json(protocolSchema());
      context.exit(0);
    });
}
