import { describe, expect, it } from "vitest";
import { emptyPartition, step } from "../../model/partition/partition.ts";
import { type GroupItem, groupStep } from "../../model/partition/rules/group.ts";
import type { Partition } from "../../model/partition/state.ts";
import { command } from "./partition/commands.ts";

const none: ReadonlySet<string> = new Set();
const { at, feedMax, partitions } = command("snapshot", {});
const call = { at, feedMax, partitions };

function itemOf(made: object): GroupItem {
  const { at: _, feedMax: __, partitions: ___, ...item } = made as { at: number; feedMax: number; partitions: number };
  return item as GroupItem;
}

const reserve = (job: string, more: object = {}) => command("reserve_job", { job, ...more });
const group = (...items: readonly object[]) => ({ ...call, kind: "group" as const, items: items.map(itemOf) });
const registered = step(emptyPartition, command("register_node", { maxJobs: 2, expected: null })).state;

describe("a group", () => {
  it("does what its items do one after the other, and answers each", () => {
    const items = [reserve("a"), reserve("b"), reserve("c"), command("complete_job", { job: "a" }), reserve("a")];
    let state: Partition = registered;
    const replies = items.map((item) => {
      const made = step(state, item);
      ({ state } = made);
      return made.reply;
    });
    const made = groupStep(registered, group(...items), none);
    expect(made.state).toEqual(state);
    expect(made.reply).toMatchObject({ kind: "grouped", replies, version: { sequence: 4 } });
    expect(made.changes.map(({ kind }) => kind)).toEqual(["reserved", "reserved", "completed"]);
  });

  it("refuses an item for its argument or for a key of another type, and goes on", () => {
    const items = [reserve("a", { lease: 0 }), reserve("b", { node: "other" }), reserve("c")];
    const made = groupStep(registered, group(...items), new Set(["jobs:other"]));
    const kinds = "replies" in made.reply && made.reply.replies.map(({ kind }) => kind);
    expect(kinds).toEqual(["invalid", "wrong_type", "reserved"]);
  });

  it.each([
    ["of no item", [], "items"],
    ["of thirty-three", Array.from({ length: 33 }, () => reserve("a")), "items"],
    [
      "with 257 running jobs",
      [128, 129].map((count) => command("heartbeat", { running: Array.from({ length: count }, () => "j") })),
      "items",
    ],
  ])("%s is refused as a whole", (_, items, argument) => {
    expect(groupStep(registered, group(...items), none)).toMatchObject({
      state: registered,
      reply: { kind: "invalid", argument },
    });
  });

  it("changes nothing where the layout or meta does not fit", () => {
    const other = { ...group(reserve("a")), partitions: 7 };
    expect(groupStep(registered, other, none)).toMatchObject({ state: registered, reply: { kind: "layout_mismatch" } });
    const met = groupStep(registered, group(reserve("a")), new Set(["meta"]));
    expect(met).toMatchObject({ state: registered, reply: { kind: "wrong_type" } });
  });
});
