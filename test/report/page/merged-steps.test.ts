/** The steps on the page of a merged report. */
import { describe, expect, it } from "vitest";
import { composeReport } from "../../../src/report/document/compose.ts";
import { renderPage } from "../../../src/report/page/page.ts";
import { meta, redisGone } from "../sample.ts";

describe("the steps of merged runs", () => {
  it("are drawn seed by seed, and the page says how many it leaves out", () => {
    const merged_from = [{ run: "a", seed: 1, profile: "quick", started_at: meta.started_at }];
    const steps = Array.from({ length: 18 }, (_, index) => ({
      ...{ name: "inject redis-gone", seed: index + 1, from_ms: 0, to_ms: 1_000 * (index + 1) },
      ...{ verdict: "held" as const, properties: [] },
    }));
    const environment = { ...meta.environment, merged_from };
    const text = renderPage(composeReport([{ ...redisGone, steps }], { ...meta, environment }));
    expect(text.match(/<figure id="ran-/g)).toHaveLength(16);
    expect(text.match(/<title>inject redis-gone: 0 ms – /g)).toHaveLength(16);
    expect(text).toContain("What ran when, of seed 7.");
    expect(text).toContain("The steps of 2 further seeds are not drawn.");
  });
});
