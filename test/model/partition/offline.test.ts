import { describe, expect, it } from "vitest";
import type { Command } from "../../../model/partition/command.ts";
import { command, lastOf, version } from "./commands.ts";

const registered = command("register_node");
const offline = command("offline_node");

describe("offline_node", () => {
  it("orphans the jobs, and is remembered for its retention", () => {
    const { state, reply, changes } = lastOf([
      registered,
      command("reserve_job", { job: "b" }),
      command("reserve_job", { job: "a", lease: 51 }),
      offline,
    ]);
    expect(reply).toEqual({ kind: "offline", version: version(4), orphaned: ["b", "a"] });
    expect(changes).toEqual([{ kind: "offline", node: "n", orphaned: ["b", "a"] }]);
    expect(state.nodes.get("n")).toMatchObject({
      status: "offline",
      currentJobs: 0,
      expiresAt: 2000,
      version: version(4),
      pools: ["p"],
    });
    expect(state.jobs.size).toBe(0);
  });

  it.each<[string, readonly Command[], object]>([
    ["unknown_node", [], { kind: "unknown_node", version: version(0) }],
    [
      "superseded",
      [registered, command("register_node", { registration: "t2" })],
      { kind: "superseded", version: version(2), incarnation: version(2) },
    ],
    ["already", [registered, offline], { kind: "already", version: version(2) }],
  ])("answers %s and changes nothing", (_, before, reply) => {
    const last = lastOf([...before, offline]);
    expect(last.reply).toEqual(reply);
    expect(last.changes).toEqual([]);
    expect(last.state.nodes).toEqual(lastOf(before).state.nodes);
  });
});
