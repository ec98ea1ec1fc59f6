/** Wrong schedulers with another default than the documented one, each in one line: the bound by which they are judged does not move with it. */
import type { SchedulerMutant } from "../mutant.ts";

type Shown = Pick<SchedulerMutant, "id" | "origin" | "property" | "simulated">;

/** @param usual the setting as it is declared, without its default */
function changed(setting: string, usual: string, [from, to]: readonly [string, string], shown: Shown): SchedulerMutant {
  const line = (value: string): string => `  ${setting}: ${usual}.default(${value}),\n`;
  return { ...shown, edits: [{ file: "settings.ts", find: line(from), replace: line(to) }] };
}

const inDefaults = { simulated: "default-settings" } as const;

export const defaultMutants: readonly SchedulerMutant[] = [
  changed("writeDeadline", "duration(1, 10_000)", ["30", "5_000"], {
    ...{ id: "writes-of-five-seconds", property: "K3", ...inDefaults },
    origin: "a write waits for as long as the client library does by default",
  }),
  changed("readDeadline", "duration(1, 10_000)", ["25", "45"], {
    ...{ id: "reads-of-all-the-budget", property: "K3", ...inDefaults },
    origin: "a read of Redis may take all of the time that the caller has",
  }),
  changed("l1Ttl", "duration(1, day)", ["5_000", "25_000"], {
    ...{ id: "l1-of-25-seconds", property: "V2", ...inDefaults },
    origin: "the TTL of one cache is taken for that of the other",
  }),
  changed("missTtl", "duration(1, 60_000)", ["1_000", "3_000"], {
    ...{ id: "misses-of-three-seconds", property: "C2", ...inDefaults },
    origin: "a node that is not there is not asked for again for longer, to save requests",
  }),
  changed("localOnlyAfter", "duration(1, day)", ["10_000", "60_000"], {
    ...{ id: "silent-for-a-minute", property: "D5", ...inDefaults },
    origin: "the silence after which nothing held counts is made longer",
  }),
  changed("probeInterval", "duration(1, 60_000)", ["100", "300"], {
    ...{ id: "probes-seldom", property: "D5", ...inDefaults },
    origin: "fewer probes, to spare a Redis that is in trouble",
  }),
  changed("probesInARow", "count(1, 100)", ["3", "9"], {
    ...{ id: "nine-probes", property: "D5", ...inDefaults },
    origin: "more probes, to be sure",
  }),
  changed("dwell", "duration(0, 60_000)", ["250", "1_900"], {
    ...{ id: "long-first-dwell", property: "D5", ...inDefaults },
    origin: "a relapse keeps an instance degraded for longer, to be sure",
  }),
  changed("pulseInterval", "duration(1, 60_000)", ["15", "150"], {
    ...{ id: "seldom-pulse", property: "D2", ...inDefaults },
    origin: "an idle instance asks less often, to save requests",
  }),
  changed("l2Ttl", "duration(1, day)", ["30_000", "300_000"], {
    ...{ id: "content-good-for-minutes", property: "D5", simulated: "default-limits" },
    origin: "what is held counts as current for longer, to be degraded less often",
  }),
  changed("l2Ttl", "duration(1, day)", ["30_000", "6_000"], {
    ...{ id: "content-good-for-seconds", property: "D5", simulated: "default-limits" },
    origin: "what is held counts as current for hardly longer than an answer from L1",
  }),
  changed("heartbeatTtl", "duration(2, day / 2)", ["15_000", "60_000"], {
    ...{ id: "nodes-online-for-a-minute", property: "N4", ...inDefaults },
    origin: "a node without heartbeats is trusted for longer",
  }),
  changed("retention", "count(1, day)", ["3_600_000", "60_000"], {
    ...{ id: "forgotten-within-a-minute", property: "N4", ...inDefaults },
    origin: "the records of nodes that have gone are removed early, to save memory",
  }),
  changed("doneFor", "count(1, day)", ["600_000", "6_000"], {
    ...{ id: "finished-jobs-forgotten", property: "J3", simulated: "random-nemesis" },
    origin: "finished jobs are remembered for as long as a call may be late, and no longer",
  }),
  changed("doneMax", "count(1, 100_000)", ["1_000", "100_000"], {
    ...{ id: "all-finished-jobs-kept", property: "J3", simulated: "random-nemesis" },
    origin: "as many finished jobs are remembered as the protocol allows",
  }),
  changed("maxCalls", "count(1, 100_000)", ["256", "10_000"], {
    ...{ id: "ten-thousand-calls", property: "K5", simulated: "default-limits" },
    origin: "calls were refused in a peak, so the bound was raised out of reach",
  }),
  changed("maxCalls", "count(1, 100_000)", ["256", "64"], {
    ...{ id: "few-calls", property: "K5", simulated: "default-limits" },
    origin: "fewer calls at a time, to spare Redis",
  }),
  changed("sweepInterval", "duration(1, day)", ["1_000", "60_000"], {
    ...{ id: "sweeps-every-minute", property: "J5", simulated: "silent-nodes" },
    origin: "sweeps are made seldom, to spare Redis",
  }),
];
