/**
 * Loads a scheduler that somebody else wrote: a module that exports `createScheduler(ports, settings, observe)`. It is imported in a process of its own
 * first, since an import may never end, or may end the process.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, extname, relative, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseSync } from "oxc-parser";
import { messageOf, UsageError } from "../../evidence/failure.ts";
import type { createScheduler } from "../../scheduler/scheduler.ts";
import { checkedScheduler } from "./checked.ts";

/** The identity of a module that a token keeps: no path. */
export interface ModuleIdentity {
  /** The last part of its path. */
  readonly name: string;
  /** 12 hex digits over its text and that of the files that it imports by relative paths. */
  readonly hash: string;
}

export interface SchedulerModule extends ModuleIdentity {
  readonly createScheduler: typeof createScheduler;
}

/** Milliseconds; with the start of a process. */
const importTakes = 10_000;
const mark = "lockproof-module:";
const probe = `
  import { writeSync } from "node:fs";
  const said = await import(process.argv[1]).then(
    (module) => ({ exported: typeof module.createScheduler, names: Object.keys(module) }),
    (error) => ({ error: error instanceof Error ? error.message : String(error) }),
  );
  writeSync(1, "\\n${mark}" + JSON.stringify(said));
  process.exit(0);
`;

/** @throws UsageError for a file that is no such module */
export async function loadSchedulerModule(path: string): Promise<SchedulerModule> {
  const file = resolve(path);
  const identity = identityOf(file);
  const url = pathToFileURL(file).href;
  const obstacle = await obstacleOf(url);
  if (obstacle !== null) throw refused(path, obstacle);
  try {
    const module = (await import(/* @vite-ignore */ url)) as Pick<SchedulerModule, "createScheduler">;
    return { ...identity, createScheduler: checkedScheduler(module.createScheduler) };
  } catch (error) {
    throw refused(path, `an import that fails: ${messageOf(error)}`);
  }
}

/** @throws UsageError for a file that cannot be read */
function identityOf(file: string): ModuleIdentity {
  const hash = createHash("sha256");
  try {
    for (const each of ownFiles(file)) {
      const name = relative(dirname(file), each).split(sep).join("/");
      hash.update(`${each === file ? "" : name}\0${readFileSync(each, "utf8")}\0`);
    }
  } catch (error) {
    throw refused(file, messageOf(error));
  }
  return { name: basename(file), hash: hash.digest("hex").slice(0, 12) };
}

/** The module and what it imports by relative paths, in order. Imports of types are gone when it runs. */
function ownFiles(first: string): readonly string[] {
  const found = new Set([first]);
  for (const file of found) {
    if (!/^\.[cm]?[jt]s$/u.test(extname(file))) continue;
    for (const specifier of specifiersIn(file)) {
      const imported = fileURLToPath(new URL(specifier, pathToFileURL(file)));
      if (existsSync(imported)) found.add(imported);
    }
  }
  const nameOf = (file: string): string => relative(dirname(first), file);
  return [...found].sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
}

function specifiersIn(file: string): readonly string[] {
  const text = readFileSync(file, "utf8");
  const { dynamicImports, staticExports, staticImports } = parseSync(file, text).module;
  const imports = staticImports.filter(({ entries }) => entries.length === 0 || entries.some(({ isType }) => !isType));
  const exports = staticExports.flatMap(({ entries }) => entries.filter(({ isType }) => !isType));
  const literals = dynamicImports.map(({ moduleRequest: { end, start } }) => text.slice(start + 1, end - 1));
  return [
    ...imports.map(({ moduleRequest }) => moduleRequest.value),
    ...exports.flatMap(({ moduleRequest }) => (moduleRequest === null ? [] : [moduleRequest.value])),
    ...literals,
  ].filter((specifier) => /^\.\.?\//u.test(specifier));
}

/** @returns why it cannot be used; null: it can */
async function obstacleOf(url: string): Promise<string | null> {
  const { code, isLate, stdout } = await imported(url);
  const said = stdout.split(mark)[1];
  if (said === undefined) {
    if (isLate) return `an import that had not ended after ${importTakes / 1_000} s`;
    return code === 13 ? "an import that waits for ever" : `an import that ends the process (exit code ${code})`;
  }
  const { error, exported, names } = JSON.parse(said) as { error?: string; exported?: string; names?: string[] };
  if (error !== undefined) return `an import that fails: ${error}`;
  if (exported === "function") return null;
  const others = names === undefined || names.length === 0 ? "nothing" : names.join(", ");
  return exported === "undefined" ? `a module that exports ${others}` : `a createScheduler that is a ${exported}`;
}

function imported(url: string): Promise<{ code: number | null; isLate: boolean; stdout: string }> {
  const words = ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", probe, "--", url];
  const options = { timeout: importTakes, killSignal: "SIGKILL", maxBuffer: 16 * 1024 * 1024 } as const;
  return new Promise((done) => {
    execFile(process.execPath, words, options, (error, stdout) => {
      const code = typeof error?.code === "number" ? error.code : null;
      done({ code, isLate: error?.killed === true, stdout });
    });
  });
}

function refused(path: string, found: string): UsageError {
  return new UsageError(`found ${found.replaceAll("\n", " ")}; allowed: a module that exports createScheduler`, {
    where: `--scheduler ${path}`,
    fix: 'export a function createScheduler(ports, settings, observe); its types are in "lockproof/simulate"',
  });
}
