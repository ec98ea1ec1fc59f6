/** Mutants of how one call is made, and of how its failure is reported. */
import type { RedisMutant } from "./mutant.ts";

export const wrongCalls: readonly RedisMutant[] = [
  {
    id: "retries-any-error",
    origin:
      "redis: a call that failed is sent again whatever the error was, not only where the server did not know the script",
    check: "reply-lost",
    property: "L1",
    edits: [
      {
        file: "src/redis/scripts/send.ts",
        find: "    if (!isNoScript(error)) throw error;\n",
        replace: "    if (isNoScript(error) && false) throw error;\n",
      },
    ],
  },
  {
    id: "no-eval-fallback",
    origin: "redis: scripts are loaded once, at the start, and called by their SHA ever after",
    check: "script-flush",
    property: "D3",
    edits: [
      {
        file: "src/redis/scripts/send.ts",
        find: "    if (!isNoScript(error)) throw error;\n",
        replace: "    throw error;\n",
      },
    ],
  },
  {
    id: "timed-out-means-not-done",
    origin: "redis: a call without an answer in time is taken not to have happened",
    check: "run-late",
    property: "L1",
    edits: [
      {
        file: "src/redis/store.ts",
        find: 'failure("deadline", "unknown", after()',
        replace: 'failure("deadline", "no", after()',
      },
    ],
  },
  {
    id: "broken-off-means-not-done",
    origin: "redis: a call that a broken connection interrupted is taken not to have happened",
    check: "reply-lost",
    property: "L1",
    edits: [
      {
        file: "src/redis/failure.ts",
        find: 'failure("disconnected", sent ? "unknown" : "no", after, message)',
        replace: 'failure("disconnected", "no", after, message)',
      },
    ],
  },
  {
    id: "no-operation-deadline",
    origin: "redis: a call waits for as long as its connection lasts",
    check: "deadline",
    property: "K3",
    edits: [
      {
        file: "src/redis/store.ts",
        find: "const inTime = within(answer, deadline);",
        replace: "const inTime: Promise<unknown> = answer;",
      },
    ],
  },
  {
    id: "unbounded-calls",
    origin: "redis: calls are accepted without a limit while Redis is paused",
    check: "bounded",
    property: "K3",
    edits: [
      {
        file: "src/redis/store.ts",
        find: "if (this.#inFlight < this.#mostInFlight) return null;",
        replace: "if (this.#inFlight >= 0) return null;",
      },
    ],
  },
  {
    id: "refuses-at-the-deadline",
    origin: "redis: a call that cannot be made waits for its deadline, in case it can be made by then",
    check: "not-later",
    property: "J3",
    edits: [
      {
        file: "src/redis/store.ts",
        find: "    if (refused !== null) return refused;\n",
        replace:
          "    if (refused !== null) await within(new Promise<never>(() => {}), deadline);\n    if (refused !== null) return refused;\n",
      },
    ],
  },
  {
    id: "overloaded-at-the-deadline",
    origin: "redis: a call beyond the bound waits for a place until its deadline",
    check: "bounded",
    property: "K3",
    edits: [
      {
        file: "src/redis/store.ts",
        find: "    if (refused !== null) return refused;\n",
        replace:
          '    if (refused?.cause === "overloaded") await within(new Promise<never>(() => {}), deadline);\n    if (refused !== null) return refused;\n',
      },
    ],
  },
  {
    id: "readonly-counts-as-done",
    origin: "redis: the refusal of a read-only server is taken for `already`",
    check: "readonly",
    property: "D4",
    edits: [
      {
        file: "src/redis/scripts/send.ts",
        find: "    if (!isNoScript(error)) throw error;\n",
        replace:
          '    if (error instanceof Error && error.message.startsWith("READONLY")) return ["already", "0:0"];\n' +
          "    if (!isNoScript(error)) throw error;\n",
      },
    ],
  },
  {
    id: "waits-for-replicas",
    origin: "redis: every write waits for a replica, which one server without any never has",
    check: "commands",
    property: "K4",
    edits: [
      {
        file: "src/redis/scripts/send.ts",
        find: "  try {\n    return await client.evalsha",
        replace: "  void client.wait(1, 20).catch(() => {});\n  try {\n    return await client.evalsha",
      },
    ],
  },
  {
    id: "blocking-wait",
    origin: "redis: changes are awaited with a blocking command, on the connection that the calls share",
    check: "commands",
    property: "K4",
    edits: [
      {
        file: "src/redis/scripts/send.ts",
        find: "  try {\n    return await client.evalsha",
        replace: '  void client.blpop("lp:news", 0.02).catch(() => {});\n  try {\n    return await client.evalsha',
      },
    ],
  },
  {
    id: "ended-calls-kept",
    origin: "redis: a call that has ended stays among those that a close waits for",
    check: "memory-of-calls",
    property: "K5",
    edits: [{ file: "src/redis/store.ts", find: "      this.#awaited.delete(inTime);\n", replace: "" }],
  },
  {
    id: "each-text-remembered",
    origin: "redis: each list that was ever read is kept, however many there are",
    check: "memory-of-texts",
    property: "K5",
    edits: [{ file: "src/redis/scripts/shared.ts", find: "      this.#made.clear();\n", replace: "" }],
  },
];
