/** Wrong schedulers that take what the protocol does not allow, or refuse what it allows. */
import type { SchedulerMutant } from "../mutant.ts";

function mutant(id: string, origin: string, ...edits: SchedulerMutant["edits"]): SchedulerMutant {
  return { id, origin, simulated: "odd-arguments", property: "K7", edits };
}

export const argumentMutants: readonly SchedulerMutant[] = [
  mutant("any-whole-number", "that a number is whole is checked, and the store checks the rest", {
    file: "input.ts",
    find: "  if (Number.isInteger(value) && value >= least && value <= most) return value;",
    replace: "  if (Number.isInteger(value)) return value;",
  }),
  mutant("last-value-refused", "the most that is allowed is taken for the first that is not", {
    file: "input.ts",
    find: "value >= least && value <= most",
    replace: "value >= least && value < most",
  }),
  mutant("ids-counted-in-characters", "the length of an id is that of its text", {
    file: "input.ts",
    find: "  return id.length > 0 && (id.length * 3 <= maxBytes || utf8(id).length <= maxBytes);",
    replace: "  return id.length > 0 && id.length <= maxBytes;",
  }),
  mutant("refused-without-a-reason", "an error says that the input is wrong, and no more", {
    file: "input.ts",
    find: 'const allowed = "1 to 35 of A-Z a-z 0-9 _ -";',
    replace: 'const allowed = "";',
  }),
  mutant("settings-without-an-end", "a duration is any number from its least on", {
    file: "settings.ts",
    find: "z.number().min(least).max(most);",
    replace: "z.number().min(least);",
  }),
];
