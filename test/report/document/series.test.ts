import { describe, expect, it } from "vitest";
import { mostPointsOfSeries, seriesKinds } from "../../../src/evidence/evidence.ts";
import { evidenceSchemaV1 } from "../../../src/report/schema.ts";
import { layer } from "../sample.ts";

function stored(kind: string, points: number) {
  const series = [
    { name: "s", scenario: "s", kind, side: "fault", points: Array.from({ length: points }, () => [0, 1]) },
  ];
  return evidenceSchemaV1.safeParse({ schema: "lockproof-evidence/1", layers: [{ ...layer("inject"), series }] });
}

describe("a stored series", () => {
  it.each(seriesKinds)("may be of kind %s, and is of no more points than the cap", (kind) => {
    expect(stored(kind, mostPointsOfSeries).success).toBe(true);
    expect(stored(kind, mostPointsOfSeries + 1).success).toBe(false);
  });

  it("is of no other kind", () => {
    expect(stored("margin", 1).success).toBe(false);
  });
});
