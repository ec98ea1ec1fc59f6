/**
 * Where an instance's answers come from, and how it finds its way back: a pure machine, events in, state out.
 *
 * normal ──call_failed──> l2_only ──silence, l2_expired──> local_only
 *    ^                       │ probing: `probesInARow` probes answered in a row, and `notBefore` past
 *    └────── resynced ────── resyncing: every partition is caught up before anything counts as current
 *
 * Against flapping: one failure sets the row back to none, and each relapse (a `normal` shorter than `calmAfter`, or a resync that
 * failed) doubles the least time spent degraded, from `dwell` up to `dwellMax`.
 *
 * Writes have a machine of their own inside the degraded modes, since one read that is late says little about them:
 *
 * sent ──late read──> doubted ──any miss──> refused ──probe_answered──> sent
 *   ^                    │                     ^
 *   └──── any answer ────┘     any other miss ─┘
 */
import type { Failure } from "../../protocol/replies.ts";
import type { Instant } from "../../protocol/time.ts";
import type { Settings } from "../settings.ts";

export type Mode = "normal" | "l2_only" | "local_only";

export type ModeCause =
  | Failure["cause"]
  | "cold_start"
  | "left_epoch" // the store answers in an epoch that is past: not the store we follow
  | "store_behind" // the store answers an earlier sequence than we have seen in the same epoch: a lagging replica
  | "silence"
  | "l2_expired";

interface Normal {
  readonly mode: "normal";
  readonly since: Instant;
  /** How many times in a row `normal` did not last. */
  readonly relapses: number;
}

/** Whether writes are sent. `doubted`: they are, until the next call ends, which decides. */
export type WriteState = "sent" | "doubted" | "refused";

export interface Degraded {
  readonly mode: "l2_only" | "local_only";
  readonly stage: "probing" | "resyncing";
  readonly since: Instant;
  readonly cause: ModeCause;
  /** Probes answered in a row. */
  readonly successes: number;
  readonly lastAnswerAt: Instant;
  /** No resync before this. */
  readonly notBefore: Instant;
  readonly relapses: number;
  readonly writes: WriteState;
}

export type ModeState = Normal | Degraded;

interface CallFailed {
  readonly kind: "call_failed";
  readonly at: Instant;
  readonly cause: ModeCause;
  readonly isRead: boolean;
}

export type ModeEvent =
  | CallFailed
  | { readonly kind: "call_answered"; readonly at: Instant }
  | { readonly kind: "probe_answered"; readonly at: Instant }
  | { readonly kind: "resynced"; readonly at: Instant }
  | { readonly kind: "resync_failed"; readonly at: Instant }
  | { readonly kind: "l2_expired"; readonly at: Instant }
  | { readonly kind: "tick"; readonly at: Instant };

export type ModeSettings = Pick<Settings, "probesInARow" | "localOnlyAfter" | "calmAfter" | "dwell" | "dwellMax">;

/** These are answers about one operation or one key, or about ourselves; they do not say that Redis is slow or gone. */
const harmless: ReadonlySet<ModeCause> = new Set<ModeCause>([
  "invalid",
  "closed",
  "aborted",
  "layout_mismatch",
  "overloaded",
  "out_of_memory",
  "denied",
  "wrong_type",
]);

/** Nothing is held yet; the first thing to do is to load everything. */
export function coldStart(at: Instant): Degraded {
  const row = { successes: 0, lastAnswerAt: at, notBefore: at, relapses: 0 };
  return { mode: "local_only", stage: "resyncing", since: at, cause: "cold_start", writes: "sent", ...row };
}

/** Total: every state answers every event. */
export function nextMode(state: ModeState, event: ModeEvent, settings: ModeSettings): ModeState {
  return state.mode === "normal" ? fromNormal(state, event, settings) : fromDegraded(state, event, settings);
}

/** A write that is not sent fails fast: nothing waits for better times. */
export function allowsWrites(state: ModeState): boolean {
  return state.mode === "normal" || state.writes !== "refused";
}

/** One late read is forgiven; a write, or a read that failed otherwise, is not, nor a second miss in a row. */
function writesAfter(before: WriteState, { cause, isRead }: CallFailed): WriteState {
  return before === "sent" && isRead && cause === "deadline" ? "doubted" : "refused";
}

function fromNormal(state: Normal, event: ModeEvent, settings: ModeSettings): ModeState {
  if (event.kind !== "call_failed" && event.kind !== "l2_expired") return state;
  if (event.kind === "call_failed" && harmless.has(event.cause)) return state;
  const { at } = event;
  const relapses = at - state.since < settings.calmAfter ? state.relapses + 1 : 0;
  const row = { successes: 0, lastAnswerAt: at, notBefore: at + dwellOf(relapses, settings), relapses };
  if (event.kind === "l2_expired")
    return { mode: "local_only", stage: "probing", since: at, cause: "l2_expired", writes: "sent", ...row };
  const writes = writesAfter("sent", event);
  return { mode: "l2_only", stage: "probing", since: at, cause: event.cause, writes, ...row };
}

function fromDegraded(state: Degraded, event: ModeEvent, settings: ModeSettings): ModeState {
  const { at } = event;
  switch (event.kind) {
    case "call_failed":
      if (harmless.has(event.cause)) return state;
      return { ...fallBack(state, at, settings), writes: writesAfter(state.writes, event) };
    case "call_answered":
      return { ...state, lastAnswerAt: at, writes: state.writes === "doubted" ? "sent" : state.writes };
    case "probe_answered":
      return probed({ ...state, lastAnswerAt: at, successes: state.successes + 1, writes: "sent" }, at, settings);
    case "resynced":
      if (state.stage === "probing") return state; // something failed meanwhile
      return { mode: "normal", since: at, relapses: state.relapses };
    case "resync_failed":
      return fallBack(state, at, settings);
    case "l2_expired":
      return localOnly(state, at, "l2_expired");
    case "tick":
      return at - state.lastAnswerAt >= settings.localOnlyAfter ? localOnly(state, at, "silence") : state;
  }
}

/** Back to the first probe; out of a resync, that is a relapse. */
function fallBack(state: Degraded, at: Instant, settings: ModeSettings): Degraded {
  if (state.stage === "probing") return { ...state, successes: 0 };
  const relapses = state.cause === "cold_start" ? 0 : state.relapses + 1;
  return { ...state, stage: "probing", successes: 0, relapses, notBefore: at + dwellOf(relapses, settings) };
}

function probed(state: Degraded, at: Instant, settings: ModeSettings): Degraded {
  // A cold start has nothing to protect from flapping: the first answer will do.
  const needed = state.cause === "cold_start" ? 1 : settings.probesInARow;
  return state.successes >= needed && at >= state.notBefore ? { ...state, stage: "resyncing" } : state;
}

function localOnly(state: Degraded, at: Instant, cause: ModeCause): Degraded {
  return state.mode === "local_only" ? state : { ...state, mode: "local_only", since: at, cause };
}

function dwellOf(relapses: number, { dwell, dwellMax }: ModeSettings): number {
  return relapses === 0 ? 0 : Math.min(dwellMax, dwell * 2 ** Math.min(relapses - 1, 30));
}
