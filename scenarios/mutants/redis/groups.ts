/** Mutants of how calls of one turn go to the server as one, and of how each gets its answer. */
import type { PropertyId } from "../../../src/check/properties.ts";
import type { RedisMutant } from "./mutant.ts";

/** The property of the check. */
const broken: Readonly<Record<string, PropertyId>> = {
  ...({ "group-on-a-server": "V1", "group-sent-once": "J3", "group-forgotten": "D3", "group-timeouts": "K3" } as const),
  ...({ "group-while-closing": "K6", "group-reported": "M1" } as const),
};

const mutant = (
  id: string,
  check: string,
  origin: string,
  edit: {
    readonly file: "groups.ts" | "scripts/group.ts" | "scripts/send.ts" | "store.ts";
    readonly find: string;
    readonly replace: string;
  },
): RedisMutant => ({
  ...{ id, check, origin: `redis: ${origin}`, property: broken[check] ?? "L1" },
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
  mutant("group-kept-for-others", "calls-apart", "of several groups of a turn only that of one partition is sent", {
    ...{
      file: "groups.ts",
      find: "for (const waiting of all.values()) for",
      replace: "for (const waiting of [...all.values()].filter((one, index) => index === 0 || one.length === 1)) for",
    },
  }),
  mutant("group-of-like-names", "calls-apart", "the calls to p1 and p11 are one group", {
    ...{
      file: "groups.ts",
      find: 'const [partition = ""] = call.keys;',
      replace: 'const partition = (call.keys[0] ?? "").slice(0, 6);',
    },
  }),
  mutant("group-of-two-turns", "calls-apart", "calls wait until the next turn begins", {
    ...{ file: "groups.ts", find: "process.nextTick(() => this.#end())", replace: "setImmediate(() => this.#end())" },
  }),
  mutant("group-before-the-turn-ends", "calls-apart", "calls that follow in the same turn, after an await, go apart", {
    ...{ file: "groups.ts", find: "process.nextTick(() => this.#end())", replace: "queueMicrotask(() => this.#end())" },
  }),
  mutant("group-sent-again", "group-sent-once", "a group whose connection broke is sent again on the next one", {
    ...{
      file: "groups.ts",
      find: "const sent = this.#send(groupCall(group.map(({ call }) => call)));",
      replace:
        'const whole = groupCall(group.map(({ call }) => call));\n    const sent = this.#send(whole).catch(async (error: Error) => {\n      if (error.name === "ReplyError") throw error;\n      await new Promise((resolve) => setTimeout(resolve, 100));\n      return await this.#send(whole);\n    });',
    },
  }),
  mutant("group-cut-off-unnoticed", "group-sent-once", "where the connection breaks, the calls of a group wait on", {
    ...{
      file: "groups.ts",
      find: "for (const { reject } of group) reject(error);",
      replace:
        'if (!(error instanceof Error) || error.name.startsWith("Reply")) for (const { reject } of group) reject(error);',
    },
  }),
  mutant("group-stays-forgotten", "group-forgotten", "of all scripts that of groups alone is not sent again", {
    ...{
      file: "scripts/send.ts",
      find: "if (!isNoScript(error)) throw error;",
      replace: 'if (!isNoScript(error) || call.script === "group") throw error;',
    },
  }),
  mutant("group-times-out-as-one", "group-timeouts", "where one call of a turn is given up, all of them are", {
    ...{
      file: "store.ts",
      find: "const inTime = within(answer, deadline);",
      replace:
        "const own = this as unknown as { turn?: ((raw: typeof late) => void)[] };\n    const turn = (own.turn ??= []);\n    process.nextTick(() => delete own.turn);\n    const inTime = Promise.race([within(answer, deadline), new Promise<typeof late>((resolve) => turn.push(resolve))]);\n    inTime.then((raw) => {\n      if (raw === late) for (const end of turn) end(late);\n    }, () => {});",
    },
  }),
  mutant("group-times-out-last", "group-timeouts", "each call of a turn has the longest timeout of all", {
    ...{
      file: "store.ts",
      find: "const inTime = within(answer, deadline);",
      replace:
        "const own = this as unknown as { turn?: Millis[] };\n    const turn = (own.turn ??= []);\n    process.nextTick(() => delete own.turn);\n    turn.push(deadline);\n    const inTime = Promise.resolve().then(() => within(answer, Math.max(...turn)));",
    },
  }),
  mutant(
    "group-dropped-by-close",
    "group-while-closing",
    "a store that is closed does not send what it was asked in that turn",
    {
      ...{
        file: "store.ts",
        find: "new Groups((call) => sendScript(link.client, scripts, call));",
        replace:
          'new Groups((call) => {\n      if (this.#isClosed && call.script === "group") return Promise.reject(new Error("Connection is closed."));\n      return sendScript(link.client, scripts, call);\n    });',
      },
    },
  ),
  mutant("close-waits-for-one", "group-while-closing", "of the calls in flight close waits for the first one alone", {
    ...{
      file: "store.ts",
      find: "this.#awaited.add(inTime);",
      replace: "if (this.#awaited.size === 0) this.#awaited.add(inTime);",
    },
  }),
  mutant("group-reports-its-first", "group-reported", "of each group only one call is reported", {
    ...{
      file: "store.ts",
      find: "    this.#onCall({ script: call.script,",
      replace: '    if (call.script !== "release_job") this.#onCall({ script: call.script,',
    },
  }),
  mutant(
    "group-error-of-one",
    "group-reported",
    "an error of one call is that of all, unless it is about its arguments",
    {
      ...{
        file: "groups.ts",
        find: "if (reply instanceof Error) group[index]?.reject(reply);",
        replace:
          'if (reply instanceof Error && !reply.message.startsWith("LPARG")) throw reply;\n          else if (reply instanceof Error) group[index]?.reject(reply);',
      },
    },
  ),
  mutant("group-error-unhandled", "group-reported", "an error of the whole group is also left to the process", {
    ...{
      file: "groups.ts",
      find: "    sent\n      .then(",
      replace: "    sent.finally(() => {});\n    sent\n      .then(",
    },
  }),
];
