/** `init` and the commands of its recipe, in the repository of a scheduler that is not ours: 0 for the right one, 1 for a wrong one. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { exampleCommand } from "../../inject/systems/examples/prepare.ts";
import { type Ended, run } from "../../package/installed.ts";

const here = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
/** Two scenarios: the gate takes minutes, and its own test is that of the tarball. */
const narrowed = ["--scenario", "brief-silence", "--scenario", "redis-slow"];

describe("a repository with a scheduler in Python", { tags: ["nightly"] }, () => {
  let folder: string;
  let python: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "lockproof-init-"));
    cpSync(here("examples/python"), folder, { recursive: true });
    python = (await exampleCommand("python")).file;
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const lockproof = (words: readonly string[]): Promise<Ended> =>
    run(process.execPath, [here("src/cli/lockproof.js"), ...words], { cwd: folder });

  /** The commands of the workflow, each as `npx` would run it. */
  const recipe = async (): Promise<readonly Ended[]> => {
    const { jobs } = parse(readFileSync(join(folder, ".github/workflows/lockproof.yml"), "utf8")) as {
      jobs: { gate: { steps: readonly { run?: string }[] } };
    };
    const ended: Ended[] = [];
    for (const { run: command } of jobs.gate.steps) {
      if (command === undefined) continue;
      const words = command.replace('"$GITHUB_RUN_NUMBER"', "3").split(" ").slice(3);
      ended.push(await lockproof(words[0] === "verify" ? [...words, ...narrowed] : words));
    }
    return ended;
  };

  it("is green when the scheduler is right, and red when it is wrong", { timeout: 8 * 60_000 }, async () => {
    expect(await lockproof(["init", "--sut", `${python} scheduler.py`, "."])).toMatchObject({ code: 0 });
    const [doctor, right] = await recipe();
    expect(doctor).toMatchObject({ code: 0 });
    // 2: the load of the machine left something open.
    expect([0, 2], right?.stdout).toContain(right?.code);
    const config = join(folder, "lockproof.config.ts");
    writeFileSync(config, readFileSync(config, "utf8").replace("scheduler.py", "scheduler.py --flaw check-then-act"));
    const [, wrong] = await recipe();
    expect(wrong).toMatchObject({ code: 1, stdout: expect.stringContaining("replay: lockproof replay lp1:") });
  });
});
