import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Violation } from "../../../src/evidence/evidence.ts";
import { encodeToken } from "../../../src/evidence/token.ts";
import { openRunFolder, writeReport } from "../../../src/report/files/write.ts";
import type { ConformOptions } from "../../../src/verify/layers.ts";
import { layer, meta, property, violation } from "../../report/sample.ts";
import { command, conformEvidence } from "../terminal.ts";

let reports = "";
beforeEach(async () => {
  reports = await mkdtemp(join(tmpdir(), "lockproof-named-"));
});
afterEach(() => rm(reports, { recursive: true }));

const tokenOf = (seed: number) => encodeToken({ subject: "conform", seed, layer: "conform" });

async function report(violations: readonly Violation[]): Promise<void> {
  const folder = await openRunFolder(reports, meta.started_at, meta.seed);
  const verdict = violations.length === 0 ? "held" : "violated";
  await writeReport(
    [layer("conform", { verdict, violations, properties: [property("J1"), property("V1")] })],
    meta,
    folder,
  );
}

const two = [
  violation({ layer: "conform", scenario: "conform", property: "K1", token: tokenOf(5) }),
  violation({ layer: "conform", scenario: "conform", property: "J1", token: tokenOf(6) }),
];
const red = {
  layers: {
    runConform: async (options: ConformOptions) => {
      const seen = conformEvidence(options, true);
      return { ...seen, violations: [violation({ property: "K1", story: ["an undeclared key"] }), ...seen.violations] };
    },
  },
};
const replay = (name: string) => command(["replay", name, "--reports", reports], red);

describe("replay latest", () => {
  it.each([
    ["latest:1", 5, "K1"],
    ["latest:2", 6, "J1"],
    ["latest:J1", 6, "J1"],
    ["latest", 5, "K1"],
  ])("%s replays the violation that report.json has there, and prints its whole token", async (name, seed, id) => {
    await report(two);
    const { code, out } = await replay(name);
    expect(code).toBe(1);
    const lines = out.split("\n");
    expect(lines[0]).toBe(`lockproof replay   conform conform   seed ${seed}`);
    expect(lines[1]).toBe(`${id} · conform · conform of 20261124T101703Z-8213: lockproof replay ${tokenOf(seed)}`);
  });

  it("reads the newest of several reports", async () => {
    await report(two);
    await report([violation({ layer: "conform", token: tokenOf(9) })]);
    expect((await replay("latest:1")).out).toContain("seed 9");
  });

  it("prints the explanation last", async () => {
    await report(two);
    const lines = (await replay("latest:J1")).out.trimEnd().split("\n");
    expect(lines.at(-1)).toMatch(/^ +replay: lockproof replay lp1:/);
    const of = (pattern: RegExp) => lines.findIndex((line) => pattern.test(line));
    expect(of(/^VIOLATED +J1 current_jobs is .*scenario/)).toBeGreaterThan(of(/exercised 120/));
    expect(lines.filter((line) => line.includes("scenario conform"))).toHaveLength(1);
  });

  it.each([
    ["latest:3", /found latest:3 in 2026\S+; allowed: latest:1 \(K1 · conform · conform\), latest:2 \(J1 ·/],
    ["latest:0", /found latest:0 in/],
    ["latest:V1", /V1 is held in 2026\S+; allowed: latest:1 \(K1/],
    ["latest:j1", /unknown property "j1"; .*\n.*\n.*did you mean J1\?/],
    ["latest:J1:2", /unknown property "J1:2"/],
    ["latests", /malformed token/],
  ])("%s is refused, with what there is", async (name, message) => {
    await report(two);
    const { code, err, out } = await replay(name);
    expect({ code, out }).toEqual({ code: 64, out: "" });
    expect(err).toMatch(message);
  });

  it("says where there is no report, and where nothing is violated in it", async () => {
    const none = await replay("latest:1");
    expect(none.code).toBe(64);
    expect(none.err).toMatch(/found no report at .*latest\n.*\n? *fix: +run lockproof verify first/);
    await report([]);
    const held = await replay("latest:J1");
    expect(held.code).toBe(64);
    expect(held.err).toMatch(/nothing is violated in 20261124T101703Z-8213, which is not exercised/);
  });

  it("refuses a report that was changed", async () => {
    await report(two);
    const file = join(reports, "latest", "report.json");
    const { readFile, writeFile } = await import("node:fs/promises");
    await writeFile(file, (await readFile(file, "utf8")).replace(tokenOf(5), tokenOf(7)));
    expect((await replay("latest:1")).err).toContain("report.json was changed after it was written");
  });
});

describe("explain latest", () => {
  it("explains the property that the name stands for, last, and names the token beside it", async () => {
    await report(two);
    const { code, err, out } = await command(["explain", "latest:J1", "--reports", reports], red);
    expect(code).toBe(1);
    expect(out).toMatch(/^J1\n {2}node n2: 0 -> -1/);
    expect(out).not.toContain("K1");
    expect(err).toContain(`J1 · conform · conform of 20261124T101703Z-8213: lockproof replay ${tokenOf(6)}\n`);
  });
});
