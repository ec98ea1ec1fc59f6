import { describe, expect, it } from "vitest";
import { claimedLoad } from "../../src/load/plan/claimed.ts";
import type { Action } from "../../src/load/plan/plan.ts";
import { ops } from "../../src/sut/protocol.ts";

const when = { at: 0, instance: 0 } as const;
const reserve: Action = { ...when, kind: "reserve", node: "n", job: "a" };
const release: Action = { ...when, at: 9, kind: "finish", job: "a", how: "release_job" };
const dispatch: Action = { ...when, kind: "dispatch", job: "b" };
const finish: Action = { ...when, at: 9, kind: "finish", job: "b", how: "release_job" };
const read: Action = { ...when, kind: "read", node: "n" };
const planned = [reserve, dispatch, read, { ...read, instance: 1 }, release, finish];

describe("the load that a scheduler has the operations for", () => {
  it("is all of it for one that claims everything, or that does not say", () => {
    expect(claimedLoad(planned, () => undefined)).toEqual({ actions: planned, notMade: {} });
    expect(claimedLoad(planned, () => ops)).toEqual({ actions: planned, notMade: {} });
  });

  it("is made to end jobs by the operation that there is, and counts what is not made", () => {
    const jobs = ["register_node", "reserve_job", "complete_job"];
    expect(claimedLoad(planned, (instance) => (instance === 0 ? jobs : ops))).toEqual({
      actions: [reserve, { ...read, instance: 1 }, { ...release, how: "complete_job" }],
      notMade: { select_nodes: 1, get_node: 1, release_job: 1 },
    });
  });

  it("has no end of a job that nothing can end", () => {
    const actions = claimedLoad([reserve, release], () => ["register_node", "reserve_job"]).actions;
    expect(actions).toEqual([reserve]);
  });
});
