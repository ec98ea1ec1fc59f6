/** Translates commander's errors into our form: what was found, what is allowed, and the nearest word. */
import type { Command, CommanderError } from "commander";
import { UsageError } from "../../evidence/failure.ts";
import { isRepeatable, unknownWord } from "./values.ts";

/** @param command that refused its arguments */
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

/** Refuses empty values, repeated flags, and a flag together with its opposite, where the order would decide. */
export function refuseEmptyAndRepeated(command: Command): void {
  const given = new Map<string, string>();
  for (const option of command.options) {
    const flag = option.long ?? option.flags;
    command.on(`option:${option.name()}`, (value: unknown) => {
      if (typeof value === "string" && value.trim() === "") {
        throw new UsageError(`${flag}: found an empty value; allowed: ${option.flags}`, {
          where: `${pathOf(command)} ${flag}`,
          fix: `give ${flag} a value, or leave it out`,
        });
      }
      if (isRepeatable(option.parseArg)) return;
      const before = given.get(option.attributeName());
      given.set(option.attributeName(), flag);
      if (before === undefined) return;
      const found = before === flag ? `${flag} twice` : `${before} and ${flag}`;
      throw new UsageError(`found ${found}; allowed: one of them`, {
        where: pathOf(command),
        fix: "leave one of them out",
      });
    });
  }
}

function flagsOf(command: Command): readonly string[] {
  return [...command.options.filter(({ hidden }) => !hidden).flatMap((option) => option.long ?? []), "--help"];
}

/** `lockproof verify` */
function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
