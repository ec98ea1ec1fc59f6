/** Keeps what the runs on the code as it is have shown, beside the results, so that a run that continues need not make them again. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { GateRun } from "../worker/messages.ts";
import type { Baseline } from "./measure.ts";

const baselineSchema = z.strictObject({
  /** The hash of the sources and the runs: the file is valid for no others. */
  key: z.string(),
  runs: z.array(
    z.strictObject({
      name: z.string(),
      cost: z.number(),
      took: z.number(),
      trace: z.string().nullable(),
      met: z.array(z.string()),
      found: z.string().nullable(),
      /** One bit a mutant, as base64. */
      reached: z.string(),
    }),
  ),
  loaded: z.array(z.int().nonnegative()),
});

/** @returns null where nothing is kept for these sources and runs */
export function readBaseline(path: string, key: string, runs: readonly GateRun[]): Baseline | null {
  if (!existsSync(path)) return null;
  const parsed = baselineSchema.safeParse(jsonIn(path));
  if (!parsed.success || parsed.data.key !== key) return null;
  const named = new Map(runs.map((run) => [JSON.stringify(run), run]));
  return {
    runs: parsed.data.runs.flatMap(({ name, reached, ...figures }) => {
      const run = named.get(name);
      return run === undefined ? [] : [{ ...figures, run, reached: numbersIn(reached) }];
    }),
    loaded: new Set(parsed.data.loaded),
  };
}

export function writeBaseline(path: string, key: string, { loaded, runs }: Baseline): void {
  const kept = runs.map(({ cost, found, met, reached, run, took, trace }) => ({
    ...{ name: JSON.stringify(run), cost, took, trace, met, found },
    reached: bitsOf(reached),
  }));
  writeFileSync(path, JSON.stringify({ key, runs: kept, loaded: [...loaded] }));
}

/** A hash over the folders of the copy, and over the runs. */
export function keyOf(root: string, folders: readonly string[], runs: readonly GateRun[]): string {
  const hash = createHash("sha256").update(JSON.stringify(runs));
  for (const folder of folders) {
    const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    // The copy lies in another folder each time, and its sources name it.
    for (const file of files.sort())
      hash.update(file.slice(root.length)).update(readFileSync(file, "utf8").replaceAll(root, "")).update("\0");
  }
  return hash.digest("hex");
}

function jsonIn(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return null; // cut off: the runs are made again
  }
}

function bitsOf(numbers: ReadonlySet<number>): string {
  const bits = new Uint8Array(Math.ceil((Math.max(0, ...numbers) + 1) / 8));
  for (const number of numbers) bits[number >> 3] = (bits[number >> 3] ?? 0) | (1 << (number & 7));
  return Buffer.from(bits).toString("base64");
}

function numbersIn(text: string): ReadonlySet<number> {
  const found = new Set<number>();
  for (const [at, byte] of Buffer.from(text, "base64").entries())
    for (let bit = 0; bit < 8; bit += 1) if ((byte & (1 << bit)) !== 0) found.add(at * 8 + bit);
  return found;
}
