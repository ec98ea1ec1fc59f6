/** The line coverage of the tests, from the summary that `vitest run --coverage` writes. */
import { Option } from "commander";
import { z } from "zod";
import { messageOf, UsageError } from "../../evidence/failure.ts";
import { readRegular } from "../../files/regular-file.ts";

const summarySchema = z.object({ total: z.object({ lines: z.object({ pct: z.number().min(0).max(100) }) }) });

const fix = "name the coverage-summary.json that `vitest run --coverage` wrote";

export function coverageFlag(): Option {
  return new Option("--coverage <file>", "a coverage-summary.json for the checklist");
}

/** @returns per cent of lines; undefined: no file was named */
export async function readCoverage(file: string | undefined): Promise<number | undefined> {
  if (file === undefined) return undefined;
  const detail = { where: `--coverage ${file}`, fix };
  const text = readRegular(file, detail);
  try {
    return summarySchema.parse(JSON.parse(text)).total.lines.pct;
  } catch (error) {
    const found = error instanceof z.ZodError ? z.prettifyError(error).replaceAll("\n", " ") : messageOf(error);
    throw new UsageError(`no line coverage found: ${found}`, detail, error);
  }
}
