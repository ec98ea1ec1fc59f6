import { describe, expect, it } from "vitest";
import { instanceKind } from "../../../src/inject/instances/as-processes.ts";

const plain = { redis: "single", mutant: null } as const;

describe("the instances of a run", () => {
  it("are hosted, wrong schedulers and every kind of servers included, unless the line protocol is asked for", () => {
    expect(instanceKind("redis-slow", plain)).toBe("hosted");
    expect(instanceKind("redis-slow", { redis: "cluster", mutant: "no-jitter" })).toBe("hosted");
    expect(instanceKind("redis-slow", { ...plain, asked: "--processes" })).toBe("line_protocol");
  });

  it("cannot run over the line protocol where Redis has more than one address, or a mutant runs", () => {
    expect(() => instanceKind("redis-slow", { ...plain, redis: "sentinel", asked: "--processes" })).toThrow(
      "found sentinel",
    );
    expect(() => instanceKind("redis-slow", { ...plain, mutant: "no-jitter", asked: "--processes" })).toThrow(
      "no-jitter cannot run",
    );
  });
});
