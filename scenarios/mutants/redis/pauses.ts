/** Mutants of pauses: before a client connects again or looks for another primary again, and until it gives up an attempt. */
import { mutantsIn, type RedisMutant } from "./mutant.ts";

const mutant = mutantsIn("redis");

const spread = ["reconnects-spread", "D3"] as const;
const paced = ["looks-paced", "D3"] as const;
const migrates = ["slot-migrates", "L1"] as const;
const kept = ["configurations-kept", "K5"] as const;
const connection = "connection/connection.ts";
const renewal = "connection/renewal.ts";

export const wrongPauses: readonly RedisMutant[] = [
  mutant(
    "reconnects-in-step",
    spread,
    "all clients pause for the same time before they connect again: our own mistake",
    [
      connection,
      "    retryStrategy: (attempt) => reconnectAfter(attempt, draw()),\n",
      "    retryStrategy: (attempt) => reconnectAfter(attempt, 1),\n",
    ],
  ),
  mutant("draws-up-to-two", spread, "a word is divided by half of its range", [
    "connection/spread.ts",
    "random.nextUint32() / 2 ** 32",
    "random.nextUint32() / 2 ** 31",
  ]),
  mutant("attempts-from-zero", spread, "the first attempt is counted as 0", [
    connection,
    "    retryStrategy: (attempt) => reconnectAfter(attempt, draw()),\n",
    "    retryStrategy: (attempt) => reconnectAfter(attempt - 1, draw()),\n",
  ]),
  mutant("first-pause-in-a-cluster", spread, "in a Cluster each pause is as long as the first one", [
    connection,
    "tuning.reconnectAfter(attempt, draw())",
    "tuning.reconnectAfter(1, draw())",
  ]),
  mutant("clusters-in-step", spread, "the clients of a Cluster pause for the same time", [
    connection,
    "tuning.reconnectAfter(attempt, draw())",
    "tuning.reconnectAfter(attempt, 1)",
  ]),
  mutant("pauses-of-the-library", spread, "how long to pause in a Cluster is left to the library", [
    connection,
    "      clusterRetryStrategy: (attempt) => tuning.reconnectAfter(attempt, draw()),\n",
    "",
  ]),
  mutant("no-pause-during-migration", migrates, "a call that a migrating slot refuses is made again at once", [
    connection,
    "retryDelayOnTryAgain: 5,",
    "retryDelayOnTryAgain: 0,",
  ]),
  mutant("long-pause-during-migration", migrates, "a call that a migrating slot refuses is made again late", [
    connection,
    "retryDelayOnTryAgain: 5,",
    "retryDelayOnTryAgain: 100,",
  ]),
  mutant("slots-at-once", ["slots-slow-to-come", "D3"], "a node has a millisecond to say which slots it has", [
    connection,
    "slotsRefreshTimeout: tuning.silence,",
    "slotsRefreshTimeout: 1,",
  ]),
  mutant("looks-for-any-reason", paced, "an error that is no refusal of a write begins a look too", [
    "failure.ts",
    `return error.message.startsWith("READONLY");`,
    "return /^(READONLY|LOADING|MASTERDOWN)/u.test(error.message);",
  ]),
  mutant("looks-seldom", paced, "all pauses between looks for another primary are long", [
    renewal,
    "const leastPause: Millis = 100;",
    "const leastPause: Millis = 2_000;",
  ]),
  mutant("looks-ever-rarer", paced, "the pauses between looks double without an end", [
    renewal,
    "const mostPause: Millis = 2_000;",
    "const mostPause: Millis = 60_000;",
  ]),
  mutant("pause-never-reset", paced, "a second demotion is noticed as late as the first one was in the end", [
    renewal,
    "    if (now > this.#notBefore + 2 * mostPause) this.#pause = leastPause;\n",
    "",
  ]),
  mutant(
    "no-connect-timeout",
    ["connects-in-time", "D3"],
    "an attempt to connect takes as long as the library lets it",
    [connection, "    connectTimeout: silence,\n", ""],
  ),
  mutant(
    "renewal-ends-the-store",
    ["renewed-while-reconnecting", "D3"],
    "an attempt to connect is ended by a renewal",
    ["connection/link.ts", `if (client.status === "ready") client.disconnect(true);`, "client.disconnect(true);"],
  ),
  mutant("configurations-kept-like-changes", kept, "the feed of the configuration is as long as the others", [
    "store.ts",
    "configFeedMax: Math.min(options.feedMax, configurationsKept)",
    "configFeedMax: Math.max(options.feedMax, configurationsKept)",
  ]),
  mutant("largest-seed-refused", kept, "the largest seed is refused as malformed", [
    "scripts/config-reply.ts",
    "value <= 0xffff_ffff",
    "value < 0xffff_ffff",
  ]),
  mutant("waits-for-the-other-side", ["closed-though-silent", "K6"], "a connection ends when the other side ends it", [
    connection,
    "    disconnectTimeout: 100,\n",
    "    disconnectTimeout: 10_000,\n",
  ]),
  mutant("short-sequences", ["replies", "K7"], "a sequence has at most fourteen digits", [
    "version.ts",
    "(\\d{1,15})",
    "(\\d{1,14})",
  ]),
  mutant("spaces-in-a-prefix", ["embedded-options", "K7"], "a prefix may have spaces", [
    "scripts/keys.ts",
    "[^{}\\s]",
    "[^{}]",
  ]),
];
