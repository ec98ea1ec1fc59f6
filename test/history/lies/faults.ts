/** Lines about faults, load and the run itself, bent. */
import { addAfter, edit, editAll, editHead, type Lie } from "./lie.ts";

const isFirst = ({ fault, link }: { readonly fault: number; readonly link: string }): boolean =>
  fault === 0 && link === "commands";

const ofFaults: readonly Lie[] = [
  ["an effect that nothing met", edit("in_force", isFirst, () => ({ met: 0 })), { open: /nothing of it was seen/ }],
  [
    "an effect that was never there",
    edit("in_force", isFirst, () => ({ from: null })),
    { open: /nothing of it was seen/ },
  ],
  [
    "an effect before its cause",
    edit("in_force", isFirst, ({ from }) => ({ from: (from ?? 0) - 200 })),
    { open: /it was seen at .* already, and was asked for at/ },
  ],
  [
    "an effect that lasts",
    edit("in_force", isFirst, ({ healed }) => ({ healed: (healed ?? 0) + 1_500 })),
    { open: /it healed .* after that had been asked for/ },
  ],
  [
    "an effect that ends early",
    edit("in_force", isFirst, ({ to }) => ({ to: (to ?? 0) - 300 })),
    { open: /it was in force for/ },
  ],
  [
    "a fault before its time",
    edit(
      "fault",
      (one) => isFirst(one) && one.step === "inject",
      (one) => ({ asked: one.asked - 300, done: one.done - 300 }),
    ),
    { open: /it began at .*; declared are 700 ms from 800 ms on/ },
  ],
  [
    "a fault that heals late",
    edit(
      "fault",
      (one) => isFirst(one) && one.step === "heal",
      (one) => ({ asked: one.asked + 1_000, done: one.done + 1_000 }),
    ),
    { open: /it (healed|was in force)|was not healed/ },
  ],
  [
    "a fault that heals early",
    edit(
      "fault",
      (one) => isFirst(one) && one.step === "heal",
      (one) => ({ asked: one.asked - 300, done: one.done - 300 }),
    ),
    { open: /it was in force for/ },
  ],
  [
    "faults that cut nobody off",
    editAll("fault", () => ({ cuts_off: false })),
    { open: /cuts_off is not as declared/ },
  ],
  ["faults that cut all off", editAll("fault", () => ({ cuts_off: true })), { open: /cuts_off is not as declared/ }],
  [
    "another fault",
    (lines) =>
      editAll("in_force", (one) => (one.fault === 0 ? { name: "redis_latency" } : {}))(
        editAll("fault", (one) => (one.fault === 0 ? { name: "redis_latency" } : {}))(lines),
      ),
    { open: /does not declare redis_latency/ },
  ],
  [
    "a fault more",
    addAfter(
      "call",
      ({ from }) => from > 1_900 && from < 2_500,
      ({ to }) => {
        const at = to ?? 2_000;
        const place = {
          kind: "fault",
          fault: 7,
          name: "redis_latency",
          instance: 0,
          link: "commands",
          cuts_off: false,
        };
        return [
          { ...place, step: "inject", asked: at, done: at + 3 },
          { ...place, step: "heal", asked: at + 300, done: at + 303 },
        ];
      },
    ),
    { open: /does not declare redis_latency/ },
  ],
];

const ofTheRun: readonly Lie[] = [
  [
    "one call more at the end",
    edit(
      "phase",
      ({ name }) => name === "end",
      ({ calls = 0 }) => ({ calls: calls + 1 }),
    ),
    { open: /1 of \d+ .* calls are not in the history/ },
  ],
  [
    "one call less at the end",
    edit(
      "phase",
      ({ name }) => name === "end",
      ({ calls = 0 }) => ({ calls: calls - 1 }),
    ),
    { open: /the end counts \d+ calls, and the history has \d+/ },
  ],
  [
    "a later end of the load",
    edit(
      "phase",
      ({ name }) => name === "quiet",
      ({ at }) => ({ at: at + 500 }),
    ),
    { open: /V3/ },
  ],
  [
    "a later healing",
    edit(
      "phase",
      ({ name }) => name === "healed",
      ({ at }) => ({ at: at + 500 }),
    ),
    { open: /V3/ },
  ],
  [
    "a smaller load",
    edit(
      "pace",
      () => true,
      () => ({ planned: 5, made: 5 }),
    ),
    { open: /5 operations were planned, and redis-gone has \d+ on seed/ },
  ],
  [
    "half of the load",
    edit(
      "pace",
      () => true,
      ({ made }) => ({ made: made >> 1 }),
    ),
    { open: /the load did not reach its rate/ },
  ],
];

const bounds = { budget: 50, recovery: 1_200, convergence: 1_000, staleness: 300 } as const;
const withBound = (which: string, value: number) =>
  editHead((head) => ({ bounds: { ...Object(head["bounds"]), [which]: value } }));

const ofTheHead: readonly Lie[] = [
  ...Object.entries(bounds).flatMap(([which, value]): readonly Lie[] => [
    [`a wide ${which}`, withBound(which, value * 3), { open: /is wider than the claim/ }],
    [
      `a narrow ${which}`,
      withBound(which, value - 1),
      { open: new RegExp(`has ${which} ${value - 1}, and redis-gone has ${value}`) },
    ],
  ]),
  [
    "another term",
    editHead((head) => ({ terms: { ...Object(head["terms"]), lease: 60_007 } })),
    { open: /has lease 60007/ },
  ],
  [
    "a term less",
    editHead((head) => ({ terms: { ...Object(head["terms"]), page: undefined } })),
    { open: /does not say page/ },
  ],
  ["an instance more", editHead(() => ({ instances: 3 })), { open: /has instances 3/ }],
  ["an instance less", editHead(() => ({ instances: 1 })), { refused: /allowed are 0 to 0/ }],
  ["another scenario", editHead(() => ({ scenario: "steady" })), { open: /steady has/ }],
  [
    "a scenario that there is not",
    editHead(() => ({ scenario: "no-such-thing" })),
    { open: /no scenario no-such-thing is known/ },
  ],
  ["the other side", editHead(() => ({ side: "control" })), { open: /a control run has no faults/ }],
  [
    "fewer properties",
    editHead(() => ({ properties: ["J1", "L1"] })),
    { open: /claims more than the first line names/ },
  ],
  ["other servers", editHead(() => ({ redis: "cluster" })), { informative: "no judge reads it; `reproduce` does" }],
];

export const faults: readonly Lie[] = [...ofFaults, ...ofTheRun, ...ofTheHead];
