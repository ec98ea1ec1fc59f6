import { describe, expect, it, vi } from "vitest";
import { ofKind } from "../../../src/check/history.ts";
import { searchForLocks } from "../../../src/inject/observe/lock-search.ts";
import { watchOverdue } from "../../../src/inject/observe/overdue.ts";
import { Recorder } from "../../../src/inject/observe/recorder.ts";
import { watchStore } from "../../../src/inject/observe/store-watch.ts";
import { watchViews } from "../../../src/inject/observe/view-watch.ts";
import type { Answer, PageReply, ReserveReply } from "../../../src/protocol/replies.ts";
import type { Store } from "../../../src/scheduler/ports.ts";
import type { Scheduler } from "../../../src/scheduler/scheduler.ts";

function opened(): Recorder {
  const recorder = new Recorder();
  recorder.begin();
  return recorder;
}

describe("a watched store", () => {
  const page: PageReply = { kind: "page", version: { epoch: "e1", sequence: 1 }, nodes: [], next: [] };
  const asking = { partition: 3, nodes: [], after: "", limit: 0 };

  it("answers unchanged, and distinguishes a lookup from the first and the next page of a load", async () => {
    const recorder = opened();
    const store = watchStore({ snapshot: async () => page } as Partial<Store> as Store, 1, recorder);
    expect(await store.snapshot({ ...asking, nodes: ["n1"] }, 25)).toBe(page);
    await store.snapshot({ ...asking, limit: 10 }, 25);
    await store.snapshot({ ...asking, nodes: ["n1"], after: "n1", limit: 10 }, 25);
    const place = { instance: 1, partition: 3, outcome: "answered" };
    expect(ofKind(recorder.events, "request")).toMatchObject([
      { ...place, page: "none", nodes: ["n1"] },
      { ...place, page: "first", nodes: [] },
      { ...place, page: "next", nodes: [] },
    ]);
  });

  it("records a request that was in flight when the load began by one clock", async () => {
    const recorder = new Recorder();
    const answer = Promise.withResolvers<PageReply>();
    const store = watchStore({ snapshot: () => answer.promise } as Partial<Store> as Store, 0, recorder);
    const asked = store.snapshot({ ...asking, limit: 10 }, 25);
    await new Promise((resolve) => setTimeout(resolve, 2)); // so that the two clocks differ
    recorder.begin();
    answer.resolve(page);
    await asked;
    const [request] = ofKind(recorder.events, "request");
    expect(request?.from).toBeLessThan(0);
    expect(request?.to).toBeGreaterThanOrEqual(0);
  });

  it("says how a request failed", async () => {
    const failed = { kind: "failed", applied: "unknown", cause: "deadline", after: 25, message: "" } as const;
    const recorder = opened();
    const store = watchStore({ snapshot: async () => failed } as Partial<Store> as Store, 0, recorder);
    await store.snapshot({ ...asking, nodes: ["n1"] }, 25);
    expect(ofKind(recorder.events, "request")).toMatchObject([{ outcome: "deadline" }]);
  });
});

describe("a watched store that is asked for a place", () => {
  const version = { epoch: "e1", sequence: 4 };
  const wanted = { partition: 3, node: "n1", job: "j1", lease: 1_000, seen: 0 };
  const answered = async (answer: Answer<ReserveReply>) => {
    const recorder = opened();
    const store = watchStore({ reserveJob: async () => answer } as Partial<Store> as Store, 2, recorder);
    expect(await store.reserveJob(wanted, 30)).toBe(answer);
    return ofKind(recorder.events, "node_full");
  };

  it("records that the node is full, and where the store was", async () => {
    const place = { instance: 2, node: "n1", job: "j1", version };
    expect(await answered({ kind: "full", version })).toMatchObject([place]);
  });

  it("records no other answer, and no failure", async () => {
    for (const kind of ["reserved", "already", "not_online", "finished"] as const)
      expect(await answered({ kind, version })).toEqual([]);
    const failed = { kind: "failed", applied: "unknown", cause: "deadline", after: 30, message: "" } as const;
    expect(await answered(failed)).toEqual([]);
  });
});

describe("a store watched for calls that never end", () => {
  const asking = { partition: 3, nodes: [], after: "", limit: 0 };

  it("records one that is still in flight long past its deadline, once, and none that has ended", async () => {
    vi.useFakeTimers();
    try {
      const recorder = opened();
      const hanging = Promise.withResolvers<PageReply>();
      const inner = {
        snapshot: () => hanging.promise,
        readConfig: async () => ({ kind: "none" }),
        close: async () => {},
      } as unknown as Store;
      const store = watchOverdue(inner, 1, recorder);
      void store.snapshot(asking, 25);
      await store.readConfig(25);
      await vi.advanceTimersByTimeAsync(120);
      expect(ofKind(recorder.events, "overdue")).toEqual([]);
      await vi.advanceTimersByTimeAsync(400);
      expect(ofKind(recorder.events, "overdue")).toMatchObject([
        { instance: 1, operation: "snapshot", from: 0, deadline: 25 },
      ]);
      await store.close();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it("answers as it would", async () => {
    const failing = {
      snapshot: () => Promise.reject(new Error("x")),
      readConfig: async () => "answered",
      close: async () => {},
    } as unknown as Store;
    const store = watchOverdue(failing, 0, opened());
    await expect(store.snapshot(asking, 25)).rejects.toThrow("x");
    expect(await store.readConfig(25)).toBe("answered");
    await store.close();
  });
});

describe("watched views", () => {
  const statusAt = (sequence: number): ReturnType<Scheduler["status"]> => ({
    mode: "normal",
    connected: true,
    view: [{ epoch: sequence === 0 ? "" : "e1", sequence }],
    calls: 0,
  });

  it("are recorded when they have changed, from the first look to the last", () => {
    const recorder = opened();
    let sequence = 0;
    const scheduler = { status: () => statusAt(sequence), nodes: () => [] } as Partial<Scheduler> as Scheduler;
    const watching = watchViews([scheduler], { nodes: 1, first: 2 }, recorder);
    sequence = 4;
    watching[Symbol.dispose]();
    expect(ofKind(recorder.events, "view").map(({ views }) => views)).toEqual([[null], [{ epoch: "e1", sequence: 4 }]]);
    expect(ofKind(recorder.events, "sample")).toMatchObject([{ instance: 2 }]);
  });

  it("are not copied whole where there are very many nodes", () => {
    const recorder = opened();
    const scheduler = { status: () => statusAt(1), nodes: () => [] } as Partial<Scheduler> as Scheduler;
    watchViews([scheduler], { nodes: 1_000 }, recorder)[Symbol.dispose]();
    expect(ofKind(recorder.events, "sample")).toEqual([]);
    expect(ofKind(recorder.events, "view")).toHaveLength(1);
  });
});

describe("the search for locks", () => {
  it("reads our scripts and code, and finds none", async () => {
    const search = await searchForLocks();
    expect(search?.found).toEqual([]);
    expect(search?.files).toBeGreaterThan(30);
    expect(search?.functions).toBeGreaterThan(5);
  });
});
