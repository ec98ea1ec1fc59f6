/** The scheduler of a revision: of a commit of this repository, or of a folder. */
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { messageOf, UsageError } from "../evidence/failure.ts";
import { type LoadedScheduler, loadSchedulerOf } from "../mutants/schedulers.ts";
import { instrumented } from "../simulate/cost/instrument.ts";

const run = promisify(execFile);
/** Milliseconds; git needs a few hundred. */
const patience = 30_000;
const part = join("src", "scheduler");

export interface Revision extends Disposable {
  /** As it was named. */
  readonly name: string;
  /** Counts what it computes and makes (src/simulate/cost/instrument.ts). */
  readonly createScheduler: LoadedScheduler["createScheduler"];
}

/**
 * @param name a folder with a checkout, or what git names a commit: `main`, `v1.2`, `HEAD~3`
 * @param repository the checkout that names of commits refer to
 * @throws UsageError where there is no such folder or commit, or it has no scheduler that can be loaded
 */
export async function loadRevision(name: string, repository: string): Promise<Revision> {
  const isFolder = existsSync(name) && statSync(name).isDirectory();
  const folder = isFolder ? name : await extracted(name, repository);
  try {
    const source = join(folder, part);
    if (!existsSync(join(source, "scheduler.ts"))) throw none(name, `it has no ${part}`);
    const { createScheduler, [Symbol.dispose]: dispose } = await loaded(name, source);
    return { name, createScheduler, [Symbol.dispose]: dispose };
  } finally {
    if (!isFolder) rmSync(folder, { recursive: true, force: true });
  }
}

async function loaded(name: string, source: string): Promise<LoadedScheduler> {
  try {
    return await loadSchedulerOf(source, instrumented);
  } catch (error) {
    throw none(name, messageOf(error), error);
  }
}

async function extracted(name: string, repository: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "lockproof-revision-"));
  const archive = join(folder, "scheduler.tar");
  const options = { cwd: repository, timeout: patience };
  try {
    const { stdout } = await run(
      "git",
      ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`],
      options,
    );
    await run("git", ["archive", "--format=tar", "-o", archive, stdout.trim(), "--", part], options);
    await run("tar", ["-xf", archive, "-C", folder], options);
    return folder;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw none(name, "it is no folder, and git knows no commit of that name with a scheduler", error);
  }
}

function none(name: string, why: string, cause?: unknown): UsageError {
  return new UsageError(
    `revision ${JSON.stringify(name)}: ${why}`,
    { where: "compare", fix: "name a commit of this checkout, or a folder with another one" },
    cause,
  );
}
