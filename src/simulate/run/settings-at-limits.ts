/**
 * Settings at their documented limits (docs/settings.md), each given to a scheduler that is never started: what is allowed makes one, and what is not is
 * refused by an error that names the setting, what was found, what is allowed and what to do.
 */
import { documentedRanges } from "../../check/documented-settings.ts";
import type { Ports } from "../../scheduler/ports.ts";
import type { createScheduler } from "../../scheduler/scheduler.ts";
import type { Settings } from "../../scheduler/settings.ts";

type Given = Readonly<Record<string, unknown>>;

interface Case {
  readonly setting: string;
  readonly given: Given;
  readonly isAllowed: boolean;
}

const day = 86_400_000;

/** The settings needed beside one at its least or at its most, so that it contradicts no other one; null: it always does. */
const beside: { readonly [Name in keyof Settings]?: { readonly least?: Given | null; readonly most?: Given } } = {
  readDeadline: { most: { budget: 60_000 } },
  deadlineGrace: { most: { budget: 60_000 } },
  budget: { least: { readDeadline: 1, deadlineGrace: 0 } },
  l1Ttl: { least: { missTtl: 1 }, most: { l2Ttl: day } },
  l2Ttl: { least: null },
  missTtl: { most: { l1Ttl: 60_000, l2Ttl: 60_000 } },
  pollInterval: { least: { pulseInterval: 1 }, most: { l2Ttl: day } },
  pulseInterval: { most: { pollInterval: 60_000, l2Ttl: day } },
  dwell: { most: { dwellMax: 60_000 } },
  dwellMax: { least: { dwell: 0 } },
  sweepInterval: { most: { retention: day } },
  retention: { least: { sweepInterval: 1 } },
};

const weights = ["cpu", "gpu", "memory", "load", "latency_ms", "error_rate"];
const noWeights = Object.fromEntries(weights.map((name) => [name, 0]));

/** Those that depend on others: the setting that an error names, the last that is allowed, the first that is not. */
const contradictions: readonly (readonly [setting: string, allowed: Given, refused: Given])[] = [
  ["readDeadline", { readDeadline: 45 }, { readDeadline: 46 }],
  ["readDeadline", { deadlineGrace: 25 }, { deadlineGrace: 26 }],
  ["l1Ttl", { l1Ttl: 30_000 }, { l1Ttl: 30_001 }],
  ["missTtl", { missTtl: 5_000 }, { missTtl: 5_001 }],
  ["pollInterval", { pollInterval: 23_975 }, { pollInterval: 23_976 }],
  ["pollInterval", { pollInterval: 23_990, readDeadline: 10 }, { pollInterval: 23_990, readDeadline: 11 }],
  ["pollInterval", { pollInterval: 14_975, ttlSpread: 0.5 }, { pollInterval: 14_976, ttlSpread: 0.5 }],
  ["pulseInterval", { pulseInterval: 200 }, { pulseInterval: 201 }],
  ["dwell", { dwell: 2_000 }, { dwell: 2_001 }],
  ["sweepInterval", { sweepInterval: 3_600_000 }, { sweepInterval: 3_600_001 }],
  ["healthWeights", { healthWeights: { ...noWeights, cpu: 1 } }, { healthWeights: noWeights }],
  ["retryAmbiguous", { retryAmbiguous: "none" }, { retryAmbiguous: "some" }],
  ["retryAmbiguous", { retryAmbiguous: "all" }, { retryAmbiguous: 7 }],
  ["unheard", {}, { unheard: 1 }],
];

const cases: readonly Case[] = [
  ...Object.entries(documentedRanges).flatMap(([setting, [least, most, isWhole]]) => {
    const own = beside[setting as keyof Settings];
    const step = most <= 1 ? 0.001 : 1;
    const allowed = [
      ...(own?.least === null ? [] : [{ ...own?.least, [setting]: least }]),
      { ...own?.most, [setting]: most },
    ];
    const refused = [least - step, most + step, String(most), Number.NaN, ...(isWhole ? [least + 0.5] : [])];
    return [
      ...allowed.map((given) => ({ setting, given, isAllowed: true })),
      ...refused.map((value) => ({ setting, given: { [setting]: value }, isAllowed: false })),
    ];
  }),
  ...contradictions.flatMap(([setting, allowed, refused]) => [
    { setting, given: allowed, isAllowed: true },
    { setting, given: refused, isAllowed: false },
  ]),
  ...weights.flatMap((name) => [
    ...[0, 1_000_000].map((weight) => ({ setting: "healthWeights", given: weighed(name, weight), isAllowed: true })),
    ...[-1, 1_000_001].map((weight) => ({
      ...{ setting: `healthWeights.${name}`, given: weighed(name, weight), isAllowed: false },
    })),
  ]),
];

function weighed(name: string, weight: number): Given {
  return { healthWeights: { [name]: weight } };
}

/** Nothing is asked of the others before the start. */
const ports = { clock: { now: () => 0 }, random: () => ({ nextUint32: () => 0 }) } as unknown as Ports;

/** One explanation for each case that is not answered as documented. */
export function wrongSettings(create: typeof createScheduler): readonly (readonly string[])[] {
  return cases.flatMap(({ given, isAllowed, setting }) => {
    const complaint = complaintOf(create, given);
    if (isAllowed ? complaint === null : complaint !== null && saysAll(complaint, setting)) return [];
    const found = complaint === null ? "were accepted" : `were answered by ${complaint}`;
    const allowed = isAllowed ? "a scheduler" : `a SettingsError that names settings.${setting}`;
    return [
      [`settings ${JSON.stringify(given)} ${found}, allowed ${allowed}`, "given to a scheduler that is not started"],
    ];
  });
}

/** null: there is none. */
function complaintOf(create: typeof createScheduler, given: Given): string | null {
  try {
    create(ports, given as Partial<Settings>);
    return null;
  } catch (error) {
    return String(error);
  }
}

/** Whether it is the documented error, and says what it has to. */
function saysAll(complaint: string, setting: string): boolean {
  const start = `SettingsError: settings.${setting}: `;
  return complaint.startsWith(start) && /^found .+, allowed .+; .+$/s.test(complaint.slice(start.length));
}
