import { describe, expect, it } from "vitest";
import { expiryOf, leasesOf } from "../../../model/partition/checks/indexes.ts";
import { command, lastOf, version } from "./commands.ts";

const ids = ["b", "\u{1f600}", "\uff5e", "a"];
const registered = ids.map((node) => command("register_node", { node, registration: node }));

describe("snapshot", () => {
  it("has the records asked for, null where there is none, at the version", () => {
    const { state, reply, changes } = lastOf([...registered, command("snapshot", { records: ["a", "x"], limit: 0 })]);
    expect(reply).toEqual({
      kind: "page",
      version: version(4),
      records: [state.nodes.get("a"), null],
      next: [],
      generation: 1,
      past: [],
    });
    expect(state.nodes.get("a")?.registration).toBe("a");
    expect(changes).toEqual([]);
  });

  it.each([
    ["", 10, ["a", "b", "\uff5e", "\u{1f600}"]],
    ["", 2, ["a", "b"]],
    ["b", 10, ["\uff5e", "\u{1f600}"]],
    ["aa", 1, ["b"]],
    ["\u{1f600}", 10, []],
  ])("has the ids after %j, at most %i, in byte order", (from, limit, next) => {
    expect(lastOf([...registered, command("snapshot", { after: from, limit })]).reply).toMatchObject({ next });
  });
});

describe("the indexes", () => {
  it("hold every expiry, and the earliest lease of each node that has jobs", () => {
    const { state } = lastOf([
      command("register_node"),
      command("register_node", { node: "m", registration: "t2" }),
      command("register_node", { node: "gone", registration: "t3" }),
      command("offline_node", { node: "gone", incarnation: version(3) }),
      command("reserve_job", { job: "late", lease: 50 }),
      command("reserve_job", { job: "soon", lease: 20 }),
    ]);
    expect(expiryOf(state)).toEqual(
      new Map([
        ["n", 1100],
        ["m", 1100],
        ["gone", 2000],
      ]),
    );
    expect(leasesOf(state)).toEqual(new Map([["n", 1020]]));
  });
});
