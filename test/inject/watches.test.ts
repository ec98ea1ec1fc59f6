import { describe, expect, it } from "vitest";
import { ofKind } from "../../src/check/history.ts";
import { searchForLocks } from "../../src/inject/lock-search.ts";
import { Recorder } from "../../src/inject/recorder.ts";
import { watchStore } from "../../src/inject/store-watch.ts";
import { watchViews } from "../../src/inject/view-watch.ts";
import type { PageReply, Store } from "../../src/scheduler/ports.ts";
import type { Scheduler } from "../../src/scheduler/scheduler.ts";

function opened(): Recorder {
  const recorder = new Recorder();
  recorder.begin();
  return recorder;
}

describe("a watched store", () => {
  const page: PageReply = { kind: "page", version: { epoch: "e1", sequence: 1 }, nodes: [], next: [] };
  const asking = { partition: 3, nodes: [], after: "", limit: 0 };

  it("answers as it would, and tells a look-up from the first and the next page of a load", async () => {
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

  it("says how a request failed", async () => {
    const failed = { kind: "failed", applied: "unknown", cause: "deadline", after: 25, message: "" } as const;
    const recorder = opened();
    const store = watchStore({ snapshot: async () => failed } as Partial<Store> as Store, 0, recorder);
    await store.snapshot({ ...asking, nodes: ["n1"] }, 25);
    expect(ofKind(recorder.events, "request")).toMatchObject([{ outcome: "deadline" }]);
  });
});

describe("watched views", () => {
  const statusAt = (sequence: number): ReturnType<Scheduler["status"]> => ({
    mode: "normal",
    connected: true,
    view: [{ epoch: sequence === 0 ? "" : "e1", sequence }],
    calls: 0,
  });

  it("are taken down when they have changed, from the first look to the last", () => {
    const recorder = opened();
    let sequence = 0;
    const scheduler = { status: () => statusAt(sequence), nodes: () => [] } as Partial<Scheduler> as Scheduler;
    const watching = watchViews([scheduler], 1, recorder);
    sequence = 4;
    watching[Symbol.dispose]();
    expect(ofKind(recorder.events, "view").map(({ views }) => views)).toEqual([[null], [{ epoch: "e1", sequence: 4 }]]);
    expect(ofKind(recorder.events, "sample")).toHaveLength(1);
  });

  it("are not copied whole where there are very many nodes", () => {
    const recorder = opened();
    const scheduler = { status: () => statusAt(1), nodes: () => [] } as Partial<Scheduler> as Scheduler;
    watchViews([scheduler], 1_000, recorder)[Symbol.dispose]();
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
