import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { properties } from "../../../src/check/properties.ts";
import type { LayerEvidence } from "../../../src/evidence/evidence.ts";
import { composeReport, type RunMeta } from "../../../src/report/document/compose.ts";
import { type PageOptions, pageCap, renderPage } from "../../../src/report/page/page.ts";
import { allHeld, identity, layer, meta, property, redisGone, sampleToken, violation } from "../sample.ts";
import { smallTimeline } from "../timeline/small-timeline.ts";
import { hostileText, hostileTexts } from "./hostile.ts";

const red = layer("inject", { verdict: "violated", violations: [violation()] });

function page(evidence: readonly LayerEvidence[], options?: PageOptions, parts: Partial<RunMeta> = {}): string {
  return renderPage(composeReport(evidence, { ...meta, ...parts }), options);
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

/** Returns the text that a reader sees in one language: no script, no style, no markup. */
function seen(text: string, language: "en" | "zh-CN"): string {
  const other = language === "en" ? "zh-CN" : "en";
  return text
    .replace(/<(script|style|title)[^>]*>[\s\S]*?<\/\1>/g, "")
    .replace(new RegExp(`<(span|tspan) lang="${other}">[^<]*</\\1>`, "g"), "")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ");
}

describe("the page", () => {
  it("has an address for every line, every property and every picture, and each of its links leads to one", () => {
    const text = page([redisGone, red]);
    const ids = [...text.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(
      expect.arrayContaining([...Object.keys(properties), "degradation", "redis-gone-latency", "violation-1"]),
    );
    const links = [...text.matchAll(/href="#([^"]*)"/g)].map(([, id]) => id);
    expect(links.length).toBeGreaterThan(50);
    expect(links.filter((link) => !ids.includes(link))).toEqual([]);
  });

  it("says in one sentence whether it may be signed, in both languages", () => {
    const whole = { line_coverage_percent: 90 };
    expect(seen(page([allHeld], undefined, whole), "en")).toContain("Every promise was tested and was kept.");
    expect(seen(page([allHeld], undefined, whole), "zh-CN")).toContain("所有承诺均已检验，全部成立。");
    expect(seen(page([red]), "en")).toContain("A promise was broken: do not accept this build.");
    expect(seen(page([redisGone]), "en")).toContain("do not sign yet.");
    expect(seen(page([layer("inject", { verdict: "broken", reason: "no Redis" })]), "zh-CN")).toContain("请重新运行");
  });

  it("says that it held only of what was asked for, and counts the rest", () => {
    expect(seen(page([allHeld]), "en")).toContain("Every promise that was asked for was tested and was kept.");
    expect(seen(page([allHeld]), "en")).toContain("15 of 15 checklist lines held, 1 lines not asked for");
    const system = { name: "other", version: "1", asked: ["J1", "J2"] };
    const other = { identity: { ...identity, chosen: { ...identity.chosen, system } }, line_coverage_percent: 90 };
    const text = page([allHeld], undefined, other);
    expect(seen(text, "en")).toContain("Every promise that was asked for was tested and was kept.");
    expect(seen(text, "en")).toContain("40 properties not asked for");
    expect(seen(text, "zh-CN")).toContain("性质 40 项未要求");
  });

  it("puts figure, threshold, unit and the share that is left on a line", () => {
    const en = seen(page([redisGone]), "en");
    expect(en).toContain("44 ms of at most 50 ms slowest degradation");
    expect(en).toContain("12 % left");
    expect(seen(page([redisGone]), "zh-CN")).toContain("44 ms，上限 50 ms");
  });

  it("puts violated lines first, then open ones, each with what to do", () => {
    const held = layer("bench", { properties: [property("B1"), property("B2")] });
    const text = page([held, red, redisGone]);
    const marks = [...text.matchAll(/<li class="([a-z_]*)" id="([a-z-]+)"/g)].map(([, mark]) => mark);
    expect(marks).toHaveLength(16);
    const ranks = marks.map((mark) =>
      ["violated", "broken", "unknown", "not_exercised", "held", ""].indexOf(mark ?? ""),
    );
    expect(ranks).toEqual(ranks.toSorted((one, other) => one - other));
    expect(marks.filter((mark) => mark !== "held" && mark !== "")).toHaveLength(count(text, `class="todo"`));
    expect(seen(text, "en")).toContain("Replay the violation below");
    expect(text).toContain(`href="#violation-1"`);
  });

  it("says what to do about a property that stands on no line, first where no line says why", () => {
    const whole = { line_coverage_percent: 90 };
    const others = allHeld.properties.filter(({ id }) => id !== "K5");
    const with_ = (own: LayerEvidence) => page([{ ...allHeld, properties: others }, own], undefined, whole);
    const broken = with_(layer("inject", { verdict: "violated", violations: [violation({ property: "K5" })] }));
    expect(seen(broken, "en")).toContain("On no line of the checklist: violated: K5. What to do: Do not accept");
    expect(broken.indexOf('class="note"')).toBeLessThan(broken.indexOf('id="checklist"'));
    expect(broken.slice(0, broken.indexOf('id="checklist"'))).toContain('href="#violation-1"');
    const open = { verdict: "unknown", cause: "machine_load", reason: "2.1 ms, allowed 2 ms" } as const;
    const text = with_(layer("inject", { verdict: "unknown", properties: [property("K5", open)] }));
    expect(seen(text, "en")).toContain("open: K5. What to do: Run verify again on a machine that does nothing else.");
    expect(seen(text, "zh-CN")).toContain("不属于清单任何一项： 未决：K5。");
    expect(seen(text, "en")).toContain("K5: 2.1 ms, allowed 2 ms");
    const both = with_(
      layer("inject", { verdict: "violated", violations: [violation(), violation({ property: "J2" })] }),
    );
    expect(both.indexOf('class="note"')).toBeGreaterThan(both.indexOf('id="checklist"'));
    expect(page([allHeld], undefined, whole)).not.toContain('class="note"');
  });

  it("says which layers a run was limited to, where that leaves a line open", () => {
    const only = { identity: { ...identity, chosen: { ...identity.chosen, layers: ["explore", "bench"] } } };
    expect(seen(page([redisGone], undefined, only), "en")).toContain("This run had only these layers: explore, bench.");
    expect(seen(page([redisGone], undefined, only), "zh-CN")).toContain("本次运行只包含以下层：穷举、基准。");
  });

  it("names what was judged", () => {
    const parts = {
      identity: {
        ...identity,
        script_set: "lua@0123456789ab",
        system_under_test: { name: "ours", version: "7" },
        dirty: true,
      },
      environment: {
        ...meta.environment,
        cpu: "Fast CPU",
        load: { average_before: 0.25, average_after: 3.5, busy_percent: 61, steal_percent: 2.5 },
      },
    };
    const composed = composeReport([allHeld], { ...meta, ...parts });
    const text = seen(renderPage(composed), "en");
    for (const part of [
      "ours 7",
      "0.1.0",
      "0123456789ab, with uncommitted changes",
      "lua@0123456789ab",
      "quick",
      "8213",
    ])
      expect(text).toContain(part);
    for (const part of [
      "24.21.0",
      "7.0.15",
      "Fast CPU, 2 cores",
      "0.25 at the start, 3.5 at the end, 61 % busy",
      "2.5 %",
    ])
      expect(text).toContain(part);
    expect(text).toContain(composed.report.evidence_sha256);
    const header = (page: string) => page.slice(0, page.indexOf("</header>"));
    expect(seen(header(renderPage(composed)), "zh-CN")).toContain("0123456789ab ( 含未提交改动 )");
    const installed = composeReport([allHeld], { ...meta, identity: { ...identity, commit: null } });
    expect(seen(header(renderPage(installed)), "zh-CN")).toContain("无 Git 仓库");
  });

  it("shows no name of the code", () => {
    for (const language of ["en", "zh-CN"] as const) {
      const text = seen(page([redisGone, allHeld]), language).replaceAll(sampleToken, "");
      expect(text.match(/[a-z0-9]+_[a-z0-9_]+/g)).toBeNull();
    }
  });

  it("has the figures of a property in a table, the tightest scenario first, with its picture and its token", () => {
    const text = page([redisGone]);
    const own = text.slice(text.indexOf(`id="D1"`), text.indexOf(`id="D2"`));
    expect([...own.matchAll(/<td class="number">([\d.]+) <span class="soft">≤ 50/g)].map(([, value]) => value)).toEqual(
      ["31.4", "2.1"],
    );
    expect(own).toContain(`<a href="#redis-gone-latency">redis-gone</a>`);
    expect(own).toContain(`<code>lockproof replay ${sampleToken}</code> <button type="button" class="copy">`);
  });

  it("loads nothing, and runs only the script that it names by its hash", () => {
    const text = page([redisGone, red]);
    expect(text).not.toMatch(/<link|<iframe|<img|https?:|url\(|@import|src=/i);
    expect(count(text, "<script")).toBe(1);
    expect(text).toMatch(
      /default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;; script-src &#39;sha256-[A-Za-z0-9+/]{43}=&#39;/,
    );
  });

  it("draws latency and modes of a scenario, with the faults behind both", () => {
    const text = page([redisGone]);
    expect(count(text, `role="img"`)).toBe(2);
    expect(count(text, ">redis blackhole<")).toBe(2);
    expect(seen(text, "en")).toContain("with faults: slowest 30.6 ms");
    expect(text).toMatch(/class="mode local_only"/);
  });

  it("draws margins and convergence of a scenario that has them, and margins are no times", () => {
    const place = { scenario: "redis-gone", side: "fault" } as const;
    const tails = [
      { ...place, name: "reads", kind: "margin_ms", points: [[24, 1]] },
      { ...place, name: "wake-ups", kind: "noise_ms", points: [[90_000, 0.1]] },
      { ...place, name: "instance 1", kind: "behind", points: [[2_100, 7]] },
    ] as const;
    const text = page([{ ...redisGone, series: [...redisGone.series, ...tails] }]);
    expect(count(text, `role="img"`)).toBe(5);
    expect(seen(text, "en")).toContain("with faults, 1 reads: half kept 24 ms or more");
    expect(seen(text, "zh-CN")).toContain("实例 1：最多落后 7 个变更");
    expect(text).toContain(">5 s</text>");
    expect(text).not.toContain(">90 s</text>");
  });

  it("draws the machine's stalls as a band of their own, and says where there is no record of them", () => {
    const stalls = { scenario: "redis-gone", name: "stalls", kind: "stall_ms" } as const;
    const fault = { ...stalls, side: "fault", points: [[2_000, 12]] } as const;
    const text = page([
      { ...redisGone, series: [...redisGone.series, fault, { ...stalls, side: "control", points: [] }] },
    ]);
    expect(count(text, 'class="stall fault-side"')).toBe(1);
    expect(count(text, 'class="stall control"')).toBe(0);
    expect(seen(text, "en")).toContain("1 of 1 ms or longer, the longest 12 ms");
    const heights = [...text.matchAll(/class="stall fault-side"[^>]* height="([\d.]+)"/g)].map(([, height]) =>
      Number(height),
    );
    expect(heights.every((height) => height > 1.5 && height < 18)).toBe(true);
    const none = [fault, { ...fault, side: "control" as const }].map((one) => ({ ...one, points: [] }));
    expect(seen(page([{ ...redisGone, series: [...redisGone.series, ...none] }]), "en")).toContain("did not stall");
    expect(seen(page([redisGone]), "en")).toContain("This report has no record of stalls of the machine.");
  });

  it("draws no picture of a whole run without its evidence, and says so", () => {
    const text = seen(page([redisGone, layer("explore")]), "en");
    expect(text).toContain("this report does not say when its steps ran");
    expect(text).toContain("this report does not say which step judged which property");
    expect(text).toContain("no count of states by depth");
    const merged_from = [{ run: "a", seed: 1, profile: "quick", started_at: meta.started_at }];
    const merged = page([redisGone], undefined, { environment: { ...meta.environment, merged_from } });
    expect(seen(merged, "en")).toContain("does not say when its steps ran");
  });

  it("leads from a property to the pictures that support it", () => {
    const behind = {
      name: "instance 1",
      scenario: "redis-gone",
      side: "fault",
      kind: "behind",
      points: [[2_100, 7]],
    } as const;
    const text = page([
      { ...redisGone, series: [...redisGone.series, behind] },
      layer("simulate", { properties: [property("V3")] }),
    ]);
    const own = (id: string, next: string) => text.slice(text.indexOf(`id="${id}"`), text.indexOf(`id="${next}"`));
    expect(own("D2", "D3")).toContain('href="#redis-gone-mode"');
    expect(own("V3", "V4")).toContain('href="#redis-gone-convergence"');
  });

  it("has no link to a picture that did not fit", () => {
    const whole = page([redisGone]);
    const text = page([redisGone], { cap: Buffer.byteLength(whole) - 20_000 });
    const ids = new Set([...text.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id));
    expect(seen(text, "en")).toContain("the pictures of 1 scenarios were left out");
    expect([...text.matchAll(/href="#([^"]*)"/g)].filter(([, id]) => !ids.has(id))).toEqual([]);
  });

  it("writes the names of neighbouring faults in two rows", () => {
    const faults = [3_000, 3_100, 5_000].map((from_ms) => ({
      scenario: "redis-gone",
      kind: "redis_blackhole",
      from_ms,
      to_ms: from_ms + 50,
    }));
    const rows = [...page([{ ...redisGone, faults }]).matchAll(/y="([\d.]+)"><tspan lang="en">redis blackhole/g)];
    expect(rows.map(([, y]) => y)).toEqual(["16", "28", "16", "16", "28", "16"]);
  });

  it("keeps the slowest read in the picture, however many there are", () => {
    const points = Array.from({ length: 5_000 }, (_, index) => [index, index === 3_107 ? 9_000 : 0.1] as const);
    const text = page([
      layer("inject", { series: [{ name: "r", scenario: "s", kind: "latency_ms", side: "fault", points }] }),
    ]);
    expect(text).toContain("slowest 9,000 ms");
    const dots = /class="dots fault-side" d="([^"]*)"/.exec(text)?.[1] ?? "";
    expect(new Set(dots.match(/ [\d.]+h0/g)).size).toBe(2);
    expect(dots.length).toBeLessThan(20_000);
  });

  it("has the counterexample of a violation that this run drew, and says where it has none", () => {
    const timelines = new Map([["picture.html", smallTimeline]]);
    const named = layer("conform", { verdict: "violated", violations: [violation({ files: ["picture.html"] })] });
    const text = page([named], { timelines });
    const ids = [...text.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(["violation-1-timeline", "violation-1-step-0", "violation-1-step-5"]));
    expect(count(text, 'class="space-time"')).toBe(1);
    expect(seen(text, "en")).toContain("since 3: job 0 has to arrive");
    expect(seen(text, "zh-CN")).toContain("不可挽回点");
    expect(text).not.toMatch(/<link|<iframe|<img|https?:|url\((?!#)|@import|src=/i);
    expect(seen(page([named]), "en")).toContain("this report holds no timeline of it");
  });

  it("says where the diagram is that a merged report has only as a file", () => {
    const files = ["part-2/picture-1-conform-J1.html"];
    const text = page([layer("conform", { verdict: "violated", violations: [violation({ files })] })]);
    expect(seen(text, "en")).toContain("it is in the file beside it");
    expect(seen(text, "zh-CN")).toContain("图不在本页，见旁边的文件。");
    expect(text).toContain('href="./part-2/picture-1-conform-J1.html"');
  });

  it("names the command that shows a degraded run step by step, without a foreign name", () => {
    const text = (scenario: string) => {
      const own = <Part extends object>(parts: readonly Part[]) => parts.map((part) => ({ ...part, scenario }));
      return page([{ ...redisGone, series: own(redisGone.series), faults: own(redisGone.faults) }]);
    };
    expect(text("redis-gone")).toContain("<code>lockproof explain inject-redis-gone-*-fault.jsonl.gz --html run.html");
    for (const [scenario, history] of [
      ["redis-gone on cluster", "inject-redis-gone-cluster-*-fault"],
      ["redis-gone, seed 7", "inject-redis-gone-7-fault"],
      ["redis-gone, part-2", "inject-redis-gone-*-fault"],
    ] as const)
      expect(text(scenario)).toContain(`<code>lockproof explain ${history}.jsonl.gz --html run.html`);
    expect(text("a; rm -rf ~")).toContain("<code>lockproof explain inject-*-fault.jsonl.gz --html run.html");
    const steady = { ...redisGone, series: redisGone.series.filter(({ kind }) => kind !== "mode") };
    expect(page([steady])).not.toContain("lockproof explain");
  });

  it("keeps every violation before the diagrams of the first, and says where one is beside the page", () => {
    const timelines = new Map([["picture.html", smallTimeline]]);
    const violations = Array.from({ length: 3 }, () => violation({ files: ["picture.html"] }));
    const named = layer("conform", { verdict: "violated", violations });
    const whole = Buffer.byteLength(page([named], { timelines }));
    const text = page([named], { timelines, cap: whole - 1_000 });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(whole - 1_000);
    expect(count(text, 'class="violation"')).toBe(3);
    expect(count(text, 'class="space-time"')).toBeLessThan(3);
    expect(seen(text, "en")).toContain("The diagram is not in this page; it is in the file beside it.");
  });

  it("keeps every text in its place, whatever it holds", () => {
    const tags = (text: string) => text.match(/<\/?[a-z][a-z0-9]*/gi);
    const withText = (text: string) =>
      page([
        layer("inject", {
          reason: text,
          verdict: "violated",
          violations: [violation({ story: [text], scenario: text })],
        }),
      ]);
    const harmless = tags(withText("harmless"));
    fc.assert(
      fc.property(hostileTexts(), (text) => {
        if (text !== "") expect(tags(withText(text))).toEqual(harmless);
      }),
    );
    expect(withText(hostileText)).toContain("&lt;script&gt;alert(1)");
  });
});

describe("the page of a large report", () => {
  it("stays within its cap, complete to its last tag, and says what it left out", () => {
    const violations = Array.from({ length: 400 }, () =>
      violation({ story: Array.from({ length: 150 }, () => "x".repeat(100)) }),
    );
    const text = page([redisGone, layer("inject", { verdict: "violated", violations })]);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(pageCap);
    expect(text.trimEnd().endsWith("</html>")).toBe(true);
    expect(seen(text, "en")).toMatch(
      /This page is capped: \d+ violations and the pictures of 1 scenarios were left out/,
    );
    expect(page([redisGone, red])).not.toContain("capped");
  });

  it("has no link to a violation that did not fit", () => {
    const violations = Array.from({ length: 30 }, () =>
      violation({ story: Array.from({ length: 150 }, () => "x".repeat(2_000)) }),
    );
    const text = page([layer("inject", { verdict: "violated", violations })]);
    const ids = new Set([...text.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id));
    expect(ids.has("violation-3")).toBe(true);
    expect(ids.has("violation-20")).toBe(false);
    expect([...text.matchAll(/href="#([^"]*)"/g)].filter(([, id]) => !ids.has(id))).toEqual([]);
  });

  it("stays within its cap, whatever texts and how many figures foreign evidence has", () => {
    const long = `${hostileText}${"<b>".repeat(400_000)}`;
    const figures = Array.from({ length: 5_000 }, (_, index) => ({
      name: `f_${index % 100}`,
      value: index,
      of: `s-${index}, fault`,
    }));
    const all = allHeld.properties.map((part) => ({ ...part, figures, reason: long, verdict: "unknown" as const }));
    const foreign = layer("inject", {
      verdict: "violated",
      reason: long,
      properties: all,
      violations: [violation({ story: [long], scenario: long, files: [long] })],
      faults: [{ scenario: long, kind: long, from_ms: 0, to_ms: 1 }],
      series: [{ name: long, scenario: long, kind: "mode", side: "fault", points: [[0, 0]] }],
    });
    const text = page([foreign], undefined, { profile: long, environment: { ...meta.environment, cpu: long } });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(pageCap);
    expect(count(text, "<b>".repeat(3))).toBe(0);
  });
});
