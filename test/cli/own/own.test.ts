/** A user's repository: lockproof.config.ts, scenarios of its own, and `init`, which writes both. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { findScenario } from "../../../scenarios/registry.ts";
import { sutFlag } from "../../../src/cli/arguments/flags.ts";
import { applyConfig, configSchema, readConfig } from "../../../src/cli/own/config.ts";
import { commandsOf, writeProject } from "../../../src/cli/own/project.ts";
import { addOwnScenarios } from "../../../src/cli/own/scenarios.ts";
import { command } from "../terminal.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lockproof-own-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const write = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

describe("lockproof.config.ts", () => {
  it("is read where there is one, in each of its forms", async () => {
    expect(await readConfig(folder)).toBeNull();
    write("lockproof.config.json", '{ "sut": "./s", "keep": 3 }');
    expect(await readConfig(folder)).toEqual({ sut: "./s", keep: 3 });
    write("lockproof.config.ts", 'export default { profile: "full" } as const;');
    expect(await readConfig(folder)).toEqual({ profile: "full" });
  });

  it.each([
    ['export default { suit: "x" };', /Unrecognized key/u],
    ['export default { profile: "slow" };', /profile/u],
    ["export const config = {};", /no default export/u],
    ["import './nowhere.ts'; export default {};", /an import that fails/u],
  ])("%s is refused", async (text, message) => {
    write("lockproof.config.ts", text);
    await expect(readConfig(folder)).rejects.toMatchObject({ name: "UsageError" });
    await expect(readConfig(folder).catch((error) => `${error.message} ${error.where}`)).resolves.toMatch(message);
  });

  it("has the published schema", async () => {
    const schema = `${JSON.stringify(z.toJSONSchema(configSchema), null, 2)}\n`;
    await expect(schema).toMatchFileSnapshot("../../../src/cli/own/config.schema.json");
  });

  const made = (name: string): Command =>
    new Command(name)
      .exitOverride()
      .addOption(sutFlag().conflicts("lua"))
      .option("--lua <dir>")
      .option("--reports <dir>", "", "reports")
      .option("--profile <name>", "", "quick");
  const parsed = (command: Command, words: readonly string[]): Record<string, unknown> => {
    command.action(() => {}).parse(words, { from: "user" });
    applyConfig(command, { sut: "run 'my scheduler'", reports: "out", profile: "full" });
    return command.opts();
  };

  it("sets what the command line does not give, as if it were given", () => {
    const given = { file: "run", args: ["my scheduler"], workDir: process.cwd() };
    expect(parsed(made("verify"), [])).toEqual({ sut: given, reports: "out", profile: "full" });
    expect(parsed(made("verify"), ["--reports", "mine"])).toMatchObject({ reports: "mine" });
    expect(parsed(made("verify"), ["--lua", "mine"])).not.toHaveProperty("sut");
    expect(parsed(made("inject"), [])).toMatchObject({ profile: "quick" });
    expect(parsed(made("replay"), [])).toMatchObject({ configuredSut: given });
    expect(parsed(made("replay"), [])).not.toHaveProperty("sut");
  });
});

const sound = (name: string): string =>
  readFileSync(join(folder, "lockproof/brief-silence.ts"), "utf8").replace("brief-silence", name);

describe("--scenarios", () => {
  beforeEach(() => {
    writeProject(folder, { sut: undefined, version: "1.2.3" });
  });

  it("adds what the modules of the folder export", async () => {
    write("own-one.ts", sound("own-one"));
    write("types.d.ts", "export {};");
    expect(await addOwnScenarios(folder).catch(() => [])).toEqual([]); // lockproof.config.ts is no scenario
    rmSync(join(folder, "lockproof.config.ts"));
    rmSync(join(folder, "own-one.ts"));
    write("own-two.ts", sound("own-two"));
    expect(await addOwnScenarios(folder)).toEqual(["own-two"]);
    expect(findScenario("own-two")).toMatchObject({ gate: "quick", duration: 4_000 });
  });

  it.each([
    ["a taken name", () => sound("redis-gone"), /a second scenario of the name redis-gone/u],
    ["an unknown fault", () => sound("own-three").replace("redis_blackhole", "redis_nowhere"), /faults\[0\]/u],
    ["no declaration", () => "export default 7;", /a default export that is a number/u],
  ])("refuses %s, and names the file", async (_, text, message) => {
    rmSync(join(folder, "lockproof.config.ts"));
    write("mine.ts", text());
    const error = await addOwnScenarios(folder).catch((thrown) => thrown);
    expect(error).toMatchObject({ name: "UsageError", where: expect.stringContaining("mine.ts") });
    expect(`${error.message} ${error.where}`).toMatch(message);
  });

  it("refuses a folder without a module", async () => {
    await expect(addOwnScenarios(join(folder, ".github"))).rejects.toThrow("found no module");
  });
});

const workflow = z.object({
  jobs: z.object({ gate: z.object({ steps: z.array(z.object({ run: z.string().optional() })) }) }),
});

describe("init", () => {
  it("writes a configuration, a scenario and a workflow, and prints what to run", async () => {
    const { code, out } = await command(["init", "--sut", "python3 scheduler.py", folder]);
    expect(code).toBe(0);
    expect(out).toContain("doctor\n");
    expect(await readConfig(folder)).toEqual({ sut: "python3 scheduler.py", scenarios: "lockproof" });
    const { jobs } = workflow.parse(parse(readFileSync(join(folder, ".github/workflows/lockproof.yml"), "utf8")));
    const runs = jobs.gate.steps.flatMap(({ run }) => run ?? []);
    const version = /lockproof@(?<version>\S+)/u.exec(runs[0] ?? "")?.groups?.["version"] ?? "";
    expect(runs).toEqual(commandsOf(version));
  });

  it("replaces nothing", async () => {
    await command(["init", folder]);
    write("lockproof.config.ts", "mine");
    expect(await command(["init", folder])).toMatchObject({ code: 64 });
    expect(readFileSync(join(folder, "lockproof.config.ts"), "utf8")).toBe("mine");
  });
});
