/** `open [run]`: prints where the page of a report is, and opens it where there is a terminal. */
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { exitCodes } from "../../check/verdict.ts";
import { visible } from "../../evidence/escape.ts";
import { messageOf, UsageError } from "../../evidence/failure.ts";
import { notFolder, notRegular } from "../../files/file-kind.ts";
import { newestReportFlag } from "../arguments/named-token.ts";
import { unknownWord } from "../arguments/values.ts";
import type { Context } from "../process/context.ts";

/** Shows a page; rejects where the program cannot be started. */
type Viewer = (page: string) => Promise<void>;

export function openCommand(context: Context, view: Viewer = viewInBrowser): Command {
  return new Command("open")
    .summary("show the page of a report")
    .description("Prints where the page of a run is, and opens it where standard output is a terminal.")
    .argument("[run]", "the run's folder, or its name in the folder of reports", "latest")
    .addOption(newestReportFlag())
    .addHelpText("after", "\nExamples:\n  lockproof open\n  lockproof open 20261124T101703Z-8213")
    .action((run: string, { reports = "reports" }: { readonly reports?: string }) => open(run, reports, view, context));
}

async function open(run: string, reports: string, view: Viewer, { exit, output }: Context): Promise<void> {
  const page = pageOf(run, reports);
  output.line(page);
  exit(exitCodes.held);
  if (!output.isTerminal) return;
  try {
    await view(page);
  } catch (error) {
    output.note(`the page was not opened: ${messageOf(error)}`);
  }
}

/** @throws UsageError where there is no such run */
function pageOf(run: string, reports: string): string {
  for (const folder of [join(reports, run), run]) {
    const page = join(folder, "index.html");
    if (notRegular(page) === null) return page;
  }
  const known = runsIn(reports);
  if (known.length > 0) throw unknownWord("run", run, known, "lockproof open");
  throw new UsageError(`found no report in ${visible(reports)}`, {
    where: `lockproof open ${visible(run)}`,
    fix: "run lockproof verify first, or name another folder with --reports DIR",
  });
}

function runsIn(reports: string): readonly string[] {
  if (notFolder(reports) !== null) return [];
  return readdirSync(reports).filter((name) => notRegular(join(reports, name, "index.html")) === null);
}

/** The browser outlives the command. */
async function viewInBrowser(page: string): Promise<void> {
  const program = process.platform === "darwin" ? "open" : "xdg-open";
  const viewer = spawn(program, [page], { stdio: "ignore", detached: true });
  const { promise, reject, resolve } = Promise.withResolvers<void>();
  viewer.once("spawn", resolve);
  viewer.once("error", reject);
  await promise;
  viewer.unref();
}
