import { describe, expect, it } from "vitest";
import { openLab } from "../../src/lab/lab.ts";
import { Crossing } from "../../src/lockstep/crossing.ts";
import { askWhileLoading, beginLoading, endLoading, loadingArgs } from "../../src/lockstep/loading.ts";

function replicationId(crossing: Crossing, url: string): string {
  const [info] = crossing.tell(url, ["INFO", "replication"]);
  return /master_replid:(\w+)/.exec(String(info))?.[1] ?? "none";
}

describe("a server that reads its data", () => {
  it("refuses all with LOADING until it is to end, and holds no more than it was given, as a primary of its own", async () => {
    await using lab = await openLab();
    await using crossing = new Crossing();
    const { url: source } = await lab.redis({ args: loadingArgs });
    const { url } = await lab.redis({ args: loadingArgs });
    crossing.tell(source, ["SET", "{p0}:a", "1"]);
    beginLoading(crossing, url, source);
    for (const command of [
      ["GET", "{p0}:a"],
      ["EVAL", "return 1", "0"],
      ["EVALSHA", "0".repeat(40), "0"],
    ]) {
      expect(askWhileLoading(crossing, url, command)).toEqual({ error: expect.stringMatching(/^LOADING /) });
    }
    endLoading(crossing, url);
    expect(crossing.tell(url, ["GET", "{p0}:a"], ["DBSIZE"], ["INFO", "keyspace"])).toEqual([
      "1",
      "1",
      expect.not.stringContaining("db1"),
    ]);
    expect(replicationId(crossing, url)).not.toBe(replicationId(crossing, source));
    expect(String(crossing.tell(url, ["ROLE"])[0])).toMatch(/^master/);
  });

  it("breaks the run where it has come to an end by itself, for what it answers then says nothing", async () => {
    await using lab = await openLab();
    await using crossing = new Crossing();
    const { url } = await lab.redis({ args: loadingArgs });
    expect(() => askWhileLoading(crossing, url, ["PING"])).toThrow(/a real server had read all its data/);
  });
});
