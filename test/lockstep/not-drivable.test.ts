import { describe, expect, it } from "vitest";
import { emptyPartition } from "../../model/partition/partition.ts";
import { emptyConfig } from "../../model/partition/rules/config.ts";
import { ClusterNodes } from "../../src/lockstep/cluster-nodes.ts";
import { NotDrivable } from "../../src/lockstep/fleet.ts";
import { SingleServers } from "../../src/lockstep/single-servers.ts";
import { SyncClient } from "../../src/lockstep/sync-client.ts";

const empty = { partitions: [emptyPartition], config: emptyConfig };
const nodes = [{ url: "redis://127.0.0.1:1", id: "0" }] as const;

/** Returns the reason of the refusal, or that it was no such refusal. */
function reasonOf(work: () => void): string {
  try {
    work();
  } catch (error) {
    return error instanceof NotDrivable ? error.message : `another error: ${error}`;
  }
  return "no refusal";
}

describe("what no real server can be made to do is refused by the kinds of the faults", () => {
  it("a Cluster's", async () => {
    await using client = new SyncClient();
    const fleet = new ClusterNodes(client, nodes);
    fleet.began(1, empty);
    expect([
      reasonOf(() => fleet.began(2, empty)),
      reasonOf(() => fleet.askLoading()),
      reasonOf(() => fleet.askMoving(1, 0, ["PING"])),
      reasonOf(() => fleet.urlOf(2, 0)),
    ]).toEqual([
      "a server that takes the place of another beside slot_migration",
      "redis_loading beside slot_migration",
      "slot_migration more than 3 times",
      "server 2 beside slot_migration",
    ]);
  });

  it("single servers'", async () => {
    await using client = new SyncClient();
    const fleet = new SingleServers(client, []);
    expect([
      reasonOf(() => fleet.moved()),
      reasonOf(() => fleet.urlOf(7)),
      reasonOf(() => fleet.began(1, empty)),
    ]).toEqual([
      "slot_migration without a Cluster",
      "server 7 has no real one",
      "more than 0 servers and copies at once",
    ]);
  });
});
