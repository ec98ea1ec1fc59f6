/**
 * Prepares the examples of examples/: a virtual environment with the pinned packages for Python, a program for Go. Both are kept in the cache of the lab,
 * under a name that follows from what they are made of.
 */
import { createHash } from "node:crypto";
import { access, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findOnPath, lastLine, runCommand } from "../../../../src/lab/process/command.ts";
import { cacheFolder } from "../../../../src/lab/provide/cache.ts";
import type { SutCommand } from "../../../../src/sut/command.ts";

export type Language = "python" | "go";
export const languages: readonly Language[] = ["python", "go"];

const folder = (language: Language): string =>
  fileURLToPath(new URL(`../../../../examples/${language}/`, import.meta.url));
const timeout = 5 * 60_000;

/** Without a flaw it is right. @throws Error that names what is missing on this machine */
export async function exampleCommand(language: Language, flaw = ""): Promise<SutCommand> {
  const own = flaw === "" ? [] : ["--flaw", flaw];
  if (language === "go") return { file: await preparedGo(), args: own };
  return { file: await preparedPython(), args: [join(folder("python"), "scheduler.py"), ...own] };
}

/** @returns the interpreter of the virtual environment */
async function preparedPython(): Promise<string> {
  const python = await found("python3", "Python 3.11 or newer");
  const requirements = join(folder("python"), "requirements.txt");
  const place = await placeOf("python", [python, await readFile(requirements, "utf8")]);
  const interpreter = join(place, "bin", "python");
  await once(place, async () => {
    await run(python, ["-m", "venv", place], "python3 -m venv");
    await run(interpreter, ["-c", "import sys; sys.exit(sys.version_info < (3, 11))"], "a check for Python 3.11");
    await run(interpreter, ["-m", "pip", "install", "--quiet", "--requirement", requirements], "pip install");
  });
  return interpreter;
}

/** @returns the program */
async function preparedGo(): Promise<string> {
  const go = await found("go", "Go 1.26 or newer");
  const sources = folder("go");
  const texts = await Promise.all((await readdir(sources)).map((name) => readFile(join(sources, name), "utf8")));
  const place = await placeOf("go", texts);
  const program = join(place, "scheduler");
  await once(place, () => run(go, ["build", "-C", sources, "-mod=readonly", "-o", program, "."], "go build"));
  return program;
}

async function found(name: string, what: string): Promise<string> {
  const [path] = await findOnPath(name, process.env);
  if (path === undefined)
    throw new Error(`found no ${name} on PATH, which the tests of examples/ need: install ${what}`);
  return path;
}

async function placeOf(language: Language, madeOf: readonly string[]): Promise<string> {
  const name = createHash("sha256").update(JSON.stringify(madeOf)).digest("hex").slice(0, 16);
  return join(cacheFolder(process.env), "examples", `${language}-${name}`);
}

/** A folder without the mark is one whose making was interrupted. */
async function once(place: string, make: () => Promise<void>): Promise<void> {
  const mark = join(place, "complete");
  if (await isThere(mark)) return;
  await rm(place, { recursive: true, force: true });
  await mkdir(place, { recursive: true });
  await make();
  await writeFile(mark, "");
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

async function run(file: string, args: readonly string[], what: string): Promise<void> {
  const { exitCode, stderr } = await runCommand(file, args, { env: process.env, timeout });
  if (exitCode === 0) return;
  throw new Error(
    `${what} failed, which the tests of examples/ need: ${lastLine(stderr)}; it has to reach its registry, or a cache of it`,
  );
}
