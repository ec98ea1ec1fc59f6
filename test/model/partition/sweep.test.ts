import { describe, expect, it } from "vitest";
import type { Command } from "../../../model/partition/command.ts";
import { command, lastOf, version } from "./commands.ts";

const registered = command("register_node"); // expires at 1100
const sweep = (at: number, said: Parameters<typeof command<"sweep">>[1] = {}) =>
  command("sweep", { at, candidates: ["n"], ...said });
const nothing = { kind: "swept", expired: [], removed: [], lapsed: [], failed: [], due: [] };

describe("sweep", () => {
  it("does nothing before the time", () => {
    const { reply, changes } = lastOf([registered, sweep(1099)]);
    expect(reply).toEqual({ ...nothing, version: version(1) });
    expect(changes).toEqual([]);
  });

  it("expires a node that is due, and orphans its jobs", () => {
    const { state, reply, changes } = lastOf([registered, command("reserve_job"), sweep(1100)]);
    expect(reply).toEqual({ ...nothing, version: version(3), expired: ["n"] });
    expect(changes).toEqual([{ kind: "expired", node: "n", orphaned: ["j"] }]);
    expect(state.nodes.get("n")).toMatchObject({ status: "expired", currentJobs: 0, expiresAt: 2100 });
    expect(state.jobs.size).toBe(0);
  });

  it.each<[string, Command]>([
    ["expired", sweep(1100)],
    ["offline", command("offline_node", { at: 1100 })],
  ])("removes all of an %s node when its retention is over", (_, gone) => {
    const before = [registered, command("reserve_job"), command("complete_job"), gone];
    expect(lastOf([...before, sweep(2099)]).changes).toEqual([]);
    const { state, reply, changes } = lastOf([...before, sweep(2100)]);
    expect(reply).toEqual({ ...nothing, version: version(5), removed: ["n"] });
    expect(changes).toEqual([{ kind: "removed", node: "n" }]);
    expect([state.nodes.size, state.jobs.size, state.done.size]).toEqual([0, 0, 0]);
  });

  it("lapses the first jobs that are due, by deadline then bytes, and reports that more are", () => {
    const before = [
      command("register_node", { maxJobs: 9 }),
      command("reserve_job", { job: "c", lease: 10 }),
      command("reserve_job", { job: "b", lease: 20 }),
      command("reserve_job", { job: "a", lease: 20 }),
      command("reserve_job", { job: "d", lease: 21 }),
    ];
    const { state, reply, changes } = lastOf([...before, sweep(1020, { jobLimit: 2 })]);
    expect(reply).toEqual({ ...nothing, version: version(6), lapsed: [{ node: "n", jobs: ["c", "a"] }], due: ["n"] });
    expect(changes).toEqual([{ kind: "lapsed", node: "n", jobs: ["c", "a"], currentJobs: 2 }]);
    expect(state.nodes.get("n")).toMatchObject({ status: "online", currentJobs: 2, version: version(6) });
    expect(lastOf([sweep(1020)], state).reply).toMatchObject({ lapsed: [{ node: "n", jobs: ["b"] }], due: [] });
  });

  it("takes candidates in their order, each with a version, and passes over those that do not exist", () => {
    const before = [registered, command("register_node", { node: "m", registration: "t2" })];
    const { reply, changes } = lastOf([...before, sweep(1100, { candidates: ["n", "x", "m"] })]);
    expect(reply).toEqual({ ...nothing, version: version(4), expired: ["n", "m"] });
    expect(changes.map(({ kind }) => kind)).toEqual(["expired", "expired"]);
  });

  it("leaves the candidates that follow once it has taken their places from as many jobs as it may", () => {
    const busy = (id: string) => [
      command("register_node", { node: id, registration: id, maxJobs: 9 }),
      ...["a", "b"].map((job) => command("reserve_job", { node: id, job, lease: 90 })),
    ];
    const made = (jobLimit: number, at = 1100) =>
      lastOf([...busy("n"), ...busy("m"), ...busy("o"), sweep(at, { jobLimit, candidates: ["n", "m", "o"] })]).reply;
    expect(made(1)).toMatchObject({ expired: ["n"], due: ["m", "o"] });
    expect(made(3)).toMatchObject({ expired: ["n", "m"], due: ["o"] });
    expect(made(3, 1095)).toMatchObject({ lapsed: [{ jobs: ["a", "b"] }, { jobs: ["a"] }], due: ["m", "o"] });
  });

  it("reports what is due, by expiry and then by lease, from an offset on, each node once", () => {
    const node = (id: string, ttl: number, lease: number) => [
      command("register_node", { node: id, registration: id, ttl }),
      command("reserve_job", { node: id, lease }),
    ];
    const before = [...node("a", 30, 20), ...node("b", 30, 10), ...node("c", 20, 30), ...node("d", 500, 30)];
    const due = (limit: number, offset = 0) =>
      lastOf([...before, sweep(1030, { candidates: [], limit, offset })]).reply;
    // By expiry c, a, b; by lease b, a, c, d.
    expect(due(10)).toMatchObject({ due: ["c", "a", "b", "d"] });
    expect(due(2)).toMatchObject({ due: ["c", "a"] });
    expect(due(2, 2)).toMatchObject({ due: ["b"] });
    expect(due(3, 3)).toMatchObject({ due: ["b", "a", "c"] });
    expect(due(10, 6)).toMatchObject({ due: ["d"] });
    expect(due(10, 7)).toMatchObject({ due: [] });
  });
});

describe("a sweep after a time in which none ran", () => {
  const first = (at: number) => sweep(at, { gap: 50, grace: 100 });

  it("takes nothing for due until the grace is over, and says so", () => {
    const { state, reply, changes } = lastOf([registered, command("reserve_job"), first(1100)]);
    expect(reply).toEqual({ ...nothing, version: version(2) });
    expect([changes, state.meta?.swept]).toEqual([[], { at: 1100, heldUntil: 1200 }]);
    expect(lastOf([first(1150), first(1199)], state).changes).toEqual([]);
    expect(lastOf([first(1150), first(1200)], state).changes).toMatchObject([{ kind: "expired", node: "n" }]);
  });

  it("begins the grace anew where a sweep is too late, or before the last one, and not where one is in time", () => {
    const { state } = lastOf([registered, first(1000)]);
    const heldAfter = (at: number) => lastOf([first(at)], state).state.meta?.swept?.heldUntil;
    expect([1050, 1051, 999].map(heldAfter)).toEqual([1100, 1151, 1099]);
  });

  it("is the first of a new epoch, whatever was swept in the one before", () => {
    const { state } = lastOf([registered, first(1000), sweep(1040)]);
    const { state: next } = lastOf([first(1041)], { ...state, server: 2 });
    expect(next.meta).toMatchObject({ epoch: 2, swept: { at: 1041, heldUntil: 1141 } });
  });

  it("lets a heartbeat renew what was overdue meanwhile", () => {
    const beat = command("heartbeat", { at: 1150, ttl: 100, running: ["j"], lease: 200 });
    const before = [registered, command("reserve_job"), first(1101), beat, first(1149)];
    expect(lastOf([...before, first(1199), first(1201)]).changes).toEqual([]);
  });
});
