/** All mutants of the project's own sources, and those that a run chooses of them. */
import { matchesGlob } from "node:path";
import { UsageError } from "../evidence/failure.ts";
import type { CodeMutant, Part } from "./mutant.ts";
import { stratified } from "./order.ts";
import { type ChangedLines, changedSince } from "./source/changed-lines.ts";
import { luaMutants } from "./source/lua.ts";
import { sourcesIn } from "./source/sources.ts";
import { type Instrumented, instrument, type SourceText } from "./source/typescript.ts";

export interface MutantChoice {
  /** Patterns of paths; empty: all files. */
  readonly files: readonly string[];
  /** Ids; empty: all mutants. */
  readonly ids: readonly string[];
  /** Only lines that differ from this revision. */
  readonly since: string | null;
  /** Only so many, drawn from `seed`. */
  readonly sample: number | null;
  readonly shard: { readonly index: number; readonly of: number };
  readonly seed: number;
}

export interface Mutants {
  readonly sources: readonly SourceText[];
  readonly instrumented: Instrumented;
  /** Every change of every file. */
  readonly mutants: readonly CodeMutant[];
}

/** @throws BrokenRunError where the sources cannot be instrumented */
export async function readMutants(root: string, parts: readonly Part[]): Promise<Mutants> {
  const sources = sourcesIn(root, parts);
  const ofLua = sources.filter(({ path }) => path.endsWith(".lua"));
  const instrumented = await instrument(sources.filter((source) => !ofLua.includes(source)));
  return { sources, instrumented, mutants: [...instrumented.mutants, ...ofLua.flatMap(luaMutants)] };
}

export interface Chosen {
  /** Those of the chosen files and lines, from which the sample is drawn. */
  readonly all: number;
  /** Those that run, in their order. */
  readonly chosen: readonly CodeMutant[];
}

/** @throws UsageError for a choice of none */
export function choose(mutants: readonly CodeMutant[], choice: MutantChoice, root: string): Chosen {
  const { files, ids, sample, seed, shard, since } = choice;
  const lines = since === null ? null : changedSince(root, since);
  const meant = mutants.filter(
    (mutant) =>
      (files.length === 0 || files.some((pattern) => matchesGlob(mutant.file, pattern))) &&
      (ids.length === 0 || ids.includes(mutant.id)) &&
      (lines === null || isChanged(mutant, lines)),
  );
  if (meant.length === 0 && since === null) throw noneMeant(choice);
  const drawn = stratified(meant, seed).slice(0, sample ?? meant.length);
  return { all: meant.length, chosen: drawn.filter((_, at) => at % shard.of === shard.index - 1) };
}

/** A change of a whole block counts where any of its lines was changed. */
function isChanged({ file, line, original }: CodeMutant, lines: ChangedLines): boolean {
  const ofFile = lines.get(file);
  if (ofFile === undefined) return false;
  const last = line + original.split("\n").length - 1;
  for (let at = line; at <= last; at += 1) if (ofFile.has(at)) return true;
  return false;
}

function noneMeant({ files, ids }: MutantChoice): UsageError {
  const [what, where] = ids.length > 0 ? [ids.join(", "), "--mutant"] : [files.join(", "), "--file"];
  return new UsageError(`no mutant fits ${what}`, {
    where,
    fix: "name files of src/scheduler, src/redis, src/embed or lua/ (with --checkers those of the gate), and ids that an earlier run printed",
  });
}
