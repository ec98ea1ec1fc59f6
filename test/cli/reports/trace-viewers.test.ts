/** The trace viewers that verify writes beside its report: which, within which bounds, and that nothing depends on them. */
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LayerEvidence, Violation } from "../../../src/evidence/evidence.ts";
import { encodeToken } from "../../../src/evidence/token.ts";
import { pruneRuns } from "../../../src/report/runs/pruning.ts";
import type { Layers } from "../../../src/verify/layers.ts";
import type { ViewedRun } from "../../../src/viewer/viewed-run.ts";
import { layer, redisGone, violation } from "../../report/sample.ts";
import { command, type Surroundings } from "../terminal.ts";

let reports = "";
beforeEach(async () => {
  reports = await mkdtemp(join(tmpdir(), "lockproof-viewers-"));
});
afterEach(() => rm(reports, { recursive: true }));

const tokenOf = (seed: number) => encodeToken({ subject: "redis-gone", seed, layer: "simulate" });
const viewed = (title: string, broken: ViewedRun["broken"] = null): ViewedRun => ({
  ...{ title, lanes: ["instance 0", "store"], faults: [], broken, isObserved: false, again: "lockproof", omitted: 0 },
  steps: [{ at: 0, lane: 0, kind: "mode", words: "goes from normal to l2_only", changes: [] }],
});
const history = "inject-redis-gone-8213-fault.jsonl.gz";

/** A verify of one layer with this evidence, in whose folder are these histories. */
async function verify(evidence: LayerEvidence, parts: Partial<Layers> = {}, rest: Surroundings = {}) {
  const { name } = evidence;
  const shown: (readonly [subject: string, properties: readonly string[] | undefined])[] = [];
  const ended = await command(["verify", "--reports", reports, "--seed", "8213", "--layer", name], {
    ...rest,
    layers: {
      simulatedNames: async () => ["redis-gone"],
      gateScenarios: async () => [{ scenario: "redis-gone" }],
      runSimulate: async ({ isCharged }) => ({
        ...(isCharged === true ? layer("simulate") : evidence),
        json: {} as never,
      }),
      async runInject({ dir = "" }) {
        const names = [history, ...evidence.violations.flatMap(({ files }) => files)];
        for (const file of names) await writeFile(join(dir, file), "");
        return { ...evidence, json: {} };
      },
      async viewSimulated({ text }) {
        shown.push([text, undefined]);
        return viewed("simulated");
      },
      async viewHistory(file, properties) {
        shown.push([file.slice(file.lastIndexOf("/") + 1), properties]);
        return viewed("stored");
      },
      ...parts,
    },
  });
  const folder = join(reports, "latest");
  const page = await readFile(join(folder, "index.html"), "utf8");
  const viewers = (await readdir(folder)).filter((file) => file.startsWith("viewer-")).sort();
  const links = [...page.matchAll(/href="\.\/(viewer-[^"]+)"/g)].map(([, file = ""]) => file);
  return { ...ended, folder, links, page, shown, viewers };
}

const simulated = (...violations: readonly Partial<Violation>[]) =>
  layer("simulate", {
    verdict: "violated",
    violations: violations.map((parts) => violation({ layer: "simulate", token: tokenOf(1), ...parts })),
  });
const injected = (...violations: readonly Partial<Violation>[]) =>
  layer("inject", { verdict: "violated", violations: violations.map((parts) => violation(parts)) });

describe("a violated verify", () => {
  it("writes the trace viewer of each property that a run violated, and links it beside the command that makes it", async () => {
    const { code, folder, links, page, viewers } = await verify(simulated({}, { property: "V2" }));
    expect(code).toBe(1);
    expect(viewers).toEqual(["viewer-1-simulate-J1.html", "viewer-2-simulate-V2.html"]);
    expect(links).toEqual(viewers);
    for (const link of links) expect(await readFile(join(folder, link), "utf8")).toContain('<body class="viewer">');
    expect(page).toContain(`lockproof explain ${tokenOf(1)} --html run.html`);
    expect(page).toContain("Where that file is not beside this page:");
  });

  it("writes ten at most, the first of each property before others of the same", async () => {
    const same = Array.from({ length: 12 }, (_, index) => ({ token: tokenOf(index) }));
    const { page, shown, viewers } = await verify(simulated(...same, { property: "V2", token: tokenOf(90) }));
    expect(viewers).toHaveLength(10);
    expect(viewers).toContain("viewer-2-simulate-V2.html");
    expect(shown.slice(0, 3).map(([subject]) => subject)).toEqual([tokenOf(0), tokenOf(90), tokenOf(1)]);
    expect(page).toContain(`lockproof explain ${tokenOf(11)} --html run.html`);
  });

  it("writes one for several violations of a property in one run, and each links it", async () => {
    const { links, viewers } = await verify(simulated({}, {}));
    expect(viewers).toEqual(["viewer-1-simulate-J1.html"]);
    expect(links).toEqual([viewers[0], viewers[0]]);
  });

  it("shows of several histories the one in which the property is violated", async () => {
    const files = ["a.jsonl.gz", "b.jsonl.gz", "c.jsonl.gz"];
    const { folder, links } = await verify(injected({ files }), {
      async viewHistory(file) {
        return viewed(file, file.endsWith("b.jsonl.gz") ? { step: 0, property: "J1", found: "0 -> -1" } : null);
      },
    });
    expect(await readFile(join(folder, links[0] ?? ""), "utf8")).toContain("b.jsonl.gz");
  });

  it("has none of a layer without one, and the page none of the links", async () => {
    const { links, viewers } = await verify(injected({ files: [] }));
    expect([...links, ...viewers]).toEqual([]);
  });

  it("is violated all the same, and names the command, where a viewer cannot be made", async () => {
    const viewSimulated = () => Promise.reject(new Error("out of memory"));
    const { code, err, links, page, viewers } = await verify(simulated({}), { viewSimulated });
    expect(code).toBe(1);
    expect(err).toContain("the trace viewer viewer-1-simulate-J1.html was not written: out of memory");
    expect([...links, ...viewers]).toEqual([]);
    expect(page).toContain(`lockproof explain ${tokenOf(1)} --html run.html`);
  });

  it("writes none after a signal", async () => {
    const controller = new AbortController();
    const evidence = simulated({});
    const runSimulate = async () => {
      controller.abort();
      return { ...evidence, json: {} as never };
    };
    const { page, viewers } = await verify(evidence, { runSimulate }, { interrupted: controller.signal });
    expect(viewers).toEqual([]);
    expect(page).toContain("lockproof explain lp1:");
  });
});

describe("a held verify", () => {
  const held = { ...redisGone, properties: [] };

  it("writes the trace viewer of a scenario in which an instance degraded, and links it beside its pictures", async () => {
    const { folder, links, page, shown, viewers } = await verify(held);
    expect(viewers).toEqual(["viewer-1-inject-redis-gone.html"]);
    expect(links).toEqual(viewers);
    expect(existsSync(join(folder, history))).toBe(true);
    // It was judged already.
    expect(shown).toEqual([[history, []]]);
    expect(page.slice(page.indexOf('<details id="redis-gone">'))).toContain(
      `lockproof explain ${history} --html run.html`,
    );
  });

  it("shows the last of several runs on the seed, as its pictures do", async () => {
    const { shown } = await verify(held, {
      async runInject({ dir = "" }) {
        const stem = history.replace(".jsonl.gz", "");
        for (const run of ["", "-run-2", "-run-10", "-copy-2"])
          await writeFile(join(dir, `${stem}${run}.jsonl.gz`), "");
        return { ...held, json: {} };
      },
    });
    expect(shown).toEqual([["inject-redis-gone-8213-fault-run-10.jsonl.gz", []]]);
  });

  it("writes none where no instance degraded, or no history was kept", async () => {
    const calm = { ...held, series: held.series.filter(({ kind }) => kind !== "mode") };
    expect((await verify(calm)).viewers).toEqual([]);
    const { page, viewers } = await verify(held, { runInject: async () => ({ ...held, json: {} }) });
    expect(viewers).toEqual([]);
    expect(page).toContain("lockproof explain inject-redis-gone-*-fault.jsonl.gz --html run.html");
  });

  it("is removed with its viewers when it is old", async () => {
    await verify(held);
    const [first = ""] = (await readdir(reports)).filter((name) => name.startsWith("20"));
    await verify(held);
    const newest = (await readdir(reports)).find((name) => name.startsWith("20") && name !== first) ?? "";
    expect(await pruneRuns(join(reports, newest), 1)).toEqual([first]);
  });
});
