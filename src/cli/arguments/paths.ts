/** Checks the paths that flags name before the command begins: a mistyped name must not cost a run. */
import { accessSync, constants, realpathSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Command, Option } from "commander";
import { BrokenRunError, UsageError } from "../../evidence/failure.ts";
import { quoted } from "../../evidence/words.ts";
import { notFolder, notRegular } from "../../files/file-kind.ts";

/**
 * `result`: a file that is written. `made`: a folder that is written into, and created where it is missing.
 * `program`: a wrong one is a broken run, as a missing one is. `read`: the command checks it by itself.
 */
type Kind = "result" | "made" | "folder" | "program" | "module" | "read";

/** By flag, or by command and flag. */
export const pathKinds: Readonly<Record<string, Kind>> = {
  "--html": "result",
  "--trace": "result",
  "--page": "result",
  "--state": "result",
  "--dir": "made",
  "--reports": "made",
  "--corpus": "made",
  "--lua": "folder",
  "--scenarios": "folder",
  "--scheduler": "module",
  "--peers": "folder",
  "--redis-server": "program",
  "--toxiproxy-server": "program",
  "--coverage": "read",
  "replay --reports": "folder",
  "explain --reports": "folder",
  "open --reports": "folder",
};

/** Results are refused in these folders: writing there may block, or change the system. */
const refusedFolders = /^\/(?:dev|proc|sys)(?:\/|$)/;

/** @throws UsageError, or BrokenRunError for a program, at the first path that cannot be used */
export function checkPaths(command: Command): void {
  if (command.args.some((word) => word.trim() === "")) {
    throw new UsageError("found an empty argument; allowed: a name", {
      where: `lockproof ${command.name()}`,
      fix: "leave it out, or name what was meant: an empty shell variable, perhaps",
    });
  }
  for (const option of command.options) {
    const path: unknown = command.getOptionValue(option.attributeName());
    if (typeof path === "string") checkPath(option, path, command.name());
  }
}

function checkPath({ long }: Option, path: string, command: string): void {
  const flag = long ?? "";
  const kind = pathKinds[`${command} ${flag}`] ?? pathKinds[flag];
  if (kind === undefined || kind === "read") return;
  const { allowed, found } =
    path === "" ? { found: "an empty name", allowed: "a path" } : obstacle(kind, path, command);
  if (found === null) return;
  // A missing or unusable program or folder of results is a problem of the machine, as it is where no flag names one.
  const Problem = path !== "" && (kind === "program" || kind === "made") ? BrokenRunError : UsageError;
  throw new Problem(`${flag}: found ${found}; allowed: ${allowed}`, {
    where: `${flag} ${quoted(path)}`,
    fix: `name ${allowed}${kind === "program" ? `, or leave ${flag} out` : ""}`,
  });
}

interface Obstacle {
  /** null: the path can be used. */
  readonly found: string | null;
  readonly allowed: string;
}

function obstacle(kind: Exclude<Kind, "read">, path: string, command: string): Obstacle {
  switch (kind) {
    case "result":
      return {
        found: notWritableFile(resolve(path)),
        allowed: "a regular file, or a new one in a folder that is there and may be written to",
      };
    case "made":
      return { found: notWritableFolder(resolve(path)), allowed: "a folder that may be written to, or can be made" };
    case "folder":
      return { found: notFolder(path), allowed: "a folder that is there" };
    case "module":
      return { found: notRegular(path), allowed: "a file with a module" };
    case "program": // doctor reports it itself
      return { found: command === "doctor" ? null : notRegular(path), allowed: "an executable file" };
  }
}

/** @returns why the file cannot be written; null where it can */
function notWritableFile(path: string): string | null {
  const found = notRegular(path);
  if (found === null) return realPathRefused(path) ?? notWritable(path);
  return isMissing(path) ? notWritableFolder(dirname(path), false) : found;
}

/** @param isMade whether it may be missing @returns why it cannot be written into; null where it can */
function notWritableFolder(path: string, isMade = true): string | null {
  if (isMissing(path)) return isMade ? notWritableFolder(dirname(path)) : "a file in a folder that is not there";
  return notFolder(path) ?? realPathRefused(path) ?? notWritable(path);
}

function isMissing(path: string): boolean {
  return notFolder(path) === "no such file";
}

function realPathRefused(path: string): string | null {
  return refusedFolders.test(realpathSync(path)) ? "a file of the system" : null;
}

function notWritable(path: string): string | null {
  try {
    accessSync(path, constants.W_OK);
    return null;
  } catch {
    return "a place that this user may not write to";
  }
}
