/** The step of `sut check` with many requests in flight, against systems that are only said to answer. */
import { describe, expect, it } from "vitest";
import { endingSteps } from "../../../src/inject/systems/check/endings.ts";
import type { Bench } from "../../../src/inject/systems/check/step.ts";

interface Request {
  readonly op: string;
  readonly job?: string;
}

const answered = (request: Request, outcome: string) => ({ kind: "answered", request, line: "", reply: { outcome } });
const unsettled = (request: Request, definite = false, code = "deadline") => {
  return { kind: "refused", request, line: "", code, definite };
};

/**
 * @param failing how many of the reserves that are in flight together are given up; `waves`: how often
 * @param forgets those took no place
 */
function systemThat({ failing = 0, definite = false, forgets = false, waves = 1, code = "deadline" }): Bench {
  const places = new Set<string>();
  const asked = new Map<string, number>();
  const given = new Map<number, number>();
  const ask = async (request: Request) => {
    const { job = "", op } = request;
    if (op === "register_node") return answered(request, "registered");
    const wave = (asked.get(job) ?? 0) + 1;
    asked.set(job, wave);
    const isGivenUp = wave <= waves && (given.get(wave) ?? 0) < failing;
    const isThere = places.has(job);
    if (isGivenUp) given.set(wave, (given.get(wave) ?? 0) + 1);
    if (places.size === 200 && !isThere) return answered(request, "full");
    if (!isGivenUp || !forgets) places.add(job);
    return isGivenUp ? unsettled(request, definite, code) : answered(request, isThere ? "already" : "reserved");
  };
  return { start: async () => ({ talk: { ask } }) } as unknown as Bench;
}

const step = endingSteps.find(({ name }) => name.includes("in flight"));
const run = (system: Bench) => step?.run(system);

describe("200 requests in flight", () => {
  it.each([
    ["all are answered", {}],
    ["some have an unknown outcome, and are answered when they are asked again", { failing: 100 }],
    ["the same, where they had not been done", { failing: 200, forgets: true }],
    ["the system is degraded for a moment", { failing: 200, definite: true, code: "disconnected", forgets: true }],
    ["fewer have one each time", { failing: 150, waves: 3 }],
  ])("pass where %s", async (_, how) => {
    expect(await run(systemThat(how))).toContain("all reserved");
  });

  it("fail where as many as are in flight are given up each time, or one is refused", async () => {
    await expect(run(systemThat({ failing: 3, waves: Number.POSITIVE_INFINITY }))).rejects.toThrow(
      "found 3 calls whose outcome was still unknown after 5000 ms; allowed: none",
    );
    await expect(run(systemThat({ failing: 1, definite: true }))).rejects.toThrow("found the error deadline");
    const degraded = { failing: 1, definite: true, code: "disconnected", waves: Number.POSITIVE_INFINITY };
    await expect(run(systemThat(degraded))).rejects.toThrow("found the error disconnected");
  });
});
