/** The trace of a simulated run, into the file that was asked for. */
import { writeFile } from "node:fs/promises";
import { messageOf, UsageError } from "../report/failure.ts";
import type { Output } from "./output.ts";

/** @throws UsageError where the file cannot be written */
export async function writeTrace(file: string, lines: readonly string[], output: Output): Promise<void> {
  if (lines.length === 0) {
    output.note("no trace: only simulated runs have one");
    return;
  }
  try {
    await writeFile(file, `${lines.join("\n")}\n`);
  } catch (error) {
    throw new UsageError(
      `the trace cannot be written: ${messageOf(error)}`,
      { where: `--trace ${file}`, fix: "name a file in a folder that is there and may be written to" },
      error,
    );
  }
  output.note(`trace of ${lines.length} events: ${file}`);
}
