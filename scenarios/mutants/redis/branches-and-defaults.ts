/** Mutants of one branch, one field or one default, each of which every check passed over. */
import { mutantsIn, type RedisMutant } from "./mutant.ts";

const ofRedis = mutantsIn("redis");
const ofEmbedding = mutantsIn("embed");

const wrongBranches: readonly RedisMutant[] = [
  ofRedis("try-again-in-doubt", ["slot-migrates", "L1"], "one of the errors that end redirections is forgotten", [
    "failure.ts",
    "(MOVED|ASK|TRYAGAIN|CLUSTERDOWN)",
    "(MOVED|ASK|CLUSTERDOWN)",
  ]),
  ofRedis(
    "source-sent-twice",
    ["error-replies", "L1"],
    "a script that broke off is sent again, and its doubt is gone",
    [
      "scripts/send.ts",
      "return await client.eval(source, call.keys.length, ...rest);",
      "const again = () => client.eval(source, call.keys.length, ...rest);\n    return await again().catch(again);",
    ],
  ),
  ofRedis("users-as-encoded", ["addresses", "K7"], "of a URL the password alone is decoded", [
    "connection/url.ts",
    "username: decoded(url.username)",
    "username: url.username",
  ]),
  ofRedis("records-sized-in-units", ["configuration-malformed", "S4"], "a text is measured as JavaScript counts it", [
    "scripts/config-reply.ts",
    "Buffer.byteLength(value)",
    "value.length",
  ]),
  ofRedis("missing-count-is-none", ["replies", "K7"], "a change that lacks a count has one of 0", [
    "scripts/reply.ts",
    `{ kind, ...freed, finished: integer("finished", fields["finished"]) }`,
    `{ kind, ...freed, finished: integer("finished", fields["finished"] ?? "0") }`,
  ]),
  ofRedis("every-second-node", ["feed-in-a-cluster", "V4"], "each attempt to subscribe passes one node over", [
    "connection/rotating-connector.ts",
    "known[attempts++ % known.length]",
    "known[(attempts += 2) % known.length]",
  ]),
  ofRedis("first-node-examined", ["examined-again", "K7"], "of a Cluster one node is asked for the rights", [
    "connection/examine.ts",
    `client.nodes("master").map(`,
    `client.nodes("master").slice(0, 1).map(`,
  ]),
  ofRedis("upgraded-from-the-front", ["upgraded", "K7"], "instances start while the upgrade goes on", [
    "upgrade.ts",
    ".reverse()",
    "",
  ]),
];

const wrongDefaults: readonly RedisMutant[] = [
  ofEmbedding("tenth-of-the-feed", ["usual-options", "K7"], "an instance that was away loads anew ten times as early", [
    "scheduler.ts",
    "options.feedMax ?? 100_000",
    "options.feedMax ?? 10_000",
  ]),
  ofEmbedding("usual-silence-tripled", ["usual-options", "K7"], "a dead connection is kept three times as long", [
    "scheduler.ts",
    "options.silence ?? 1_000",
    "options.silence ?? 3_000",
  ]),
  ofEmbedding("name-of-the-package", ["usual-options", "K7"], "without a name it has another than documented", [
    "scheduler.ts",
    `options.name ?? "scheduler"`,
    `options.name ?? "lockproof"`,
  ]),
  ofEmbedding("minor-versions-ignored", ["older-node-refused", "K7"], "of a version the first number is looked at", [
    "node-version.ts",
    " || (major === oldest[0] && minor < oldest[1])",
    "",
  ]),
];

const wrongReports: readonly RedisMutant[] = [
  ofEmbedding("version-checks-uncounted", ["events-counted", "M1"], "one of two kinds of version checks is counted", [
    "metrics.ts",
    `["version_check", "changes_since"]`,
    `["changes_since"]`,
  ]),
  ofEmbedding("failed-sweeps-uncounted", ["events-counted", "M1"], "nodes that a sweep could not handle do not count", [
    "metrics.ts",
    "{ ...found, failed: failed.length }",
    "found",
  ]),
  ofEmbedding("stale-reads-as-fresh", ["events-counted", "M1"], "series are kept by their source alone", [
    "metrics.ts",
    "const known = event.stale ? stale : fresh;",
    "const known = fresh;",
  ]),
  ofEmbedding("spread-doubled", ["gauges", "M1"], "the share to either side is taken for the whole", [
    "metrics.ts",
    `["lockproof_ttl_spread_ratio", {}, ttlSpread]`,
    `["lockproof_ttl_spread_ratio", {}, 2 * ttlSpread]`,
  ]),
  ofEmbedding("gauges-of-the-first", ["gauges", "M1"], "schedulers that share a registry share their gauges", [
    "metric-set.ts",
    "gauge?.set({ scheduler, ...labels }, value);",
    "gauge?.set({ scheduler: [...this.#gauged.keys()][0] ?? scheduler, ...labels }, value);",
  ]),
  ofEmbedding("abandoned-epochs-unsaid", ["events-logged", "M1"], "the log does not name the epochs that were left", [
    "log.ts",
    `    "warn",\n    "epoch left`,
    `    "debug",\n    "epoch left`,
  ]),
  ofEmbedding("held-and-reported-exchanged", ["events-logged", "M1"], "a line has two figures in each other's place", [
    "log.ts",
    "held: held.sequence, reported: reported.sequence",
    "held: reported.sequence, reported: held.sequence",
  ]),
  ofEmbedding("events-without-their-time", ["events-given", "M1"], "onEvent is given a copy that lacks the time", [
    "callbacks.ts",
    "() => onEvent(event), failed);",
    "() => onEvent({ ...event, at: 0 }), failed);",
  ]),
  ofEmbedding(
    "taken-without-a-callback",
    ["callbacks-fail", "O1"],
    "an instance without a callback takes losses over",
    [
      "callbacks.ts",
      "if (onOrphaned === undefined) return;",
      "if (onOrphaned === undefined) return void core.onOrphaned(() => {});",
    ],
  ),
  ofEmbedding("gauges-outlive-a-fault", ["closed-after-a-fault", "K6"], "what follows close is left out if it throws", [
    "lifetime.ts",
    "    try {\n      await closeCore(options);\n    } finally {\n      onClosed();\n    }",
    "    await closeCore(options);\n    onClosed();",
  ]),
  ofEmbedding(
    "fault-at-an-abort-dropped",
    ["closed-after-a-fault", "K6"],
    "a fault that no caller hears of is dropped",
    ["lifetime.ts", `log.error("closed after a fault", error)`, "void error"],
  ),
];

export const wrongBranchesAndDefaults: readonly RedisMutant[] = [...wrongBranches, ...wrongDefaults, ...wrongReports];
