// @module-tag slow
/** The trace viewer as a reader sees it, in Chromium: a simulated run of a minute with a wrong scheduler, and a stored history. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { slowdownOfMachine } from "../../src/bench/measure/pace.ts";
import { decodeToken } from "../../src/evidence/token.ts";
import { scenarioNamed } from "../../src/simulate/batch/batch.ts";
import { tokenOf } from "../../src/simulate/run/token.ts";
import { loadLayers } from "../../src/verify/wiring.ts";
import { renderViewer, viewerCap } from "../../src/viewer/page.ts";
import type { ViewedRun } from "../../src/viewer/viewed-run.ts";
import { good, storeIn } from "../history/stored-trial.ts";
import { PageBrowser } from "../report/page/browser.ts";
import { hostileText } from "../report/page/hostile.ts";

/** Bounds of time are for a quiet machine; these tests share theirs. */
const slack = 3 * slowdownOfMachine();
const mutant = "gap-ignored";
/** With which the mutant breaks its property. */
const seed = 4;

let browser: PageBrowser;
let folder = "";
let broken: ViewedRun;
let right: ViewedRun;
beforeAll(async () => {
  browser = await PageBrowser.launch();
  folder = await mkdtemp(join(tmpdir(), "lockproof-viewer-"));
  const text = tokenOf({ scenario: scenarioNamed("random-nemesis"), seed, mutant });
  const layers = loadLayers();
  broken = await layers.viewSimulated({ token: decodeToken(text), text });
  right = await layers.viewSimulated({ token: decodeToken(text), text, isRight: true });
}, 120_000);
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const where = (page: Page) => page.locator("#where").textContent();
const ready = (page: Page) => page.locator(":root.ready").waitFor();

describe("the viewer of a simulated run", () => {
  it("opens at the violation within two seconds, is small, and shows each step within 50 ms", async () => {
    const content = renderViewer(broken, right);
    expect(Buffer.byteLength(content)).toBeLessThanOrEqual(viewerCap);
    expect(broken.steps.length).toBeGreaterThan(1_000);
    expect(broken.steps.at(-1)?.at).toBeGreaterThan(55_000);
    const start = performance.now();
    await using opened = await browser.open(content);
    const { faults, page } = opened;
    await ready(page);
    expect(performance.now() - start).toBeLessThan(2_000 * slack);
    const slowest = await page.evaluate<number>(`(() => {
      const slider = document.getElementById("slider");
      const most = Number(slider.max);
      const taken = Array.from({ length: 61 }, () => Infinity); // the quickest of three: a pause of the machine meets one
      for (let time = 0; time < 3; time += 1) {
        for (const index of taken.keys()) {
          slider.value = Math.round((most * index) / 60);
          const start = performance.now();
          slider.dispatchEvent(new Event("input"));
          document.body.getBoundingClientRect();
          taken[index] = Math.min(taken[index], performance.now() - start);
        }
      }
      return Math.max(...taken);
    })()`);
    expect(slowest).toBeLessThan(50 * slack);
    expect(faults).toEqual([]);
  });

  it("steps before, at and after the violation, with the state at each", async () => {
    await using opened = await browser.open(renderViewer(broken));
    const { faults, page } = opened;
    await ready(page);
    const step = (broken.broken?.step ?? Number.NaN) + 1;
    expect(await where(page)).toBe(`${step} / ${broken.steps.length}`);
    expect(await page.locator(".now.broken").count()).toBe(1);
    const words = broken.steps[step - 1]?.words ?? "?";
    expect(await page.locator(".now").textContent()).toContain(words);
    const changes = broken.steps[step - 1]?.changes.length ?? 0;
    expect(await page.locator(".changed li").count()).toBe(changes);
    await page.keyboard.press("ArrowLeft");
    expect(await where(page)).toBe(`${step - 1} / ${broken.steps.length}`);
    expect(await page.locator(".now.broken").count()).toBe(0);
    for (const key of ["ArrowRight", "ArrowRight"]) await page.keyboard.press(key);
    expect(await page.evaluate("location.hash")).toBe(`#step-${step + 1}`);
    await page.keyboard.press("Home");
    await page.keyboard.press("f");
    expect(await page.locator(".near .here.fault").count()).toBe(1);
    await page.locator("[data-to=broken]").click();
    expect(await page.locator(".lane-card.acts.broken").count()).toBe(1);
    expect(faults).toEqual([]);
  });

  it("has the same state at a step, by whatever way it is reached", async () => {
    await using opened = await browser.open(renderViewer(broken));
    const { page } = opened;
    await ready(page);
    const at = (step: number) =>
      page.evaluate<string>(`location.hash = "#step-${step}"; document.querySelector(".lanes").innerText`);
    const cards = () => page.locator(".lanes").textContent();
    await page.evaluate('location.hash = "#step-600"');
    await page.locator("#where", { hasText: /^600 / }).waitFor();
    const direct = await cards();
    await at(500);
    await page.locator("#where", { hasText: /^500 / }).waitFor();
    for (let step = 0; step < 100; step += 1) await page.keyboard.press("ArrowRight");
    expect(await cards()).toBe(direct);
  });

  it("shows the run of the right scheduler beside it, and the first difference", async () => {
    await using opened = await browser.open(renderViewer(broken, right));
    const { page } = opened;
    await ready(page);
    await page.locator("[data-to=difference]").click();
    const [one, other] = await page.locator(".now").allInnerTexts();
    expect(one).not.toBe(other);
    await page.keyboard.press("ArrowLeft");
    const [before, beside] = await page.locator(".now").allInnerTexts();
    expect(before).toBe(beside);
  });

  it.each([
    ["en-GB", "light"],
    ["zh-CN", "dark"],
  ] as const)("fits every width and has no violation of axe: %s, %s", async (locale, colorScheme) => {
    await using opened = await browser.open(renderViewer(broken, right), { locale, colorScheme });
    const { faults, page } = opened;
    await ready(page);
    for (const width of [320, 390, 1440, 1920]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await page.evaluate("document.documentElement.scrollWidth"), `at ${width}`).toBe(width);
    }
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate<axe.AxeResults>("axe.run()");
    expect(violations.map(({ help, id, nodes }) => `${id}: ${help}: ${nodes[0]?.html}`)).toEqual([]);
    expect(faults).toEqual([]);
  });
});

describe("the viewer of a stored history", () => {
  it("has its calls, its store and no violation where it held", async () => {
    const run = await loadLayers().viewHistory(storeIn(folder, good));
    expect(run.broken).toBeNull();
    await using opened = await browser.open(renderViewer(run));
    const { page } = opened;
    await ready(page);
    expect(await page.locator("[data-to=broken]").count()).toBe(0);
    await page.keyboard.press("End");
    expect(await page.locator(".lane-card:has(h3:text-is('store'))").textContent()).toContain("online, 1 of 2");
  });
});

describe("the file of the viewer", () => {
  const hostile: ViewedRun = {
    ...{
      title: hostileText,
      lanes: ["instance 0", "store"],
      faults: [{ name: hostileText, from: 0, to: 1 }],
      again: hostileText,
      isObserved: true,
      omitted: 0,
    },
    steps: [{ at: 0, lane: 0, kind: "step", words: hostileText, changes: [[0, hostileText, hostileText]] }],
    broken: { step: 0, property: "J1", found: hostileText },
  };

  it("shows hostile texts as texts", async () => {
    await using opened = await browser.open(renderViewer(hostile));
    const { faults, page } = opened;
    await ready(page);
    expect(await page.locator("script").count()).toBe(3);
    expect(await page.locator(".now").textContent()).toContain("alert(1)");
    expect(faults).toEqual([]);
  });

  it("stays within its cap, and says how many steps it left out", () => {
    const random = (index: number) => Math.sin(index).toString(36).slice(2);
    const steps = Array.from({ length: 4_000 }, (_, index) => ({
      ...{ at: index, lane: 0, kind: "step" as const, words: random(index) },
      changes: [[0, "mode", random(index)]] as const,
    }));
    const page = renderViewer({ ...hostile, steps, broken: { step: 3_999, property: "J1", found: "x" } }, null, 90_000);
    expect(Buffer.byteLength(page)).toBeLessThanOrEqual(90_000);
    expect(page).toMatch(/[\d,]+ steps before the first were left out/);
  });
});
