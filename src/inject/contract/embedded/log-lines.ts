/** The claim that a log shows events as operators need them: each at its level, with what it was about. */
import type * as Log from "../../../embed/log.ts";
import type { EventPayload } from "../../../scheduler/events.ts";
import type { ContractCheck } from "../check.ts";
import { Comparisons } from "../comparisons.ts";
import { events } from "./metric-counts.ts";

type Line = readonly [level: string, message: string, fields?: object];

const partition = 0;
const epoch = { epoch: "e", sequence: 1 };

/** Those whose lines differ with what they say. */
const others: readonly EventPayload[] = [
  { kind: "closed" },
  { kind: "loading", partitions: { loaded: 1, of: 2 }, pages: 3, nodes: 4 },
  { kind: "mode_changed", from: "local_only", to: "normal", cause: "resynced" },
  { kind: "swept", partition, expired: ["a"], removed: ["b"], lapsed: ["c"], failed: [] },
  { kind: "store_behind", partition, held: { epoch: "e", sequence: 9 }, reported: epoch },
  { kind: "fault", task: "t", error: new Error("x".repeat(600)) },
];

const swept = { partition, expired: ["a", "b"], expired_count: 2, removed: ["c"], removed_count: 1, lapsed: ["d"] };
const behind = "Redis is behind what it reported before: a lagging replica?";
const stopped = "fault: the scheduler has stopped";

/** In the order of the events; the others are in the metrics alone. */
const allowed: readonly Line[] = [
  ["info", "ready: everything is loaded"],
  ["error", stopped, { task: "t", error: "Error: e" }],
  ["warn", "mode l2_only", { from: "normal", to: "l2_only", cause: "deadline" }],
  ...["deadline", "disconnected"].map((outcome): Line => {
    const took_ms = outcome === "deadline" ? 500 : 1_000;
    return ["debug", "a call failed", { operation: "heartbeat", partition, outcome, took_ms }];
  }),
  ...["changes_since", "version_check"].map((operation): Line => {
    return ["debug", "a call failed", { operation, partition, outcome: "deadline", took_ms: 500 }];
  }),
  ["debug", "a call failed", { operation: "version_check", partition, outcome: "disconnected", took_ms: 500 }],
  ["debug", "an answer came too late", { operation: "heartbeat", partition, after_ms: 9 }],
  ["warn", "an answer of an abandoned epoch", { operation: "heartbeat", partition, epoch: "e" }],
  ["warn", "epoch left: Redis may have lost writes", { partition, epoch: "d", sequence: 9 }],
  ["info", "epoch taken up", { partition, ...epoch }],
  ["debug", "gap in the feed", { partition, after: 3, to: 8, by: "poll" }],
  ["debug", "gap in the feed", { partition, after: 3, to: 4, by: "wake" }],
  ["info", "loading a partition anew", { partition, reason: "trimmed" }],
  ["info", "partition loaded", { partition, nodes: 7, pages: 2, took_ms: 2_000 }],
  ["error", "a change cannot be squared with the view: who else writes our keys?", { partition, node: "n" }],
  ["warn", behind, { partition, held: 1, reported: 1 }],
  ["warn", "jobs lost their node", { node: "n", because: "expired", jobs: ["a", "b"], jobs_count: 2 }],
  ["info", "the configuration is another one", { enabled: true }],
  ["error", "the stored configuration is malformed", { reason: "r" }],
  ["error", "a node's record is unreadable: another program has written it", { node: "n", reason: "r" }],
  [
    ...(["warn", "swept, but for nodes with a key that holds another type"] as const),
    { ...swept, lapsed_count: 1, failed: ["m"], failed_count: 1 },
  ],
  ["info", "a reserve that may have happened is settled", { job: "j", node: "n", outcome: "reserved" }],
  ["info", "subscription stands"],
  ["warn", "subscription lost", { reason: "r" }],
  ["info", "closed"],
  ["debug", "loading", { loaded: 1, of: 2, pages: 3, nodes: 4 }],
  ["info", "mode normal", { from: "local_only", to: "normal", cause: "resynced" }],
  [
    ...(["info", "swept"] as const),
    { partition, expired: ["a"], expired_count: 1, removed: ["b"], removed_count: 1, lapsed: ["c"], lapsed_count: 1 },
  ],
  ["warn", behind, { partition, held: 9, reported: 1 }],
  ["error", stopped, { task: "t", error: `Error: ${"x".repeat(493)}…` }],
];

/** A line end, an escape sequence, a mark that turns the direction of text, and a separator of lines. */
const hostile = "\n\u001b[2J\u202e\u2028";
/** Members whose text is one of a few words of the scheduler. */
const words = new Set(["kind", "operation", "outcome", "mode", "from", "to", "cause", "by", "source", "because"]);

/** The event with hostile ids and reasons. The reason of a reload is a word. */
function spoilt(event: EventPayload): EventPayload {
  if (event.kind === "resync_started") return event;
  if (event.kind === "fault") return { ...event, task: hostile, error: new Error(hostile) };
  const text = JSON.stringify(event);
  return JSON.parse(text, (key, value: unknown) => (typeof value === "string" && !words.has(key) ? hostile : value));
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return value !== null && typeof value === "object" ? Object.values(value).flatMap(textsIn) : [];
}

export const logLineChecks: readonly ContractCheck[] = [
  {
    id: "events-logged",
    property: "M1",
    claim:
      "a log has one line for each event that operators need, at its level, with what it was about, and nothing of an id that ends a line or steers a terminal",
    async run({ modules }) {
      const compare = new Comparisons();
      const file = modules.embedded.replace(/scheduler(\.\w+)$/u, "log$1");
      const { createLog } = (await import(/* @vite-ignore */ file)) as typeof Log;
      const lines: Line[] = [];
      const at = (level: string) => (fields: object, message: string) => lines.push([level, message, fields]);
      const log = createLog("me", { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") });
      for (const event of [...events, ...others]) log.observe({ ...event, at: 1 });
      for (const [index, [level, message, fields]] of allowed.entries())
        compare.same(`line ${index + 1}`, lines[index], [level, message, { scheduler: "me", ...fields }]);
      compare.same("lines", lines.length, allowed.length);
      lines.length = 0;
      for (const event of [...events, ...others]) log.observe({ ...spoilt(event), at: 1 });
      compare.same("lines of hostile texts", lines.length, allowed.length);
      for (const [index, line] of lines.entries()) {
        const raw = textsIn(line).filter((text) => [...hostile.replace("[2J", "")].some((mark) => text.includes(mark)));
        compare.same(`line ${index + 1}, hostile texts as they are`, raw, []);
      }
      return compare.found;
    },
  },
];
