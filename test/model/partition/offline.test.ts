import { describe, expect, it } from "vitest";
import { poolMembers } from "../../../model/partition/checks/indexes.ts";
import type { Command } from "../../../model/partition/command.ts";
import { command, enZh, lastOf, version } from "./commands.ts";

const registered = command("register_node");
const offline = command("offline_node");

describe("offline_node", () => {
  it("orphans the jobs, leaves pools and languages, and is remembered for its retention", () => {
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
    expect(poolMembers(state)).toEqual(new Map());
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

  it.each([
    ["pool", { pools: ["q"], languages: [enZh] }],
    ["language", { pools: ["p"], languages: [] }],
    ["language's source", { pools: ["p"], languages: [{ ...enZh, source: "de" }] }],
    ["language's target", { pools: ["p"], languages: [{ ...enZh, target: "de" }] }],
  ])("asks for the keys when a %s is not declared", (_, declared) => {
    const { reply, changes } = lastOf([registered, command("offline_node", { declared })]);
    expect(reply).toEqual({ kind: "keys_needed", version: version(1), pools: ["p"], languages: [enZh] });
    expect(changes).toEqual([]);
  });
});
