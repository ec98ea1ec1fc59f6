import { describe, expect, it } from "vitest";
import { Sums } from "../../src/watch/audit/sums.ts";
import { createRegistry, serveMetrics } from "../../src/watch/metrics.ts";

const loop = { audits: [], absences: 2, isAway: true };

describe("the metrics of a watch", () => {
  it("are served on loopback, with what was counted so far", async () => {
    const sums = new Sums();
    sums.changes = 7;
    sums.unseen.changes = 3;
    sums.violated("J1", ["wrong"]);
    using server = await serveMetrics(createRegistry({ sums, loop }), 0);
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/u);
    for (const changes of [7, 9]) {
      sums.changes = changes;
      const text = await (await fetch(server.url)).text();
      expect(text).toContain(`lockproof_watch_changes_total ${changes}`);
      expect(text).toContain("lockproof_watch_changes_missed_total 3");
      expect(text).toContain("lockproof_watch_absences_total 2");
      expect(text).toContain("lockproof_watch_connected 0");
      expect(text).toContain('lockproof_watch_violations_total{property="J1"} 1');
      expect(text).toContain('lockproof_watch_violations_total{property="V1"} 0');
    }
    expect((await fetch(server.url.replace("/metrics", "/"))).status).toBe(404);
  });

  it("say which port is taken", async () => {
    const registry = createRegistry({ sums: new Sums(), loop });
    using server = await serveMetrics(registry, 0);
    const port = Number(new URL(server.url).port);
    await expect(serveMetrics(registry, port)).rejects.toThrow("the metrics cannot be served");
  });
});
