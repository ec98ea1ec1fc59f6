/** Wrong schedulers that treat writes wrongly while they are degraded, or say of a write what is not so. */
import type { SchedulerMutant } from "../mutant.ts";

const inGone = { simulated: "redis-gone", property: "D6" } as const;

export const writeMutants: readonly SchedulerMutant[] = [
  {
    ...inGone,
    id: "writes-sent-while-degraded",
    origin: "only reads look at the mode: a write may get through, so it is tried",
    scenario: "redis-gone",
    edits: [
      {
        file: "mode/mode.ts",
        find: `  return state.mode === "normal" || state.writes !== "refused";`,
        replace: `  return state.mode === "normal" || state.writes !== "refused" || state.successes >= 0;`,
      },
    ],
  },
  {
    ...inGone,
    id: "writes-wait-while-degraded",
    origin: "a write waits for Redis to come back, for up to five seconds",
    scenario: "redis-gone",
    edits: [
      {
        file: "calls/calls.ts",
        find: `    if (!urgent && !this.#mode.allowsWrites && !this.#isEnding)
      return this.#refuse(call, "disconnected", \`this instance is \${this.#mode.reason}\`);`,
        replace: `    if (!urgent && !this.#mode.allowsWrites && !this.#isEnding) {
      const waited = this.#clock.sleep(5_000, new AbortController().signal);
      return waited.then(() => this.write(call, { origin, signal, urgent: this.#mode.allowsWrites }));
    }`,
      },
    ],
  },
  {
    ...inGone,
    id: "writes-wait-for-the-next-probe",
    origin: "a write waits for the next probe, which will tell",
    edits: [
      {
        file: "calls/calls.ts",
        find: `    if (!urgent && !this.#mode.allowsWrites && !this.#isEnding)
      return this.#refuse(call, "disconnected", \`this instance is \${this.#mode.reason}\`);`,
        replace: `    if (!urgent && !this.#mode.allowsWrites && !this.#isEnding) {
      const waited = this.#clock.sleep(this.#settings.probeInterval, new AbortController().signal);
      const failure = this.#refuse(call, "disconnected", \`this instance is \${this.#mode.reason}\`);
      return waited.then(() => (this.#mode.allowsWrites ? this.write(call, { origin, signal }) : failure));
    }`,
      },
    ],
  },
  ...[
    ["one-late-read-stops-writes", "any late call is one too many: as it was until protocol 2", `"refused"`],
    [
      "late-write-forgiven",
      "one late call of any kind is forgiven",
      `before === "sent" && cause === "deadline" ? "doubted" : "refused"`,
    ],
    [
      "late-reads-forgiven",
      "reads may be late as often as they like",
      `before !== "refused" && isRead && cause === "deadline" ? "doubted" : "refused"`,
    ],
  ].map(([id = "", origin = "", rule]) => ({
    id,
    origin,
    simulated: "late-reads",
    property: "D6" as const,
    edits: [
      {
        file: "mode/mode.ts",
        find: `  return before === "sent" && isRead && cause === "deadline" ? "doubted" : "refused";`,
        replace: `  return ${rule};`,
      },
    ],
  })),
  {
    id: "doubt-never-ends",
    origin: "only a probe ends the doubt, so that two late reads stop the writes, however far apart they are",
    simulated: "late-reads",
    property: "D6",
    edits: [
      {
        file: "mode/mode.ts",
        find: `writes: state.writes === "doubted" ? "sent" : state.writes };`,
        replace: "writes: state.writes };",
      },
    ],
  },
  {
    id: "applied-no-though-sent",
    origin: "a write without an answer is taken for one that did not happen",
    simulated: "random-nemesis",
    property: "D6",
    edits: [
      {
        file: "writing/writes.ts",
        find: "    const answer = await once(options);\n",
        replace: `    const given = await once(options);
    const answer = isFailure(given) ? ({ ...given, applied: "no" } as const) : given;
`,
      },
    ],
  },
  {
    ...inGone,
    id: "applied-unknown-always",
    origin: "every failure is said to be unknown, to be on the safe side",
    edits: [
      {
        file: "calls/calls.ts",
        find: `{ kind: "failed", applied: "no", cause, after: 0,`,
        replace: `{ kind: "failed", applied: "unknown", cause, after: 0,`,
      },
    ],
  },
];
