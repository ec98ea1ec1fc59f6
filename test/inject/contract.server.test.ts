import { describe, expect, it } from "vitest";
import { plantedRedis } from "../../scenarios/mutants/redis/registry.ts";
import { contractChecks } from "../../src/inject/contract/registry.ts";
import { contractSubject, runContract } from "../../src/inject/contract/run.ts";
import { UsageError } from "../../src/report/failure.ts";
import { decodeToken } from "../../src/report/token.ts";

describe("the contract of the store's ports on a real Redis", () => {
  it.each(contractChecks)("$id: $claim", async ({ id, property }) => {
    const evidence = await runContract({ scenario: contractSubject(id), seed: 1 });
    expect(evidence.violations).toEqual([]);
    expect(evidence).toMatchObject({ verdict: "held", properties: [{ id: property, verdict: "held" }] });
    expect(evidence.properties[0]?.exercised).toBeGreaterThan(0);
  });
});

/** One of each family; `lockproof mutants` runs them all. */
const sample = plantedRedis.filter(({ id }) =>
  ["retries-any-error", "subscribes-once", "time-read-twice"].includes(id),
);

describe("a wrong way to use Redis", () => {
  it.each(sample)("$id is caught, and $property is named", async ({ check, id, property }) => {
    const evidence = await runContract({ scenario: contractSubject(check), seed: 1, planted: id });
    expect(evidence).toMatchObject({ verdict: "violated", violations: [{ property, layer: "inject" }] });
    expect(decodeToken(evidence.violations[0]?.token ?? "")).toMatchObject({
      mutant: id,
      subject: contractSubject(check),
    });
  });

  it("is asked for by its name only", async () => {
    const asked = { scenario: contractSubject("deadline"), seed: 1 };
    await expect(runContract({ ...asked, planted: "no-such-thing" })).rejects.toThrow(UsageError);
    await expect(runContract({ ...asked, scenario: "contract-none" })).rejects.toThrow(UsageError);
  });
});
