/** Mutants of the feed: what it hears and reports, and how it ends. */
import type { PropertyId } from "../../../src/check/properties.ts";
import type { RedisMutant } from "./mutant.ts";

const mutant = (
  id: string,
  [check, property]: readonly [string, PropertyId],
  origin: string,
  [find, replace]: readonly [string, string],
): RedisMutant => ({
  ...{ id, check, property, origin: `redis: ${origin}`, edits: [{ file: "src/redis/feed.ts", find, replace }] },
});

const channels = ["channels", "V4"] as const;
const reported = ["subscriptions-reported", "M1"] as const;
const closed = ["feed-closed", "K6"] as const;

const wakes = "if (partition !== undefined && version) listener.woken(partition, version);";
const reportsLoss = `        if (subscribed) listener.disconnected("the connection closed");\n`;

export const wrongFeeds: readonly RedisMutant[] = [
  mutant("last-partition-unheard", channels, "partitions are counted from 1, so the last one has no channel", [
    "partition < options.partitions; partition += 1",
    "partition < Math.max(1, options.partitions - 1); partition += 1",
  ]),
  mutant("all-wakes-of-one-partition", channels, "each message is taken for one of the first partition", [
    wakes,
    "if (partition !== undefined && version) listener.woken(0, version);",
  ]),
  mutant("configuration-unheard", channels, "only partitions have channels", [
    `([[keyspace(options.prefix, "cfg").feed, "cfg"]])`,
    "()",
  ]),
  mutant("any-message-wakes", channels, "what is published is taken for a version", [
    wakes,
    `if (partition !== undefined) listener.woken(partition, version ?? { epoch: "", sequence: 0 });`,
  ]),
  mutant("losses-unreported", reported, "a connection that is made anew is not worth a report", [reportsLoss, ""]),
  mutant("failed-attempts-reported", reported, "each end of a connection is the loss of a subscription", [
    reportsLoss,
    `        listener.disconnected("the connection closed");\n`,
  ]),
  mutant("lost-for-good", reported, "a subscription that was lost once is lost at each later attempt", [
    "        subscribed = false;\n",
    "",
  ]),
  mutant("refused-subscription-stands", ["subscription-refused", "V4"], "a connection is taken for a subscription", [
    `() => client.status === "ready" && client.disconnect(true),`,
    "() => {},",
  ]),
  mutant("connected-before-granted", ["subscription-refused", "V4"], "a subscription that was sent is one", [
    "        client.subscribe(...channels.keys()).then(\n",
    "        listener.connected();\n        client.subscribe(...channels.keys()).then(\n",
  ]),
  mutant("feed-outlives-close", closed, "the pings are ended, and the connection is forgotten", [
    "      client.disconnect();\n    },\n  };",
    "    },\n  };",
  ]),
  mutant("closes-for-a-new-connection", closed, "close disconnects as a renewal does", [
    "      client.disconnect();\n    },\n  };",
    "      client.disconnect(true);\n    },\n  };",
  ]),
  mutant("pings-outlive-close", ["program-ends", "K6"], "the timer of the pings is left, and keeps the process", [
    "      clearInterval(pings);\n",
    "",
  ]),
  mutant(
    "first-attempt-uncaught",
    ["program-ends", "K6"],
    "the first attempt to connect rejects, and ends the process",
    ["client.connect().catch(() => {});", "void client.connect();"],
  ),
];
