/** Mutants of what an embedded scheduler is given, and of where and as whom it connects. */
import type { PropertyId } from "../../../src/check/properties.ts";
import type { RedisMutant } from "./mutant.ts";

const mutant = (
  id: string,
  [check, property]: readonly [string, PropertyId],
  origin: string,
  [file, find, replace]: readonly [string, string, string],
): RedisMutant => ({ ...{ id, check, property, origin, edits: [{ file: `src/${file}`, find, replace }] } });

const once = ["started-once", "K6"] as const;
const given = ["events-given", "M1"] as const;
const logged = ["lines-logged", "M1"] as const;
const shown = ["events-logged", "M1"] as const;
const encrypted = ["encrypted", "K7"] as const;
const loggedIn = ["logged-in", "K7"] as const;
const sleeps = ["sleeps-end", "K6"] as const;
const draws = ["draws-differ", "N3"] as const;

const lifetime = "embed/lifetime.ts";
const scheduler = "embed/scheduler.ts";
const log = "embed/log.ts";
const connection = "redis/connection/connection.ts";
const system = "redis/system.ts";

export const wrongListening: readonly RedisMutant[] = [
  mutant("started-each-time", once, "each call of start begins anew", [
    lifetime,
    "starting ??= begin(options);",
    "starting = begin(options);",
  ]),
  mutant("start-after-an-abort", ["signals-heard", "K6"], "a start waits though its signal has aborted before", [
    lifetime,
    `  if (signal?.aborted) abort();\n  else signal?.addEventListener("abort", abort);`,
    `  signal?.addEventListener("abort", abort);`,
  ]),
  mutant("direction-marks-logged", shown, "control characters are escaped, and no others", [
    log,
    "/[\\p{C}\\p{Zl}\\p{Zp}]/gu",
    "/[\\p{Cc}\\p{Zl}\\p{Zp}]/gu",
  ]),
  mutant("node-as-it-is", shown, "one line has the id of a node as it came", [
    log,
    "{ partition, node: shown(node) },\n  ],\n  store_behind",
    "{ partition, node },\n  ],\n  store_behind",
  ]),
  mutant("failed-checks-as-timeouts", ["events-counted", "M1"], "each version check that failed counts as timed out", [
    "embed/metrics.ts",
    `outcome === "deadline" && versionChecks`,
    `outcome !== "answered" && versionChecks`,
  ]),
  mutant("closed-each-time", once, "each call of close closes anew", [
    lifetime,
    "    closing ??= end(options);",
    "    closing = end(options);",
  ]),
  mutant("start-without-its-options", once, "the core is started without what start was given", [
    lifetime,
    "startCore(options)), refused",
    "startCore({})), refused",
  ]),
  mutant("later-close-unheard", once, "the signal of a second close is not looked at", [
    lifetime,
    "    if (closing !== null) closeCore(options).catch(() => {});",
    "    if (closing !== null) closing.catch(() => {});",
  ]),
  mutant("close-without-its-options", once, "the signal of the first close is not looked at", [
    lifetime,
    "      await closeCore(options);\n",
    "      await closeCore();\n",
  ]),
  mutant("listens-after-close", once, "the signal keeps the scheduler, and all that it holds", [
    lifetime,
    `    signal?.removeEventListener("abort", abort);\n    try {`,
    "    try {",
  ]),
  mutant("listens-after-start", once, "the signal of a start is listened to for good", [
    lifetime,
    "      given.forget();\n",
    "      void given;\n",
  ]),
  mutant("events-withheld", given, "onEvent is taken, and never called", [
    scheduler,
    "    notify(event);\n",
    "    void notify;\n",
  ]),
  mutant("events-within-the-step", given, "onEvent is called before the step has ended", [
    "embed/callbacks.ts",
    "  return Promise.resolve()\n    .then(call)",
    "  return new Promise<void>((resolve) => resolve(call()))",
  ]),
  mutant("events-not-logged", logged, "only errors are logged", [scheduler, "    log.observe(event);\n", ""]),
  mutant("failed-callbacks-not-logged", logged, "an error of a callback is counted alone", [
    scheduler,
    "log.error(`",
    "void (`",
  ]),
  mutant("refusals-not-logged", logged, "that Redis cannot be used is left to the calls to say", [
    scheduler,
    `    log.error("Redis cannot be used as declared", refusal);\n`,
    "",
  ]),
  mutant("lines-without-a-name", logged, "a line does not say which scheduler it is about", [
    log,
    "target?.[level]({ scheduler, ...fields }, message)",
    "target?.[level]({ ...fields }, message)",
  ]),
  mutant("ids-as-they-are", logged, "an id is shown with all that may be in it", [
    log,
    "return cut.replace(unprintable,",
    "return cut.replace(/^$/gu,",
  ]),
  mutant("all-ids-on-a-line", logged, "a line names every job of a node", [
    log,
    "[what]: ids.slice(0, maxIds).map(",
    "[what]: ids.map(",
  ]),
  mutant("normal-is-a-warning", logged, "the levels of leaving and of coming back are exchanged", [
    log,
    `to === "normal" ? "info" : "warn"`,
    `to === "normal" ? "warn" : "info"`,
  ]),
  mutant("tls-dropped", encrypted, "the options of TLS are left behind where the address is read", [
    scheduler,
    "return topologyOf(redis, tls);",
    "return topologyOf(redis, tls && undefined);",
  ]),
  mutant("feed-of-a-cluster-in-clear", encrypted, "only connections that the library makes are encrypted", [
    connection,
    "rotatingConnector(nodes, topology.server.tls)",
    "rotatingConnector(nodes, undefined)",
  ]),
  mutant("feed-of-a-cluster-as-anyone", loggedIn, "the subscription of a Cluster has no user", [
    connection,
    "...trust(topology, tuning), ...topology.server };\n  if",
    `...trust(topology, tuning), ...(topology.kind === "cluster" ? {} : topology.server) };\n  if`,
  ]),
  mutant("nodes-of-a-cluster-as-anyone", loggedIn, "the connections to the nodes of a Cluster have no user", [
    connection,
    "        ...topology.server,\n      },\n    },",
    "      },\n    },",
  ]),
  mutant("addresses-as-announced", ["addresses-translated", "K7"], "natMap is not passed on to the library", [
    connection,
    "      ...topology.naming,\n",
    "",
  ]),
  mutant("sleeps-through-an-abort", sleeps, "a sleep ends when its time is over", [
    system,
    `      signal.addEventListener("abort", done, { once: true });\n`,
    "",
  ]),
  mutant("sleeps-after-an-abort", sleeps, "a signal that has aborted already is listened to", [
    system,
    "      if (signal.aborted) return resolve();\n",
    "",
  ]),
  mutant("listens-after-a-sleep", sleeps, "each sleep leaves a listener behind", [
    system,
    `        signal.removeEventListener("abort", done);\n`,
    "",
  ]),
  mutant("drawn-again", draws, "the pool of random numbers is filled once", [
    system,
    "    crypto.getRandomValues(pool);\n",
    "    if (pool[0] === 0) crypto.getRandomValues(pool);\n",
  ]),
  mutant("drawn-from-half", draws, "a number of 32 bits is taken for one with a sign", [
    system,
    "  return pool[unused] ?? 0;",
    "  return (pool[unused] ?? 0) >>> 1;",
  ]),
];
