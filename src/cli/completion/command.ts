// cspell:ignore fpath
/** `completion bash|zsh|fish`: completes commands and flags in a shell, printed from the program's own table of commands. */
import { Argument, Command } from "commander";
import { exitCodes } from "../../check/verdict.ts";
import { oneOf } from "../arguments/values.ts";
import type { Context } from "../process/context.ts";
import { completions, shells } from "./scripts.ts";
import { tableOf } from "./table.ts";

export function completionCommand({ exit, output }: Context): Command {
  return new Command("completion")
    .summary("print the completion of a shell")
    .description("Prints a script that completes commands and flags of lockproof.")
    .addArgument(new Argument("<shell>", shells.join(", ")).argParser(oneOf("shell", "lockproof completion", shells)))
    .addHelpText(
      "after",
      `\nExamples:\n  eval "$(lockproof completion bash)"\n  lockproof completion zsh > "\${fpath[1]}/_lockproof"\n  lockproof completion fish > ~/.config/fish/completions/lockproof.fish`,
    )
    .action((shell: (typeof shells)[number], _flags: unknown, command: Command) => {
      const root = command.parent ?? command;
      for (const line of completions[shell](tableOf(root))) output.line(line);
      exit(exitCodes.held);
    });
}
