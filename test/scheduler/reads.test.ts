import { describe, expect, it } from "vitest";
import { InvalidInputError } from "../../src/scheduler/errors.ts";
import type { Settings } from "../../src/scheduler/settings.ts";
import { instanceOn, offer, startedOn, wanted } from "./support/instance.ts";
import { ModelServer } from "./support/model-server.ts";
import type { Fate } from "./support/model-store.ts";
import { VirtualClock } from "./support/virtual-clock.ts";

async function world(settings: Partial<Settings> = {}) {
  const clock = new VirtualClock();
  const server = new ModelServer(clock, 1);
  const instance = await startedOn(server, settings);
  await clock.until(instance.scheduler.registerNode(offer("a")));
  await clock.advance(3);
  const get = (node: string) => clock.until(instance.scheduler.getNode(node));
  return { clock, server, ...instance, get };
}

const nowhere = { pools: [], languages: [], services: [] };

/** Without the polls, so that requests can be counted. */
const quiet = { pollInterval: 20_000, pulseInterval: 20_000 } as const;

describe("getNode", () => {
  it("answers from L2 after a version check, then from L1, then checks again", async () => {
    const { clock, get, store } = await world(quiet);
    const asked = store.sent.length;
    expect(await get("a")).toMatchObject({
      found: true,
      source: "l2",
      stale: false,
      mode: "normal",
      node: { node: "a" },
    });
    expect(store.sent.length).toBe(asked + 1);
    expect(await get("a")).toMatchObject({ source: "l1", stale: false });
    expect(store.sent.length).toBe(asked + 1);
    await clock.advance(6_001);
    const sweeps = store.count("sweep");
    const before = store.sent.length;
    expect(await get("a")).toMatchObject({ source: "l2", stale: false });
    expect(store.sent.length - before - (store.count("sweep") - sweeps)).toBe(1);
  });

  it("counts the age from when the store was asked, not from when it answered", async () => {
    const { get, store } = await world(quiet);
    store.network = () => ({ kind: "delivered", replyDelay: 12 });
    expect((await get("a")).age_ms).toBe(12.5);
  });

  it("shows a change in L1 as soon as the feed has reported it", async () => {
    const { clock, get, scheduler } = await world();
    await get("a");
    await clock.until(scheduler.reserveJob("a", "j"));
    await clock.advance(3);
    expect(await get("a")).toMatchObject({ source: "l1", node: { current_jobs: 1 } });
  });

  it("shares one version check among all that ask at once", async () => {
    const { clock, scheduler, store } = await world(quiet);
    const before = store.count("changes_since");
    await clock.until(Promise.all(Array.from({ length: 50 }, () => scheduler.getNode("a"))));
    expect(store.count("changes_since")).toBe(before + 1);
  });

  it("asks once for a missing node, however many look, and not again within the miss TTL (C2)", async () => {
    const { clock, get, scheduler, store, count } = await world();
    await clock.until(Promise.all(Array.from({ length: 50 }, () => scheduler.getNode("x"))));
    const asked = store.count("snapshot");
    expect(await get("x")).toMatchObject({ found: false, source: "miss", stale: false });
    expect(store.count("snapshot")).toBe(asked);
    expect(count("miss_absorbed")).toBe(1);
    expect(count("coalesced")).toBeGreaterThanOrEqual(49);
    await clock.advance(1_001);
    expect(await get("x")).toMatchObject({ found: false, source: "redis" });
    expect(store.count("snapshot")).toBe(asked + 1);
  });

  it("sees a node that registers although it has just been missed (N3)", async () => {
    const { clock, get, scheduler } = await world();
    expect(await get("x")).toMatchObject({ found: false });
    await clock.until(scheduler.registerNode(offer("x")));
    await clock.advance(3);
    expect(await get("x")).toMatchObject({ found: true, stale: false });
  });

  it("takes in a node that the feed has not reported yet, and does not go back when it does", async () => {
    const { clock, server, get, store, scheduler, feed } = await world(quiet);
    feed.isDeaf = true;
    await clock.until(scheduler.reserveJob("a", "j0")); // and its follow-up
    await clock.advance(3);
    const other = await startedOn(server, quiet, 2);
    await clock.until(other.scheduler.registerNode(offer("x")));
    await clock.until(other.scheduler.reserveJob("x", "j"));
    const slow: Fate = { kind: "delivered", replyDelay: 15 };
    store.network = (sent) => (sent.kind === "changes_since" ? slow : { kind: "delivered" });
    expect(await get("x")).toMatchObject({ found: true, source: "redis", node: { current_jobs: 1 } });
    await clock.advance(40);
    expect(await get("x")).toMatchObject({ node: { current_jobs: 1 } });
    expect(scheduler.nodes(0)).toEqual(server.nodes(0));
  });

  it("answers from the view only what a page that is ahead of it does not know better", async () => {
    const { clock, scheduler, server, store } = await world(quiet);
    store.network = ({ kind }) => ({ kind: "delivered", ...(kind === "snapshot" ? { delay: 5, replyDelay: 5 } : {}) });
    const reading = scheduler.getNode("x");
    server.run(0, { kind: "register_node", node: "x", registration: "t", maxJobs: 1, ttl: 9_000, ...nowhere });
    await clock.advance(3); // the feed has reported the node
    server.isSilent = true;
    server.run(0, { kind: "reserve_job", node: "x", job: "j", lease: 9_000, seen: 0 });
    expect(await clock.until(reading)).toMatchObject({ stale: false, node: { node: "x", current_jobs: 1 } });
  });

  it("does not repeat what an answer that was cut off at its limit had only begun to report", async () => {
    const { clock, get, scheduler, server, store } = await world({ ...quiet, changesLimit: 1 });
    await get("a");
    store.network = () => ({ kind: "delivered", delay: 2, replyDelay: 2 });
    for (const job of ["j", "k"]) server.run(0, { kind: "reserve_job", node: "a", job, lease: 9_000, seen: 0 });
    await clock.advance(4.6); // the first of the two has come
    expect(await clock.until(scheduler.getNode("a"))).toMatchObject({ stale: false, node: { current_jobs: 2 } });
  });

  it("takes nothing from a page that is older than the view", async () => {
    const { clock, server, store, scheduler } = await world();
    store.network = (sent) => ({ kind: "delivered", replyDelay: sent.kind === "snapshot" ? 20 : 0.5 });
    const lists = { pools: ["p"], languages: [], services: [] };
    server.isSilent = true;
    server.run(0, { kind: "register_node", node: "x", registration: "t", maxJobs: 1, ttl: 1, ...lists });
    const reading = scheduler.getNode("x");
    await clock.advance(2); // the page has been read, with "x" in it, and is on its way
    const candidates = ["x"];
    for (let turn = 0; turn < 2; turn++) {
      server.run(0, {
        kind: "sweep",
        retention: 1,
        limit: 1,
        jobLimit: 1_000,
        offset: 0,
        gap: 86_400_000,
        grace: 0,
        candidates,
      });
      await clock.advance(2);
    }
    expect(await clock.until(reading)).toMatchObject({ found: false, stale: false });
    expect(server.nodes(0).map(({ node }) => node)).toEqual(["a"]);
  });

  it("gives no answer of an epoch that is over as if it were fresh", async () => {
    const { clock, server, get, store, scheduler } = await world();
    await get("a");
    expect(await get("a")).toMatchObject({ source: "l1", stale: false });
    store.network = (sent) => ({ kind: "delivered", replyDelay: sent.kind === "snapshot" ? 20 : 0.5 });
    server.failOver("empty");
    await clock.advance(18); // the new epoch has been seen, its pages have not
    expect(scheduler.selectNodes(wanted)).toMatchObject({ stale: true });
    const answer = await get("a");
    expect(answer.found && !answer.stale).toBe(false);
  });

  it("looks again when it is woken while it looks", async () => {
    const { clock, server, store, scheduler } = await world(quiet);
    store.network = (sent) => ({ kind: "delivered", replyDelay: sent.kind === "changes_since" ? 15 : 0.5 });
    server.run(0, { kind: "reserve_job", node: "a", job: "j1", lease: 60_000, seen: 0 });
    await clock.advance(5);
    server.run(0, { kind: "reserve_job", node: "a", job: "j2", lease: 60_000, seen: 0 });
    await clock.advance(40);
    expect(scheduler.nodes(0)).toMatchObject([{ current_jobs: 2 }]);
  });

  it("refuses an id that the protocol does not allow, without asking", async () => {
    const { scheduler, store } = await world(quiet);
    const before = store.sent.length;
    await expect(scheduler.getNode("")).rejects.toThrow(InvalidInputError);
    expect(store.sent.length).toBe(before);
  });
});

describe("a store that never answers (D1, D2)", () => {
  const mute = (): Fate => ({ kind: "mute" });

  it.each(["a", "x"])("lets getNode(%j) answer within the read deadline, and at once after that", async (node) => {
    const { clock, store, scheduler } = await world();
    await clock.until(scheduler.getNode("b"));
    store.network = mute;
    const startedAt = clock.now();
    const answer = await clock.until(scheduler.getNode(node));
    expect(clock.now() - startedAt).toBeLessThanOrEqual(25);
    expect(answer).toMatchObject({ found: node === "a", stale: true, source: node === "a" ? "l2" : "none" });
    await clock.advance(50 - (clock.now() - startedAt));
    expect(scheduler.status().mode).toBe("l2_only");
    const later = clock.now();
    expect(await clock.until(scheduler.getNode(node))).toMatchObject({ stale: true, mode: "l2_only" });
    expect(clock.now()).toBe(later);
  });

  it.each([0, 1, 3, 7, 11, 14])("degrades an idle instance within 50 ms, %d ms into its pulse", async (phase) => {
    const { clock, store, scheduler } = await world();
    await clock.advance(200 + phase);
    expect(scheduler.status().mode).toBe("normal");
    store.network = mute;
    await clock.advance(50);
    expect(scheduler.status().mode).toBe("l2_only");
  });

  it("becomes local_only after a long silence, goes on selecting, and comes back when it heals (D3)", async () => {
    const { clock, store, scheduler, count } = await world();
    store.network = mute;
    await clock.advance(10_500);
    expect(scheduler.status().mode).toBe("local_only");
    expect(scheduler.selectNodes(wanted)).toMatchObject({ mode: "local_only", stale: true, nodes: [{ node: "a" }] });
    store.network = () => ({ kind: "delivered" });
    await clock.advance(600);
    expect(scheduler.status().mode).toBe("normal");
    await clock.advance(10_000);
    expect(scheduler.status().mode).toBe("normal");
    expect(count("mode_changed")).toBe(4); // to normal at the start, l2_only, local_only, normal
  });

  it("is not waited for, and what it says after all is dropped", async () => {
    const { clock, server, store, scheduler, count } = await world();
    const [held] = scheduler.status().view;
    store.network = () => ({ kind: "tardy", replyDelay: 60 });
    server.run(0, { kind: "reserve_job", node: "a", job: "j", lease: 60_000, seen: 0 });
    await clock.advance(55);
    expect(scheduler.status().mode).toBe("l2_only");
    await clock.advance(30);
    expect(count("late_reply")).toBeGreaterThan(0);
    expect(scheduler.status().view).toEqual([held]);
  });

  it("is got over by smaller pages where a page is too slow", async () => {
    const clock = new VirtualClock();
    const server = new ModelServer(clock, 1);
    const writer = await startedOn(server);
    for (let index = 0; index < 40; index++) await clock.until(writer.scheduler.registerNode(offer(`n${index}`)));
    const { scheduler, store } = instanceOn(server, { snapshotPage: 64 });
    store.network = (sent) => ({ kind: "delivered", replyDelay: sent.kind === "snapshot" ? sent.records.length : 0.5 });
    await clock.until(scheduler.start(), 1_000);
    expect(scheduler.nodes(0)).toHaveLength(40);
  });

  it("holds up a start until it answers", async () => {
    const clock = new VirtualClock();
    const { scheduler, store } = instanceOn(new ModelServer(clock, 1));
    store.network = mute;
    let isReady = false;
    const starting = scheduler.start().then(() => {
      isReady = true;
    });
    await clock.advance(2_000);
    expect(isReady).toBe(false);
    expect(await clock.until(scheduler.getNode("a"))).toMatchObject({ found: false, stale: true, source: "none" });
    store.network = () => ({ kind: "delivered" });
    await clock.until(starting, 300);
    expect(scheduler.status().mode).toBe("normal");
  });
});

describe("L2 past its TTL", () => {
  it("makes the instance local_only although the store answers", async () => {
    const { clock, store, scheduler } = await world();
    store.network = (sent) => ({ kind: sent.kind === "changes_since" && sent.limit > 0 ? "reply_lost" : "delivered" });
    await clock.advance(37_000);
    expect(scheduler.status().mode).toBe("local_only");
  });
});
