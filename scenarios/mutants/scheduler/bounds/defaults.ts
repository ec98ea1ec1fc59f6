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
  changed("sweepInterval", "duration(1, day)", ["1_000", "60_000"], {
    ...{ id: "sweeps-every-minute", property: "J5", simulated: "silent-nodes" },
    origin: "sweeps are made seldom, to spare Redis",
  }),
];
