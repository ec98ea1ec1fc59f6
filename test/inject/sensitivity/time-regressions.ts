/** Schedulers that miss one bound of time by a chosen amount, for `sensitivity.ts`: how small a regression is still found. */
import type { SchedulerMutant } from "../../../scenarios/mutants/scheduler/mutant.ts";
import { budget } from "../../../src/check/documented-settings.ts";
import type { PropertyId } from "../../../src/check/properties.ts";

export interface TimeRegression {
  readonly property: PropertyId;
  /** The late event, and the moment from which `by` counts. */
  readonly what: string;
  /** Milliseconds by which the bound is missed, ascending. */
  readonly levels: readonly number[];
  /** Where it is looked for: a scenario of inject, or the bench. */
  readonly scenario: string | null;
  /** The scenario for inject. */
  readonly edits: (by: number) => SchedulerMutant["edits"];
}

/** Processor time, so that a neighbour on the machine makes it longer and no less. */
const compute = (milliseconds: number): string =>
  `{ const used = () => { const { system, user } = process.cpuUsage(); return (system + user) / 1_000; }; for (const until = used() + ${milliseconds}; used() < until; ); }`;

/** ms from the fault to the report of the missed deadline in redis-slow, and from healing to the return, on an idle machine. */
const untilReported = 25;
const untilBack = 250;
const recovery = 900;
const readDeadline = 25;
/** ms that K3 allows beyond the deadline. */
const grain = 5;

/** @param when an expression of the report that is late */
function lateReport(when: string, by: number): SchedulerMutant["edits"] {
  return [
    {
      file: "mode/mode-keeper.ts",
      find: "  report(report: ModeReport): void {\n",
      replace: `  #isDue = false;

  report(report: ModeReport): void {
    if (!(${when})) return this.#report(report);
    if (this.#isDue) return;
    this.#isDue = true;
    setTimeout(() => {
      this.#isDue = false;
      this.#report(report);
    }, ${by});
  }

  #report(report: ModeReport): void {
`,
    },
  ];
}

export const timeRegressions: readonly TimeRegression[] = [
  {
    property: "D1",
    what: "one read in 20 of a degraded instance is answered that much after the budget",
    levels: [2, 5, 10, 20],
    scenario: "redis-slow",
    edits: (by) => [
      {
        file: "reading/reads.ts",
        find: "  readonly #asked = new Coalescer<string, Finding | null>();\n",
        replace: "  readonly #asked = new Coalescer<string, Finding | null>();\n  #reads = 0;\n",
      },
      {
        file: "reading/reads.ts",
        find: "    signal?.throwIfAborted();\n    const answer",
        replace: `    signal?.throwIfAborted();
    this.#reads += 1;
    if (!mode.isNormal && this.#reads % 20 === 0) await new Promise((resolve) => setTimeout(resolve, ${budget + by}));
    const answer`,
      },
    ],
  },
  {
    property: "D2",
    what: `a missed deadline is reported ${budget - untilReported} ms and that much later, so that degradation is in force about so long after its ${budget} ms`,
    levels: [5, 10, 20, 40],
    scenario: "redis-slow",
    edits: (by) => lateReport(`report.kind === "call_failed" && this.isNormal`, budget - untilReported + by),
  },
  {
    property: "D3",
    what: `the return to normal is ${recovery - untilBack} ms and that much later, so about so long after its ${recovery} ms`,
    levels: [50, 100, 300, 600],
    scenario: "redis-slow",
    edits: (by) =>
      lateReport(`report.kind === "resynced" && this.#state.cause !== "cold_start"`, recovery - untilBack + by),
  },
  {
    property: "B2",
    what: "one selection in 40 computes for that much more than the budget",
    levels: [2, 5, 10, 20],
    scenario: "redis-slow",
    edits: (by) => [
      {
        file: "selection/select.ts",
        find: "export function selectNodes(ports: SelectPorts, wanted: SelectionRequest): Selection {\n",
        replace: `let selections = 0;

export function selectNodes(ports: SelectPorts, wanted: SelectionRequest): Selection {
  selections += 1;
  if (selections % 40 === 0) ${compute(budget + by)}
`,
      },
    ],
  },
  {
    property: "K3",
    what: "the thread computes, once in 50 reads of Redis, until that much after the deadline and the 5 ms that are allowed",
    levels: [2, 5, 10, 20],
    scenario: "redis-slow",
    edits: (by) => [
      {
        file: "calls/calls.ts",
        find: "    asked(call, deadline).then(settle, ",
        replace: `    const sent = asked(call, deadline);
    if (isRead) reads += 1;
    if (isRead && reads % 50 === 0) ${compute(readDeadline + grain + by)}
    sent.then(settle, `,
      },
      {
        file: "calls/calls.ts",
        find: "function asked<Reply>(call",
        replace: "let reads = 0;\n\nfunction asked<Reply>(call",
      },
    ],
  },
  {
    property: "B1",
    what: "each heartbeat is sent that much later",
    levels: [2, 3.5, 5, 10],
    scenario: null,
    edits: () => [],
  },
];
