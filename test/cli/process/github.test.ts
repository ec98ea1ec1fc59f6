import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { placesOf } from "../../../src/cli/process/github.ts";
import { composeReport } from "../../../src/report/document/compose.ts";
import { allHeld, identity, meta } from "../../report/sample.ts";
import { command, conformEvidence, type Surroundings } from "../terminal.ts";

let reports = "";
beforeEach(async () => {
  reports = await mkdtemp(join(tmpdir(), "lockproof-github-"));
});
afterEach(() => rm(reports, { recursive: true }));

const layers: Surroundings["layers"] = {
  async runConform(options) {
    const seen = conformEvidence(options, true);
    return { ...seen, violations: seen.violations.map((one) => ({ ...one, scenario: "redis-gone" })) };
  },
};
const verify = (env: Readonly<Record<string, string>>) =>
  command(["verify", "--layer", "conform", "--reports", reports], { layers, env });
const latest = (file: string) => readFile(join(reports, "latest", file), "utf8");

describe("in GitHub Actions", () => {
  it("the checklist is appended to the summary of the step, by verify and by report", async () => {
    const summary = join(reports, "summary.md");
    await writeFile(summary, "# Before\n");
    await verify({ GITHUB_STEP_SUMMARY: summary });
    const first = `# Before\n${await latest("checklist.md")}\n`;
    expect(await readFile(summary, "utf8")).toBe(first);
    await command(["report", join(reports, "latest"), "--reports", join(reports, "merged")], {
      env: { GITHUB_STEP_SUMMARY: summary },
    });
    const merged = await readFile(join(reports, "merged", "latest", "checklist.md"), "utf8");
    expect(await readFile(summary, "utf8")).toBe(`${first}${merged}\n`);
  });

  it("a summary that is no file is named, is not waited for, and changes no exit code", async () => {
    const pipe = join(reports, "pipe");
    execFileSync("mkfifo", [pipe]);
    for (const file of [pipe, "/dev/full", join(reports, "none", "a.md")]) {
      const { code, err } = await verify({ GITHUB_STEP_SUMMARY: file });
      expect(code).toBe(1);
      expect(err).toMatch(/^the summary was not written into GITHUB_STEP_SUMMARY: /m);
    }
  });

  it("annotations and SARIF name the scenario's file, and no annotation is printed elsewhere", async () => {
    const { err } = await verify({ GITHUB_ACTIONS: "true" });
    const place = "scenarios/servers/redis-gone.ts";
    expect(err).toContain(`::error file=${place},line=5,title=J1 violated in redis-gone::`);
    expect(await latest("sarif.json")).toContain(`"uri": "${place}"`);
    expect((await verify({})).err).not.toContain("::error");
  });
});

describe("the places of a checkout", () => {
  const of = (env: Readonly<Record<string, string>>, commit: string | null = identity.commit) =>
    placesOf(composeReport([allHeld], { ...meta, identity: { ...identity, commit } }), env);
  const root = process.cwd();

  it("are relative to the repository that is built", () => {
    expect(of({}).scripts.get("reserve_job")).toEqual({ file: "lua/reserve_job.lua", line: 1 });
    expect(of({ GITHUB_WORKSPACE: join(root, "..") }).base).toMatch(/^[^/]+\/$/);
    expect(of({}).scenarios.has("declare")).toBe(false);
  });

  it("are none where the package lies elsewhere, or is installed", () => {
    expect(of({ GITHUB_WORKSPACE: join(root, "src") })).toMatchObject({ base: null });
    expect(of({}, null).scenarios.size).toBe(0);
  });
});
