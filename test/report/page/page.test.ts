import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { properties } from "../../../src/check/properties.ts";
import type { LayerEvidence } from "../../../src/evidence/evidence.ts";
import { checklistMarkdown } from "../../../src/report/checklist/markdown.ts";
import { composeReport } from "../../../src/report/document/compose.ts";
import { pageCap, renderPage } from "../../../src/report/page/page.ts";
import { layer, meta, redisGone, sampleToken, violation } from "../sample.ts";
import { hostileText, hostileTexts } from "./hostile.ts";

const red = layer("inject", { verdict: "violated", violations: [violation()] });

function page(evidence: readonly LayerEvidence[], cap?: number): string {
  return renderPage(composeReport(evidence, meta), cap);
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

describe("the page", () => {
  it("shows the checklist, every property, the explanation and the replay command", () => {
    const text = page([redisGone, red]);
    for (const id of Object.keys(properties)) expect(text).toContain(`<b>${id}</b>`);
    expect(text).toContain("验收清单");
    expect(text).toContain("node n2: 0 -&gt; -1 when complete_job j19 arrived twice");
    expect(text).toContain(`lockproof replay ${sampleToken}`);
  });

  it("loads nothing: no script, no link, no address", () => {
    const text = page([redisGone, red]);
    expect(text).not.toMatch(/<script|<link|<iframe|<img|https?:|url\(|@import|src=/i);
  });

  it("draws latency and modes of a scenario, with the faults behind both", () => {
    const text = page([redisGone]);
    expect(count(text, "<svg")).toBe(2);
    expect(count(text, ">redis_blackhole</text>")).toBe(2);
    expect(text).toContain("under fault: slowest 30.6 ms");
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
    expect(count(text, "<svg")).toBe(4);
    expect(text).toContain("1 reads that a fault met: half kept 24 ms or more");
    expect(text).toContain("instance 1: at most 7 changes behind");
    expect(text).toContain(">5 s</text>");
    expect(text).not.toContain(">90 s</text>");
  });

  it("writes the names of neighbouring faults in two rows", () => {
    const faults = [3_000, 3_100, 5_000].map((from_ms) => ({
      scenario: "redis-gone",
      kind: "redis_blackhole",
      from_ms,
      to_ms: from_ms + 50,
    }));
    const rows = [...page([{ ...redisGone, faults }]).matchAll(/y="([\d.]+)">redis_blackhole/g)].map(([, y]) => y);
    expect(rows).toEqual(["16", "28", "16", "16", "28", "16"]);
  });

  it("keeps the slowest read in the picture, however many there are", () => {
    const points = Array.from({ length: 50_000 }, (_, index) => [index, index === 31_007 ? 9_000 : 0.1] as const);
    const text = page([
      layer("inject", { series: [{ name: "r", scenario: "s", kind: "latency_ms", side: "fault", points }] }),
    ]);
    expect(text).toContain("slowest 9,000 ms");
    const dots = /class="dots fault-side" d="([^"]*)"/.exec(text)?.[1] ?? "";
    expect(new Set(dots.match(/ [\d.]+h0/g)).size).toBe(2);
    expect(dots.length).toBeLessThan(20_000);
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
        expect(tags(withText(text))).toEqual(harmless);
      }),
    );
    expect(withText(hostileText)).toContain("&lt;script&gt;alert(1)");
  });

  it("stays within its cap, complete to its last tag, and says what it left out", () => {
    const violations = Array.from({ length: 400 }, () =>
      violation({ story: Array.from({ length: 150 }, () => "x".repeat(100)) }),
    );
    const text = page([redisGone, layer("inject", { verdict: "violated", violations })]);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(pageCap);
    expect(text.trimEnd().endsWith("</html>")).toBe(true);
    expect(text).toMatch(
      /This page is capped: \d+ violations and 1 scenarios&#39; pictures were left out|This page is capped: \d+ violations and 1 scenarios' pictures were left out/,
    );
    expect(page([redisGone, red])).not.toContain("capped");
  });
});

describe("checklist.md", () => {
  it("has a row a line, in both languages, with the evidence", () => {
    const text = checklistMarkdown(composeReport([redisGone], meta));
    const rows = text.split("\n").filter((line) => /^\| \d+ \|/.test(line));
    expect(rows).toHaveLength(16);
    for (const row of rows) expect(count(row, "|")).toBe(9);
    expect(rows[7]).toContain(
      "Degradation within 50 ms | 50 ms 内完成降级 | held / 成立 | degraded_ms_max 44 (redis-gone, fault); D1 read_latency_ms_max 31.4",
    );
    expect(rows[7]).toContain(sampleToken);
    expect(rows[0]).toContain("N1 (not exercised)");
  });
});
