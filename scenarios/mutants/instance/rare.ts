/** Wrong schedulers in rare branches: of a load, of the way back, of a server that is not followed, and of the end. */
import type { RedisMutant } from "../redis/mutant.ts";
import { mutant } from "./mutant.ts";

const follower = "following/follower.ts";
const losses = "following/kept-losses.ts";
const resync = "following/resync.ts";

export const rareMutants: readonly RedisMutant[] = [
  mutant("answers-outlive-the-doubt", ["reload-forgets", "V2"], "L1 answers while its view is loaded anew", [
    follower,
    "    this.#suspect ??= reason;\n    this.#ports.hooks.forget(this.partition);\n",
    "    this.#suspect ??= reason;\n",
  ]),
  mutant("looked-up-before-the-load", ["reload-forgets", "V2"], "L1 keeps what came between doubt and load", [
    follower,
    "    this.#suspect = null;\n    hooks.forget(partition);\n",
    "    this.#suspect = null;\n",
  ]),
  mutant("loads-catch-up-at-once", ["reload-over-a-slow-link", "V4"], "only the follower asks for fewer changes", [
    resync,
    `    if (isFailure(reply) && reply.cause === "deadline") size.late();\n    return reply;`,
    "    return reply;",
  ]),
  mutant("late-pages-in-all", ["page-given-up", "D5"], "late pages are counted over the whole load", [
    resync,
    "      retries = 0;\n",
    "",
  ]),
  mutant("refusal-closes-the-losses", ["losses-acknowledged", "O1"], "the last promise says whether any was kept", [
    losses,
    "this.#isOpen ||= isTaken;",
    "this.#isOpen = isTaken;",
  ]),
  mutant("losses-of-one-size", ["losses-of-many-pages", "O1"], "a page of losses is as large on a slow link", [
    losses,
    "limit: size.of(pageSize).limit",
    "limit: pageSize",
  ]),
  mutant("late-losses-unnoticed", ["losses-of-many-pages", "O1"], "a late page of losses makes no other smaller", [
    losses,
    `    if (isFailure(reply) && reply.cause === "deadline") size.late();\n`,
    "",
  ]),
  mutant("strange-probe-passed-over", ["way-back", "D5"], "a probe of another server does not end the row", [
    follower,
    "    if (strange !== null) this.#blame(strange);\n    return strange === null;",
    "    return strange === null;",
  ]),
  mutant("writes-for-pulses", ["pulses-beside-writes", "D2"], "any call is taken for the pulse", [
    "calls/calls.ts",
    "    const startedAt = this.#clock.now();\n    const { promise",
    "    this.#lastReadAt = this.#clock.now();\n    const startedAt = this.#clock.now();\n    const { promise",
  ]),
  mutant("timeouts-outlive-close", ["close-drains", "K6"], "the sleeper of a timeout sleeps on", [
    "calls/calls.ts",
    "    this.#deadlines.close();\n",
    "",
  ]),
  mutant(
    "sweeps-of-the-past",
    ["sweep-in-an-abandoned-epoch", "D4"],
    "a sweep is gone on with, whatever server answers",
    [
      "following/sweeper.ts",
      `if (isFailure(reply) || !follower.heard(reply.version, "sweep")) return passed;`,
      "if (isFailure(reply)) return passed;",
    ],
  ),
  mutant("configurations-of-the-past", ["configuration-of-the-past", "D4"], "only own epochs of it are past", [
    "following/config-follower.ts",
    "this.#epochs.adopt(version.epoch, reply.succession);",
    "this.#epochs.adopt(version.epoch);",
  ]),
  mutant("write-settled-by-a-failure", ["repetition-fails-otherwise", "L1"], "a repetition speaks for the first try", [
    "writing/writes.ts",
    `return isFailure(again) ? { ...again, applied: "unknown" } : again;`,
    "return again;",
  ]),
  mutant("place-settled-by-a-failure", ["repetition-fails-otherwise", "L1"], "a repetition speaks for the first try", [
    "selection/dispatch.ts",
    `if (isFailure(again)) return { ...again, applied: "unknown" };`,
    "if (isFailure(again)) return again;",
  ]),
  mutant(
    "empty-chunk-at-the-end",
    ["chunks-answered", "J5"],
    "a list that fills its calls is followed by one of none",
    ["writing/chunks.ts", "chunk * mostNamed < running.length", "chunk * mostNamed <= running.length"],
  ),
  mutant("largest-metric-impossible", ["health-scored", "H1"], "the largest metric that is allowed is left out", [
    "input.ts",
    "metric <= maxMetric",
    "metric < maxMetric",
  ]),
  mutant("too-old-to-write", ["becomes-local-only", "D5"], "writes stop once what is held is too old", [
    "mode/mode.ts",
    `cause: "l2_expired", writes: "sent", ...row`,
    `cause: "l2_expired", writes: "refused", ...row`,
  ]),
  mutant("silent-but-for-calls", ["becomes-local-only", "D5"], "only probes count as answers", [
    "mode/mode.ts",
    "return { ...state, lastAnswerAt: at, writes: state.writes",
    "return { ...state, writes: state.writes",
  ]),
  mutant("loaded-all-the-same", ["fault-during-the-load", "D5"], "a load that ends is the way back, whatever failed", [
    "mode/mode.ts",
    `      if (state.stage === "probing") return state; // something failed meanwhile\n`,
    "",
  ]),
  mutant("asks-once-subscribed", ["fault-during-the-load", "D5"], "each subscription asks for changes in any mode", [
    "scheduler.ts",
    "    if (!this.#mode.isNormal) return;\n",
    "",
  ]),
  mutant(
    "last-removal-contradicts",
    ["load-catches-up", "V2"],
    "the last change before a page is taken for one after it",
    ["view/view.ts", "sequence <= this.#pagesUntil", "sequence < this.#pagesUntil"],
  ),
  mutant("ids-in-units", ["pages-advance", "V2"], "ids are compared as JavaScript compares texts", [
    "text.ts",
    "unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit",
    "unit",
  ]),
  mutant("former-node-asked-twice", ["dispatch-again", "S5"], "a node that has refused is chosen once more", [
    "selection/dispatch.ts",
    "      if (tried.includes(node)) continue;\n",
    "",
  ]),
  mutant("place-that-was-not-made", ["dispatch-again", "S5"], "a node that was not asked for certain is asked first", [
    "selection/dispatch.ts",
    "      else if (former === null) this.#forget(job);\n",
    "",
  ]),
  mutant("places-without-versions", ["losses-of-former-places", "O1"], "when a place was granted is not remembered", [
    "selection/dispatch.ts",
    "this.#remember(job, node, true, answer.version);",
    "this.#remember(job, node, true);",
  ]),
  mutant(
    "losses-of-former-epochs-count",
    ["losses-of-former-places", "O1"],
    "a loss of another epoch is the later one",
    ["selection/dispatch.ts", " : at.epoch === current;", " : false;"],
  ),
  mutant("overtaken-miss-unmarked", ["look-ups-overtaken", "V2"], "a page that was overtaken leaves no mark", [
    "reading/reads.ts",
    "      caches.mark(partition, node, sentAt);",
    `      if (order !== "older") caches.mark(partition, node, sentAt);`,
  ]),
  mutant("as-many-are-past", ["configuration-of-the-past", "D4"], "the other side of a split is always past", [
    "view/epochs.ts",
    "succession.generation >= this.#succession.generation",
    "succession.generation > this.#succession.generation",
  ]),
  mutant(
    "fewer-are-past-for-once",
    ["configuration-of-the-past", "D4"],
    "a former primary is found out again each time",
    ["view/epochs.ts", `    this.#abandon(epoch);\n    return "abandoned";`, `    return "abandoned";`],
  ),
  mutant("last-pool-not-named", ["pools-of-equal-weight", "S1"], "the pool that gave the last node is not named", [
    "selection/select.ts",
    "    pools.push(pool);\n    if (nodes.length === wanted.count) break;",
    "    if (nodes.length === wanted.count) break;\n    pools.push(pool);",
  ]),
  mutant("last-seat-never-drawn", ["equals-drawn", "S3"], "a draw leaves out the last candidate", [
    "view/candidate-bucket.ts",
    "* (seats.length - at));",
    "* (seats.length - at - 1));",
  ]),
  mutant("stale-two-polls-late", ["one-not-current", "D5"], "a selection is stale when two polls are overdue", [
    "selection/select.ts",
    "now - pollInterval - pulseInterval",
    "now - 2 * pollInterval - pulseInterval",
  ]),
  mutant("selections-take-no-time", ["times-reported", "M1"], "a selection is said to take no time", [
    "selection/select.ts",
    "took: clock.now() - startedAt };",
    "took: startedAt - startedAt };",
  ]),
  mutant("doubt-given-up", ["dispatch-given-up", "S5"], "a job that may have its place is given up as if it had none", [
    "selection/dispatch.ts",
    "    const again = await writes.reserveJob(",
    "    options.signal?.throwIfAborted();\n    const again = await writes.reserveJob(",
  ]),
  mutant("place-it-had-in-doubt", ["losses-of-former-places", "O1"], "only a new place is remembered as certain", [
    "selection/dispatch.ts",
    "    this.#remember(job, node, true, answer.version);",
    `    if (answer.kind === "reserved") this.#remember(job, node, true, answer.version);`,
  ]),
  mutant("finished-job-remembered", ["ended-jobs", "S5"], "where a job has ended it is asked for first again", [
    "selection/dispatch.ts",
    "      this.#forget(job);\n      return { kind: answer.kind, node };",
    "      return { kind: answer.kind, node };",
  ]),
  mutant(
    "gone-for-three-times-as-long",
    ["goodbye-asked", "N4"],
    "a node that leaves is known for longer than is set",
    ["writing/writes.ts", "retention: this.#ports.settings.retention", "retention: 3 * this.#ports.settings.retention"],
  ),
  mutant("finished-for-as-long-as-leased", ["places-asked", "J3"], "a finished job is remembered for a lease", [
    "writing/writes.ts",
    "doneFor: settings.doneFor,",
    "doneFor: settings.lease,",
  ]),
];
