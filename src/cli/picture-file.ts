/** The picture of a counterexample, into the file that was asked for. */
import { writeFile } from "node:fs/promises";
import type { Violation } from "../report/evidence.ts";
import { messageOf, UsageError } from "../report/failure.ts";
import { renderTimeline } from "../report/space-time-page.ts";
import { countText } from "../report/words.ts";
import type { Output } from "./output.ts";

/**
 * Draws the first violation that has a timeline; what is left out is said.
 * @throws UsageError where the file cannot be written
 */
export async function writePicture(file: string, violations: readonly Violation[], output: Output): Promise<void> {
  const [first, ...more] = violations.flatMap(({ timeline }) => timeline ?? []);
  if (first === undefined) {
    output.note(
      `no picture: ${violations.length === 0 ? "nothing was violated" : "this layer draws none of what it found"}`,
    );
    return;
  }
  try {
    await writeFile(file, renderTimeline(first));
  } catch (error) {
    throw new UsageError(
      `the picture cannot be written: ${messageOf(error)}`,
      { where: `--html ${file}`, fix: "name a file in a folder that is there and may be written to" },
      error,
    );
  }
  const others =
    more.length === 0
      ? ""
      : `; ${countText(more.length, "counterexample")} more: explain draws another with --property`;
  output.note(`picture of ${first.property}: ${file}${others}`);
}
