/** What commander refuses, said our way: what was found, what is allowed, and the nearest word. */
import type { Command, CommanderError } from "commander";
import { UsageError } from "../report/failure.ts";
import { unknownWord } from "./values.ts";

/** @param command the one whose arguments were being read */
export function misuse(command: Command, error: CommanderError): UsageError {
  const where = pathOf(command);
  const word = /'([^']*)'/.exec(error.message)?.[1] ?? "";
  if (error.code === "commander.unknownCommand") {
    return unknownWord(
      "command",
      word,
      command.commands.map((one) => one.name()),
      where,
    );
  }
  if (error.code === "commander.unknownOption") return unknownWord("flag", word, flagsOf(command), where);
  const found = error.code === "commander.help" ? "no command was given" : error.message.replace(/^error: /, "");
  return new UsageError(found, { where, fix: `see ${where} --help` }, error);
}

function flagsOf(command: Command): readonly string[] {
  return [...command.options.flatMap((option) => option.long ?? []), "--help"];
}

/** `lockproof verify` */
function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
