/**
 * Every command of docs/ci.md and of action.yml, run by bash with the variables of its CI server. `verify` is narrowed to one scenario, since the gate
 * takes minutes, and `python3 scheduler.py` is a small scheduler with keys of its own.
 */
import { execFile } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { action, gitlab, mergeOfPods, onYourMachine, podJob, runsOf, whenRed, workflows } from "./recipes.ts";

const run = promisify(execFile);
const here = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const base = mkdtempSync(join(tmpdir(), "lockproof-ci-"));
const bin = join(base, "bin");
const calls = join(base, "calls.jsonl");
const launcher = join(base, "launcher.mjs");
let folder = "";

/** With the budget of a shard, the canary runs, and perhaps the scenario: enough for a report that is merged. */
const narrowed = ["--layer", "inject", "--scenario", "redis-slow", "--budget"];
const node = JSON.stringify(process.execPath);
const programs: Readonly<Record<string, string>> = {
  npm: `echo "npm $*" >> "${calls}.npm"`,
  npx: `[ "$1" = "--yes" ] && shift; [ "$1" = "lockproof" ] || exit 127; shift; exec ${node} "${launcher}" "$@"`,
  python3: `[ "$1" = "scheduler.py" ] || exit 127; exec ${node} "${here("test/inject/systems/own-keys.ts")}" "$FLAW"`,
};
/** The launcher turns exit code 2 into 0: results that the load of the machine left open are no failure of the page. */
const source = `
  import { spawnSync } from "node:child_process";
  import { appendFileSync } from "node:fs";
  const words = process.argv.slice(2);
  const more = words[0] === "verify" ? [...${JSON.stringify(narrowed)}, process.env["BUDGET"]] : [];
  const { status } = spawnSync(process.execPath, [${JSON.stringify(here("src/cli/lockproof.js"))}, ...words, ...more], { stdio: "inherit" });
  appendFileSync(${JSON.stringify(calls)}, JSON.stringify({ words, status }) + "\\n");
  process.exit(status === 2 ? 0 : status);
`;

mkdirSync(bin);
writeFileSync(launcher, source);
for (const [name, text] of Object.entries(programs)) {
  writeFileSync(join(bin, name), `#!/bin/bash\n${text}\n`);
  chmodSync(join(bin, name), 0o755);
}
beforeEach(() => {
  folder = mkdtempSync(join(base, "work-"));
  writeFileSync(calls, "");
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** As a CI server does: each command by a shell of its own, which ends with the first that fails. */
async function execute(commands: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
  const path = [bin, process.env["PATH"]].join(delimiter);
  // Without --norc bash takes a socket as its input for a remote login, and its start file may put another path first.
  for (const command of commands)
    await run("bash", ["--norc", "-eo", "pipefail", "-c", command], {
      cwd: folder,
      env: { ...process.env, FLAW: "", BUDGET: "30s", BASH_ENV: "", ...env, PATH: path },
    });
}

interface Call {
  readonly words: readonly string[];
  readonly status: number;
}

const made = (): readonly Call[] =>
  readFileSync(calls, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Call);

const reportIn = (path: string) =>
  JSON.parse(readFileSync(join(folder, path, "report.json"), "utf8")) as {
    readonly verdict: string;
    readonly open: readonly { readonly kind: string; readonly cause: string }[];
  };

/** Both shards are in it, and nothing is red. */
function expectWhole(path: string): void {
  const { open, verdict } = reportIn(path);
  expect(["held", "unknown", "not_exercised"]).toContain(verdict);
  expect(open.filter(({ cause }) => cause === "missing_shard")).toEqual([]);
}

describe("the page about CI", { timeout: 300_000, tags: ["nightly"] }, () => {
  it("works on the reader's machine, and what is red is replayed", async () => {
    await execute([onYourMachine], { BUDGET: "60s" });
    expect(made().map(({ words }) => words[0])).toEqual(["doctor", "sut", "verify"]);
    expectWhole("reports/latest");
    const red = await execute([onYourMachine.split("\n").at(-2) ?? ""], { FLAW: "over-commits", BUDGET: "60s" }).then(
      () => null,
      (error: { readonly code: number }) => error.code,
    );
    expect(red).toBe(1);
    await expect(execute([whenRed], { FLAW: "over-commits" })).rejects.toMatchObject({ code: 1 });
    expect(made().at(-1)).toMatchObject({ words: expect.arrayContaining(["replay"]), status: 1 });
  });

  it("works with the action: shards, summary, report, merge", async () => {
    const verify = action.runs.steps.find(({ env }) => env !== undefined);
    const summary = join(folder, "summary.md");
    for (const shard of ["1/2", "2/2"]) {
      const output = join(folder, `output-${shard[0]}`);
      const files = { GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: summary };
      const inputs = { LOCKPROOF: launcher, SUT: "python3 scheduler.py", PROFILE: "quick", SHARD: shard, SEED: "7" };
      await execute([verify?.run ?? ""], { ...files, ...inputs });
      const said = readFileSync(output, "utf8");
      const { artifact = "", report = "" } =
        /report=(?<report>.+)\nartifact=(?<artifact>.+)\n/u.exec(said)?.groups ?? {};
      expect(artifact).toBe(`lockproof-report-${shard.replace("/", "-of-")}`);
      cpSync(report, join(folder, "shards", artifact), { recursive: true });
      rmSync(join(folder, "lockproof-report"), { recursive: true });
    }
    expect(readFileSync(summary, "utf8")).toContain("| ");
    await execute(runsOf(workflows.withAction.jobs["report"]?.steps ?? []));
    expectWhole("merged/latest");
  });

  it("works without the action", async () => {
    await execute(runsOf(workflows.plain.jobs["gate"]?.steps ?? []), { GITHUB_RUN_NUMBER: "7" });
    expectWhole("reports/latest");
  });

  it("works on GitLab", async () => {
    const { scheduler, "scheduler-report": report } = gitlab;
    const total = String(scheduler?.parallel);
    for (let index = 1; index <= Number(total); index += 1)
      await execute(scheduler?.script ?? [], {
        ...{ CI_PIPELINE_IID: "7", CI_NODE_INDEX: String(index), CI_NODE_TOTAL: total },
      });
    expect(existsSync(join(folder, "shards", "1", "latest", "junit.xml"))).toBe(true);
    await execute(report?.script ?? []);
    expectWhole("merged/latest");
  });

  it("works as a Job of Kubernetes", async () => {
    const { args, env } = podJob.spec.template.spec.containers[0];
    const given = {
      ...Object.fromEntries(env.map(({ name, value }) => [name, value])),
      REPORTS: join(folder, "claim"),
    };
    for (let index = 0; index < podJob.spec.completions; index += 1)
      await execute(args, { ...given, JOB_COMPLETION_INDEX: String(index) });
    expect(readdirSync(join(folder, "claim"))).toEqual(["0", "1"]);
    await execute([mergeOfPods], given);
    expectWhole("merged/latest");
  });
});
