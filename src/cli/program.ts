/** The command line: the commands, and what they share. */
import { Command, type CommanderError } from "commander";
import { benchCommand } from "./bench.ts";
import { checkCommand } from "./check.ts";
import { conformCommand } from "./conform.ts";
import type { Context } from "./context.ts";
import { doctorCommand } from "./doctor.ts";
import { explainCommand } from "./explain.ts";
import { exploreCommand } from "./explore.ts";
import { injectCommand } from "./inject.ts";
import { liftCommand } from "./lift.ts";
import { misuse, refuseEmptyAndRepeated } from "./misuse.ts";
import { mutantsCommand } from "./mutants.ts";
import { checkPaths } from "./paths.ts";
import { replayCommand } from "./replay.ts";
import { reportCommand } from "./report.ts";
import { simulateCommand } from "./simulate.ts";
import { verifyCommand } from "./verify.ts";

const exitCodeHelp = `
Exit codes:
  0   every property exercised and held
  1   violated, whatever fails afterwards
  2   inconclusive: unknown, not exercised, stale
  3   broken run: no Redis, no Toxiproxy, a crash of ours, a signal, a result that could not be printed
  64  wrong usage

Environment: NO_COLOR, LOCKPROOF_DEBUG=1 (stack traces), LOCKPROOF_CACHE (where provided servers are kept)`;

/** @param version of the package */
export function createProgram(context: Context, version: string): Command {
  const program = new Command("lockproof")
    .description("Proves a lock-free, Redis-backed scheduler right, or shows how it goes wrong.")
    .version(version)
    .addHelpText("after", exitCodeHelp);
  const commands = [
    verifyCommand(context),
    replayCommand(context),
    explainCommand(context),
    conformCommand(context),
    exploreCommand(context),
    simulateCommand(context),
    injectCommand(context),
    benchCommand(context),
    mutantsCommand(context, version),
    checkCommand(context),
    liftCommand(context),
    reportCommand(context),
    doctorCommand(context),
  ];
  for (const command of commands) program.addCommand(command);
  for (const command of [program, ...commands]) speakOurWay(command, context);
  return program;
}

/** Help goes to stdout; everything else that commander would print is thrown, for one place to say. */
function speakOurWay(command: Command, { output }: Context): void {
  refuseEmptyAndRepeated(command);
  command
    .hook("preAction", (_, called) => checkPaths(called))
    .showSuggestionAfterError(false)
    .configureOutput({
      writeOut: (text) => output.line(text.replace(/\n$/, "")),
      writeErr: () => {},
      outputError: () => {},
    })
    .exitOverride((error: CommanderError) => {
      throw error.exitCode === 0 ? error : misuse(command, error);
    });
}
