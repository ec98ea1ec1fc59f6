/** `doctor`: what was found, what is missing, how to get it. */

import { Command } from "commander";
import { exitCodes } from "../../check/verdict.ts";
import { visible } from "../../evidence/escape.ts";
import type { Finding } from "../../verify/layers.ts";
import { type ServerFlags, serversOf } from "../../verify/servers.ts";
import { jsonFlag, redisFlag, toxiproxyFlag } from "../arguments/flags.ts";
import type { Context } from "../process/context.ts";

const wordWidth = "missing".length;

interface DoctorFlags extends ServerFlags {
  readonly json?: true;
}

export function doctorCommand(context: Context): Command {
  return new Command("doctor")
    .summary("find what a run needs")
    .description(
      "Looks for what a run needs, changes nothing, and says how to get what is missing. Exit 3: something is missing or wrong.",
    )
    .addOption(redisFlag())
    .addOption(toxiproxyFlag())
    .addOption(jsonFlag())
    .addHelpText("after", "\nExamples:\n  lockproof doctor\n  lockproof doctor --redis-server ./redis-server --json")
    .action(async (flags: DoctorFlags) => {
      const layers = await context.layers();
      const findings = await layers.examine({ ...serversOf(flags), signal: context.interrupted });
      if (flags.json) for (const finding of findings) context.output.json(finding);
      else for (const line of findingLines(findings)) context.output.line(line);
      context.exit(findings.some(isLacking) ? exitCodes.broken : exitCodes.held);
    });
}

function isLacking({ required, status }: Finding): boolean {
  return required && status !== "found";
}

function findingLines(findings: readonly Finding[]): readonly string[] {
  const width = (text: (finding: Finding) => string) => Math.max(0, ...findings.map((finding) => text(finding).length));
  const names = width((finding) => finding.name);
  const versions = width((finding) => finding.version ?? "-");
  return findings.flatMap((finding) => {
    const { name, version, where, how, reason, fix } = finding;
    const word = finding.required || finding.status === "found" ? finding.status : "absent";
    const place = where === null ? "" : `  ${where}${how === null ? "" : ` (${how})`}`;
    return [
      visible(
        `${word.padEnd(wordWidth)}  ${name.padEnd(names)}  ${(version ?? "-").padEnd(versions)}${place}`.trimEnd(),
      ),
      ...(reason === null ? [] : indented("why", reason)),
      ...(fix === null ? [] : indented("fix", fix)),
    ];
  });
}

function indented(label: string, text: string): readonly string[] {
  return text.split("\n").map((line) => visible(`${" ".repeat(wordWidth)}  ${label}: ${line}`));
}
