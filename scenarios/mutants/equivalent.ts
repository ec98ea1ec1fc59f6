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

const bucket = {
  file: "src/scheduler/view/candidate-bucket.ts",
  line: "if (node !== undefined && hasRoom(node)) chosen.push(node);",
};
const byteOf = { file: "src/scheduler/view/partition-of.ts", line: "if (unit > 0x7f) return fnv1aOf(utf8(text));" };
const sized = {
  file: "src/scheduler/input.ts",
  line: "return id.length > 0 && (id.length * 3 <= maxBytes || utf8(id).length <= maxBytes);",
};

export const equivalentMutants: readonly EquivalentMutant[] = [
  {
    ...bucket,
    operator: "ConditionalExpression",
    original: "node !== undefined",
    replacement: "true",
    why: "A bucket has a seat at every position below its length, so a drawn node is never undefined; the comparison is for the compiler.",
  },
  {
    file: "src/scheduler/mode/supervisor.ts",
    line: 'if (await follower?.probe()) mode.report({ kind: "probe_answered" });',
    operator: "OptionalChaining",
    original: "follower?.probe",
    replacement: "follower.probe",
    why: "The index is taken modulo the number of followers, and there is one for each partition, of which there is at least one.",
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
];
