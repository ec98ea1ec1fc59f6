/** K4: no lock on the scheduling path: what the search of scripts and code found, and what a loaded run was seen to send. */
import { type CommandCount, ofKind, type StoreCall } from "../history.ts";
import { conclude, fewExplanations, type Judgement, type Trial } from "../judgement.ts";
import { properties } from "../properties.ts";
import { isLockCommand } from "./words.ts";

export function judgeLockFreedom(trial: Trial): Judgement {
  const searches = ofKind(trial.history, "lock_search");
  const commands = ofKind(trial.history, "commands");
  const files = searches.reduce((sum, search) => sum + search.files, 0);
  const functions = searches.reduce((sum, search) => sum + search.functions, 0);
  const sent = commands.reduce((sum, { count }) => sum + count, 0);
  const locking = commands.reduce((sum, { command, count }) => sum + (isLocking(command) ? count : 0), 0);
  const found = searches.flatMap((search) => search.found);
  const violations = [
    ...found.map((line) => [`found ${line}, allowed none on the scheduling path`]),
    ...commands.flatMap(commandStory),
  ];
  const answered = ofKind(trial.history, "store_call").filter(({ outcome }) => outcome === "answered");
  return conclude({
    property: "K4",
    premise: properties.K4.premise,
    // Either half alone shows too little.
    exercised: files > 0 && functions > 0 ? sent : 0,
    judged: Math.max(sent, answered.length),
    unseen: unwatched(answered, commands),
    violations: fewExplanations(violations),
    measures: [
      { name: "lock_commands_sent", value: locking, threshold: 0 },
      { name: "locks_in_code", value: found.length, threshold: 0 },
      { name: "commands_watched", value: sent },
      { name: "files_searched", value: files },
      { name: "functions_on_the_way_of_a_selection", value: functions },
    ],
  });
}

/** Calls that the server answered and that no command seen there can have been: each is one at least. */
function unwatched(answered: readonly StoreCall[], commands: readonly CommandCount[]): number {
  return [...Map.groupBy(answered, ({ instance }) => instance)].reduce((missing, [instance, calls]) => {
    const seen = commands.reduce((sum, one) => sum + (one.instance === instance ? one.count : 0), 0);
    return missing + Math.max(0, calls.length - seen);
  }, 0);
}

function commandStory({ command, count, declared, instance }: CommandCount): readonly (readonly string[])[] {
  const who = `instance ${instance} ran ${command} ${count} ${count === 1 ? "time" : "times"}`;
  if (isLocking(command)) return [[`${who}, allowed no command that locks or waits`]];
  return declared ? [] : [[`${who}, allowed only commands that a user with least rights has`]];
}

/** @param command with its subcommand, `CLIENT|LIST` */
function isLocking(command: string): boolean {
  const [name = ""] = command.split("|");
  return isLockCommand(name);
}
