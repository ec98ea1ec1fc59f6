// @module-tag slow
import { describe, expect, it } from "vitest";
import { inventedMutants } from "../../../scenarios/mutants/scheduler/reading/invented.ts";
import { loadScheduler } from "../../../src/mutants/schedulers.ts";
import { scenarioNamed } from "../../../src/simulate/batch/batch.ts";
import { huntMutant } from "../../../src/simulate/batch/hunt.ts";

describe("a scheduler that answers from nothing", () => {
  it.each(inventedMutants)("is caught by the property that it breaks: $id, $property", async (planted) => {
    using loaded = await loadScheduler(planted);
    const { createScheduler } = loaded;
    const hunted = await huntMutant({
      scenario: scenarioNamed(planted.simulated ?? ""),
      planted: { id: planted.id, property: planted.property, createScheduler },
      ...{ seed: 1, rounds: 1, most: 10, shrinkFor: 0 },
      signal: new AbortController().signal,
      now: () => performance.now(),
    });
    expect(hunted).toMatchObject({ verdict: "killed", property: planted.property });
  });
});
