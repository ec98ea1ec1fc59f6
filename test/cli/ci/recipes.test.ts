import { describe, expect, it } from "vitest";
import { action, gitlab, languages, otherCommands, otherYaml, podJob, runsOf, workflows } from "./recipes.ts";

const uses = (steps: (typeof action)["runs"]["steps"]) => steps.flatMap((step) => step.uses ?? []);
const expression = /\$\{\{/u;

describe("action.yml", () => {
  const { steps } = action.runs;

  it("has the inputs of the page, all of which reach the command", () => {
    expect(Object.keys(action.inputs)).toEqual(["sut", "profile", "shard", "seed"]);
    const env = steps.flatMap((step) => Object.values(step.env ?? {})).join(" ");
    for (const name of Object.keys(action.inputs)) expect(env).toContain(`\${{ inputs.${name} }}`);
  });

  it("gives no foreign text to a shell as a part of the script, and names the shell of each script", () => {
    const scripts = steps.filter(({ run }) => run !== undefined);
    expect(scripts.length).toBeGreaterThan(1);
    expect(scripts.filter(({ run = "" }) => expression.test(run))).toEqual([]);
    expect(scripts.filter(({ shell }) => shell !== "bash")).toEqual([]);
  });

  it("keeps the servers in the cache that the command uses, and uploads the report whatever the verdict", () => {
    const [cache] = steps.filter((step) => step.uses?.startsWith("actions/cache@"));
    const [verify] = steps.filter(({ env }) => env !== undefined);
    expect(cache?.with?.["path"]).toBe(verify?.env?.["LOCKPROOF_CACHE"]);
    const [upload] = steps.filter((step) => step.uses?.startsWith("actions/upload-artifact@"));
    expect(upload?.if).toBe("always()");
    expect(upload?.with?.["path"]).toMatch(/^\$\{\{ steps\.verify\.outputs\.report \}\}$/u);
  });

  it("names the version of each action that it uses", () => {
    expect(uses(steps).length).toBeGreaterThan(2);
    for (const used of uses(steps)) expect(used).toMatch(/^actions\/[a-z-]+@v\d+$/u);
  });
});

describe("docs/ci.md", () => {
  it("has no blocks but those that are executed", () => {
    expect(languages).toEqual(["sh", "yaml"]);
    expect([...otherCommands, ...otherYaml]).toEqual([]);
  });

  it("runs the action with inputs that it has, in as many shards as it says", () => {
    const { gate, report } = workflows.withAction.jobs;
    const [own] = (gate?.steps ?? []).filter((step) => step.uses?.startsWith("lockproof/"));
    const given = own?.with ?? {};
    expect(Object.keys(given).filter((name) => !(name in action.inputs))).toEqual([]);
    expect(given["shard"]).toMatch(/^\$\{\{ matrix\.shard \}\}\/2$/u);
    const [download] = (report?.steps ?? []).filter((step) => step.uses?.startsWith("actions/download-artifact@"));
    const artifact = action.runs.steps.map(
      ({ run = "" }) => /artifact=(?<name>[a-z-]+)\$/u.exec(run)?.groups?.["name"],
    );
    expect(download?.with?.["pattern"]).toBe(`${artifact.find((name) => name !== undefined)}*`);
  });

  it("asks every shard for the same seed, and merges the folders that they wrote", () => {
    const commands = [
      ...Object.values(workflows.plain.jobs).flatMap((job) => runsOf(job.steps)),
      ...Object.values(gitlab).flatMap(({ script }) => script),
      ...podJob.spec.template.spec.containers[0].args,
    ].filter((command) => command.includes("lockproof verify"));
    expect(commands).toHaveLength(3);
    for (const command of commands) expect(command).toMatch(/ --seed (?:"\$[A-Z_]+"|\d+) /u);
    const { containers } = podJob.spec.template.spec;
    const shards = containers[0].env.find(({ name }) => name === "SHARDS")?.value;
    expect(Number(shards)).toBe(podJob.spec.completions);
  });
});
