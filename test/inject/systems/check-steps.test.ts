/** The step of `sut check` with many requests in flight, against systems that are only said to answer. */
import { describe, expect, it } from "vitest";
import { endingSteps } from "../../../src/inject/systems/check/endings.ts";
import type { Bench } from "../../../src/inject/systems/check/step.ts";

interface Request {
  readonly op: string;
  readonly job?: string;
}

const answered = (request: Request, outcome: string) => ({ kind: "answered", request, line: "", reply: { outcome } });
const unsettled = (request: Request, definite = false) => {
  return { kind: "refused", request, line: "", code: "deadline", definite };
};

/** @param failing how many of the reserves are given up; those that took no place all the same */
function systemThat({ failing = 0, definite = false, forgets = false }): Bench {
  const places = new Set<string>();
  let given = 0;
  const ask = async (request: Request) => {
    const { job = "", op } = request;
    if (op === "register_node") return answered(request, "registered");
    if (places.has(job)) return answered(request, "already");
    if (places.size === 200) return answered(request, "full");
    given += 1;
    if (given > failing || !forgets) places.add(job);
    return given <= failing ? unsettled(request, definite) : answered(request, "reserved");
  };
  return { start: async () => ({ talk: { ask } }) } as unknown as Bench;
}

const step = endingSteps.find(({ name }) => name.includes("in flight"));
const run = (system: Bench) => step?.run(system);

describe("200 requests in flight", () => {
  it.each([
    ["all are answered", {}],
    ["some have an unknown outcome, and are answered when they are asked again", { failing: 100 }],
    ["the same, where they had not been done", { failing: 100, forgets: true }],
  ])("pass where %s", async (_, how) => {
    expect(await run(systemThat(how))).toContain("all reserved");
  });

  it("fail where most have an unknown outcome, or one is refused", async () => {
    await expect(run(systemThat({ failing: 101 }))).rejects.toThrow(
      "found 101 calls of unknown outcome; allowed: at most 100",
    );
    await expect(run(systemThat({ failing: 1, definite: true }))).rejects.toThrow("found the error deadline");
  });
});
