/** Writes the picture of a counterexample into the file of `--html`. */
import type { Violation } from "../../evidence/evidence.ts";
import { countText } from "../../evidence/words.ts";
import { renderTimeline } from "../../report/timeline/space-time-page.ts";
import type { Output } from "./output.ts";
import { writeResultFile } from "./result-file.ts";

/**
 * Draws the first violation that has a timeline; a note names the rest.
 * @throws BrokenRunError where the file cannot be written
 */
export async function writePicture(file: string, violations: readonly Violation[], output: Output): Promise<void> {
  const [first, ...more] = violations.flatMap(({ timeline }) => timeline ?? []);
  if (first === undefined) {
    output.note(
      `no picture: ${violations.length === 0 ? "nothing was violated" : "this layer draws none of what it found"}`,
    );
    return;
  }
  await writeResultFile("--html", file, renderTimeline(first));
  const others =
    more.length === 0
      ? ""
      : `; ${countText(more.length, "counterexample")} more: explain draws another with --property`;
  output.note(`picture of ${first.property}: ${file}${others}`);
}
