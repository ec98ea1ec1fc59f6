/** How verify and report end: messages, files and exit codes, whatever fails. */
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readReport } from "../../../src/report/document/collect.ts";
import { allHeld, layer, violation } from "../../report/sample.ts";
import { command, conformEvidence, jsonLines, type Surroundings } from "../terminal.ts";

let reports = "";
beforeEach(async () => {
  reports = await mkdtemp(join(tmpdir(), "lockproof-ending-"));
});
afterEach(() => rm(reports, { recursive: true }));

const verify = (words: readonly string[] = [], surroundings: Surroundings = {}) =>
  command(
    ["verify", "--reports", reports, ...(words.includes("--seed") ? [] : ["--seed", "8213"]), ...words],
    surroundings,
  );

/** Every property held. */
const green: Surroundings["layers"] = {
  runBench: async ({ profile, seed }) => ({
    ...allHeld,
    name: "bench",
    json: { profile, seed, machine: { cores: 2, cpu: "", node: "", redis: "", platform: "" }, rows: [] },
  }),
};
const reportOf = async () => JSON.parse(await readFile(join(reports, "latest", "report.json"), "utf8"));

async function coverage(pct: number): Promise<string> {
  const file = join(reports, "coverage.json");
  await writeFile(file, JSON.stringify({ total: { lines: { pct } } }));
  return file;
}

describe("a checklist line that is violated by its figure alone", () => {
  it("is the verdict of the run, in the terminal, the report and the exit code", async () => {
    const { code, out } = await verify(["--coverage", await coverage(12.5)], { layers: green });
    expect(code).toBe(1);
    expect(out).toMatch(
      /^VIOLATED +line line_coverage {2}Line coverage > 80 %: line_coverage_percent 12.5, threshold > 80$/m,
    );
    expect(out).toMatch(/^ {2}checklist: 15 of 16 lines held$/m);
    expect(await reportOf()).toMatchObject({ verdict: "violated", exit_code: 1 });
  });

  it("is in a report that says what was judged, with which scripts, on which machine", async () => {
    await verify([], { layers: green });
    const { environment, identity } = await reportOf();
    expect(identity).toMatchObject({
      script_set: expect.stringMatching(/^lua@[0-9a-f]{12}$/),
      system_under_test: { name: "lockproof scheduler", version: identity.version },
    });
    expect(environment.cpu).toMatch(/./);
    expect(Object.keys(environment.load).sort()).toEqual([
      "average_after",
      "average_before",
      "busy_percent",
      "steal_percent",
    ]);
  });

  it("annotates in GitHub Actions", async () => {
    const env = { GITHUB_ACTIONS: "true" };
    const { err } = await verify(["--coverage", await coverage(12.5)], { layers: green, env });
    expect(err).toContain(
      "::error title=checklist line line_coverage violated::Line coverage > 80 %%0A".replace("80 %%", "80 %25%"),
    );
  });

  it("that was not asked for is named, and does not change a run that held", async () => {
    const { code, out } = await verify([], { layers: green });
    expect(code).toBe(0);
    expect(out).toMatch(/^NOT ASKED FOR {2}line line_coverage {2}.*--coverage$/m);
    expect(out).toMatch(/^ {2}checklist: 15 of 15 lines held$/m);
    expect((await verify(["--coverage", await coverage(80.1)], { layers: green })).code).toBe(0);
  });
});

describe("a failure after the verdict", () => {
  /** Takes the folder of the report away while the run goes on. */
  const losing = (red: boolean): NonNullable<Surroundings["layers"]> => ({
    ...green,
    runInject: async ({ dir = "" }) => {
      await rm(dir, { recursive: true, force: true });
      return { ...layer("inject", red ? { verdict: "violated", violations: [violation()] } : {}), json: {} };
    },
  });

  it("masks no violation: it is printed, and the exit code stays 1", async () => {
    const { code, out, err } = await verify([], { layers: losing(true) });
    expect(code).toBe(1);
    expect(out).toMatch(/^VIOLATED +J1 /m);
    expect(out).toMatch(/exit 1$/m);
    expect(err).toMatch(/^broken run: the reports folder cannot be written/m);
  });

  it("breaks a run in which nothing was violated, after its verdict was printed", async () => {
    const { code, out } = await verify([], { layers: losing(false) });
    expect(code).toBe(3);
    expect(out).toMatch(/^J1 {2}held/m);
  });

  it("masks no violation where the evidence of a layer is not of the published form", async () => {
    const points = Array.from({ length: 6_000 }, (_, at) => [at, 0] as const);
    const series = [{ name: "s", scenario: "s", kind: "mode", side: "fault", points }] as const;
    const layers: Surroundings["layers"] = {
      runInject: async () => ({
        ...layer("inject", { verdict: "violated", violations: [violation()], series }),
        json: {},
      }),
    };
    const { code, err, out } = await verify([], { layers });
    expect(code).toBe(1);
    expect(out).toMatch(/^VIOLATED +J1 /m);
    expect(err).toContain("Too big");
    expect(err).not.toContain("folder cannot be written");
  });
});

describe("reports/latest", () => {
  it("points at the running run, which is marked as unfinished, and never at an older green one", async () => {
    await verify([], { layers: green });
    expect(await reportOf()).toMatchObject({ verdict: "held", finished: true });
    let meanwhile: { readonly verdict: string; readonly exit_code: number; readonly finished: boolean } | undefined;
    let folder = "";
    const layers: Surroundings["layers"] = {
      ...green,
      runInject: async () => {
        meanwhile = await reportOf(); // the report after kill -9
        folder = await readlink(join(reports, "latest"));
        expect(await readFile(join(reports, "latest", "junit.xml"), "utf8")).toContain("<error");
        expect(await readFile(join(reports, "latest", "index.html"), "utf8")).toContain("the run has not ended");
        expect((await readReport(join(reports, "latest"))).finished).toBe(false);
        return { ...layer("inject"), json: {} };
      },
    };
    await verify(["--seed", "9"], { layers });
    expect(meanwhile).toMatchObject({ verdict: "broken", exit_code: 3, finished: false });
    expect(folder).toMatch(/-9$/);
    expect(await reportOf()).toMatchObject({ verdict: "held", finished: true });
    expect((await readdir(join(reports, folder))).filter((name) => name.startsWith("."))).toEqual([]);
  });

  it("points nowhere after a run that broke without evidence", async () => {
    await verify([], { layers: green });
    await verify([], { layers: { runConform: () => Promise.reject(new Error("no Redis")) } });
    await expect(stat(join(reports, "latest"))).rejects.toThrow(/ENOENT/);
    expect(await readdir(reports)).toHaveLength(2); // the first run, and the history
  });
});

it("leaves no files where the report of a starting run cannot be written", async () => {
  await mkdir(join(reports, "latest"));
  const { code, calls } = await verify();
  expect(code).toBe(3);
  expect(calls.conform).toEqual([]);
  expect(await readdir(reports)).toEqual(["latest"]);
});

describe("an interrupted verify", () => {
  const interrupting = (parts: object = {}) => {
    const controller = new AbortController();
    const layers: Surroundings["layers"] = {
      ...green,
      runConform: async (options) => {
        if (options.mutant === undefined) controller.abort();
        return {
          ...conformEvidence(options, options.mutant !== undefined),
          ...(options.mutant === undefined ? parts : {}),
        };
      },
    };
    return { layers, interrupted: controller.signal };
  };

  it("is broken, says in one line what it reached, and leaves a report of the completed steps", async () => {
    const { code, out } = await verify([], interrupting());
    expect(code).toBe(3);
    const [title, reached, summary, where, next, ...more] = out.trimEnd().split("\n");
    expect(title).toMatch(/^lockproof verify/);
    expect(reached).toMatch(/^INTERRUPTED {4}\d+ of \d+ steps had ended: explore held, simulate held$/);
    expect(summary).toMatch(/exit 3$/);
    expect(where).toBe(`report: ${join(reports, await readlink(join(reports, "latest")), "index.html")}`);
    expect(next).toMatch(/^next: {3}run it again to its end: lockproof verify --seed 8213$/);
    expect(more).toEqual([]);
    const report = await reportOf();
    expect(report).toMatchObject({ verdict: "broken", exit_code: 3, finished: true });
    expect(report.properties.find(({ id }: { readonly id: string }) => id === "J1")).toMatchObject({ exercised: 120 });
    expect(report.open[0]).toMatchObject({ kind: "layer", cause: "interrupted" });
  });

  it("abandons a layer that ignores the signal, and writes the report of the completed steps", async () => {
    const controller = new AbortController();
    const deaf: Surroundings["layers"] = {
      ...green,
      runInject: () => {
        controller.abort();
        return new Promise(() => {});
      },
    };
    const { code, out } = await verify([], { layers: deaf, interrupted: controller.signal });
    expect(code).toBe(3);
    expect(out).toMatch(/^INTERRUPTED .*conform held/m);
    const report = await reportOf();
    expect(report).toMatchObject({ verdict: "broken", finished: true });
    expect(report.properties.find(({ id }: { readonly id: string }) => id === "J1")).toMatchObject({ exercised: 240 });
  });

  it("is violated where a violation was found before", async () => {
    const red = { verdict: "violated", violations: [violation({ layer: "conform" })] };
    const { code, out } = await verify([], interrupting(red));
    expect(code).toBe(1);
    expect(out).toMatch(/^VIOLATED +J1 /m);
    expect(out.trimEnd().split("\n").at(-1)).toBe(`next:   lockproof explain latest:1 --reports ${reports}`);
  });
});

describe("shards of verify", () => {
  const shard = async (text: string) => {
    const { out } = await verify(["--shard", text, "--json"], { layers: green });
    return String(jsonLines(out).at(-1)?.["report"]);
  };
  const report = (folders: readonly string[], words: readonly string[] = []) =>
    command(["report", "--reports", join(reports, "merged"), ...words, ...folders]);

  it("name shard and commit, and leave the whole open where one is missing", async () => {
    const [one, two] = [await shard("1/3"), await shard("2/3")];
    const { identity } = await reportOf();
    expect(identity).toMatchObject({
      shard: { index: 2, of: 3 },
      rounds: 1,
      commit: expect.stringMatching(/^[0-9a-f]{40}$/),
    });
    const { code, out } = await report([one, two]);
    expect(code).toBe(2);
    expect(out).toMatch(/^UNKNOWN +shard 3\/3 {2}not among the reports that were merged/m);
    expect((await report([one, two, await shard("3/3")])).code).toBe(0);
  });

  it("are refused where a line was removed by hand, or a link leads out", async () => {
    const one = await shard("1/1");
    const file = join(one, "report.json");
    const lines = (await readFile(file, "utf8")).split("\n");
    await writeFile(
      file,
      lines.filter((line) => !line.includes('"exercised"') || lines.indexOf(line) > 400).join("\n"),
    );
    const changed = await report([one]);
    expect(changed.code).toBe(64);
    await rm(file);
    await symlink("/etc/hostname", file);
    const linked = await report([one]);
    expect(linked.code).toBe(64);
    expect(linked.err).toContain("a link where its file report.json should be");
    expect(await readdir(dirname(one))).not.toContain("merged");
    expect(basename(one)).toContain("8213");
  });

  it("of other seeds are refused without --mixed", async () => {
    const one = await shard("1/1");
    const { out } = await verify(["--seed", "9", "--json"], { layers: green });
    const other = String(jsonLines(out).at(-1)?.["report"]);
    const { code, err } = await report([one, other]);
    expect(code).toBe(64);
    expect(err).toContain("--mixed seeds");
    expect((await report([one, other], ["--mixed", "seeds"])).code).toBe(0);
  });
});
