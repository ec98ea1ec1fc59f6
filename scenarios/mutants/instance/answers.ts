/** Wrong schedulers whose answers, events or entries are not as they should be, in one field or one corner. */
import type { RedisMutant } from "../redis/mutant.ts";
import { mutant } from "./mutant.ts";

const calls = "calls/calls.ts";
const chunks = "writing/chunks.ts";
const dispatching = "selection/dispatch.ts";
const firstAsked = "writing/first-asked.ts";
const losses = "following/kept-losses.ts";
const reads = "reading/reads.ts";
const selecting = "selection/select.ts";
const supervisor = "mode/supervisor.ts";

const ofAnswers: readonly RedisMutant[] = [
  mutant("outcome-always-reserved", ["dispatch-answered", "S5"], "a place that the job had is said to be a new one", [
    dispatching,
    "version: answer.version, outcome: answer.kind };",
    'version: answer.version, outcome: "reserved" };',
  ]),
  mutant("failed-dispatch-names-none", ["dispatch-answered", "S5"], "a failure does not say where the job may be", [
    dispatching,
    'applied: mayBeThere ? "unknown" : "no", node };',
    'applied: mayBeThere ? "unknown" : "no", node: "" };',
  ]),
  mutant("former-node-costs-nothing", ["dispatch-again", "S5"], "where the job was does not count as an attempt", [
    dispatching,
    "      tried.push(former.node);\n",
    "",
  ]),
  mutant("doubt-ends-with-a-refusal", ["dispatch-again", "S5"], "a call that was not made settles an earlier one", [
    dispatching,
    'return { ...answer, applied: mayBeThere ? "unknown" : "no", node };',
    "return { ...answer, node };",
  ]),
  mutant("each-dispatch-by-itself", ["dispatch-joined", "L1"], "two dispatches of one job look for a place each", [
    dispatching,
    "return this.#dispatches.join(request.job, () => this.#dispatch(request, options));",
    "return this.#dispatch(request, options);",
  ]),
  mutant("version-of-the-first-chunk", ["chunks-answered", "J5"], "the first answer of several is taken for all", [
    chunks,
    "replies.at(-1) as HeartbeatReply",
    "replies.at(0) as HeartbeatReply",
  ]),
  mutant("one-chunk-renewed-is-enough", ["chunks-answered", "J5"], "a heartbeat is renewed where any call was", [
    chunks,
    'if (areAll("renewed")) return',
    'if (replies.some(({ kind }) => kind === "renewed")) return',
  ]),
  mutant("later-chunk-not-sent", ["chunks-answered", "J5"], "a later call that failed speaks for the first ones", [
    chunks,
    'return replies.length === 0 ? answer : { ...answer, applied: "unknown" };',
    "return answer;",
  ]),
  mutant("aborted-read-answered", ["aborted-reads", "D1"], "the signal of a read only ends its waiting", [
    reads,
    "    signal?.throwIfAborted();\n",
    "",
  ]),
  mutant("aborted-read-waits", ["aborted-reads", "D1"], "the signal of a read is looked at once it has ended", [
    reads,
    '      signal?.addEventListener("abort", none);\n',
    "",
  ]),
  mutant("read-waits-budget", ["reads-in-time", "D1"], "a read waits for as long as it may take in all", [
    reads,
    "calls.deadlines.set(settings.readDeadline, none)",
    "calls.deadlines.set(settings.budget - 1, none)",
  ]),
  mutant("read-waits-for-its-call", ["reads-in-time", "D1"], "a read waits until its call is given up", [
    reads,
    "calls.deadlines.set(settings.readDeadline, none)",
    "calls.deadlines.set(settings.readDeadline + settings.deadlineGrace, none)",
  ]),
  mutant("one-doubt-at-a-time", ["doubts-side-by-side", "J3"], "only the last reserve in doubt is remembered", [
    firstAsked,
    "this.#open = new BoundedMap(maxEntries);",
    "this.#open = new BoundedMap(Math.min(1, maxEntries));",
  ]),
  mutant("places-joined-without-lengths", ["doubts-side-by-side", "J3"], "node and job are joined as they are", [
    firstAsked,
    "request.node.length}:",
    'request.node && ""}',
  ]),
  mutant("doubts-end-with-a-refusal", ["doubts-side-by-side", "J3"], "a repetition that was not made ends the doubt", [
    firstAsked,
    `isFailure(answer) && (isOpen || answer.applied === "unknown")`,
    `isFailure(answer) && answer.applied === "unknown"`,
  ]),
  mutant("doubts-never-end", ["doubts-side-by-side", "J3"], "what was answered stays as it was first asked for", [
    firstAsked,
    "if (!isOpen) this.#open.delete(key);",
    "if (isOpen) this.#open.delete(key + key);",
  ]),
];

const ofEvents: readonly RedisMutant[] = [
  mutant("calls-take-no-time", ["times-reported", "M1"], "the time of a call is left out", [
    calls,
    'kind: "store_call", operation, partition, took, outcome',
    'kind: "store_call", operation, partition, took: 0 * took, outcome',
  ]),
  mutant("reads-take-no-time", ["times-reported", "M1"], "the time of a read is left out", [
    reads,
    "const took = clock.now() - startedAt;\n    emit(",
    "const took = startedAt - startedAt;\n    emit(",
  ]),
  mutant("given-up-without-grace", ["times-reported", "M1"], "a call is given up before its connection may speak", [
    calls,
    "this.#deadlines.set(deadline + this.#settings.deadlineGrace, giveUp)",
    "this.#deadlines.set(deadline, giveUp)",
  ]),
  mutant("own-calls-not-in-status", ["calls-reported", "M1"], "only calls of clients are said to be in flight", [
    calls,
    "    return this.#inFlight.size;",
    "    return this.#ofClients;",
  ]),
  mutant("overload-not-reported", ["calls-reported", "M1"], "what is refused as too much is not worth an event", [
    calls,
    '    this.#emit({ kind: "call_refused", operation, partition, cause });',
    '    if (cause !== "overloaded") this.#emit({ kind: "call_refused", operation, partition, cause });',
  ]),
  mutant("unreadable-by-a-look-up", ["unreadable-reported", "V2"], "a look-up does not report what it cannot read", [
    reads,
    '    for (const each of page.unreadable ?? []) emit({ kind: "record_unreadable", ...each });\n',
    "",
  ]),
  mutant("unreadable-by-a-load", ["unreadable-reported", "V2"], "a load does not report what it cannot read", [
    "following/resync.ts",
    '      for (const each of page.unreadable ?? []) this.#ports.emit({ kind: "record_unreadable", ...each });\n',
    "",
  ]),
];

const ofLosses: readonly RedisMutant[] = [
  mutant("rejection-takes-the-jobs", ["losses-acknowledged", "O1"], "a promise that was rejected counts as kept", [
    "scheduler.ts",
    'all.some((answer) => answer.status === "fulfilled" && answer.value !== false)',
    "all.some((answer) => answer.status !== undefined)",
  ]),
  mutant("no-counts-as-yes", ["losses-acknowledged", "O1"], "a callback that was called has taken the jobs", [
    "scheduler.ts",
    "return answers.some((answer) => answer !== false);",
    "return answers.some((answer) => answer !== null);",
  ]),
  mutant("refused-once-taken-later", ["losses-acknowledged", "O1"], "what was reported once is acknowledged later", [
    losses,
    "    this.#reported.set(id, answer === true);\n",
    "    this.#reported.set(id, true);\n",
  ]),
  mutant("taken-by-none", ["losses-without-callback", "O1"], "losses are acknowledged, though none is listened to", [
    losses,
    "!this.#ports.hasCallback()) return;",
    "this.#partition < 0) return;",
  ]),
  mutant("a-hundred-losses", ["losses-of-many-pages", "O1"], "one page of kept losses is taken for all", [
    losses,
    "const maxPages = 100;",
    "const maxPages = 1;",
  ]),
  mutant("losses-ahead-of-the-feed", ["losses-after-the-feed", "O1"], "what is kept is reported before the feed", [
    losses,
    "page.losses.filter((loss) => !isAhead(loss.version, version))",
    "page.losses.filter((loss) => !isAhead(loss.version, loss.version))",
  ]),
  mutant("losses-looked-for-by-sweeps", ["losses-once-back", "O1"], "only a sweep looks for losses that were missed", [
    "scheduler.ts",
    "    for (const follower of this.#followers) follower.reportLosses();\n",
    "",
  ]),
];

const ofPartitions: readonly RedisMutant[] = [
  mutant("partition-by-other-bits", ["partitions-of-nodes", "K7"], "a partition is chosen by the higher bits", [
    "view/partition-of.ts",
    "return fnv1a(node) % partitions;",
    "return (fnv1a(node) >>> 1) % partitions;",
  ]),
  mutant("hash-of-characters", ["partitions-of-nodes", "K7"], "the hash of an id is that of its UTF-16 units", [
    "view/partition-of.ts",
    "    if (unit > 0x7f) return fnv1aOf(utf8(text));\n",
    "",
  ]),
  mutant("probes-of-one-partition", ["partitions-probed", "D5"], "each probe asks the first partition", [
    supervisor,
    "followers[this.#probes++ % followers.length]",
    "followers[this.#probes++ % 1]",
  ]),
  mutant("unconfirmed-is-current", ["one-not-current", "D5"], "a selection in normal is never stale", [
    selecting,
    "isTrusted && confirmedAt >= since);",
    "isTrusted && (confirmedAt >= since || now > 0));",
  ]),
  mutant("one-partition-is-enough", ["one-not-current", "D5"], "where one partition is current, all are", [
    selecting,
    "return followers.every(",
    "return followers.some(",
  ]),
  mutant("configuration-never-old", ["one-not-current", "D5"], "only the TTL of partitions is looked at", [
    supervisor,
    "const expired = this.#followed.some(",
    "const expired = this.#ports.followers.some(",
  ]),
];

const ofEntries: readonly RedisMutant[] = [
  mutant("own-places-outlive-their-epoch", ["own-places", "S2"], "a place waits for a version that never comes", [
    "selection/reservations.ts",
    "until.epoch !== view.epoch || reaches(view, until))",
    "until.epoch === view.epoch && reaches(view, until))",
  ]),
  mutant("own-place-ends-with-its-answer", ["own-places", "S2"], "a place that was answered is taken for seen", [
    "writing/writes.ts",
    'if (answer.kind === "reserved" || answer.kind === "already") placedAt',
    'if (answer.kind === "already") placedAt',
  ]),
  mutant("first-set-goes-first", ["answers-kept", "K5"], "an entry that is set again keeps its age", [
    "reading/bounded.ts",
    "    this.#entries.delete(key);\n    this.#entries.set(key, value);\n",
    "    this.#entries.set(key, value);\n",
  ]),
  mutant("all-placements-kept", ["answers-kept", "K5"], "where jobs were is remembered without a bound", [
    dispatching,
    "new BoundedMap(ports.settings.maxEntries)",
    "new BoundedMap(10_000_000)",
  ]),
  mutant("last-of-equal-pools", ["pools-of-equal-weight", "S1"], "of pools of equal weight the last one is taken", [
    "selection/phase3.ts",
    "if (weight <= highest ||",
    "if (weight < highest ||",
  ]),
  mutant("no-fallback-without-a-first", ["pools-of-equal-weight", "S1"], "where no pool fits, none is searched", [
    selecting,
    "if (nodes.length === wanted.count) return pools;",
    "if (nodes.length === wanted.count || first === null) return pools;",
  ]),
  mutant("ttls-only-longer", ["ttls-spread", "C1"], "the spread is added, and never taken off", [
    "jitter.ts",
    "(2 * unit(random) - 1)",
    "unit(random)",
  ]),
  mutant("half-of-the-spread", ["ttls-spread", "C1"], "the spread is taken for the width of the range", [
    "jitter.ts",
    "(2 * unit(random) - 1)",
    "(unit(random) - 0.5)",
  ]),
  mutant("views-age-in-step", ["ttls-spread", "C1"], "L1 is spread, and L2 is not", [
    "following/follower.ts",
    "jittered(settings.l2Ttl, settings.ttlSpread, random)",
    "jittered(settings.l2Ttl, 0 * settings.ttlSpread, random)",
  ]),
  mutant("configurations-age-in-step", ["ttls-spread", "C1"], "views are spread, and the configuration is not", [
    "following/config-follower.ts",
    "jittered(settings.l2Ttl, settings.ttlSpread, random)",
    "jittered(settings.l2Ttl, 0 * settings.ttlSpread, random)",
  ]),
];

const health = "selection/health.ts";

const ofHealth: readonly RedisMutant[] = [
  mutant("strain-above-full", ["health-scored", "H1"], "a reading above the full value takes from the other metrics", [
    health,
    "weights[name] * Math.min(1, metric / fullLoad[name])",
    "weights[name] * (metric / fullLoad[name])",
  ]),
  mutant("score-rounded-down", ["health-scored", "H1"], "thousandths are cut off", [
    health,
    "Math.round(healthScore(metrics, weights) * 1_000)",
    "Math.floor(healthScore(metrics, weights) * 1_000)",
  ]),
  mutant(
    "weights-of-the-settings-ignored",
    ["health-scored", "H1"],
    "scores are by the default weights, whatever is set",
    [
      health,
      "return Math.round(healthScore(metrics, weights) * 1_000);",
      "return Math.round(healthScore(metrics, weights && defaultWeights) * 1_000);",
    ],
  ),
  mutant("impossible-metric-not-reported", ["health-scored", "H1"], "a metric that was left out is not reported", [
    "writing/writes.ts",
    '      emit({ kind: "impossible_metric", node, metric, found }),\n',
    '      metric === found ? emit({ kind: "impossible_metric", node, metric, found }) : undefined,\n',
  ]),
];

export const answerMutants: readonly RedisMutant[] = [
  ...ofAnswers,
  ...ofEvents,
  ...ofLosses,
  ...ofPartitions,
  ...ofEntries,
  ...ofHealth,
];
