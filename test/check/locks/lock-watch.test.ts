import { describe, expect, it } from "vitest";
import { judgeLockFreedom } from "../../../src/check/locks/watch.ts";
import { storeCall, trialOf } from "../trials.ts";

const search = { kind: "lock_search", files: 9, functions: 4, found: [] } as const;
const ran = (command: string, declared = true) =>
  ({ kind: "commands", instance: 1, command, count: 7, declared }) as const;

describe("K4", () => {
  it("holds when the search found nothing and only declared commands were run", () => {
    const history = [search, ran("evalsha"), ran("hset"), ran("client|setname")];
    expect(judgeLockFreedom(trialOf({ history }))).toMatchObject({ verdict: "held", exercised: 21 });
  });

  it.each([
    ["what the search found", [{ ...search, found: ["src/redis/x.ts:3 the name nodeLock"] }, ran("evalsha")]],
    ["a command that locks", [search, ran("evalsha"), ran("setnx")]],
    ["a command that locks, though it were declared", [search, ran("blpop")]],
    ["a command that is not declared", [search, ran("evalsha"), ran("set", false)]],
  ])("is violated by %s", (_what, history) => {
    expect(judgeLockFreedom(trialOf({ history })).verdict).toBe("violated");
  });

  it.each([
    ["nothing was searched", [ran("evalsha")]],
    ["the search read no way of a selection", [{ ...search, functions: 0 }, ran("evalsha")]],
    ["nothing was watched", [search]],
  ])("is not exercised where %s", (_what, history) => {
    expect(judgeLockFreedom(trialOf({ history })).verdict).toBe("not_exercised");
  });

  it("is unknown where the server answered an instance more calls than it was seen to run commands", () => {
    const calls = Array.from({ length: 10 }, (_, at) => storeCall(at, at + 1, { instance: 1 }));
    const judged = judgeLockFreedom(trialOf({ history: [search, ran("evalsha"), ...calls] }));
    expect(judged).toMatchObject({ verdict: "unknown", cause: "unobserved" });
    expect(judged.reason).toContain("3 of 10 (30.0 %)");
    expect(judgeLockFreedom(trialOf({ history: [search, ran("evalsha"), ...calls.slice(3)] })).verdict).toBe("held");
  });
});
