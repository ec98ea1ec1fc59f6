/** `init`: configuration, a first scenario and a recipe for CI, in the repository of a scheduler. */
import { Command, Option } from "commander";
import { visible } from "../../evidence/escape.ts";
import { readShellWords } from "../arguments/shell-words.ts";
import type { Context } from "../process/context.ts";
import { commandsOf, writeProject } from "./project.ts";

/** @param version of the package */
export function initCommand({ exit, output }: Context, version: string): Command {
  return new Command("init")
    .summary("set up the repository of a scheduler")
    .description(
      "Writes lockproof.config.ts, a scenario of its own in lockproof/ and a workflow for GitHub into a repository. Replaces no file.",
    )
    .argument("<folder>", "the repository")
    .addOption(
      new Option("--sut <command>", "the scheduler that is verified (default: the reference scheduler)").argParser(
        (text: string) => {
          readShellWords("--sut")(text);
          return text;
        },
      ),
    )
    .addHelpText("after", '\nExample:\n  lockproof init --sut "python3 scheduler.py" .')
    .action((folder: string, { sut }: { readonly sut?: string }) => {
      const files = writeProject(folder, { sut, version });
      output.line(`lockproof init   ${visible(folder)}: ${files.join(", ")}`);
      output.line();
      for (const command of commandsOf(version)) output.line(`  ${command.replace(/ --seed .*/u, "")}`);
      exit(0);
    });
}
