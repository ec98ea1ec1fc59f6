/** The commands of a program with their flags, as a completion needs them. */
import { type Command, Help } from "commander";

export interface Flag {
  /** `--seed` */
  readonly name: string;
  readonly text: string;
  readonly takesValue: boolean;
}

export interface CommandRow {
  /** `verify`, or `sut check` for a command of a group. */
  readonly name: string;
  readonly text: string;
  readonly flags: readonly Flag[];
  /** The commands of a group. */
  readonly commands: readonly string[];
}

/** @returns the program itself first, with an empty name */
export function tableOf(program: Command): readonly CommandRow[] {
  const rows = (command: Command, name: string): readonly CommandRow[] => {
    const commands = command.commands;
    const row = {
      name,
      text: command.summary(),
      flags: new Help()
        .visibleOptions(command)
        .flatMap(({ description, long, required, optional }) =>
          long == null ? [] : [{ name: long, text: description, takesValue: required || optional }],
        ),
      commands: commands.map((one) => one.name()),
    };
    return [row, ...commands.flatMap((one) => rows(one, `${name} ${one.name()}`.trim()))];
  };
  return rows(program, "");
}
