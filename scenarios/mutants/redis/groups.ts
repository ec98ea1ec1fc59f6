/** Mutants of how calls of one turn go to the server as one, and of how each gets its answer. */
import type { RedisMutant } from "./mutant.ts";

const mutant = (
  id: string,
  check: string,
  origin: string,
  edit: { readonly file: "groups.ts" | "scripts/group.ts"; readonly find: string; readonly replace: string },
): RedisMutant => ({
  ...{ id, check, origin: `redis: ${origin}`, property: check === "group-on-a-server" ? "V1" : "L1" },
  edits: [{ ...edit, file: `src/redis/${edit.file}` }],
});

export const wrongGroups: readonly RedisMutant[] = [
  mutant("group-answered-as-its-first", "one-call-a-turn", "every call of a group gets the answer to the first", {
    ...{
      file: "groups.ts",
      find: "group[index]?.resolve(reply)",
      replace: "group[index]?.resolve(repliesOf(raw, group.length)[0])",
    },
  }),
  mutant("group-refused-as-a-whole", "one-call-a-turn", "where one call of a group is refused, all of them are", {
    ...{
      file: "groups.ts",
      find: "if (reply instanceof Error) group[index]?.reject(reply);",
      replace: "if (reply instanceof Error) throw reply;",
    },
  }),
  mutant(
    "group-refusal-as-a-reply",
    "one-call-a-turn",
    "a refusal within a group is taken for a reply, and so cannot be read",
    {
      ...{ file: "groups.ts", find: "reply instanceof Error", replace: "reply instanceof TypeError" },
    },
  ),
  mutant("group-of-all-partitions", "calls-apart", "all calls of a turn are one group, whatever their partition", {
    ...{
      file: "groups.ts",
      find: 'const [partition = ""] = call.keys;',
      replace: 'const partition = call.keys.length > 99 ? "" : "all";',
    },
  }),
  mutant("group-without-bound", "calls-apart", "a group may have any number of calls, and holds the server as long", {
    ...{ file: "scripts/group.ts", find: "last.length === mostItems", replace: "last.length === 1_000" },
  }),
  mutant("group-of-many-jobs", "calls-apart", "running jobs of a group are not counted together", {
    ...{ file: "scripts/group.ts", find: "      running += more;\n", replace: "" },
  }),
  mutant("group-after-the-turn", "calls-apart", "calls wait for those of the next turn", {
    ...{ file: "groups.ts", find: "process.nextTick(() => this.#end())", replace: "setTimeout(() => this.#end(), 20)" },
  }),
  mutant(
    "group-error-ignored",
    "group-unanswered",
    "an error of the whole group reaches no caller: each waits for its timeout",
    {
      ...{ file: "groups.ts", find: "for (const { reject } of group) reject(error);", replace: "void error;" },
    },
  ),
  mutant("group-reads-too-many", "group-unanswered", "a reply with more answers than calls is read as far as it goes", {
    ...{ file: "scripts/group.ts", find: "replies.length === count", replace: "replies.length >= count" },
  }),
  mutant("group-in-reverse", "group-on-a-server", "the calls of a turn are made from the last to the first", {
    ...{ file: "groups.ts", find: "else waiting.push(", replace: "else waiting.unshift(" },
  }),
  mutant(
    "group-asks-once",
    "group-on-a-server",
    "of two equal calls of one turn only one is made, and both get its answer",
    {
      file: "groups.ts",
      find: "    if (waiting === undefined) this.",
      replace:
        "    const same = waiting?.find((one) => JSON.stringify(one.call.args.slice(3, 5)) === JSON.stringify(call.args.slice(3, 5)));\n    if (same) {\n      const { resolve: first } = same;\n      Object.assign(same, { resolve: (raw: unknown) => (first(raw), resolve(raw)) });\n      return promise;\n    }\n    if (waiting === undefined) this.",
    },
  ),
];
