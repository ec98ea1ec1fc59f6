/** Wrong schedulers that the checks of an instance by itself show. Files are those of `src/scheduler`. */
import { answerMutants } from "./instance/answers.ts";
import { loadingMutants } from "./instance/loading.ts";
import { mutant } from "./instance/mutant.ts";
import { rareMutants } from "./instance/rare.ts";
import type { RedisMutant } from "./redis/mutant.ts";

const follower = "following/follower.ts";
const resync = "following/resync.ts";
const configuration = "following/config-follower.ts";
const mode = "mode/mode.ts";

const memory = "memory-of-an-instance";

const ofFollowing: readonly RedisMutant[] = [
  mutant("every-wake-up-is-a-gap", ["wake-ups", "V4"], "the next change is taken for one that was skipped", [
    follower,
    "version.sequence > after + 1",
    "version.sequence > after",
  ]),
  mutant("polls-taken-for-wake-ups", ["changes-found-by-polls", "V4"], "what a poll finds is reported as a wake-up's", [
    follower,
    `to: version.sequence, by: "poll"`,
    `to: version.sequence, by: "wake"`,
  ]),
  mutant(
    "news-during-a-fetch-forgotten",
    ["one-fetch", "P1"],
    "a wake-up that comes during a request is read by none",
    [follower, `        if (caughtUp.kind === "current" && unread !== null && this.#isNews(unread)) continue;\n`, ""],
  ),
  mutant("contradictions-overlooked", ["feed-contradicts", "V4"], "a change of a node that cannot be is passed over", [
    "view/view.ts",
    `if (before === undefined && change.kind !== "registered") return { kind: "contradiction" };`,
    `if (before === undefined && change.kind !== "registered") return { kind: "known" };`,
  ]),
  mutant("half-is-enough", ["answer-falls-short", "V4"], "the rest of an answer is left to the next poll", [
    follower,
    `reached > held.sequence ? "more" : { kind: "lagging" }`,
    `{ kind: "lagging" }`,
  ]),
  mutant("orphans-of-a-new-incarnation", ["orphans", "O1"], "jobs that a registration has ended are not called back", [
    "following/orphans.ts",
    `    case "registered":\n    case "offline":`,
    `    case "offline":`,
  ]),
  mutant("wakes-of-an-abandoned-epoch", ["abandoned-epoch", "D4"], "a wake-up of any other epoch is news", [
    follower,
    `(order === "another_epoch" && this.#epochs.judge(version.epoch) === "unknown")`,
    `order === "another_epoch"`,
  ]),
  mutant("acknowledges-for-the-past", ["abandoned-epoch-answers-calls", "D4"], "any server's answer is the store's", [
    "writing/writes.ts",
    "if (isFailure(answer) || follower.heard(answer.version, operation)) return answer;",
    "if (isFailure(answer) || follower.heard(answer.version, operation) || answer) return answer;",
  ]),
  mutant("pages-of-an-abandoned-epoch", ["abandoned-epoch-answers-pages", "D4"], "a load takes pages of any epoch", [
    resync,
    "        if (strange !== null) return { kind: strange };\n",
    "",
  ]),
  mutant("a-few-abandoned-epochs", ["many-abandoned-epochs", "D4"], "only the last eight epochs are known to be past", [
    "view/epochs.ts",
    "export const rememberedEpochs = 64;",
    "export const rememberedEpochs = 8;",
  ]),
  mutant("behind-is-good-enough", ["server-behind", "V2"], "a server of the same epoch is never doubted", [
    follower,
    `if (compareVersions(version, held) !== "older") return null;`,
    "if (held !== version) return null;",
  ]),
  mutant("first-due-not-brought", ["sweep", "J4"], "a sweep leaves out the first of those that are due", [
    "following/sweeper.ts",
    "candidates = reply.due;",
    "candidates = reply.due.slice(1);",
  ]),
  mutant("failed-not-passed-over", ["sweep-past-failed", "J4"], "a sweep asks for those that failed again and again", [
    "following/sweeper.ts",
    "passed += reply.failed.length;",
    "passed = 0;",
  ]),
  mutant("never-from-the-front", ["sweep-past-failed", "J4"], "those that failed once are passed over for ever", [
    "following/sweeper.ts",
    "if (reply.due.length === 0) return 0;",
    "if (reply.due.length === 0) return passed;",
  ]),
  mutant("sweeps-without-end", ["sweeps-bounded", "J4"], "a sweep goes on as long as something is due", [
    "following/sweeper.ts",
    "const maxRounds = 10;",
    "const maxRounds = 1_000;",
  ]),
];

const ofModes: readonly RedisMutant[] = [
  mutant("full-store-counts-as-gone", ["ends-normal", "D5"], "a store without memory counts as one that is away", [
    mode,
    `  "out_of_memory",\n`,
    "",
  ]),
  mutant(
    "silence-since-the-start",
    ["becomes-local-only", "D5"],
    "silence is counted from when the instance was degraded",
    [mode, "at - state.lastAnswerAt >= settings.localOnlyAfter", "at - state.since >= settings.localOnlyAfter"],
  ),
  mutant("dwell-grows-slowly", ["way-back", "D5"], "the least time away grows by itself, not twofold", [
    mode,
    "dwell * 2 ** Math.min(relapses - 1, 30)",
    "dwell * relapses",
  ]),
  mutant("cold-start-in-no-hurry", ["cold-start-away", "D5"], "a cold start waits for as many probes as a relapse", [
    mode,
    `const needed = state.cause === "cold_start" ? 1 : settings.probesInARow;`,
    "const needed = settings.probesInARow;",
  ]),
  mutant("no-writes-while-loading", ["writes-while-degraded", "D6"], "an instance that loads refuses every write", [
    mode,
    `cause: "cold_start", writes: "sent"`,
    `cause: "cold_start", writes: "refused"`,
  ]),
  mutant(
    "failed-read-forgiven",
    ["writes-while-degraded", "D6"],
    "a read decides nothing about writes, however it ended",
    [mode, `isRead && cause === "deadline" ? "doubted"`, `isRead ? "doubted"`],
  ),
];

const ofClosing: readonly RedisMutant[] = [
  mutant("connects-after-close", ["close-drains", "K6"], "a subscription that comes too late counts", [
    "scheduler.ts",
    "    if (this.#closing !== null) return;\n    this.#isConnected = true;",
    "    this.#isConnected = true;",
  ]),
  mutant("late-abort-only", ["close-aborted", "K6"], "a signal that has aborted already is listened to", [
    "scheduler.ts",
    "if (signal?.aborted) this.#calls.close();\n    else signal",
    "signal",
  ]),
  mutant("abort-after-the-start", ["start-ends", "K6"], "the signal of a start closes the instance at any later time", [
    "scheduler.ts",
    "    this.#ready.promise.then(settled, settled);\n",
    "",
  ]),
  mutant("store-left-open", ["never-started", "K6"], "the feed is closed, and the store is forgotten", [
    "scheduler.ts",
    "    await this.#ports.store.close();\n",
    "",
  ]),
  mutant("layout-not-refused", ["other-layout", "K7"], "another layout is a failure like any other", [
    "mode/supervisor.ts",
    "        refuseLayout(caughtUp);\n",
    "",
  ]),
  mutant("fault-reported-twice", ["fault-stops", "K6"], "each task that fails reports a fault of its own", [
    "scheduler.ts",
    "    if (this.#fault !== null) return;\n    this.#fault = { error };",
    "    this.#fault = { error };",
  ]),
];

const ofSelecting: readonly RedisMutant[] = [
  mutant(
    "seats-of-what-was-dropped",
    ["kinds-of-requests", "S2"],
    "what is dropped to save memory is kept up all the same",
    [
      "view/node-index.ts",
      "    for (const entry of bucket) entry.seats = entry.seats.filter((seat) => seat.bucket !== bucket);\n",
      "    for (const entry of bucket) entry.seats = entry.seats.filter((seat) => seat.bucket === bucket);\n",
    ],
  ),
  mutant("ended-jobs-remembered", ["ended-jobs", "S5"], "a job is looked for where it was, though it has ended there", [
    "scheduler.ts",
    `    if (answer.kind === "completed") this.#dispatcher.ended(node, job);\n`,
    "",
  ]),
  mutant("ended-anywhere", ["ended-jobs", "S5"], "a job that has ended on one node has no place on another", [
    "selection/dispatch.ts",
    "    if (this.#placements.get(job)?.node === node) this.#forget(job);\n",
    "    this.#forget(job);\n",
  ]),
  mutant("each-reads-for-itself", ["shared-requests", "C2"], "a read does not join the request of another one", [
    follower,
    "    if (this.#fetching !== null) {\n",
    "    if (this.#fetching === undefined) {\n",
  ]),
  mutant("first-partition-only", ["pulses", "D2"], "each pulse asks the same partition", [
    "mode/supervisor.ts",
    "if (longest === null || follower.checkedAt < longest.checkedAt) longest = follower;",
    "if (longest === null) longest = follower;",
  ]),
];

const ofWriting: readonly RedisMutant[] = [
  mutant("token-of-its-own", ["registration", "N3"], "a registration that is repeated has another token each time", [
    "writing/writes.ts",
    "request.registration ?? this.#token()",
    "this.#token()",
  ]),
  mutant("expects-what-it-sees", ["replaced", "N1"], "the caller's word does not count where the view has one", [
    "writing/writes.ts",
    "  if (given === undefined) return held?.incarnation ?? null;",
    "  if (given === undefined || held !== undefined) return held?.incarnation ?? null;",
  ]),
  {
    id: "superseded-for-ever",
    origin: "the incarnation that was registered here is the present one, also once the node has registered elsewhere",
    check: "incarnations",
    property: "N1",
    edits: [
      {
        file: "writing/writes.ts",
        find: "export class Writes {\n",
        replace: `const registeredHere = new WeakMap<object, Map<string, string>>();
function memoryOf(ports: object): Map<string, string> {
  const memory = registeredHere.get(ports) ?? new Map<string, string>();
  registeredHere.set(ports, memory);
  return memory;
}
export class Writes {
`,
      },
      {
        file: "writing/writes.ts",
        find: "    const run = (deadline: Millis) => this.#ports.store.registerNode(message, deadline);\n",
        replace: `    const run = async (deadline: Millis) => {
      const answer = await this.#ports.store.registerNode(message, deadline);
      if (answer.kind === "registered") memoryOf(this.#ports).set(node, answer.incarnation);
      return answer;
    };
`,
      },
      {
        file: "writing/writes.ts",
        find: `    const incarnation = checkId("incarnation", request.incarnation, 64);\n`,
        replace: `    const own = checkId("incarnation", request.incarnation, 64);
    const incarnation = memoryOf(this.#ports).get(node) ?? own;
`,
      },
    ],
  },
  mutant("late-beat-of-the-present", ["incarnations", "N1"], "a late heartbeat counts for the present incarnation", [
    "writing/writes.ts",
    `    const run = (deadline: Millis) => this.#ports.store.heartbeat(message, deadline);
`,
    `    const run = async (deadline: Millis) => {
      const { store } = this.#ports;
      const first = await store.heartbeat(message, deadline);
      const isLate = first.kind === "superseded";
      return isLate ? store.heartbeat({ ...message, incarnation: first.incarnation }, deadline) : first;
    };
`,
  ]),
  mutant(
    "losses-of-leaving-kept",
    ["answers-passed-on", "L1"],
    "an answer is made anew from its kind and version: the jobs that lost their places are not in it",
    [
      "writing/writes.ts",
      'return this.#send("offline_node", follower, run, options);',
      'const answer = await this.#send("offline_node", follower, run, options); return answer.kind === "offline" ? { ...answer, orphaned: [] } : answer;',
    ],
  ),
  mutant(
    "superseded-names-none",
    ["answers-passed-on", "L1"],
    "the answers to the parts of a heartbeat are joined by kind, and the incarnation that there is gets lost",
    [
      "writing/chunks.ts",
      "if (isOver.has(answer.kind)) return answer;",
      'if (isOver.has(answer.kind)) return answer.kind === "superseded" ? { ...answer, incarnation: "" } : answer;',
    ],
  ),
  mutant(
    "another-token-for-a-retry",
    ["repetitions", "J3"],
    "the token is drawn where the request is sent, so a retry is another registration",
    [
      "writing/writes.ts",
      "this.#ports.store.registerNode(message, deadline)",
      "this.#ports.store.registerNode({ ...message, registration: request.registration ?? this.#token() }, deadline)",
    ],
  ),
  mutant(
    "arrival-hides-the-page",
    ["look-ups-overtaken", "V2"],
    "a node that came into the view meanwhile is taken for what the page has",
    ["reading/reads.ts", 'order !== "newer" || isSame(page.nodes[0]?.version, inView.version)', "true"],
  ),
  mutant(
    "old-page-brings-back",
    ["look-ups-overtaken", "V2"],
    "a page is answered as it is, also where the view knows that the node has been removed since",
    [
      "reading/reads.ts",
      'const record = order === "older" ? null : (page.nodes[0] ?? null);',
      'const record = page.nodes[0] ?? null; if (order === "older" && record !== null) return { node: record, source: "redis", knownAt: sentAt, stale: false };',
    ],
  ),
  mutant("repeats-repetitions", ["repetitions", "J3"], "a dispatch repeats what the write has repeated already", [
    "selection/dispatch.ts",
    `settings.retryAmbiguous !== "dispatch"`,
    `settings.retryAmbiguous === "none"`,
  ]),
  mutant("disabled-is-in-force", ["configuration-followed", "S4"], "what is stored is in force", [
    configuration,
    "config?.enabled === true ? new PoolPlan(config) : null",
    "config !== null ? new PoolPlan(config) : null",
  ]),
  mutant("configuration-news-forgotten", ["configuration-asked-once", "S4"], "news during a request is read by none", [
    configuration,
    `        if (caughtUp.kind === "current" && this.#announced !== null && this.#isNews(this.#announced)) continue;\n`,
    "",
  ]),
  mutant(
    "configuration-of-a-replica",
    ["configuration-of-another-store", "S4"],
    "a server that is behind is believed",
    [
      configuration,
      `if (compareVersions(version, this.#version) !== "older") return null;`,
      "if (this.#version !== version) return null;",
    ],
  ),
  mutant("puts-for-the-past", ["configuration-put", "S4"], "any server's answer is the store's", [
    "writing/config-writer.ts",
    `follower.heard(answer.version, "put_config")) return answer;`,
    `follower.heard(answer.version, "put_config") || answer) return answer;`,
  ]),
  mutant("pools-twice", ["configuration-refused", "K7"], "the pools are counted, and their ids are not compared", [
    "writing/config-writer.ts",
    "if (ids.size !== pools.length) throw wrong(",
    "if (ids.size > pools.length) throw wrong(",
  ]),
];

const entries = "maxEntries: count(1, 10_000_000).default(";

const ofCaching: readonly RedisMutant[] = [
  mutant("a-million-misses", ["misses-kept", "K5"], "more is kept, to save requests", [
    "settings.ts",
    `${entries}100_000)`,
    `${entries}1_000_000)`,
  ]),
  mutant("few-misses", ["misses-kept", "K5"], "less is kept, to save memory", [
    "settings.ts",
    `${entries}100_000)`,
    `${entries}10_000)`,
  ]),
];

const ofMemory: readonly RedisMutant[] = [
  mutant("met-deadlines-kept", [memory, "K5"], "a deadline that was met stays among those that are awaited", [
    "calls/deadlines.ts",
    "    awaited.splice(0, row.first);\n    row.first = 0;\n",
    "",
  ]),
  mutant("listens-after-its-call", [memory, "K5"], "a call that has ended goes on listening to its caller's signal", [
    "calls/calls.ts",
    `      signal?.removeEventListener("abort", abort);\n`,
    "",
  ]),
];

export const instanceMutants: readonly RedisMutant[] = [
  ...loadingMutants,
  ...rareMutants,
  ...answerMutants,
  ...ofFollowing,
  ...ofModes,
  ...ofClosing,
  ...ofSelecting,
  ...ofWriting,
  ...ofCaching,
  ...ofMemory,
];
