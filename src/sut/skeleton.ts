/** Copies the skeleton of a scheduler of level 0 into a new folder. The skeletons are the files of templates/, whole and runnable. */
import { cpSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { messageOf, UsageError } from "../evidence/failure.ts";

export const skeletonLanguages = ["python", "go", "rust", "java"] as const;
export type SkeletonLanguage = (typeof skeletonLanguages)[number];

export interface Skeleton {
  /** From the folder, in order. */
  readonly files: readonly string[];
  /** The commands of its README: those that build it come first. */
  readonly commands: readonly string[];
}

/** Beside this file in a checkout, beside `dist/` in the published package. */
function templates(): string {
  const here = fileURLToPath(new URL(".", import.meta.url));
  return here.includes(join("dist", "src")) ? join(here, "../../../src/sut/templates") : join(here, "templates");
}

/** @throws UsageError unless the folder is absent, or empty, and can be written */
export function writeSkeleton(language: SkeletonLanguage, folder: string): Skeleton {
  const refuse = (found: string, cause?: unknown) =>
    new UsageError(
      `found ${found}; allowed: a folder that is not there yet, or an empty one that may be written to`,
      { where: `the folder ${folder}`, fix: "name another folder" },
      cause,
    );
  let held: readonly string[];
  try {
    make(folder);
    held = readdirSync(folder);
    if (held.length === 0) for (const part of ["shared", language]) copy(join(templates(), part), folder);
  } catch (error) {
    throw refuse(messageOf(error), error);
  }
  if (held.length > 0) throw refuse(`${held[0]}${held.length > 1 ? ` and ${held.length - 1} more` : ""} in it`);
  const readme = readFileSync(join(folder, "README.md"), "utf8");
  const commands = /^```sh\n(?<commands>.*?)^```$/msu.exec(readme)?.groups?.["commands"] ?? "";
  return { files: filesIn(folder), commands: commands.trim().split("\n") };
}

/** Step by step: with `recursive`, Node asks for ever below a folder such as /proc, in which none can be made. */
function make(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "EEXIST") return; // or a file, which the next step finds
    if (code !== "ENOENT" || dirname(folder) === folder) throw error;
    make(dirname(folder));
    mkdirSync(folder);
  }
}

/** A file that has appeared meanwhile is not replaced. */
function copy(from: string, to: string): void {
  cpSync(from, to, { recursive: true, force: false, errorOnExist: true });
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}
