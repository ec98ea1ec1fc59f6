/** The command line: the commands, and what they share. */
import { Command, type CommanderError, Help } from "commander";
import { misuse, refuseEmptyAndRepeated } from "./arguments/misuse.ts";
import { checkPaths } from "./arguments/paths.ts";
import { benchCommand } from "./commands/bench.ts";
import { checkCommand } from "./commands/check.ts";
import { conformCommand } from "./commands/conform.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { explainCommand } from "./commands/explain.ts";
import { exploreCommand } from "./commands/explore.ts";
import { injectCommand } from "./commands/inject.ts";
import { mutantsCommand } from "./commands/mutants.ts";
import { replayCommand } from "./commands/replay.ts";
import { reproduceCommand } from "./commands/reproduce.ts";
import { simulateCommand } from "./commands/simulate.ts";
import { verifyCommand } from "./commands/verify.ts";
import { compareCommand } from "./compare/command.ts";
import { completionCommand } from "./completion/command.ts";
import { mutateCommand } from "./mutate/command.ts";
import { initCommand } from "./own/command.ts";
import { applyConfig, readConfig } from "./own/config.ts";
import { addOwnScenarios } from "./own/scenarios.ts";
import type { Context } from "./process/context.ts";
import { openCommand } from "./reports/open.ts";
import { reportCommand } from "./reports/report.ts";
import { sutCommand } from "./sut/command.ts";
import { watchCommand } from "./watch/command.ts";

const exitCodeHelp = `
Exit codes:
  0   every property exercised and held
  1   violated, whatever fails afterwards
  2   inconclusive: unknown, not exercised, stale
  3   broken run: no Redis, no Toxiproxy, a crash, a signal, a result that could not be printed
  64  wrong usage

Environment:
  NO_COLOR, FORCE_COLOR   no colours; colours in a pipe too
  CI=true, TERM=dumb      no line that is overwritten
  LOCKPROOF_DEBUG=1       stack traces
  LOCKPROOF_CACHE         where provided servers are kept (default: lockproof in XDG_CACHE_HOME, or ~/.cache)
  LOCKPROOF_REDIS_SERVER, LOCKPROOF_TOXIPROXY_SERVER   programs to use, where no flag names them
  LOCKPROOF_PEERS         the peers of bench
  GITHUB_ACTIONS=true     annotations, with files relative to GITHUB_WORKSPACE
  GITHUB_STEP_SUMMARY     a file that gets the checklist`;

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
    mutateCommand(context),
    compareCommand(context),
    checkCommand(context),
    reproduceCommand(context),
    reportCommand(context),
    openCommand(context),
    sutCommand(context),
    initCommand(context, version),
    watchCommand(context),
    doctorCommand(context),
    completionCommand(context),
  ];
  for (const command of commands) program.addCommand(command);
  program.hook("preAction", (_, called) => prepare(called));
  for (const command of [program, ...commands, ...commands.flatMap((one) => one.commands)])
    speakOurWay(command, context);
  return program;
}

/** Configuration and scenarios of the user's own. */
async function prepare(called: Command): Promise<void> {
  const config = await readConfig(process.cwd());
  if (config !== null) applyConfig(called, config);
  checkPaths(called);
  const folder: unknown = called.getOptionValue("scenarios");
  if (typeof folder === "string") await addOwnScenarios(folder);
}

/** An alias is the former name of a command: it is accepted, and not shown. */
class HelpWithoutAliases extends Help {
  override subcommandTerm(command: Command): string {
    return super.subcommandTerm(command).replace(alias, "");
  }
  override commandUsage(command: Command): string {
    return super.commandUsage(command).replace(alias, "");
  }
}

const alias = /\|\S+/;

/** Help goes to stdout; everything else that commander would print is thrown, for one place to say. */
function speakOurWay(command: Command, { output }: Context): void {
  refuseEmptyAndRepeated(command);
  command.createHelp = () => Object.assign(new HelpWithoutAliases(), command.configureHelp());
  command
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
