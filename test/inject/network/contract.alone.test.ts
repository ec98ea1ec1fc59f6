import { describe, expect, it } from "vitest";
import { redisMutants } from "../../../scenarios/mutants/redis/registry.ts";
import { UsageError } from "../../../src/evidence/failure.ts";
import { decodeToken } from "../../../src/evidence/token.ts";
import { contractChecks } from "../../../src/inject/contract/registry.ts";
import { runContract } from "../../../src/inject/contract/run.ts";
import { runContracts } from "../../../src/inject/contract/run-all.ts";
import { contractSubject } from "../../../src/inject/contract/subject.ts";

describe("the contract of the store's ports on a real Redis", () => {
  it.each(contractChecks)("$id: $claim", async ({ id, isAlone, property }) => {
    const evidence = await runContract({ scenario: contractSubject(id), seed: 1 });
    expect(evidence.violations).toEqual([]);
    // A slow machine leaves a check of time open, as far as it ran fixed work slower too.
    const isSlow = isAlone === true && evidence.cause === "machine_load";
    const verdict = isSlow ? "unknown" : "held";
    expect(evidence).toMatchObject({ verdict, properties: [{ id: property, verdict }] });
    expect(evidence.properties[0]?.exercised).toBeGreaterThan(0);
  });
});

describe("the contract as a gate runs it", () => {
  const [first, second] = contractChecks;
  if (first === undefined || second === undefined) throw new Error("there are two checks at least");
  const broken = { ...second, id: "cannot", run: () => Promise.reject(new Error("no way to make it")) };
  const violated = {
    ...second,
    id: "wrong",
    run: async () => ({ exercised: 1, violations: [["found 1, allowed 0"]] }),
  };
  const run = (checks: typeof contractChecks, signal = new AbortController().signal) =>
    runContracts({ seed: 7, signal, checks, atOnce: 1 });

  it("is one evidence: every property with how often its premise was met, and a token each", async () => {
    const evidence = await run([first]);
    expect(evidence).toMatchObject({ name: "inject", verdict: "held", runs: 1, violations: [] });
    expect(evidence.properties).toMatchObject([{ id: first.property, verdict: "held" }]);
    const [token = ""] = evidence.properties[0]?.tokens ?? [];
    expect(decodeToken(token)).toMatchObject({ layer: "inject", seed: 7, subject: contractSubject(first.id) });
  });

  it("is broken by a check that cannot be made, and makes the others all the same", async () => {
    const evidence = await run([broken, first]);
    expect(evidence).toMatchObject({ verdict: "broken", reason: "contract: cannot: no way to make it", runs: 1 });
    expect(evidence.properties).toMatchObject([{ id: first.property, verdict: "held" }]);
  });

  it("is violated, whatever else is broken", async () => {
    const evidence = await run([broken, violated]);
    expect(evidence).toMatchObject({ verdict: "violated", violations: [{ scenario: "contract-wrong" }] });
  });

  it("that is cut off is no verdict, but of what was violated by then", async () => {
    await expect(run([first], AbortSignal.abort())).rejects.toThrow("was not checked to its end: script-flush");
    const stop = new AbortController();
    const last = {
      ...violated,
      run() {
        stop.abort();
        return violated.run();
      },
    };
    const evidence = await run([last, first], stop.signal);
    expect(evidence).toMatchObject({ verdict: "violated", reason: `contract: not made any more: ${first.id}` });
  });
});

/** One of each family; `lockproof mutants` runs them all. */
const sample = redisMutants.filter(({ id }) =>
  ["retries-any-error", "subscribes-once", "time-read-twice"].includes(id),
);

describe("a wrong way to use Redis", () => {
  it.each(sample)("$id is caught, and $property is named", async ({ check, id, property }) => {
    const evidence = await runContract({ scenario: contractSubject(check), seed: 1, mutant: id });
    expect(evidence).toMatchObject({ verdict: "violated", violations: [{ property, layer: "inject" }] });
    expect(decodeToken(evidence.violations[0]?.token ?? "")).toMatchObject({
      mutant: id,
      subject: contractSubject(check),
    });
  });

  it("is asked for by its name only", async () => {
    const asked = { scenario: contractSubject("deadline"), seed: 1 };
    await expect(runContract({ ...asked, mutant: "no-such-thing" })).rejects.toThrow(UsageError);
    await expect(runContract({ ...asked, scenario: "contract-none" })).rejects.toThrow(UsageError);
  });
});
