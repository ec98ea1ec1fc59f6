/** The identity of a verify run in its report: code, choices and shard. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readRegular } from "../../files/regular-file.ts";
import { loadScripts } from "../../redis/scripts/scripts.ts";
import type { RunIdentity } from "../../report/document/identity.ts";

const run = promisify(execFile);
/** Milliseconds; git takes a few tens. */
const patience = 5_000;

/** @param folder inside the package; the nearest package.json above it is the package's */
export async function describeCode(
  folder: string = dirname(fileURLToPath(import.meta.url)),
): Promise<Pick<RunIdentity, "version" | "commit" | "dirty">> {
  const { root, version } = packageOf(folder);
  try {
    // A package in node_modules lies in a checkout that is not its own.
    if (realpathSync(await git(root, "rev-parse", "--show-toplevel")) !== realpathSync(root))
      throw new Error("not ours");
    const commit = await git(root, "rev-parse", "HEAD");
    const dirty = (await git(root, "status", "--porcelain", "--untracked-files=normal")) !== "";
    return { version, commit, dirty };
  } catch {
    return { version, commit: null, dirty: null };
  }
}

async function git(root: string, ...words: readonly string[]): Promise<string> {
  const { stdout } = await run("git", ["--no-optional-locks", "-C", root, ...words], {
    timeout: patience,
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout.trim();
}

/** The nearest folder above with our package.json. */
export function packageOf(folder: string): { readonly root: string; readonly version: string } {
  for (let root = folder; ; root = dirname(root)) {
    try {
      const found = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { name?: string; version?: string };
      if (found.name === "lockproof") return { root, version: found.version ?? "unknown" };
    } catch {
      // Not found: try the next folder up.
    }
    if (dirname(root) === root) return { root: folder, version: "unknown" };
  }
}

/** The scripts that a run uses, by the name that tokens give them; null: they cannot be read, which ends the run later. */
export function scriptSetOf(folder: string | undefined): string | null {
  try {
    const { fingerprint, name } = loadScripts(folder);
    return `${name}@${fingerprint}`;
  } catch {
    return null;
  }
}

/** A hash of the scripts in a folder; null: no folder was given. A file that cannot be read ends the run later, when the scripts are loaded. */
export function hashScripts(folder: string | undefined): string | null {
  if (folder === undefined) return null;
  const hash = createHash("sha256");
  try {
    for (const name of readdirSync(folder)
      .filter((one) => one.endsWith(".lua"))
      .sort()) {
      hash.update(`${name}\0`).update(readRegular(join(folder, name), { where: "--lua", fix: "copy lua/ whole" }));
    }
  } catch {
    hash.update(folder);
  }
  return hash.digest("hex");
}
