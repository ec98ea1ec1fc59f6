/** Files that a command writes beside its output: checked before the run, so that a long run does not end at a name that was mistyped. */
import { constants, existsSync, realpathSync } from "node:fs";
import { access, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { notFolder, notRegular } from "../files/file-kind.ts";
import { BrokenRunError, messageOf, UsageError } from "../report/failure.ts";
import { quoted } from "../report/words.ts";

/** Writing to what these hold waits for a reader, or changes the system. */
const refusedFolders = ["/dev", "/proc", "/sys"];

/**
 * @param flag that names the file: `--html`
 * @throws UsageError where it is not a regular file, nor a new one in a folder that can be written to
 */
export async function checkResultFile(flag: string, file: string | undefined): Promise<void> {
  if (file === undefined) return;
  const found = file === "" ? "its name is empty" : await obstacle(file);
  if (found === undefined) return;
  throw new UsageError(`${flag} cannot be written: ${found}`, {
    where: `${flag} ${quoted(file)}`,
    fix: "name a regular file, or a new one in a folder that is there and may be written to",
  });
}

/** @returns what is in the way */
async function obstacle(file: string): Promise<string | undefined> {
  const path = resolve(file);
  const folder = dirname(path);
  const isNew = !existsSync(path);
  const found = isNew ? notFolder(folder) : notRegular(path);
  if (found !== null) return isNew ? `its folder is ${found}` : `it is ${found}`;
  const real = isNew ? join(realpathSync(folder), basename(path)) : realpathSync(path);
  if (refusedFolders.some((refused) => real.startsWith(`${refused}/`))) return `it is below ${dirname(real)}`;
  const mayWrite = access(isNew ? folder : path, constants.W_OK).then(() => true);
  return (await mayWrite.catch(() => false)) ? undefined : "this user may not write there";
}

/** @throws BrokenRunError where it cannot be written any more */
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
