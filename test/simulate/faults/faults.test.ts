import { describe, expect, it } from "vitest";
import { type Fault, type FaultKind, faultKinds } from "../../../scenarios/declare/fault-kinds.ts";
import { scenarioNamed } from "../../../src/simulate/batch/batch.ts";
import { planOf } from "../../../src/simulate/plan/plan.ts";
import { runPlan } from "../../../src/simulate/run/run.ts";
import type { Heard, Listener } from "../../../src/simulate/trace/bus.ts";
import type { Settled, SimEvent } from "../../../src/simulate/trace/events.ts";
import { Ears, small, verdictOf } from "../small.ts";

const at = 500;
const lasts = 400;
const end = at + lasts;
const spell = { at, lasts, link: "both" } as const;
const call = { at, lasts, script: "reserve_job", nth: 1 } as const;

/** Faults, and the effect that a run under them has to show: `seen` gives how often it was seen. */
interface Case {
  readonly faults: readonly Fault[];
  readonly seen: (ears: Ears) => number;
}

const outcomes = (ears: Ears, outcome: Settled["outcome"]): readonly Settled[] =>
  ears.of("settled").filter((one) => one.outcome === outcome && one.at > at && one.at < end + 200);
const refused = (ears: Ears, cause: string): number =>
  ears.of("refused").filter((one) => one.at > at && one.cause === cause).length;
const broke = (ears: Ears, reason: RegExp): number =>
  ears.of("link").filter((one) => one.state === "down" && reason.test(one.reason)).length;
const during = (event: SimEvent): boolean => event.at > at + 5 && event.at < end;
const epochsOf = (ears: Ears): number => {
  const begun = ears.of("stepped").filter(({ after, before }) => before.meta?.epoch !== after.meta?.epoch);
  return begun.filter((one) => one.at > 0).length;
};

const cases: Readonly<Record<FaultKind, Case>> = {
  redis_latency: {
    faults: [{ kind: "redis_latency", ...spell, direction: "replies", adds: 80 }],
    seen: (ears) => outcomes(ears, "deadline").length,
  },
  redis_bandwidth: {
    faults: [{ kind: "redis_bandwidth", ...spell, kb_per_second: 2 }],
    seen: (ears) => outcomes(ears, "deadline").length,
  },
  redis_blackhole: {
    faults: [{ kind: "redis_blackhole", ...spell, bytes: "held", direction: "requests" }],
    // Held requests run, after their callers have given up.
    seen: (ears) => {
      const late = new Set(outcomes(ears, "deadline").map(({ request }) => request));
      return ears.of("stepped").filter((one) => late.has(one.request) && one.at >= end).length;
    },
  },
  redis_refused: { faults: [{ kind: "redis_refused", ...spell }], seen: (ears) => broke(ears, /connection closed/) },
  redis_reset: { faults: [{ kind: "redis_reset", ...spell }], seen: (ears) => broke(ears, /reset by peer/) },
  redis_half_open: {
    faults: [{ kind: "redis_half_open", ...spell }],
    seen: (ears) => broke(ears, /nothing heard for too long/),
  },
  redis_slow_close: {
    faults: [
      { kind: "redis_slow_close", ...spell, delay: 250 },
      { kind: "client_kill", at: at + 50, link: "both" },
    ],
    seen: (ears) => ears.of("link").filter((one) => one.state === "down" && one.at >= at + 300).length,
  },
  redis_sliced: {
    faults: [{ kind: "redis_sliced", ...spell, bytes: 20, gap: 5 }],
    seen: (ears) => outcomes(ears, "deadline").length,
  },
  reply_lost: {
    faults: [{ kind: "reply_lost", ...call, connection: "silent" }],
    seen: (ears) => ears.of("withheld").filter(({ reply, script }) => script === "reserve_job" && reply !== "").length,
  },
  command_delayed: {
    faults: [{ kind: "command_delayed", ...call, adds: 120 }],
    seen: (ears) => lateSteps(ears).filter((after) => after >= 85).length,
  },
  command_held: {
    faults: [{ kind: "command_held", ...call }],
    seen: (ears) =>
      ears.of("stepped").filter((one) => one.at >= end && one.at < end + 5 && wasGivenUp(ears, one.request)).length,
  },
  command_repeated: {
    faults: [{ kind: "command_repeated", ...call }],
    seen: (ears) => {
      const requests = ears.of("stepped").map(({ request }) => request);
      return requests.length - new Set(requests).size;
    },
  },
  wake_up_dropped: {
    faults: [{ kind: "wake_up_dropped", at, lasts, nth: 2, count: 3 }],
    seen: (ears) => ears.of("lost").filter(({ what }) => what === "wake_up").length,
  },
  redis_pause: {
    faults: [{ kind: "redis_pause", at, lasts }],
    seen: (ears) => (ears.of("stepped").some(during) ? 0 : outcomes(ears, "deadline").length),
  },
  redis_restart: { faults: [{ kind: "redis_restart", at, data: "lost" }], seen: epochsOf },
  redis_failover: {
    faults: [{ kind: "redis_failover", at, lasts }],
    seen: (ears) => new Set(ears.of("stepped").map(({ server }) => server)).size - 1,
  },
  redis_split_brain: {
    faults: [{ kind: "redis_split_brain", at, lasts, instances: [0] }],
    seen: (ears) =>
      new Set(
        ears
          .of("stepped")
          .filter(during)
          .map(({ server }) => server),
      ).size - 1,
  },
  redis_former_primary: {
    faults: [{ kind: "redis_former_primary", at, lasts, instances: [0] }],
    // Each is asked after the other: the old one, the new one, the old one again.
    seen: (ears) => {
      const asked = ears
        .of("stepped")
        .filter((one) => one.instance === 0 && one.at < end)
        .map(({ server }) => server);
      return asked.filter((server, index) => server !== asked[index - 1]).length - 2;
    },
  },
  slot_migration: {
    faults: [{ kind: "slot_migration", at, lasts, partition: 1 }],
    seen: (ears) => Math.min(refused(ears, "moved"), epochsOf(ears)),
  },
  script_flush: { faults: [{ kind: "script_flush", at }], seen: (ears) => refused(ears, "no_script") },
  client_kill: {
    faults: [{ kind: "client_kill", at, link: "feed" }],
    seen: (ears) => broke(ears, /closed by the server/),
  },
  client_pause: {
    faults: [{ kind: "client_pause", at, lasts }],
    // Requests that wait run afterwards.
    seen: (ears) => (ears.of("stepped").some(during) ? 0 : outcomes(ears, "deadline").length),
  },
  redis_busy: { faults: [{ kind: "redis_busy", at, lasts }], seen: (ears) => refused(ears, "busy") },
  redis_out_of_memory: {
    faults: [{ kind: "redis_out_of_memory", at, lasts }],
    seen: (ears) => refused(ears, "out_of_memory"),
  },
  redis_readonly: { faults: [{ kind: "redis_readonly", at, lasts }], seen: (ears) => refused(ears, "readonly") },
  redis_loading: { faults: [{ kind: "redis_loading", at, lasts }], seen: (ears) => refused(ears, "loading") },
  flush_all: { faults: [{ kind: "flush_all", at }], seen: epochsOf },
  feed_entry_deleted: {
    faults: [
      { kind: "wake_up_dropped", at: at - 200, lasts: 800, nth: 1, count: 1_000, instances: [1] },
      ...[0, 70, 130, 190, 260, 330].map((later) => ({ kind: "feed_entry_deleted", at: at + later }) as const),
    ],
    // An answer that goes on after what is missing; or none, where that is the first that was asked for.
    seen: (ears) =>
      ears.of("stepped").filter(({ after, command, reply }) => {
        if (command.kind !== "changes_since" || command.since.epoch !== after.meta?.epoch) return false;
        const found = reply.kind === "changes" ? reply.entries.map(({ sequence }) => sequence) : [];
        const hasHole = found.some((sequence, index) => sequence !== (found[0] ?? 0) + index);
        return hasHole || reply.kind === "resync";
      }).length,
  },
  wrong_type: {
    faults: [{ kind: "wrong_type", at, lasts, key: "expiry" }],
    seen: (ears) => refused(ears, "wrong_type"),
  },
  instance_crash: {
    faults: [{ kind: "instance_crash", at, lasts, instances: [1] }],
    seen: (ears) => ears.of("instance").filter((one) => one.at >= end && one.state === "started").length,
  },
  instance_close: {
    faults: [{ kind: "instance_close", at, lasts, instances: [1] }],
    seen: (ears) => ears.of("closed").filter(({ connections, timers }) => connections + timers === 0).length,
  },
  instance_pause: {
    faults: [{ kind: "instance_pause", at, lasts, instances: [1] }],
    seen: (ears) => (ears.of("sent").some((one) => one.instance === 1 && during(one)) ? 0 : 1),
  },
  client_broken: {
    faults: [
      { kind: "client_broken", at, lasts },
      { kind: "redis_latency", ...spell, direction: "replies", adds: 80 },
    ],
    // Each lasts for its deadline and the grace.
    seen: (ears) =>
      outcomes(ears, "deadline").filter(({ at: until, deadline, from, isUntimed }) => {
        return isUntimed === true && until - from > deadline + 4 && until - from < deadline + 6;
      }).length,
  },
  instance_slow: {
    faults: [{ kind: "instance_slow", at, lasts, blocks: 20, every: 50 }],
    seen: (ears) => ears.of("instance").filter(({ state }) => state === "paused").length,
  },
  clock_jump: {
    faults: [{ kind: "clock_jump", at, by: 5_000 }],
    seen: (ears) => {
      const ahead = ears.of("stepped").map((one) => one.command.at - one.at);
      return Math.max(...ahead) - Math.min(...ahead) > 4_900 ? 1 : 0;
    },
  },
};

function wasGivenUp(ears: Ears, request: number): boolean {
  return ears.of("settled").some((one) => one.request === request && one.outcome !== "answered");
}

/** How long after it was sent each request was run. */
function lateSteps(ears: Ears): readonly number[] {
  const sentAt = new Map(ears.of("sent").map((one) => [one.request, one.at]));
  return ears.of("stepped").map((one) => one.at - (sentAt.get(one.request) ?? one.at));
}

const hears: readonly Heard[] = [
  "sent",
  "settled",
  "refused",
  "lost",
  "withheld",
  "stepped",
  "link",
  "instance",
  "closed",
  "fault",
];

describe("a fault is injected, recorded and healed, and all views agree afterwards:", () => {
  it.each(faultKinds)("%s", async (kind) => {
    const { faults, seen } = cases[kind];
    const ears = new Ears(...hears);
    const run = await runPlan({ plan: planOf(small(faults), 3), listeners: [ears] });
    expect(seen(ears)).toBeGreaterThan(0);
    const steps = ears.of("fault").filter(({ name }) => name === kind);
    expect(steps.filter(({ step }) => step === "inject").length).toBeGreaterThan(0);
    expect(steps.filter(({ step }) => step === "heal").length).toBe(
      steps.filter(({ step }) => step === "inject").length,
    );
    expect(run.broken).toBeNull();
    expect(verdictOf(run, "V3")).toBe("held");
  });

  it("and nothing of any of them is seen without it", async () => {
    const ears = new Ears(...hears);
    await runPlan({ plan: planOf(small(), 3), listeners: [ears] });
    // That of a pause is something that is not there.
    const others = faultKinds.filter((kind) => kind !== "instance_pause");
    expect(others.filter((kind) => cases[kind].seen(ears) > 0)).toEqual([]);
  });
});

describe("why a call failed, and whether it may have run, is what src/redis says:", () => {
  it.each([
    ["a connection that breaks under it", { kind: "client_kill", at, link: "commands" }, "disconnected", "unknown"],
    ["no answer in time", { kind: "redis_pause", at, lasts }, "deadline", "unknown"],
    ["BUSY", { kind: "redis_busy", at, lasts }, "busy", "no"],
    ["OOM", { kind: "redis_out_of_memory", at, lasts }, "out_of_memory", "no"],
    ["READONLY", { kind: "redis_readonly", at, lasts }, "readonly", "no"],
    ["WRONGTYPE", { kind: "wrong_type", at, lasts, key: "meta" }, "wrong_type", "no"],
  ] as const)("%s", async (_, fault, cause, applied) => {
    const ears = new Ears("returned");
    const scenario = small([fault], { load: [{ kind: "reserve", every: 3, holds: 20 }], network: [3, 5] });
    await runPlan({ plan: planOf(scenario, 1), listeners: [ears] });
    const found = ears.of("returned").filter(({ call: { reply } }) => reply === cause);
    expect(found.length).toBeGreaterThan(0);
    const outcome = applied === "unknown" ? "info" : "fail";
    expect(found.some(({ call }) => call.outcome === outcome)).toBe(true);
  });
});

describe("a fault of one call", () => {
  it("is over with its end: a call that it chose before and that runs after it is answered", async () => {
    // On this seed a reply was withheld for good, by a fault that had ended while its request was in flight.
    const plan = planOf(scenarioNamed("close-quarters"), 94_248_058);
    const open = new Map<string, number>();
    const listener: Listener = {
      hears: ["fault"],
      on(event) {
        if (event.kind !== "fault") return;
        const key = `${event.fault} ${event.instance}`;
        open.set(key, (open.get(key) ?? 0) + (event.step === "inject" ? 1 : -1));
      },
    };
    const { judgements } = await runPlan({ plan, listeners: [listener] });
    expect(open.size).toBeGreaterThan(0);
    expect([...open.values()].filter((count) => count > 0)).toEqual([]);
    expect(judgements.filter(({ verdict }) => verdict === "unknown")).toEqual([]);
  });
});
