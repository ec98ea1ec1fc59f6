import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  allowsWrites,
  coldStart,
  type ModeCause,
  type ModeEvent,
  type ModeSettings,
  type ModeState,
  nextMode,
} from "../../src/scheduler/mode/mode.ts";

const settings: ModeSettings = {
  probesInARow: 3,
  localOnlyAfter: 10_000,
  calmAfter: 5_000,
  dwell: 250,
  dwellMax: 2_000,
};

function reach(state: ModeState, ...events: readonly ModeEvent[]): ModeState {
  return events.reduce((reached, event) => nextMode(reached, event, settings), state);
}

const failed = (at: number, cause: ModeCause = "deadline", isRead = true): ModeEvent => ({
  ...{ kind: "call_failed", at, cause, isRead },
});
const probed = (at: number): ModeEvent => ({ kind: "probe_answered", at });
const normal: ModeState = { mode: "normal", since: 0, relapses: 0 };
const calm = 100_000;

describe("the mode", () => {
  it("is local_only and loading at a cold start, and normal when everything is loaded", () => {
    expect(coldStart(0)).toMatchObject({ mode: "local_only", stage: "resyncing" });
    expect(reach(coldStart(0), { kind: "resynced", at: 5 })).toEqual({ mode: "normal", since: 5, relapses: 0 });
  });

  it("needs one answered probe when a cold start has failed", () => {
    const start = reach(coldStart(0), failed(1), { kind: "resync_failed", at: 1 });
    expect(start).toMatchObject({ stage: "probing" });
    expect(reach(start, probed(100))).toMatchObject({ stage: "resyncing" });
  });

  it.each<ModeCause>([
    "deadline",
    "disconnected",
    "readonly",
    "loading",
    "busy",
    "moved",
    "protocol",
    "left_epoch",
    "store_behind",
  ])("leaves normal at the first %s", (cause) =>
    expect(reach(normal, failed(calm, cause))).toMatchObject({ mode: "l2_only", cause }),
  );

  it.each<ModeCause>(["invalid", "closed", "overloaded", "out_of_memory", "denied", "wrong_type", "layout_mismatch"])(
    "does not take %s for a Redis that is slow or gone",
    (cause) => {
      expect(reach(normal, failed(calm, cause))).toBe(normal);
      const probing = reach(normal, failed(calm), probed(calm + 1));
      expect(reach(probing, failed(calm + 2, cause))).toBe(probing);
    },
  );

  it("becomes local_only when L2 is past its TTL, from normal and from l2_only", () => {
    const expired: ModeEvent = { kind: "l2_expired", at: calm };
    expect(reach(normal, expired)).toMatchObject({ mode: "local_only", cause: "l2_expired" });
    expect(reach(normal, failed(calm), expired)).toMatchObject({ mode: "local_only", cause: "l2_expired" });
  });

  it("becomes local_only after a silence, counted from the last answer", () => {
    const degraded = reach(normal, failed(calm), { kind: "call_answered", at: calm + 4_000 });
    expect(reach(degraded, { kind: "tick", at: calm + 13_999 })).toMatchObject({ mode: "l2_only" });
    expect(reach(degraded, { kind: "tick", at: calm + 14_000 })).toMatchObject({
      mode: "local_only",
      cause: "silence",
    });
  });

  it("comes back by three probes in a row and a resync; one failure starts the row again", () => {
    const two = reach(normal, failed(calm), probed(calm + 100), probed(calm + 200));
    expect(reach(two, failed(calm + 250), probed(calm + 300))).toMatchObject({ stage: "probing", successes: 1 });
    const three = reach(two, probed(calm + 300));
    expect(three).toMatchObject({ stage: "resyncing" });
    expect(reach(three, { kind: "resynced", at: calm + 310 })).toMatchObject({ mode: "normal" });
  });

  it("does not come back from a resync during which something failed", () => {
    const resyncing = reach(normal, failed(calm), probed(calm + 1), probed(calm + 2), probed(calm + 3));
    expect(reach(resyncing, failed(calm + 4), { kind: "resynced", at: calm + 5 })).toMatchObject({ stage: "probing" });
  });

  it("stays degraded the longer, the more often normal did not last, up to dwellMax", () => {
    let state: ModeState = normal;
    let at = calm;
    const dwelt: number[] = [];
    for (let relapse = 0; relapse < 7; relapse++) {
      const since = at;
      state = reach(state, failed(at));
      while (state.mode !== "normal") {
        at += 10;
        state = reach(state, probed(at));
        if (state.mode !== "normal" && state.stage === "resyncing") state = reach(state, { kind: "resynced", at });
      }
      dwelt.push(at - since);
      at += 100;
    }
    expect(dwelt).toEqual([30, 250, 500, 1_000, 2_000, 2_000, 2_000]);
  });

  it("starts afresh once normal has lasted", () => {
    const relapsed: ModeState = { mode: "normal", since: 0, relapses: 5 };
    expect(reach(relapsed, failed(settings.calmAfter))).toMatchObject({ relapses: 0, notBefore: settings.calmAfter });
  });

  it("sends writes after one late read, until another call in a row is missed", () => {
    const answered: ModeEvent = { kind: "call_answered", at: calm + 2 };
    expect(allowsWrites(normal)).toBe(true);
    const late = reach(normal, failed(calm));
    expect(allowsWrites(late)).toBe(true);
    expect(allowsWrites(reach(late, failed(calm + 1)))).toBe(false);
    expect(allowsWrites(reach(late, answered, failed(calm + 3)))).toBe(true);
    expect(allowsWrites(reach(late, answered, failed(calm + 3), failed(calm + 4)))).toBe(false);
  });

  it.each<readonly [string, ModeEvent]>([
    ["a late write", failed(calm, "deadline", false)],
    ["a failed write", failed(calm, "disconnected", false)],
    ["a failed read", failed(calm, "disconnected")],
    ["a store that is behind", failed(calm, "store_behind")],
  ])("refuses writes after %s, until a probe is answered", (_, miss) => {
    const refusing = reach(normal, miss);
    expect(allowsWrites(refusing)).toBe(false);
    expect(allowsWrites(reach(refusing, { kind: "call_answered", at: calm + 1 }))).toBe(false);
    expect(allowsWrites(reach(refusing, probed(calm + 1)))).toBe(true);
  });

  it("sends writes while what is held is too old, and where a load fails harmlessly", () => {
    expect(allowsWrites(reach(normal, { kind: "l2_expired", at: calm }))).toBe(true);
    expect(allowsWrites(reach(coldStart(0), { kind: "resync_failed", at: 1 }))).toBe(true);
  });
});

describe("every run of the machine", () => {
  const event = fc.oneof(
    { arbitrary: fc.constantFrom<ModeEvent["kind"]>("probe_answered"), weight: 4 },
    fc.constantFrom<ModeEvent["kind"]>(
      "call_answered",
      "probe_answered",
      "resynced",
      "resync_failed",
      "l2_expired",
      "tick",
    ),
    fc.constantFrom<ModeCause>("deadline", "left_epoch", "invalid"),
  );
  const runs = fc.array(fc.tuple(event, fc.nat(400)), { maxLength: 60, size: "max" });

  function states(
    run: readonly (readonly [ModeEvent["kind"] | ModeCause, number])[],
  ): readonly (readonly [ModeState, ModeEvent, ModeState])[] {
    let at = 0;
    let state: ModeState = coldStart(0);
    return run.map(([name, passed]) => {
      at += passed;
      const next = toEvent(name, at);
      const before = state;
      state = nextMode(state, next, settings);
      return [before, next, state] as const;
    });
  }

  it("enters normal only by a resync, and a resync only by enough probes in a row and not before its time", () => {
    fc.assert(
      fc.property(runs, (run) => {
        for (const [before, event, next] of states(run)) {
          if (before.mode === "normal") continue;
          if (next.mode === "normal") expect([before.stage, event.kind]).toEqual(["resyncing", "resynced"]);
          else if (before.stage === "probing" && next.stage === "resyncing") {
            expect(event.kind).toBe("probe_answered");
            expect(next.successes).toBeGreaterThanOrEqual(next.cause === "cold_start" ? 1 : 3);
            expect(event.at).toBeGreaterThanOrEqual(next.notBefore);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it("never goes from local_only to l2_only, and does come back to normal in some run", () => {
    const pairs = fc.sample(runs, 500).flatMap(states);
    expect(pairs.some(([before, , next]) => before.mode === "local_only" && next.mode === "l2_only")).toBe(false);
    expect(pairs.some(([before, , next]) => before.mode === "l2_only" && next.mode === "normal")).toBe(true);
  });

  function toEvent(name: ModeEvent["kind"] | ModeCause, at: number): ModeEvent {
    switch (name) {
      case "call_answered":
      case "probe_answered":
      case "resynced":
      case "resync_failed":
      case "l2_expired":
      case "tick":
        return { kind: name, at };
      default:
        return failed(at, name as ModeCause, at % 2 === 0);
    }
  }
});
