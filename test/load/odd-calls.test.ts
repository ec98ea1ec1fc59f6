import { describe, expect, it } from "vitest";
import type { Call, Op } from "../../src/check/history.ts";
import { Caller } from "../../src/load/clients/caller.ts";
import { callAtLimit } from "../../src/load/clients/odd-caller.ts";
import type { Target } from "../../src/load/clients/target.ts";
import { limitCalls } from "../../src/load/plan/odd-calls.ts";

/** Notes every call, and answers none. */
async function made(): Promise<readonly { readonly call: Call; readonly method: string; readonly given: string }[]> {
  const found: { call: Call; method: string; given: string }[] = [];
  let last = { method: "", given: "" };
  const target = new Proxy({} as Target, {
    get:
      (_, method) =>
      (...given: readonly unknown[]) => {
        last = { method: String(method), given: JSON.stringify(given) };
        throw new Error("no answer");
      },
  });
  const caller = new Caller({
    now: () => 0,
    nextCall: () => found.length,
    event: (call) => call.kind === "call" && found.push({ call, ...last }),
  });
  for (const nth of limitCalls.keys()) await callAtLimit(caller, target, { instance: 0, name: `odd-${nth}`, nth });
  return found;
}

describe("calls at the limits of their arguments", () => {
  it("are of every operation, some allowed and some not", () => {
    for (const isAllowed of [true, false]) {
      const ops = new Set(limitCalls.filter((one) => one.isAllowed === isAllowed).map(({ op }) => op));
      expect(ops.size).toBe(10);
      expect(ops).toContain("put_config" satisfies Op);
    }
  });

  it("each give their client's target another request, and are recorded with what is to come of them", async () => {
    const calls = await made();
    expect(calls.map(({ call }) => [call.op, call.allowed])).toEqual(
      limitCalls.map(({ isAllowed, op }) => [op, isAllowed]),
    );
    const requests = calls.map(({ given, method }) => `${method} ${given.replaceAll(/odd-\d+/gu, "odd")}`);
    expect(new Set(requests).size).toBeGreaterThan(0.9 * requests.length);
    expect(calls.every(({ call }) => call.asked === undefined || call.allowed === true)).toBe(true);
  });
});
