/** Files that a command writes beside its output; `paths.ts` has looked at their names before the run. */
import { writeFile } from "node:fs/promises";
import { BrokenRunError, messageOf } from "../../evidence/failure.ts";
import { quoted } from "../../evidence/words.ts";

/**
 * @param flag that names the file: `--html`
 * @throws BrokenRunError where it cannot be written any more
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
