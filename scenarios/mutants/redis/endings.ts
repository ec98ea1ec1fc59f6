/** Mutants of how calls and stores end, and of what keeps connections away. */
import { mutantsIn, type RedisMutant } from "./mutant.ts";

const mutant = mutantsIn("redis");

const timed = ["failures-timed", "M1"] as const;
const waits = ["close-waits", "K6"] as const;
const connection = "connection/connection.ts";
const rotating = "connection/rotating-connector.ts";

export const wrongEndings: readonly RedisMutant[] = [
  mutant("timeouts-take-no-time", timed, "a call that was given up is said to have taken no time", [
    "store.ts",
    `failure("deadline", "unknown", after(), `,
    `failure("deadline", "unknown", 0 * after(), `,
  ]),
  mutant("errors-take-no-time", timed, "a call that failed is said to have taken no time", [
    "store.ts",
    "return classify(error, after(), true);",
    "return classify(error, 0 * after(), true);",
  ]),
  mutant("unsent-calls-unreported", timed, "a call that is refused is not reported", [
    "store.ts",
    "    this.#onCall({ script:",
    `    if (outcome !== "disconnected") this.#onCall({ script:`,
  ]),
  mutant("close-cuts-off", waits, "close disconnects, whatever is in flight", [
    "store.ts",
    "    await Promise.allSettled(this.#awaited);\n",
    "",
  ]),
  mutant("close-waits-for-answers", waits, "close waits for answers, and a server that is paused gives none", [
    "store.ts",
    "this.#awaited.add(inTime);",
    "this.#awaited.add(answer.catch(() => {}));",
  ]),
  mutant("takes-calls-while-closing", waits, "the store is closed once it has waited", [
    "store.ts",
    "    this.#isClosed = true;\n    await Promise.allSettled(this.#awaited);\n",
    "    await Promise.allSettled(this.#awaited);\n    this.#isClosed = true;\n",
  ]),
  mutant("timer-of-an-answered-call", ["program-ends", "K6"], "a timeout runs on when its call was answered", [
    "deadline.ts",
    "      (value) => {\n        clearTimeout(timer);\n",
    "      (value) => {\n",
  ]),
  mutant("timer-of-a-failed-call", ["program-ends", "K6"], "a timeout runs on when its call has failed", [
    "deadline.ts",
    "        clearTimeout(timer);\n        reject(error);\n",
    "        reject(error);\n",
  ]),
  mutant("gives-up-on-sentinels", ["sentinels-away", "D3"], "the client ends when no Sentinel can be reached", [
    connection,
    "    sentinelRetryStrategy: (attempt) => reconnectAfter(attempt, draw()),",
    "    sentinelRetryStrategy: () => null,",
  ]),
  mutant("waits-for-a-silent-sentinel", ["sentinel-silent", "D3"], "a question to a Sentinel has no timeout", [
    connection,
    "    sentinelCommandTimeout: silence,\n",
    "",
  ]),
  mutant("slow-during-migration", ["slot-migrates", "L1"], "a call that is to be made again waits for five seconds", [
    connection,
    "      retryDelayOnTryAgain: 5,\n",
    "      retryDelayOnTryAgain: 5_000,\n",
  ]),
  mutant("redirections-in-doubt", ["slot-migrates", "L1"], "a call that no node ran is said to have run, perhaps", [
    "failure.ts",
    `  if (redirectedTooOften.test(message)) return failure("moved", "no", after, message);\n`,
    "",
  ]),
  mutant("a-cluster-counts-as-one", ["nodes-connected", "M1"], "a client is one connection, whatever it leads to", [
    "connection/link.ts",
    `return client.nodes("all").filter(({ status }) => status === "ready").length;`,
    `return client.nodes("all").some(({ status }) => status === "ready") ? 1 : 0;`,
  ]),
  mutant("nodes-unnamed", ["nodes-connected", "M1"], "only the nodes that were declared are named to the feed", [
    "connection/link.ts",
    `  return client.nodes("all").map(({ options: { host, port } })`,
    `  return client.nodes("slave").map(({ options: { host, port } })`,
  ]),
  mutant("feed-of-the-first-node", ["feed-in-a-cluster", "V4"], "the subscription tries one node again and again", [
    rotating,
    "known[attempts++ % known.length]",
    "known[0 * attempts++]",
  ]),
  mutant("feed-of-declared-nodes", ["feed-in-a-cluster", "V4"], "nodes that were learned later are not tried", [
    connection,
    "[...known(), ...topology.nodes]",
    "[...topology.nodes, ...known().slice(0, 0)]",
  ]),
  mutant("later-nodes-unconnected", ["nodes-connected", "M1"], "only the nodes that are known at first are connected", [
    connection,
    `  if (node.status === "wait" && node.options.readOnly !== true) node.connect().catch(() => {});\n`,
    "",
  ]),
  mutant("moved-after-a-pause", ["redirected-at-once", "D3"], "a moved call waits as for a failover", [
    connection,
    "      retryDelayOnMoved: 0,\n",
    "      retryDelayOnMoved: 100,\n",
  ]),
  mutant("down-after-a-pause", ["redirected-at-once", "D3"], "a Cluster that is down is asked again and again", [
    connection,
    "      retryDelayOnClusterDown: 0,\n",
    "      retryDelayOnClusterDown: 100,\n",
  ]),
  mutant("resent-in-a-cluster", ["sent-once-in-a-cluster", "J3"], "the library's default for a failover: sent again", [
    connection,
    "      retryDelayOnFailover: 0,\n",
    "      retryDelayOnFailover: 100,\n",
  ]),
  mutant("timeouts-before-answers", ["answers-before-timers", "D5"], "a timer that is over decides at once", [
    "deadline.ts",
    "setTimeout(() => setImmediate(resolve, late), deadline)",
    "setTimeout(resolve, deadline, late)",
  ]),
  mutant("sleeps-before-answers", ["answers-before-timers", "D5"], "a sleep ends with its timer", [
    "system.ts",
    "setTimeout(() => setImmediate(done), duration)",
    "setTimeout(done, duration)",
  ]),
];
