/** One small change of the project's own code, made by an operator. */
import { createHash } from "node:crypto";

/** A change of the text of one file. */
export interface Edit {
  /** From the root of the checkout, with forward slashes. */
  readonly file: string;
  /** Offsets in the text: `[start, end)` is replaced. */
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

export interface CodeMutant extends Edit {
  /** 12 hex digits over the file's path and its text after the change, so that it stays the same for as long as they do. */
  readonly id: string;
  /** Counted from 1. */
  readonly line: number;
  readonly column: number;
  /** The kind of change: `EqualityOperator`. */
  readonly operator: string;
  readonly original: string;
  /** Activates it in the instrumented copy, counted from 1. 0: a script, whose text is changed instead. */
  readonly number: number;
}

/** The parts of the code that a gate judges; each has layers of its own. */
export const judgedParts = ["scheduler", "redis", "embed", "lua"] as const;
/** And the gate itself, which the harness's own tests judge. */
export type Part = (typeof judgedParts)[number] | "checkers";

const folders: Readonly<Record<Part, readonly string[]>> = {
  scheduler: ["src/scheduler/"],
  redis: ["src/redis/"],
  embed: ["src/embed/"],
  lua: ["lua/"],
  checkers: ["src/judges/", "src/conform/", "src/explore/", "src/verify/", "src/report/"],
};

const parts: readonly Part[] = [...judgedParts, "checkers"];

/** @throws RangeError for a file of none of them */
export function partOf(file: string): Part {
  const found = parts.find((part) => folders[part].some((folder) => file.startsWith(folder)));
  if (found === undefined) throw new RangeError(`${file} belongs to no part that is mutated`);
  return found;
}

export function foldersOf(part: Part): readonly string[] {
  return folders[part];
}

export function idOf(file: string, mutatedText: string): string {
  return createHash("sha256").update(`${file}\0${mutatedText}`).digest("hex").slice(0, 12);
}

export function applied(
  text: string,
  { end, replacement, start }: Pick<Edit, "start" | "end" | "replacement">,
): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

const longest = 60;

/** The change, in one line: `a < b  ->  a <= b`. */
export function changeText({ original, replacement }: Pick<CodeMutant, "original" | "replacement">): string {
  return `${shortened(original)}  ->  ${replacement.trim() === "" ? "nothing" : shortened(replacement)}`;
}

/** `src/scheduler/view/view.ts:34 EqualityOperator: a < b  ->  a <= b` */
export function originText(mutant: CodeMutant): string {
  return `${mutant.file}:${mutant.line} ${mutant.operator}: ${changeText(mutant)}`;
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}

/** @returns line and column of an offset, counted from 1 */
export function placeOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}
