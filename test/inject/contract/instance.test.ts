import { describe, expect, it } from "vitest";
import { instanceMutants } from "../../../scenarios/mutants/instances.ts";
import { decodeToken } from "../../../src/evidence/token.ts";
import { type InstanceCheck, performed } from "../../../src/inject/contract/instance/check.ts";
import { instanceChecks } from "../../../src/inject/contract/instance/registry.ts";
import { SteppedClock } from "../../../src/inject/contract/instance/stepped-clock.ts";
import { allChecks } from "../../../src/inject/contract/registry.ts";
import { runContract } from "../../../src/inject/contract/run.ts";
import { runContracts } from "../../../src/inject/contract/run-all.ts";
import { contractSubject } from "../../../src/inject/contract/subject.ts";
import { loadScheduler } from "../../../src/mutants/schedulers.ts";
import { createScheduler } from "../../../src/scheduler/scheduler.ts";

function checkOf(id: string): InstanceCheck {
  const found = instanceChecks.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no check ${id}`);
  return found;
}

describe("an instance by itself", () => {
  it.each(instanceChecks)("$id: $claim", async (check) => {
    const { exercised, violations } = await performed(check, createScheduler);
    expect(violations).toEqual([]);
    expect(exercised).toBeGreaterThan(0);
  });

  it("has checks of names of their own", () => {
    expect(new Set(allChecks.map(({ id }) => id)).size).toBe(allChecks.length);
  });

  it("is judged without a server, as a part of the contract", async () => {
    const checks = [checkOf("wake-ups"), checkOf("orphans")];
    const { signal } = new AbortController();
    const evidence = await runContracts({ seed: 7, signal, checks, redisServer: "/no/such/server" });
    expect(evidence).toMatchObject({ name: "inject", verdict: "held", runs: 2, violations: [] });
    expect(evidence.properties.map(({ id }) => id)).toEqual(["V4", "O1"]);
  });

  it.each([
    ["on the second try", 1, "held", undefined],
    ["never", 9, "not_exercised", "contract: wake-ups: its premise was never met"],
  ] as const)("is checked again where its premise was not met: met %s", async (_, failures, verdict, reason) => {
    const check = checkOf("wake-ups");
    let tries = 0;
    const seldom: InstanceCheck = {
      ...check,
      perform: async (stage, compare) => {
        tries += 1;
        if (tries > failures) await check.perform(stage, compare);
      },
    };
    const { signal } = new AbortController();
    const evidence = await runContracts({ seed: 7, signal, checks: [seldom] });
    expect([evidence.verdict, evidence.reason]).toEqual([verdict, reason]);
    expect(tries).toBe(Math.min(failures + 1, 3));
  });
});

/** The first of each check; `lockproof mutants --layer inject` runs them all too. */
const [firstOfEach = [], others = []] = [true, false].map((isFirst) =>
  instanceMutants.filter(
    ({ check }, index) => (instanceMutants.findIndex((other) => other.check === check) === index) === isFirst,
  ),
);

async function isCaught(mutant: (typeof instanceMutants)[number]): Promise<void> {
  using wrong = await loadScheduler(mutant);
  const check = checkOf(mutant.check);
  const { violations } = await performed(check, wrong.createScheduler);
  expect(violations).not.toEqual([]);
  expect(check.property).toBe(mutant.property);
}

describe("a mutant of a check of an instance", () => {
  it.each(firstOfEach)("$id is caught by $check", isCaught);
  it.each(others)("$id is caught by $check", { tags: ["nightly"] }, isCaught);

  it("is there for each check", () => {
    const caught = new Set(instanceMutants.map(({ check }) => check));
    expect(instanceChecks.filter(({ id }) => !caught.has(id))).toEqual([]);
  });

  it("is named by the contract, with a token that repeats it", async () => {
    const evidence = await runContract({
      scenario: contractSubject("orphans"),
      seed: 1,
      mutant: "orphans-of-a-new-incarnation",
    });
    expect(evidence.verdict).toBe("violated");
    const { layer, property, token } = evidence.violations[0] ?? {};
    expect([layer, property]).toEqual(["inject", "O1"]);
    expect(decodeToken(token ?? "")).toMatchObject({
      subject: "contract-orphans",
      mutant: "orphans-of-a-new-incarnation",
    });
  });
});

describe("the check of an instance's memory", () => {
  it("does not hold for one that refuses what it is asked, and so keeps nothing", async () => {
    const refusing: typeof createScheduler = (ports, settings, observe) =>
      createScheduler(ports, { ...settings, maxCalls: 1 }, observe);
    const { violations } = await performed(checkOf("memory-of-an-instance"), refusing);
    expect(violations.flat().join()).toContain("the answers: found");
  });
});

describe("the clock of a check", () => {
  it("ends a run of an instance that keeps time from passing", async () => {
    const clock = new SteppedClock();
    const busy = async (): Promise<void> => {
      for (;;) await clock.sleep(0);
    };
    void busy();
    await expect(clock.advance(1)).rejects.toThrow("keeps time from passing");
  });

  it("ends the wait for what never ends", async () => {
    await expect(new SteppedClock().until(new Promise(() => {}), 5)).rejects.toThrow("had not ended after 5 ms");
  });
});
