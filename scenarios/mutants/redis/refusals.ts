/** Mutants of how failed calls end, of when a server is examined, and of the search for another primary. */
import { mutantsIn, type RedisMutant } from "./mutant.ts";

const mutant = mutantsIn("redis");

const letIn = ["not-let-in", "K7"] as const;
const again = ["examined-again", "K7"] as const;
const primary = ["another-primary", "D3"] as const;
const looks = ["looks-end", "K6"] as const;
const link = "connection/link.ts";
const renewal = "connection/renewal.ts";

export const wrongRefusals: readonly RedisMutant[] = [
  mutant("failed-calls-stay-in-flight", ["failed-calls-end", "K5"], "only an answer takes a call off the count", [
    "store.ts",
    ".finally(() => {\n      this.#inFlight -= 1;\n    });",
    ".then((raw) => {\n      this.#inFlight -= 1;\n      return raw;\n    });",
  ]),
  mutant("refused-for-good", letIn, "who was not let in once is refused, whatever the server says later", [
    link,
    `    trouble = "";\n    shut = null;\n`,
    `    trouble = "";\n`,
  ]),
  mutant("examined-once", again, "a server is examined at the first connection alone", [
    link,
    "    const found = lookAt(client, options);",
    "    const found = latest ?? lookAt(client, options);",
  ]),
  mutant("any-server-is-a-primary", primary, "a server that answers a look is taken for a primary", [
    renewal,
    "/^role:master\\b/mu",
    "/^role:/mu",
  ]),
  mutant("renewal-of-calls-alone", primary, "in a Cluster the subscription does not hear of another primary", [
    link,
    "    if (isRenewed) announce();\n",
    "",
  ]),
  mutant("looks-left-open", looks, "the connection of a look is left open", [
    renewal,
    "    client.disconnect();\n    this.#looks.delete(client);",
    "    this.#looks.delete(client);",
  ]),
  mutant("looks-outlive-close", looks, "a look ends by its own timeout, after its store: our own mistake", [
    renewal,
    "    for (const client of this.#looks) client.disconnect();\n",
    "",
  ]),
  mutant("close-forgets-the-search", looks, "only the connection for calls is closed", [
    link,
    "      renewal.close();\n",
    "",
  ]),
  mutant("calls-before-the-examination", again, "the last examination counts until the next one has ended", [
    link,
    "    shut = null;\n    unfit = examining;\n",
    "    shut = null;\n",
  ]),
  mutant("errors-of-the-server-dropped", letIn, "an error that comes before any call is not looked at", [
    link,
    `  client.on("error", note);\n`,
    "",
  ]),
  mutant("errors-of-nodes-dropped", letIn, "errors of the nodes of a Cluster are not looked at", [
    link,
    `  client.on("node error", note);\n`,
    "",
  ]),
  mutant(
    "unsent-in-doubt",
    ["not-sent", "D6"],
    "a call that the library refuses to send is said to have run, perhaps",
    ["failure.ts", `  if (notSent.test(message)) return failure("disconnected", "no", after, message);\n`, ""],
  ),
  mutant(
    "feed-trusts-replicas",
    ["feed-of-the-primary", "V4"],
    "only the connection for calls checks the role of a server",
    [
      "connection/connection.ts",
      `...behaviour(tuning, "subscriber"), ...trust(topology, tuning), `,
      `...behaviour(tuning, "subscriber"), `,
    ],
  ),
  mutant("renewal-ends-the-feed", ["renewed-while-connecting", "D3"], "an attempt to connect is ended by a renewal", [
    "feed.ts",
    `if (client.status === "ready") client.disconnect(true);\n}`,
    "client.disconnect(true);\n}",
  ]),
  mutant("prefix-as-a-pattern", ["rights-suffice", "K7"], "the prefix is a pattern in the rights of the user", [
    "acl.ts",
    `return prefix.replaceAll(/[*?[\\]\\\\^]/gu, "\\\\$&");`,
    "return prefix;",
  ]),
  mutant("names-not-permitted", ["rights-suffice", "K7"], "the documented rights lack what a connection itself calls", [
    "acl.ts",
    `["client|setname", "eval"`,
    `["eval"`,
  ]),
  mutant("metrics-with-an-exponent", ["metrics-written", "H1"], "a metric is written as JavaScript shows it", [
    "scripts/wire.ts",
    "String(Number(value.toFixed(6))) : String(value)",
    "String(value) : String(value)",
  ]),
  mutant("metrics-in-thousandths", ["metrics-written", "H1"], "a metric has three decimals", [
    "scripts/wire.ts",
    "value.toFixed(6)",
    "value.toFixed(3)",
  ]),
];
