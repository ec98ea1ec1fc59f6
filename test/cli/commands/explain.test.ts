import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderTimeline } from "../../../src/report/timeline/space-time-page.ts";
import { timelineLines } from "../../../src/report/timeline/words.ts";
import type { ConformOptions } from "../../../src/verify/layers.ts";
import { violation } from "../../report/sample.ts";
import { smallTimeline } from "../../report/timeline/small-timeline.ts";
import { command, conformEvidence, conformToken, jsonLines } from "../terminal.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lockproof-explain-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** A conform with one violation that can be drawn and one that cannot. */
const layers = {
  runConform: async (options: ConformOptions) => ({
    ...conformEvidence(options, true),
    violations: [
      violation({ property: "K1", layer: "conform", story: ["a key that was not declared"] }),
      violation({ property: "J2", layer: "conform", timeline: smallTimeline }),
    ],
  }),
};

describe("explain TOKEN", () => {
  it("prints every violation, as a timeline where there is one", async () => {
    const { code, out, calls } = await command(["explain", ` ${conformToken}\n`], { layers });
    expect(code).toBe(1);
    expect(calls.conform).toEqual([]);
    expect(out).toBe(`K1\n  a key that was not declared\n\n${timelineLines(smallTimeline).join("\n")}\n\n`);
  });

  it("prints only the chosen properties", async () => {
    const { out } = await command(["explain", conformToken, "--property", "K1"], { layers });
    expect(out).toBe("K1\n  a key that was not declared\n\n");
  });

  it("prints timelines as JSON", async () => {
    const { out } = await command(["explain", conformToken, "--json"], { layers });
    const [withoutTimeline, withTimeline, ...more] = jsonLines(out);
    expect(withoutTimeline).toMatchObject({ property: "K1", timeline: null });
    const { pointOfNoReturn, ...rest } = JSON.parse(JSON.stringify(smallTimeline));
    expect(withTimeline).toEqual({
      ...rest,
      point_of_no_return: pointOfNoReturn,
      doom: { ...pointOfNoReturn, kind: "doomed" },
    });
    expect(more).toEqual([]);
  });

  it("draws the first violation that can be drawn", async () => {
    const file = join(folder, "explained.html");
    const { err } = await command(["explain", conformToken, "--html", file], { layers });
    expect(err).toBe(`picture of J2: ${file}\n`);
    expect(await readFile(file, "utf8")).toBe(renderTimeline(smallTimeline));
  });

  it("says so where there is nothing to explain, or nothing to draw", async () => {
    const file = join(folder, "none.html");
    const { code, out, err } = await command(["explain", conformToken, "--html", file]);
    expect(code).toBe(0);
    expect(out).toBe("");
    expect(err).toBe("nothing to explain: held\nno picture: nothing was violated\n");
    const undrawn = await command(["explain", conformToken, "--html", file, "--property", "K1"], { layers });
    expect(undrawn.err).toBe("no picture: this layer draws none of what it found\n");
    await expect(readFile(file)).rejects.toThrow(/ENOENT/);
  });

  it("refuses a file that cannot be written, a token with a model, and neither", async () => {
    const nowhere = await command(["explain", conformToken, "--html", join(folder, "none", "a.html")], { layers });
    expect(nowhere.code).toBe(64);
    expect(nowhere.err).toContain("--html: found a file in a folder that is not there");
    for (const words of [["explain"], ["explain", conformToken, "--model", "system"]]) {
      const { code, err } = await command(words);
      expect(code).toBe(64);
      expect(err).toMatch(/found (neither a token nor|a token and) --model; allowed: one of them/);
    }
  });
});

describe("explain --model", () => {
  it("explores a model mutant in the smallest scope that shows it", async () => {
    const file = join(folder, "system.html");
    const { code, out } = await command([
      "explain",
      "--model",
      "system",
      "--mutant",
      "capacity-in-cache",
      "--html",
      file,
    ]);
    expect(code).toBe(1);
    expect(out).toMatch(/^J2 a reserve never takes a node past its capacity$/m);
    expect(out).toMatch(/^8 {2}BROKEN {2}store takes "reserve job 1 on node 0"$/m);
    expect(out).toMatch(/^ {2}point of no return {2}not before it is broken: .* \(\d+ states looked at\)$/m);
    expect(await readFile(file, "utf8")).toContain("client of job 1");
  });

  it("explores in the given scope", async () => {
    const { code, out } = await command(["explain", "--model", "job-store", "--mutant", "cap", "--scope", "N=1,I=1"]);
    expect(code).toBe(1);
    expect(out).toContain("in                  explore job-store N=1,I=1,");
  });
});

describe("replay --html", () => {
  it("prints what replay prints, and draws", async () => {
    const file = join(folder, "replayed.html");
    const { code, out, err } = await command(["replay", conformToken, "--html", file], { layers });
    expect(code).toBe(1);
    expect(out).toMatch(/^lockproof replay {3}conform conform {3}seed 8213$/m);
    expect(err).toBe(`picture of J2: ${file}\n`);
    expect(await readFile(file, "utf8")).toBe(renderTimeline(smallTimeline));
  });
});
