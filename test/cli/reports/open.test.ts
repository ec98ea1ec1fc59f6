import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { waitFor } from "../../../src/lab/process/wait.ts";
import { openRunFolder, writeReport } from "../../../src/report/files/write.ts";
import { allHeld, meta } from "../../report/sample.ts";
import { command, type Surroundings } from "../terminal.ts";

let reports = "";
beforeEach(async () => {
  reports = await mkdtemp(join(tmpdir(), "lockproof-open-"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(reports, { recursive: true });
});

const run = "20261124T101703Z-8213";
const open = (words: readonly string[] = [], surroundings: Surroundings = {}) =>
  command(["open", ...words, "--reports", reports], surroundings);
const written = async () => writeReport([allHeld], meta, await openRunFolder(reports, meta.started_at, meta.seed));

/** A program that writes its argument into a file. */
async function viewer(): Promise<string> {
  const seen = join(reports, "seen");
  const program = join(reports, process.platform === "darwin" ? "open" : "xdg-open");
  await writeFile(program, `#!/bin/sh\nprintf %s "$1" > '${seen}'\n`);
  await chmod(program, 0o755);
  vi.stubEnv("PATH", `${reports}${delimiter}${process.env["PATH"]}`);
  return seen;
}

describe("open", () => {
  it("prints the page of the newest run, or of the one that is named, and opens nothing in a pipe", async () => {
    await written();
    const seen = await viewer();
    expect(await open()).toMatchObject({ code: 0, out: `${join(reports, "latest", "index.html")}\n` });
    expect((await open([run])).out).toBe(`${join(reports, run, "index.html")}\n`);
    expect((await open([join(reports, run)])).out).toBe(`${join(reports, run, "index.html")}\n`);
    await expect(readFile(seen)).rejects.toThrow(/ENOENT/);
  });

  it("opens it on a terminal", async () => {
    await written();
    const seen = await viewer();
    const { code, out } = await open([], { tty: true });
    expect(code).toBe(0);
    const patient = { timeout: 5_000, interval: 5 };
    const page = await waitFor(async () => (await readFile(seen, "utf8").catch(() => "")) || undefined, patient);
    expect(`${page}\n`).toBe(out);
  });

  it("says so where there is no viewer", async () => {
    await written();
    vi.stubEnv("PATH", reports);
    const { code, err } = await open([], { tty: true });
    expect(code).toBe(0);
    expect(err).toMatch(/^the page was not opened: .*ENOENT/m);
  });

  it("refuses an unknown run with the nearest one, and a folder without reports", async () => {
    expect((await open()).err).toContain("run lockproof verify first");
    await written();
    const { code, err } = await open(["20261124T101703Z-8214"]);
    expect(code).toBe(64);
    expect(err).toContain(`did you mean ${run}?`);
  });
});
