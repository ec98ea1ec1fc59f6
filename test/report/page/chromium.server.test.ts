// @module-tag slow
/** The page as a reader sees it, in Chromium. */

import { fileURLToPath } from "node:url";
import axe from "axe-core";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { slowdownOfMachine } from "../../../src/bench/measure/pace.ts";
import type { LayerEvidence } from "../../../src/evidence/evidence.ts";
import { readReport } from "../../../src/report/document/collect.ts";
import { composeReport } from "../../../src/report/document/compose.ts";
import { pageCap, renderPage } from "../../../src/report/page/page.ts";
import { drawPictures } from "../../../src/report/pictures/pictures.ts";
import { layer, meta, redisGone, violation } from "../sample.ts";
import { smallTimeline } from "../timeline/small-timeline.ts";
import { PageBrowser } from "./browser.ts";
import { largeEvidence } from "./large.ts";

/** Bounds of time are for a quiet machine; these tests share theirs. */
const slack = 3 * slowdownOfMachine();

let browser: PageBrowser;
let held = "";
beforeAll(async () => {
  browser = await PageBrowser.launch();
  held = await heldPage();
});
afterAll(() => browser[Symbol.asyncDispose]());

/** The stored evidence of a quick run that held, drawn by the code of today. */
async function heldPage(): Promise<string> {
  const { evidence, identity, report } = await readReport(
    fileURLToPath(new URL("../../../reports/sample", import.meta.url)),
  );
  if (identity === null) throw new Error("the sample is of version 1");
  const { duration_ms, environment, profile, seed, started_at } = report;
  const composed = composeReport(evidence.layers, {
    ...{ duration_ms, environment, profile, seed, started_at, identity },
    line_coverage_percent: evidence.line_coverage_percent,
  });
  expect(composed.report.verdict).toBe("held");
  return renderPage(composed);
}

/** As the report of a run: with the timelines that its layers made. */
function pageOf(evidence: readonly LayerEvidence[]): string {
  const { evidence: named, timelines } = drawPictures(evidence);
  return renderPage(composeReport(named, meta), { timelines });
}

const violated = pageOf([
  redisGone,
  layer("conform", { verdict: "violated", violations: [violation({ layer: "conform", timeline: smallTimeline })] }),
]);
const unknown = renderPage(composeReport([redisGone], meta));
const merged = renderPage(
  composeReport([redisGone], {
    ...meta,
    environment: {
      ...meta.environment,
      merged_from: [{ run: "a", seed: 1, profile: "quick", started_at: meta.started_at }],
    },
    open: [{ kind: "shard", id: "2/2", verdict: "unknown", cause: "missing_shard", reason: "shard 2/2 is missing" }],
  }),
);
const pages = () => ({ held, violated, unknown, merged });

/** In px below the top of the window. */
async function bottomOf(locator: Locator): Promise<number> {
  const box = await locator.boundingBox();
  return box === null ? Number.NaN : box.y + box.height;
}

const languages = { en: "en-GB", zh: "zh-CN" } as const;
const widths = [320, 390, 1440, 1920] as const;
const allViews = (["held", "violated", "unknown", "merged"] as const).flatMap((name) =>
  (["en", "zh"] as const).flatMap((language) =>
    (["light", "dark"] as const).map((colorScheme) => ({ name, language, colorScheme })),
  ),
);
/** Each language and each scheme once for each page. */
const views = allViews.filter(({ colorScheme, language }) => (language === "en") === (colorScheme === "light"));
const otherViews = allViews.filter((view) => !views.includes(view));

async function isReadable({ colorScheme, language, name }: (typeof allViews)[number]): Promise<void> {
  await using opened = await browser.open(pages()[name], { colorScheme, locale: languages[language] });
  const { faults, page } = opened;
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 });
    expect(await page.evaluate("document.documentElement.scrollWidth"), `at ${width}`).toBe(width);
  }
  // One property and one scenario stand for all: axe takes half a minute for forty tables and twenty pictures that are alike.
  await page.evaluate(
    "for (const one of document.querySelectorAll('details:not(.property, .pictures > details), #D1, .pictures > details:first-of-type')) one.open = true",
  );
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<axe.AxeResults>("axe.run()");
  expect(violations.map(({ help, id, nodes }) => `${id}: ${help}: ${nodes[0]?.html}`)).toEqual([]);
  expect(faults).toEqual([]);
}

describe("the page in a browser", () => {
  const claim = "fits every width, has no fault and no violation of axe: $name, $language, $colorScheme";
  it.each(views)(claim, isReadable);
  it.each(otherViews)(claim, { tags: ["nightly"] }, isReadable);

  it("has the verdict and all lines on the first screen, and a picture on the second", async () => {
    await using opened = await browser.open(held);
    const { page } = opened;
    expect(await bottomOf(page.locator(".checklist"))).toBeLessThanOrEqual(900);
    expect(await bottomOf(page.locator("figure svg").first())).toBeLessThanOrEqual(1_800);
    expect(await page.evaluate("document.documentElement.scrollHeight")).toBeLessThanOrEqual(5_000);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await bottomOf(page.locator("h1"))).toBeLessThanOrEqual(200);
    expect(await bottomOf(page.locator(".checklist li").nth(2))).toBeLessThanOrEqual(844);
  });

  it("opens what an address names, in every case", async () => {
    await using opened = await browser.open(held);
    const links = await opened.page.evaluate<string[]>(
      "[...document.querySelectorAll(`a[href^='#']`)].map((one) => one.hash)",
    );
    const targets = [...new Set(links)];
    expect(targets.length).toBeGreaterThan(40);
    for (const hash of [...targets, "#J2", "#redis-gone-margin"]) {
      await opened.page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
      const target = opened.page.locator(`[id="${hash.slice(1)}"]`);
      await target.waitFor({ state: "visible", timeout: 2_000 });
    }
    await using direct = await browser.open(held, { reducedMotion: "reduce" }, "#redis-gone-latency");
    expect(await bottomOf(direct.page.locator("#redis-gone-latency svg"))).toBeLessThan(900);
  });

  it("leads by one click from a line to its property, its figures and its tokens", async () => {
    await using opened = await browser.open(held);
    const { page } = opened;
    await page.locator("#degradation a", { hasText: "D1" }).click();
    await page.locator("#D1 table").waitFor({ state: "visible" });
    await page.locator("#D1 button.copy").first().click();
    await page.locator("#D1 button.copy.done").waitFor();
    await page.locator("#D1 table a", { hasText: "redis-gone" }).first().click();
    await page.locator("#redis-gone-margin").waitFor({ state: "visible" });
  });
});

describe("a counterexample in the page", () => {
  const states = (page: Page) => page.locator(".states tbody tr:has(th:text-is('store')) td").allInnerTexts();

  it("is opened by its address at a step, and stepped through before, at and after the violation", async () => {
    await using opened = await browser.open(violated, {}, "#violation-1-step-3");
    const { faults, page } = opened;
    await page.locator(".space-time").waitFor({ state: "visible" });
    expect(await states(page)).toEqual(["0 of 1 jobs", "1 of 1 jobs"]);
    await page.locator("[data-to=broken]").click();
    expect(await page.locator(".stepper output").textContent()).toBe("5 / 5");
    expect(await states(page)).toEqual(["1 of 1 jobs", "2 of 1 jobs"]);
    expect(await page.locator(".states mark").allInnerTexts()).toEqual(["2 of 1 jobs"]);
    expect(await page.locator(".event.here.broken").count()).toBe(1);
    await page.keyboard.press("ArrowLeft");
    expect(await states(page)).toEqual(["1 of 1 jobs", "1 of 1 jobs"]);
    expect(await page.evaluate("location.hash")).toBe("#violation-1-step-4");
    await page.keyboard.press("Home");
    expect(await states(page)).toEqual(["0 of 1 jobs", "0 of 1 jobs"]);
    await page.locator(".event[data-step='3'] circle").click();
    expect(await page.locator(".event-words").textContent()).toContain("store takes job 1");
    expect(faults).toEqual([]);
  });

  it("is reached from its line, with the command that replays it, and can be read where scripts are off", async () => {
    await using opened = await browser.open(violated, { javaScriptEnabled: false });
    const { page } = opened;
    await page.locator(".todo a[href='#violation-1']").first().click();
    expect(await page.locator("#violation-1 .space-time .event.broken").isVisible()).toBe(true);
    expect(await page.locator("#violation-1 code").first().textContent()).toContain("lockproof replay lp1:");
    await page.locator("#violation-1-states > summary").click();
    expect(await page.locator("#violation-1-step-5 mark").textContent()).toBe("2 of 1 jobs");
    expect(await page.locator(".stepper").isVisible()).toBe(false);
  });

  it("has no label over another", async () => {
    await using opened = await browser.open(violated);
    const overlapping = await opened.page.evaluate<readonly string[]>(overlaps);
    expect(overlapping).toEqual([]);
  });
});

/** The pairs of labels of arrows and words of events that overlap: the corners of each, turned as it is drawn, separated by no side of either. */
const overlaps = `(() => {
  const corners = (text) => {
    const { height, width, x, y } = text.getBBox();
    const matrix = text.getCTM();
    return [[x, y], [x + width, y], [x + width, y + height], [x, y + height]].map(([a, b]) => new DOMPoint(a, b).matrixTransform(matrix));
  };
  const separated = (one, other) => [...one.keys()].some((index) => {
    const [a, b] = [one[index], one[(index + 1) % 4]];
    const along = (point) => (point.x - a.x) * (b.y - a.y) - (point.y - a.y) * (b.x - a.x);
    const [inner, outer] = [one.map(along), other.map(along)];
    return Math.max(...inner) <= Math.min(...outer) + 20 || Math.max(...outer) <= Math.min(...inner) + 20;
  });
  return [...document.querySelectorAll(".space-time")].flatMap((svg) => {
    const all = [...svg.querySelectorAll(".message text, .event .words, .lane text, .band-label")].filter((text) => text.getBBox().width > 0);
    return all.flatMap((text, index) => all.slice(index + 1).flatMap((next) => {
      const [one, other] = [corners(text), corners(next)];
      return separated(one, other) || separated(other, one) ? [] : [text.textContent + " | " + next.textContent];
    }));
  });
})()`;

describe("the languages of the page", () => {
  const shown = async (content: string, options: object) => {
    await using opened = await browser.open(content, options);
    return await opened.page.evaluate<string>("document.body.innerText");
  };

  it("follow the browser, and the switch also where scripts are off", async () => {
    expect(await shown(held, { locale: "zh-CN" })).toContain("所有承诺均已检验");
    expect(await shown(held, { locale: "en-GB" })).toContain("Every promise was tested and was kept.");
    await using opened = await browser.open(held, { javaScriptEnabled: false });
    const { page } = opened;
    expect(await page.evaluate("document.querySelector('h1').innerText")).toBe(
      "Every promise was tested and was kept.",
    );
    await page.locator("label", { hasText: "中文" }).click();
    expect(await page.evaluate("document.querySelector('h1').innerText")).toBe("所有承诺均已检验，全部成立。");
    await page.locator("#J2 > summary").click();
    await page.locator("#J2 table").waitFor({ state: "visible" });
    expect(await page.locator("#filter").isVisible()).toBe(false);
  });

  it("do not mix: of one alone nothing is seen in the other, and no name of the code", async () => {
    const [en, zh] = [await shown(held, { locale: "en-GB" }), await shown(held, { locale: "zh-CN" })];
    expect(en.replaceAll("中文", "")).not.toMatch(/\p{Script=Han}/u);
    expect(zh).not.toMatch(/\b(held|figure|left|scenario|among|allowed)\b/);
    for (const text of [en, zh]) expect(text.match(/[a-z0-9]+_[a-z0-9_]+/g)).toBeNull();
  });
});

describe("the filter", () => {
  it("shows what fits verdict, layer, scenario and text, and is cleared by Esc", async () => {
    await using opened = await browser.open(violated);
    const { page } = opened;
    const rows = () => page.locator("details[data-verdict]:visible").count();
    const all = await rows();
    await page.locator("#filter-verdict").selectOption("violated");
    expect(await rows()).toBe(2);
    await page.keyboard.press("Escape");
    expect(await rows()).toBe(all);
    await page.locator("#filter-scenario").selectOption("redis-gone");
    expect(await rows()).toBeLessThan(all);
    await page.keyboard.press("Escape");
    await page.locator("h1").click();
    await page.keyboard.press("/");
    await page.keyboard.type("linearizable");
    expect(await page.locator("details.property:visible b").first().textContent()).toBe("L1");
    await page.keyboard.press("Escape");
    await page.locator("#filter-layer").selectOption("conform");
    expect(await rows()).toBe(1);
  });

  it("is left by the keys that move from row to row", async () => {
    await using opened = await browser.open(held);
    const { page } = opened;
    for (const key of ["j", "j", "k", "j", "Enter"]) await page.keyboard.press(key);
    expect(await page.locator("details.property[open]").count()).toBe(1);
    expect(await page.locator("details.property[open] b").first().textContent()).toBe("J2");
  });
});

describe("the page on paper", () => {
  it("has at most four pages of A4 where all held, with the block for a signature", async () => {
    await using opened = await browser.open(held);
    const pdf = (await opened.page.pdf({ preferCSSPageSize: true })).toString("latin1");
    const count = pdf.match(/\/Type\s*\/Page\b(?!s)/g)?.length ?? 0;
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThanOrEqual(4);
    await opened.page.emulateMedia({ media: "print" });
    expect(await opened.page.locator(".signature").isVisible()).toBe(true);
    expect(await opened.page.locator("#filter").isVisible()).toBe(false);
  });

  it("moves nothing for who wants no motion", async () => {
    await using opened = await browser.open(held, { reducedMotion: "reduce" });
    expect(await opened.page.evaluate("getComputedStyle(document.documentElement).scrollBehavior")).toBe("auto");
  });
});

describe("the page of a large report", () => {
  it("stays small, is painted within a second, filters within 100 ms, and runs nothing that a text holds", async () => {
    const content = pageOf([largeEvidence()]);
    expect(Buffer.byteLength(content)).toBeLessThanOrEqual(pageCap);
    await using opened = await browser.open(content);
    const { faults, page } = opened;
    expect(await page.evaluate("'taken' in globalThis")).toBe(false);
    expect(await page.locator("img").count()).toBe(0);
    expect(await page.locator("details.violation").count()).toBe(200);
    expect(await page.locator(".space-time").count()).toBeGreaterThan(1);
    const took = await page.evaluate<number>(`(() => {
      const field = document.getElementById("filter-verdict");
      field.value = "held";
      const start = performance.now();
      field.dispatchEvent(new Event("input"));
      document.body.getBoundingClientRect();
      return performance.now() - start;
    })()`);
    const painted = await page.evaluate<number>("performance.getEntriesByName('first-contentful-paint')[0].startTime");
    expect(took).toBeLessThan(100 * slack);
    expect(painted).toBeLessThan(1_000 * slack);
    expect(faults).toEqual([]);
  });
});
