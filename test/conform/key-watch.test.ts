import { describe, expect, it } from "vitest";
import { createKeyWatch } from "../../src/conform/store/key-watch.ts";

const call = ["evalsha", "sha", "2", "lp:{p0}:meta", "lp:{p0}:feed", "", "2", "100"];

function watch(lines: readonly (readonly [source: string, ...args: string[]])[]) {
  const seen = createKeyWatch();
  for (const [source, ...args] of lines) seen.see(args, source);
  return seen;
}

describe("what the scripts touch", () => {
  it("is in order when every key was declared", () => {
    const seen = watch([
      ["127.0.0.1:1", ...call],
      ["lua", "HMGET", "lp:{p0}:meta", "epoch"],
      ["lua", "INFO", "replication"],
      ["lua", "DEL", "lp:{p0}:feed", "lp:{p0}:meta"],
      ["lua", "PUBLISH", "lp:{p0}:feed", "e:1"],
    ]);
    expect(seen.calls).toBe(1);
    expect(seen.offence).toBeNull();
  });

  it.each([
    ["a key of another call", ["lua", "HSET", "lp:{p0}:node:a", "x", "1"], "lp:{p0}:node:a"],
    ["the last of several keys", ["lua", "DEL", "lp:{p0}:feed", "lp:{p0}:done:a"], "lp:{p0}:done:a"],
    ["one that another command names later", ["lua", "COPY", "lp:{p0}:meta", "lp:{p0}:copy"], "lp:{p0}:copy"],
    ["one of a stream", ["lua", "XREAD", "STREAMS", "lp:{p0}:feed", "0"], "STREAMS"],
    ["a channel that is no key", ["lua", "PUBLISH", "news", "e:1"], "news"],
  ] as const)("is an offence for %s", (_what, line, key) => {
    expect(watch([["127.0.0.1:1", ...call], line]).offence).toContain(JSON.stringify(key));
  });

  it("is an offence when the declared keys are of two slots, or not ours", () => {
    expect(watch([["c", "evalsha", "s", "2", "lp:{p0}:meta", "lp:{p1}:feed"]]).offence).toContain("2 hash tags");
    expect(watch([["c", "eval", "s", "1", "other:{p0}:meta"]]).offence).toContain("not under lp:");
  });

  it("does not count what is no script call of ours", () => {
    const seen = watch([
      ["c", "PING"],
      ["c", "eval", "return 1", "0"],
      ["lua", "KEYS", "*"],
    ]);
    expect([seen.calls, seen.offence]).toEqual([0, null]);
  });
});
