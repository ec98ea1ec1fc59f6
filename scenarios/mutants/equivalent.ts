/**
 * Changes of the code that no run can notice, each with the argument why: they do not count in the mutation score. A test holds that each entry fits a
 * mutant of the code as it is now.
 */

export interface EquivalentMutant {
  readonly file: string;
  /** The kind of change: `EqualityOperator`. */
  readonly operator: string;
  /** The line on which the change begins, without the spaces around it. */
  readonly line: string;
  readonly original: string;
  readonly replacement: string;
  /** The argument. */
  readonly why: string;
}

const byteOf = { file: "src/scheduler/view/partition-of.ts", line: "if (unit > 0x7f) return fnv1aOf(utf8(text));" };
const sized = {
  file: "src/scheduler/input.ts",
  line: "return id.length > 0 && (id.length * 3 <= maxBytes || utf8(id).length <= maxBytes);",
};

const watched = {
  operator: "ConditionalExpression",
  replacement: "true",
  why: "Without an observer `emit` does nothing, so the comparison only saves making the event.",
};
const smaller = {
  file: "src/scheduler/view/node-index.ts",
  line: "if (members.size > serving.size) return [...serving].filter((entry) => members.has(entry));",
  original: "members.size > serving.size",
  why: "Both ways give the nodes that are in both sets; the comparison goes through the smaller one.",
};
const lastOne = {
  file: "src/scheduler/selection/reservations.ts",
  line: "if (left > 0) this.#counts.set(reservation.node, left);",
  original: "left > 0",
  why: "A count of 0 says the same as none; taking it out only frees its memory.",
};

export const equivalentMutants: readonly EquivalentMutant[] = [
  {
    file: "src/scheduler/mode/supervisor.ts",
    line: 'if (await follower?.probe()) mode.report({ kind: "probe_answered" });',
    operator: "OptionalChaining",
    original: "follower?.probe",
    replacement: "follower.probe",
    why: "The index is taken modulo the number of followers, and there is one for each partition, of which there is at least one.",
  },
  {
    file: "src/scheduler/view/node-index.ts",
    line: "if (members.size > serving.size) return [...serving].filter((entry) => members.has(entry));",
    operator: "EqualityOperator",
    original: "members.size > serving.size",
    replacement: "members.size >= serving.size",
    why: "Both ways find the nodes that are in both sets; which of two sets of one size is gone through only decides the cost.",
  },
  {
    ...byteOf,
    operator: "ConditionalExpression",
    original: "unit > 0x7f",
    replacement: "true",
    why: "The bytes of a text of ASCII are its units, so the hash over the bytes is the same; the comparison saves their copy.",
  },
  {
    ...byteOf,
    operator: "EqualityOperator",
    original: "unit > 0x7f",
    replacement: "unit >= 0x7f",
    why: "U+007F takes one byte with the value of its unit, so the hash over the bytes is the same.",
  },
  {
    ...sized,
    operator: "EqualityOperator",
    original: "id.length * 3 <= maxBytes",
    replacement: "id.length * 3 < maxBytes",
    why: "No unit takes more than three bytes, so an id at which both sides are equal passes the exact comparison that follows.",
  },
  {
    ...sized,
    operator: "ConditionalExpression",
    original: "id.length * 3 <= maxBytes",
    replacement: "false",
    why: "The exact comparison that follows accepts the same ids; the estimate saves counting their bytes.",
  },
  {
    ...watched,
    file: "src/scheduler/reading/reads.ts",
    line: "if (this.#ports.isWatched) this.#emitAnswered(node, answer, now);",
    original: "this.#ports.isWatched",
  },
  {
    ...watched,
    file: "src/scheduler/reading/reads.ts",
    line: "if (this.#ports.isWatched) this.#emitAnswered(node, answer, startedAt);",
    original: "this.#ports.isWatched",
  },
  {
    ...watched,
    file: "src/scheduler/selection/select.ts",
    line: 'if (ports.isWatched) emit({ kind: "selected", ...selection, nodes: nodes.map(({ node }) => node) });',
    original: "ports.isWatched",
  },
  {
    file: "src/scheduler/calls/deadlines.ts",
    operator: "ConditionalExpression",
    line: "if (known !== undefined) return known;",
    original: "known !== undefined",
    replacement: "false",
    why: "Each deadline then has a row and a sleeper of its own, and expires at the same time; sharing them saves timers.",
  },
  {
    file: "src/scheduler/reading/reads.ts",
    operator: "CallExpression",
    line: "late.met();",
    original: "late.met();",
    replacement: ";",
    why: "A deadline that is not met expires into a read that has ended, which changes nothing; meeting it saves the timer.",
  },
  {
    file: "src/scheduler/calls/calls.ts",
    operator: "CallExpression",
    line: "call.late.met();",
    original: "call.late.met();",
    replacement: ";",
    why: "A deadline that is not met expires into a call that has left, which changes nothing; meeting it saves the timer.",
  },
  { ...lastOne, operator: "ConditionalExpression", replacement: "true" },
  { ...lastOne, operator: "EqualityOperator", replacement: "left >= 0" },
  { ...smaller, operator: "ConditionalExpression", replacement: "true" },
  { ...smaller, operator: "ConditionalExpression", replacement: "false" },
  { ...smaller, operator: "EqualityOperator", replacement: "members.size >= serving.size" },
  { ...smaller, operator: "EqualityOperator", replacement: "members.size <= serving.size" },
];
