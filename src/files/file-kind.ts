/** The kind of file at a path, found without opening it. It imports nothing, because the embedded scheduler reads its scripts with it. */
import { realpathSync, type Stats, statSync } from "node:fs";

/** Files of the kernel: their size is unknown before they have been read, and a read may block. */
const ofTheKernel = /^\/(?:proc|sys)(?:\/|$)/;

/** @returns null for a regular file, else what was found instead: `a FIFO` */
export function notRegular(path: string): string | null {
  const there = lookAt(path);
  if (typeof there === "string") return there;
  return there.isFile() ? null : kindOf(there);
}

/** @returns null for a folder, else what was found instead */
export function notFolder(path: string): string | null {
  const there = lookAt(path);
  if (typeof there === "string") return there;
  if (there.isDirectory()) return null;
  return there.isFile() ? "a file" : kindOf(there);
}

function lookAt(path: string): Stats | string {
  try {
    const real = realpathSync(path);
    return ofTheKernel.test(real) ? "a file of the kernel" : statSync(real);
  } catch (error) {
    // The target of a link in /proc, such as a pipe, may have no path.
    return ofTheKernel.test(path) ? "a file of the kernel" : wordsFor(error);
  }
}

export function kindOf(there: Stats): string {
  if (there.isDirectory()) return "a folder";
  if (there.isFIFO()) return "a FIFO";
  if (there.isSocket()) return "a socket";
  return "a device";
}

export function wordsFor(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
  if (code === "ENOENT") return "no such file";
  if (code === "EACCES" || code === "EPERM") return "a file that may not be read";
  return code;
}
