/** Mutants of the scheduler as a program embeds it: its options, its callbacks, its start and its end. */
import { mutantsIn, type RedisMutant } from "./mutant.ts";

const mutant = mutantsIn("embed");

const options = ["embedded-options", "K7"] as const;
const refused = ["start-refused", "K7"] as const;
const signals = ["signals-heard", "K6"] as const;
const callbacks = ["callbacks-fail", "O1"] as const;
const gauges = ["gauges", "M1"] as const;

const counted = ["events-counted", "M1"] as const;

const metrics = "metrics.ts";
const scheduler = "scheduler.ts";
const lifetime = "lifetime.ts";
const storeOptions = "topology, name, prefix, partitions, feedMax, silence, onRefused";

const wrongMetrics: readonly RedisMutant[] = [
  mutant("reads-in-milliseconds", counted, "a duration is given as it is measured, in milliseconds", [
    metrics,
    "series.seconds.observe(event.took / 1_000);",
    "series.seconds.observe(event.took);",
  ]),
  mutant("gaps-counted-short", counted, "the change that showed a gap is not counted with it", [
    metrics,
    "Math.max(0, to - after)",
    "Math.max(0, to - after - 1)",
  ]),
  mutant("swept-without-leases", counted, "nodes with lapsed leases are left out of what one sweep found", [
    metrics,
    "found.expired + found.removed + found.lapsed",
    "found.expired + found.removed",
  ]),
  mutant("unsent-calls-timed", counted, "calls that were not sent lower the percentiles", [
    metrics,
    `    if (outcome !== "answered" && outcome !== "deadline") return; // it was not sent\n`,
    "",
  ]),
  mutant("losses-for-jobs", counted, "each loss counts as one job", [
    metrics,
    "{ because }, jobs.length)",
    "{ because })",
  ]),
];

export const wrongEmbedding: readonly RedisMutant[] = [
  ...wrongMetrics,
  mutant("feed-without-the-prefix", options, "the feed has the usual prefix, whatever the store has", [
    scheduler,
    "    name,\n    prefix,\n    partitions,\n    silence,\n    nodes",
    `    name,\n    prefix: "lp:",\n    partitions,\n    silence,\n    nodes`,
  ]),
  mutant("feed-keeps-the-usual", options, "the store is not given the length of the feed", [
    scheduler,
    storeOptions,
    "topology, name, prefix, partitions, feedMax: 100_000, silence, onRefused",
  ]),
  mutant("connections-of-one-name", options, "the connections are named as by default", [
    scheduler,
    storeOptions,
    "topology, prefix, partitions, feedMax, silence, onRefused",
  ]),
  mutant("last-length-refused", options, "the longest feed that is allowed is refused", [
    scheduler,
    "feedMax > 1_000_000",
    "feedMax >= 1_000_000",
  ]),
  mutant("any-silence", options, "the silence is checked for its least alone", [
    scheduler,
    "if (!(silence >= 50 && silence <= 60_000))",
    "if (silence < 50)",
  ]),
  mutant(
    "settings-of-the-ports-alone",
    options,
    "the settings are used for the connections, and the core has the usual ones",
    [scheduler, "createCore(ports, options.settings, (event)", "createCore(ports, { partitions }, (event)"],
  ),
  mutant("half-a-logger", options, "a logger is an object that can tell errors", [
    "log.ts",
    `const lacking = levels.find((level) => typeof`,
    `const lacking = ["info"].find((level) => typeof`,
  ]),
  mutant("start-waits-though-refused", refused, "a refusal is logged, and the start waits for another server", [
    scheduler,
    "    refused.reject(refusal);\n",
    "",
  ]),
  mutant("open-after-a-failed-start", refused, "a start that fails leaves the connections open", [
    lifetime,
    "      closing = close().catch(() => {}); // reported here, so `close` need not report it again\n      await closing;\n",
    "",
  ]),
  mutant("signal-unheard", signals, "the signal of a scheduler is looked at once, when it is made", [
    lifetime,
    `  else signal?.addEventListener("abort", abort, { once: true });\n  return {`,
    "  return {",
  ]),
  mutant("late-signal-unheard", signals, "a signal that has aborted already is listened to", [
    lifetime,
    '  if (signal?.aborted) abort();\n  else signal?.addEventListener("abort", abort, { once: true });\n  return {',
    `  signal?.addEventListener("abort", abort, { once: true });\n  return {`,
  ]),
  mutant("start-not-aborted", signals, "the signal of a start ends what the core waits for, not the connection", [
    lifetime,
    "startCore(options)), refused, given.aborted]",
    "startCore(options)), refused]",
  ]),
  mutant("errors-of-events-swallowed", callbacks, "an error of onEvent is caught, and no more is made of it", [
    "callbacks.ts",
    `return (event) => void later("onEvent", () => onEvent(event), failed);`,
    `return (event) => void later("onEvent", () => onEvent(event), () => {});`,
  ]),
  mutant("failed-callbacks-uncounted", callbacks, "an error of a callback is logged alone", [
    scheduler,
    "    metrics.callbackFailed(callback);\n",
    "",
  ]),
  mutant("failure-takes-the-jobs", callbacks, "a callback that was called has taken the jobs over", [
    "callbacks.ts",
    "        failed(callback, error);\n        return false;",
    "        failed(callback, error);\n        return true;",
  ]),
  mutant(
    "promise-not-passed-on",
    callbacks,
    "what the callback promises is forgotten, so it has taken the jobs at once",
    [
      "callbacks.ts",
      `core.onOrphaned((orphaned) => later("onOrphaned"`,
      `core.onOrphaned((orphaned) => void later("onOrphaned"`,
    ],
  ),
  mutant("gauges-outlive-close", gauges, "the metrics of a scheduler stay in the registry for good", [
    lifetime,
    "      onClosed();\n",
    "      void onClosed;\n",
  ]),
  mutant("connections-swapped", gauges, "the two connections are counted under each other's name", [
    scheduler,
    "commands: store.standing(), subscriber: connected ? 1 : 0",
    "commands: connected ? 1 : 0, subscriber: 1 + 0 * store.standing()",
  ]),
  mutant("feed-hears-of-no-renewal", ["both-renewed", "D3"], "the subscription is not given the store's renewals", [
    scheduler,
    "    onRenewed: store.onRenewed,\n",
    "",
  ]),
  mutant("calls-not-counted", gauges, "the gauge of calls in flight is set once", [
    scheduler,
    "inFlight: calls, mode };",
    "inFlight: 0 * calls, mode };",
  ]),
  {
    ...mutant("first-right-not-asked-for", refused, "the first of the rights is taken for the prefix", ["", "", ""]),
    edits: [
      {
        file: "src/redis/acl.ts",
        find: "...scriptCommands, ...needed);",
        replace: "...scriptCommands.slice(1), ...needed);",
      },
    ],
  },
  {
    ...mutant("rights-of-scripts-alone", refused, "the rights to call a script and to subscribe are not asked for", [
      "",
      "",
      "",
    ]),
    edits: [{ file: "src/redis/acl.ts", find: "...scriptCommands, ...needed);", replace: "...scriptCommands);" }],
  },
  mutant("any-level-is-info", ["program-ends", "K6"], "each level that is given tells what info does", [
    "log.ts",
    "pino({ level: logger, base: null })",
    `pino({ level: logger && "info", base: null })`,
  ]),
  mutant("feed-of-usual-silence", ["silence-as-given", "D3"], "the subscription is given up after the usual silence", [
    scheduler,
    "    silence,\n    nodes",
    "    nodes",
  ]),
  mutant(
    "store-of-usual-silence",
    ["silence-as-given", "D3"],
    "the connection for calls is given up after the usual silence",
    [scheduler, storeOptions, "topology, name, prefix, partitions, feedMax, onRefused"],
  ),
  mutant(
    "feed-of-named-nodes-alone",
    ["feed-in-a-cluster", "V4"],
    "the subscription is not given the nodes of a Cluster",
    [scheduler, "    nodes: store.nodes,\n", ""],
  ),
];
