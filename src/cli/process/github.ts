/** The output of a command in GitHub Actions: annotations in the log, and the checklist in the summary of the step. */
import { appendFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, relative, sep } from "node:path";
import { messageOf } from "../../evidence/failure.ts";
import { notRegular } from "../../files/file-kind.ts";
import { checklistMarkdown } from "../../report/checklist/markdown.ts";
import type { Composed } from "../../report/document/compose.ts";
import { annotations } from "../../report/files/annotations.ts";
import { noPlaces, type Places, type Site } from "../../report/files/site.ts";
import type { Context } from "./context.ts";
import { packageOf } from "./identity.ts";

/** GitHub refuses a summary of more than 1 MiB. */
const mostBytes = 1_000_000;

/** An unusable file of the summary changes no verdict: the report has the checklist all the same. */
export function reportToGitHub(composed: Composed, { env, output }: Pick<Context, "env" | "output">): void {
  if (env["GITHUB_ACTIONS"] === "true")
    for (const line of annotations(composed, placesOf(composed, env))) output.annotation(line);
  const summary = env["GITHUB_STEP_SUMMARY"] ?? "";
  if (summary === "") return;
  const kind = notRegular(summary);
  try {
    if (kind !== null && kind !== "no such file") throw new Error(`found ${kind}`);
    appendFileSync(summary, `${shortened(checklistMarkdown(composed))}\n`);
  } catch (error) {
    output.note(`the summary was not written into GITHUB_STEP_SUMMARY: ${messageOf(error)}`);
  }
}

/** Whole lines only. */
function shortened(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= mostBytes) return text;
  const kept = bytes.subarray(0, mostBytes).toString("utf8");
  return `${kept.slice(0, kept.lastIndexOf("\n"))}\n\nThe rest is in checklist.md of the report.\n`;
}

/** The files of the checkout that ran. Scripts of `--lua` and an installed package have none. */
export function placesOf({ report }: Composed, env: Readonly<NodeJS.ProcessEnv>): Places {
  const { root } = packageOf(import.meta.dirname);
  if (report.identity.commit === null || !existsSync(join(root, "scenarios"))) return noPlaces;
  const base = baseOf(root, env["GITHUB_WORKSPACE"] ?? root);
  if (base === null) return noPlaces;
  const scripts = report.identity.chosen.scripts === null ? filesIn(root, "lua", ".lua") : [];
  const siteOf = (path: string, line: number): Site => ({ file: `${base}${path}`, line });
  return {
    base,
    scripts: new Map(scripts.map((path) => [basename(path, ".lua"), siteOf(path, 1)])),
    scenarios: new Map(
      filesIn(root, "scenarios", ".ts").map((path) => {
        const name = basename(path, ".ts");
        return [name, siteOf(path, lineOf(join(root, path), `name: "${name}"`))];
      }),
    ),
  };
}

/** null: the package lies outside of the repository that is built. */
function baseOf(root: string, workspace: string): string | null {
  const path = relative(workspace, root).split(sep).join("/");
  if (path.startsWith("..")) return null;
  return path === "" ? "" : `${path}/`;
}

function filesIn(root: string, folder: string, ending: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((file) => `${folder}/${file.split(sep).join("/")}`)
    .filter((file) => file.endsWith(ending) && !/\/(?:declare|mutants|include|regressions)\//u.test(file));
}

/** Counted from 1; 1 where the text is not found. */
function lineOf(path: string, text: string): number {
  return (
    1 +
    Math.max(
      0,
      readFileSync(path, "utf8")
        .split("\n")
        .findIndex((line) => line.includes(text)),
    )
  );
}
