/** Writes the trace of a simulated run into the file of `--trace`. */
import type { Output } from "./output.ts";
import { writeResultFile } from "./result-file.ts";

/** @throws BrokenRunError where the file cannot be written */
export async function writeTrace(file: string, lines: readonly string[], output: Output): Promise<void> {
  if (lines.length === 0) {
    output.note("no trace: only simulated runs have one");
    return;
  }
  await writeResultFile("--trace", file, `${lines.join("\n")}\n`);
  output.note(`trace of ${lines.length} events: ${file}`);
}
