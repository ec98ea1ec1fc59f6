/** Each property has one judge: without it exactly that property is not judged, in simulation and of recorded runs, and nothing else changes. */
import { beforeAll, describe, expect, it } from "vitest";
import { findScenario } from "../../scenarios/registry.ts";
import type { Judgement, Trial } from "../../src/check/judgement.ts";
import type { PropertyId } from "../../src/check/properties.ts";
import { decidedProperties, judge } from "../../src/judges/recorded/judges.ts";
import { judges } from "../../src/judges/registry.ts";
import { planOf } from "../../src/simulate/plan/plan.ts";
import { type Run, runPlan } from "../../src/simulate/run/run.ts";
import { recorded } from "../check/evidence/recorded.ts";

const properties = Object.keys(judges) as readonly PropertyId[];

/** Runs `work` while the registry has no judge of the property. */
async function without<Result>(property: PropertyId, work: () => Promise<Result>): Promise<Result> {
  const registry: { [id in PropertyId]?: unknown } = judges;
  const made = registry[property];
  delete registry[property];
  try {
    return await work();
  } finally {
    registry[property] = made;
  }
}

function inOrder<One extends { readonly property: string }>(all: readonly One[]): readonly One[] {
  return all.toSorted((one, other) => one.property.localeCompare(other.property));
}

function notJudged(property: PropertyId) {
  const nothing = { verdict: "not_exercised", exercised: 0, measures: [], violations: [] };
  return {
    property,
    ...nothing,
    reason: expect.any(String),
  };
}

async function simulated(): Promise<Run> {
  const scenario = findScenario("steady");
  if (scenario === undefined) throw new Error("no scenario steady");
  return runPlan({ plan: planOf({ ...scenario, duration: 1_000 }, 1), properties });
}

async function judgedOfRecord(): Promise<readonly Judgement[]> {
  const trial: Trial = await recorded("hole-in-the-feed");
  return decidedProperties.map((property) => judge(property, trial));
}

let run: Run;
let judgements: readonly Judgement[];

beforeAll(async () => {
  run = await simulated();
  judgements = await judgedOfRecord();
});

describe.each(properties)("without the judge of %s", (property) => {
  it("a simulated run has exactly that property not judged", async () => {
    const expected = run.judgements.map((one) => (one.property === property ? notJudged(property) : one));
    const { broken, hash, judgements: others } = await without(property, simulated);
    expect({ broken, hash }).toEqual({ broken: run.broken, hash: run.hash });
    expect(inOrder(others)).toEqual(inOrder(expected));
  });

  it("a recorded run has exactly that property not judged, if it has it judged at all", async () => {
    const expected = judgements.map((one) => (one.property === property ? notJudged(property) : one));
    expect(await without(property, judgedOfRecord)).toEqual(expected);
  });
});
