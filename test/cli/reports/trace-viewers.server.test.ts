// @module-tag slow
/** The page of a violated run in Chromium: its link leads to the trace viewer, at the violation. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadLayers } from "../../../src/verify/wiring.ts";
import { PageBrowser } from "../../report/page/browser.ts";
import { command } from "../terminal.ts";

/** With which the mutant breaks its property. */
const broken = { scenario: "redis-gone", mutant: "no-read-deadline" } as const;

let browser: PageBrowser;
let reports = "";
beforeAll(async () => {
  browser = await PageBrowser.launch();
  reports = await mkdtemp(join(tmpdir(), "lockproof-viewers-"));
  const { runSimulate, viewSimulated } = loadLayers();
  const layers = {
    simulatedNames: async () => [broken.scenario],
    async runSimulate(options: Parameters<typeof runSimulate>[0]) {
      const { mutant } = broken;
      const evidence = await runSimulate({ ...options, mutant, shrinking: { left: 0, shrunk: new Set() } });
      // One is enough, and each takes some twenty runs to locate.
      return { ...evidence, violations: evidence.violations.slice(0, 1) };
    },
    viewSimulated,
  };
  const { code } = await command(["verify", "--reports", reports, "--seed", "1", "--layer", "simulate"], { layers });
  expect(code).toBe(1);
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await rm(reports, { recursive: true });
});

describe("the page of a violated run", () => {
  it("leads from a counterexample to the whole run, at the step of the violation", async () => {
    await using opened = await browser.openFile(join(reports, "latest", "index.html"));
    const { page } = opened;
    await page.locator("#violation-1 a[href^='./viewer-']").click();
    await page.locator(":root.ready").waitFor();
    expect(await page.locator(".now.broken").count()).toBe(1);
    expect(await page.locator("header b").first().textContent()).toMatch(/^[A-Z]\d$/);
    // The right scheduler beside the mutant.
    expect(await page.locator("[data-to=difference]").count()).toBe(1);
  });
});
