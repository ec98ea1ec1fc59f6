/** Writes files beside the output of a command. `paths.ts` has checked their names before the run. */
import { writeFile } from "node:fs/promises";
import { BrokenRunError, messageOf } from "../../evidence/failure.ts";
import { quoted } from "../../evidence/words.ts";

/**
 * @param flag that names the file: `--html`
 * @throws BrokenRunError where it can no longer be written
 */
export async function writeResultFile(flag: string, file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new BrokenRunError(
      `${flag} could not be written: ${messageOf(error)}`,
      { where: `${flag} ${quoted(file)}`, fix: "make room, or name another file, and run it again" },
      error,
    );
  }
}
