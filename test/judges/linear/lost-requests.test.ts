import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Stall, StoreCall } from "../../../src/check/history.ts";
import { Stalls, timerGrain } from "../../../src/check/timing/stall.ts";
import { LostRequests } from "../../../src/judges/linear/requests/lost-requests.ts";
import { call, stall, storeCall } from "../../check/trials.ts";

function lostOf(requests: readonly StoreCall[], stalls: readonly Stall[] = []): LostRequests {
  const all = new Stalls(stalls);
  const found = new LostRequests({ grain: timerGrain, kept: (instance, from, to) => all.within(from, to, instance) });
  for (const { to: at, ...request } of requests) found.settled({ ...request, kind: "settled", at });
  return found;
}

const lost = (from: number, lasts: number, parts: Partial<StoreCall> = {}) =>
  storeCall(from, from + lasts, { script: "reserve_job", outcome: "deadline", ...parts });

describe("requests that were not answered", () => {
  it("count for a call when they were in flight with it", () => {
    const requests = fc.array(fc.tuple(fc.nat(30), fc.nat(10)), { maxLength: 20 });
    fc.assert(
      fc.property(requests, fc.nat(30), fc.option(fc.nat(10)), (times, from, lasts) => {
        const to = lasts === null ? null : from + lasts;
        const asked = call({ op: "dispatch", from, to });
        const expected = times.filter(([begin, long]) => begin + long >= from && begin <= (to ?? 1_000)).length;
        const requests = times.map(([begin, long]) => lost(begin, long));
        expect(lostOf(requests).within(asked)).toBe(expected);
      }),
    );
  });

  it("are those of the same instance and script, given up or answered when the instance had given them up", () => {
    const asked = call({ op: "reserve_job", from: 0, to: 100 });
    const count = (...requests: StoreCall[]) => lostOf(requests).within(asked);
    expect(count(lost(1, 2), lost(1, 2, { instance: 1 }), lost(1, 2, { script: "complete_job" }))).toBe(1);
    expect(count(lost(1, 2, { outcome: "answered", deadline: 30 }))).toBe(0);
    expect(count(lost(1, 28, { outcome: "answered", deadline: 30 }))).toBe(1);
    expect(lostOf([]).within(asked)).toBe(0);
  });

  it("may be of one that was answered in time, where the process paused before it was sent", () => {
    const asked = call({ op: "reserve_job", from: 0, to: 100 });
    const request = lost(40, 20, { outcome: "answered", deadline: 30 });
    const count = (...stalls: Stall[]) => lostOf([request], stalls).within(asked);
    expect(count(stall(25, 15))).toBe(1);
    expect(count(stall(35, 4))).toBe(0);
    expect(count(stall(60, 30), stall(0, 9))).toBe(0);
  });
});
