import { describe, expect, it } from "vitest";
import { Readings } from "../../src/load/clients/readings.ts";
import { seededRandom } from "../../src/load/plan/seeded-random.ts";
import { checkMetrics } from "../../src/scheduler/input.ts";
import { healthMilli } from "../../src/scheduler/selection/health.ts";

const seeds = Array.from({ length: 20 }, (_, seed) => seed);
const readingsOf = (seed: number) => new Readings(seededRandom(seed)("node-0 readings"));

/** The names of the metrics that the scheduler takes for unknown. */
function unknownOf(metrics: Parameters<typeof checkMetrics>[0]): readonly string[] {
  return Object.entries(checkMetrics(metrics, () => {})).flatMap(([name, metric]) => (metric === null ? [name] : []));
}

describe("the readings of a node", () => {
  const healths = seeds.map((seed) => {
    const readings = readingsOf(seed);
    return Array.from({ length: 100 }, () => {
      const metrics = readings.next();
      expect(unknownOf(metrics)).toEqual([]);
      return healthMilli(metrics);
    });
  });

  it("make healths from 0 to 1, both ends included, in every hundredth", () => {
    const all = healths.flat();
    expect(Math.min(...all)).toBe(0);
    expect(Math.max(...all)).toBe(1_000);
    expect(new Set(all.map((health) => Math.floor(health / 10))).size).toBe(101);
  });

  it("change materially at most heartbeats, and not at some", () => {
    for (const own of healths) {
      let stored = 500;
      const material = own.filter((health) => {
        if (Math.abs(health - stored) < 50) return false;
        stored = health;
        return true;
      });
      expect(material.length).toBeGreaterThan(30);
      expect(material.length).toBeLessThan(90);
    }
  });

  it("differ between nodes, and between metrics", () => {
    expect(new Set(healths.map((own) => own.join())).size).toBe(seeds.length);
    const readings = readingsOf(1);
    const drawn = Array.from({ length: 200 }, () => readings.next());
    expect(drawn.some(({ cpu, gpu }) => cpu < gpu)).toBe(true);
    expect(drawn.some(({ cpu, gpu }) => cpu > gpu)).toBe(true);
    expect(drawn.some(({ error_rate }) => error_rate === 1_000_000_000)).toBe(true);
  });
});

describe("impossible readings", () => {
  const readings = readingsOf(3);
  const drawn = Array.from({ length: 300 }, () => readings.nextImpossible());

  it("are of one metric, of any, or of all", () => {
    const unknown = drawn.map(unknownOf);
    expect(new Set(unknown.map(({ length }) => length))).toEqual(new Set([1, 6]));
    expect(new Set(unknown.filter(({ length }) => length === 1).flat()).size).toBe(6);
  });

  it("are no number, infinite, negative, too great, unknown, and missing", () => {
    const wrong = drawn.flatMap((one) =>
      Object.values(one).filter(
        (reading) => !(typeof reading === "number" && reading >= 0 && reading <= 1_000_000_000),
      ),
    );
    expect(new Set(wrong.map(String))).toEqual(
      new Set(["NaN", "Infinity", "-1", "1e+300", "1000000001", "null", "undefined"]),
    );
  });
});
