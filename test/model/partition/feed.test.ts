import { describe, expect, it } from "vitest";
import { changeServer, emptyPartition, loseData, type Partition, step } from "../../../model/partition/partition.ts";
import { command, lastOf, version } from "./commands.ts";

const registered = command("register_node");
const since = (sequence: number, said: Parameters<typeof command<"changes_since">>[1] = {}) =>
  command("changes_since", { since: version(sequence), ...said });
const reserveThree = ["a", "b", "c"].map((job) => command("reserve_job", { job }));
/** A registration and three reservations: sequences 1 to 4. */
const four = [command("register_node", { maxJobs: 9 }), ...reserveThree];

describe("changes_since", () => {
  it("has the changes that were missed, oldest first, up to the limit", () => {
    const { reply } = lastOf([...four, since(1, { limit: 2 })]);
    expect(reply).toMatchObject({
      kind: "changes",
      version: version(4),
      entries: [
        { sequence: 2, change: { kind: "reserved", job: "a" } },
        { sequence: 3, change: { kind: "reserved", job: "b" } },
      ],
    });
  });

  it.each([
    ["with limit 0", since(1, { limit: 0 })],
    ["when nothing was missed", since(4)],
  ])("has only the version %s", (_, call) => {
    expect(lastOf([...four, call]).reply).toEqual({ kind: "changes", version: version(4), entries: [] });
  });

  it.each([
    ["another epoch", since(0, { since: version(1, 2) })],
    ["a sequence still to come", since(5)],
    ["another epoch, with limit 0", since(0, { since: version(1, 2), limit: 0 })],
  ])("answers resync to %s", (_, call) => {
    expect(lastOf([...four, call]).reply).toEqual({ kind: "resync", version: version(4), generation: 1, past: [] });
  });

  it("answers resync when an entry that should be there was trimmed", () => {
    const trimmed = lastOf(four.map((call) => ({ ...call, feedMax: 2 }))).state;
    expect(trimmed.feed.map(({ sequence }) => sequence)).toEqual([3, 4]);
    expect(lastOf([since(1)], trimmed).reply.kind).toBe("resync");
    expect(lastOf([since(2)], trimmed).reply.kind).toBe("changes");
  });
});

describe("an epoch", () => {
  const begun = lastOf([registered, command("reserve_job")]).state;

  it("lasts while the same server answers", () => {
    expect(lastOf([since(0)], begun).state).toEqual(begun);
  });

  it.each<[string, Partition, number, object]>([
    ["the server is another", changeServer(begun), 1, { generation: 2, past: [1] }],
    ["meta is gone", { ...begun, meta: null }, 1, { generation: 1, past: [] }],
    ["all data are gone", loseData(begun), 0, { generation: 1, past: [] }],
  ])("is followed by a new one when %s; what nodes there are stay", (_, partition, nodes, succession) => {
    const { state, reply, changes } = lastOf([since(2)], partition);
    expect(reply).toEqual({ kind: "resync", version: version(0, 2), ...succession });
    expect(changes).toEqual([]);
    expect(state).toMatchObject({ feed: [], nextEpoch: 3, meta: { epoch: 2, sequence: 0, server: partition.server } });
    expect(state.nodes.size).toBe(nodes);
    expect(lastOf([command("release_job")], state).state.meta?.sequence).toBe(nodes);
  });

  it("remembers the first epoch of all, and the fifteen before it", () => {
    let partition = begun;
    for (let epoch = 2; epoch <= 30; epoch += 1) partition = lastOf([since(0)], changeServer(partition)).state;
    const latest = Array.from({ length: 15 }, (_, index) => 15 + index);
    expect(partition.meta).toMatchObject({ epoch: 30, generation: 30, past: [1, ...latest] });
    expect(lastOf([command("snapshot")], partition).reply).toMatchObject({ generation: 30, past: [1, ...latest] });
  });

  it("begins before a call that changes nothing, and a life of the old one goes on in it", () => {
    const { state, reply } = lastOf([command("heartbeat")], changeServer(begun));
    expect(reply).toEqual({ kind: "renewed", version: version(0, 2), unknownJobs: [] });
    expect(state.nodes.get("n")).toMatchObject({ incarnation: version(1), version: version(2) });
  });

  it.each([
    ["an argument is wrong", { at: -1 }, { kind: "invalid", argument: "now_ms" }],
    [
      "the caller counts other partitions",
      { partitions: 5 },
      { kind: "layout_mismatch", version: version(2), layout: 2, partitions: 4 },
    ],
  ])("does not begin when %s", (_, said, reply) => {
    const before = changeServer(begun);
    expect(step(before, command("reserve_job", said))).toEqual({ state: before, reply, changes: [] });
  });

  it("does not begin over another layout", () => {
    const place = { epoch: 1, sequence: 7, server: 1, layout: 1, partitions: 4 };
    const meta = { ...place, generation: 1, past: [], swept: null };
    const before = { ...emptyPartition, meta };
    const reply = { kind: "layout_mismatch", version: version(7), layout: 1, partitions: 4 };
    expect(step(before, registered)).toEqual({ state: before, reply, changes: [] });
  });
});
