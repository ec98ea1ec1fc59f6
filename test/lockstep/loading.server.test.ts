import { describe, expect, it } from "vitest";
import { openLab } from "../../src/lab/lab.ts";
import { askWhileLoading, beginLoading, endLoading, loadingArgs } from "../../src/lockstep/loading.ts";
import { SyncClient } from "../../src/lockstep/sync-client.ts";

function replicationId(client: SyncClient, url: string): string {
  const [info] = client.execute(url, ["INFO", "replication"]);
  return /master_replid:(\w+)/.exec(String(info))?.[1] ?? "none";
}

describe("a server that reads its data", () => {
  it("refuses all with LOADING until it is to end, and holds no more than it was given, as a primary of its own", async () => {
    await using lab = await openLab();
    await using client = new SyncClient();
    const { url: source } = await lab.redis({ args: loadingArgs });
    const { url } = await lab.redis({ args: loadingArgs });
    client.execute(source, ["SET", "{p0}:a", "1"]);
    beginLoading(client, url, source);
    for (const command of [
      ["GET", "{p0}:a"],
      ["EVAL", "return 1", "0"],
      ["EVALSHA", "0".repeat(40), "0"],
    ]) {
      expect(askWhileLoading(client, url, command)).toEqual({ error: expect.stringMatching(/^LOADING /) });
    }
    endLoading(client, url);
    expect(client.execute(url, ["GET", "{p0}:a"], ["DBSIZE"], ["INFO", "keyspace"])).toEqual([
      "1",
      "1",
      expect.not.stringContaining("db1"),
    ]);
    expect(replicationId(client, url)).not.toBe(replicationId(client, source));
    expect(String(client.execute(url, ["ROLE"])[0])).toMatch(/^master/);
  });

  it("breaks the run where it has come to an end by itself, for what it answers then says nothing", async () => {
    await using lab = await openLab();
    await using client = new SyncClient();
    const { url } = await lab.redis({ args: loadingArgs });
    expect(() => askWhileLoading(client, url, ["PING"])).toThrow(/a real server had read all its data/);
  });
});
