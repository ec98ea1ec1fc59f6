import { describe, expect, it } from "vitest";
import { seededRandom } from "../../src/load/plan/seeded-random.ts";
import type { PartitionTag } from "../../src/protocol/version.ts";
import { Tasks } from "../../src/scheduler/calls/tasks.ts";
import { InvariantError } from "../../src/scheduler/invariant.ts";
import { createScheduler } from "../../src/scheduler/scheduler.ts";
import { partitionOf } from "../../src/scheduler/view/partition-of.ts";
import { incarnationOf, instanceOn, offer, startedOn, wanted } from "./support/instance.ts";
import { ModelServer } from "./support/model-server.ts";
import { ModelFeed, ModelStore } from "./support/model-store.ts";
import { VirtualClock } from "./support/virtual-clock.ts";

function world(partitions = 2) {
  const clock = new VirtualClock();
  return { clock, server: new ModelServer(clock, partitions) };
}

describe("the sweeper", () => {
  it("expires a silent node, later removes it, and reports its jobs", async () => {
    const { clock, server } = world();
    const { scheduler, events } = await startedOn(server, { heartbeatTtl: 2_000, retention: 5_000 });
    await clock.until(scheduler.registerNode(offer("a")));
    await clock.until(scheduler.reserveJob("a", "j"));
    await clock.advance(4_000);
    expect(scheduler.selectNodes(wanted).nodes).toEqual([]);
    expect(await clock.until(scheduler.getNode("a"))).toMatchObject({ node: { status: "expired", current_jobs: 0 } });
    expect(events).toContainEqual(
      expect.objectContaining({ kind: "jobs_orphaned", node: "a", jobs: ["j"], because: "expired" }),
    );
    await clock.advance(7_000);
    expect(await clock.until(scheduler.getNode("a"))).toMatchObject({ found: false });
  });

  it("frees a place after its lease has lapsed (J4)", async () => {
    const { clock, server } = world();
    const { scheduler, events } = await startedOn(server, { lease: 1_000 });
    await clock.until(scheduler.registerNode(offer("a")));
    await clock.until(scheduler.reserveJob("a", "j"));
    await clock.advance(3_000);
    expect(await clock.until(scheduler.getNode("a"))).toMatchObject({ node: { current_jobs: 0 } });
    expect(events).toContainEqual(expect.objectContaining({ kind: "jobs_orphaned", because: "lapsed", jobs: ["j"] }));
  });

  it("expires nothing for one TTL after a time in which nothing was swept", async () => {
    const { clock, server } = world(1);
    server.isGraceful = true;
    await startedOn(server, { sweepInterval: 500, heartbeatTtl: 5_000 });
    const lists = { pools: [], languages: [], services: [] };
    const register = { kind: "register_node", node: "x", registration: "t", maxJobs: 1, ttl: 1, ...lists } as const;
    await clock.advance(700);
    server.run(0, register);
    await clock.advance(3_200);
    expect(server.nodes(0)).toMatchObject([{ status: "online" }]);
    await clock.advance(2_000);
    expect(server.nodes(0)).toMatchObject([{ status: "expired" }]);
  });

  it("expires a node that the view does not know", async () => {
    const { clock, server } = world(1);
    const quiet = { sweepInterval: 500, pollInterval: 20_000, pulseInterval: 20_000 };
    const { scheduler, store } = await startedOn(server, quiet);
    store.network = (sent) => ({ kind: "delivered", replyDelay: sent.kind === "changes_since" ? 20 : 0.5 });
    server.isSilent = true;
    const lists = { pools: ["hidden"], languages: [], services: [] };
    server.run(0, { kind: "register_node", node: "x", registration: "t", maxJobs: 1, ttl: 1, ...lists });
    await clock.advance(650);
    expect(server.nodes(0)).toMatchObject([{ status: "expired" }]);
    expect(store.count("sweep")).toBe(2); // what is due, and with that
    await clock.advance(50);
    expect(scheduler.nodes(0)).toEqual(server.nodes(0));
  });
});

describe("the mode supervisor", () => {
  it("keeps asking, a pulse apart, and no partition waits longer than the poll interval", async () => {
    const { clock, server } = world(20);
    const { store } = await startedOn(server);
    const asked = new Map<PartitionTag, number[]>();
    store.network = (sent, partition) => {
      if (sent.kind === "changes_since" && partition !== "cfg")
        asked.set(partition, [...(asked.get(partition) ?? []), clock.now()]);
      return { kind: "delivered" };
    };
    await clock.advance(3_000);
    const times = [...asked.values()];
    expect(times.flat().length).toBeLessThanOrEqual(3_000 / 15 + (20 * 3_000) / 200 + 20);
    for (const [index, at] of times
      .flat()
      .sort((a, b) => a - b)
      .entries())
      expect(at).toBeLessThanOrEqual((index + 2) * 15);
    expect(times).toHaveLength(20);
    for (const ofOne of times) {
      for (const [index, at] of ofOne.slice(1).entries())
        expect(at - (ofOne[index] ?? 0)).toBeLessThanOrEqual(200 + 15);
    }
  });

  it("probes from the moment that an instance is degraded, however long the pulse, each time anew", async () => {
    const { clock, server } = world(1);
    const slow = { pollInterval: 20_000, pulseInterval: 20_000, probeInterval: 100, calmAfter: 1 };
    const { scheduler, store } = await startedOn(server, slow);
    for (let turn = 0; turn < 3; turn += 1) {
      store.network = () => ({ kind: "request_lost" });
      await clock.until(scheduler.registerNode(offer(`lost-${turn}`)));
      expect(scheduler.status().mode).toBe("l2_only");
      store.network = () => ({ kind: "delivered" });
      const before = store.count("changes_since");
      await clock.advance(110);
      expect(store.count("changes_since")).toBe(before + 1);
      await clock.advance(500);
      expect(scheduler.status().mode).toBe("normal");
      await clock.advance(1_000);
    }
    await clock.until(scheduler.close(), 50);
    expect(clock.sleeping).toBe(0);
  });
});

describe("selection", () => {
  it("takes online nodes with room that match in everything, the healthiest first", async () => {
    const { clock, server } = world();
    const { scheduler } = await startedOn(server);
    const add = (node: string, more = {}) => clock.until(scheduler.registerNode(offer(node, more)));
    await add("full", { max_jobs: 0 });
    await add("elsewhere", { pools: ["q"] });
    await add("french", { languages: [{ source: "en", target: "fr" }] });
    await add("fit", { services: ["s", "t"] });
    await add("tired", { services: ["s", "t"] });
    const metrics = { cpu: 1, gpu: 1, memory: 1, load: 4, latency_ms: 0, error_rate: 0 };
    const incarnation = incarnationOf(scheduler, "tired");
    await clock.until(scheduler.heartbeat({ node: "tired", incarnation, seq: 1, metrics, running: [] }));
    await clock.advance(5);
    const names = (more = {}) => scheduler.selectNodes({ ...wanted, ...more }).nodes.map(({ node }) => node);
    expect(names({ services: ["s"] })).toEqual(["fit", "tired"]);
    expect(names({ services: ["s"], count: 1 })).toEqual(["fit"]);
    expect(names({ services: ["s", "u"] })).toEqual([]);
    expect(names({ target: "fr" })).toEqual(["french"]);
    expect(names({ pool: "nowhere" })).toEqual([]);
  });

  it("spreads over equals: each of four comes first about as often", async () => {
    const { clock, server } = world();
    const { scheduler } = await startedOn(server);
    for (const node of ["a", "b", "c", "d"]) await clock.until(scheduler.registerNode(offer(node)));
    await clock.advance(5);
    const firsts = new Map<string, number>();
    for (let turn = 0; turn < 400; turn++) {
      const [first] = scheduler.selectNodes({ ...wanted, count: 1 }).nodes;
      firsts.set(first?.node ?? "", (firsts.get(first?.node ?? "") ?? 0) + 1);
    }
    expect([...firsts.keys()].sort()).toEqual(["a", "b", "c", "d"]);
    expect(Math.min(...firsts.values())).toBeGreaterThan(60);
  });
});

describe("closing", () => {
  it("leaves nothing running and nothing waiting", async () => {
    const { clock, server } = world();
    const { scheduler, store } = await startedOn(server);
    await clock.until(scheduler.registerNode(offer("a")));
    await clock.advance(500);
    await clock.until(scheduler.close());
    await clock.advance(100); // what was on its way in the network
    expect(clock.sleeping).toBe(0);
    const sent = store.sent.length;
    await clock.advance(60_000);
    expect(store.sent.length).toBe(sent);
    expect(clock.sleeping).toBe(0);
  });

  it("lets calls in flight end by their deadlines, and takes nothing new on", async () => {
    const { clock, server } = world();
    const { scheduler, store } = await startedOn(server);
    await clock.until(scheduler.registerNode(offer("a")));
    await clock.advance(100);
    store.network = () => ({ kind: "delivered", replyDelay: 20 });
    const write = scheduler.reserveJob("a", "j");
    await clock.advance(1);
    const closing = scheduler.close();
    expect(await clock.until(scheduler.reserveJob("a", "k"))).toMatchObject({ applied: "no", cause: "closed" });
    expect(await clock.until(write)).toMatchObject({ kind: "reserved" });
    await clock.until(closing);
    expect(server.nodes(partitionOf("a", 2))).toMatchObject([{ current_jobs: 1 }]);
  });

  it("takes no longer than a deadline although the store never answers", async () => {
    const { clock, server } = world();
    const { scheduler, store } = await startedOn(server);
    await clock.until(scheduler.registerNode(offer("a")));
    await clock.advance(100);
    store.network = () => ({ kind: "mute" });
    const write = scheduler.reserveJob("a", "j");
    await clock.advance(1);
    const startedAt = clock.now();
    await clock.until(scheduler.close());
    expect(await clock.until(write)).toMatchObject({ kind: "failed", applied: "unknown", cause: "deadline" });
    expect(clock.now() - startedAt).toBeLessThanOrEqual(35);
  });

  it("ends at once when it is aborted, and so do calls in flight", async () => {
    const { clock, server } = world();
    const { scheduler, store } = await startedOn(server);
    await clock.until(scheduler.registerNode(offer("a")));
    await clock.advance(100);
    store.network = () => ({ kind: "mute" });
    const write = scheduler.reserveJob("a", "j");
    const read = scheduler.getNode("x");
    await clock.advance(1);
    const startedAt = clock.now();
    await clock.until(scheduler.close({ signal: AbortSignal.abort() }));
    expect(await clock.until(write)).toMatchObject({ kind: "failed", applied: "unknown", cause: "closed" });
    expect(await clock.until(read)).toMatchObject({ stale: true });
    expect(clock.now()).toBe(startedAt);
    await clock.advance(100); // the deadlines of the store's own calls
    expect(clock.sleeping).toBe(0);
    expect(await clock.until(scheduler.reserveJob("a", "k"))).toMatchObject({ applied: "no" });
  });

  it("ends a start that has not succeeded", async () => {
    const { clock, server } = world();
    const { scheduler, store } = instanceOn(server);
    store.network = () => ({ kind: "refused" });
    const starting = scheduler.start();
    await clock.advance(1_000);
    await clock.until(scheduler.close());
    await expect(starting).rejects.toThrow("closed before it was ready");
  });
});

describe("what stops an instance", () => {
  it("is a store with another number of partitions: it refuses to start", async () => {
    const { clock, server } = world(4);
    await startedOn(server);
    const { scheduler, store } = instanceOn(server, { partitions: 2 });
    store.partitions = 2;
    await expect(clock.until(scheduler.start())).rejects.toThrow("the store is laid out differently: 4 partitions");
    await expect(clock.until(scheduler.close())).rejects.toThrow("laid out differently");
    expect(() => scheduler.selectNodes(wanted)).toThrow("laid out differently");
  });

  it("is an error of a background task: reported, not swallowed, and nothing runs on", async () => {
    const { clock, server } = world(1);
    const kinds: string[] = [];
    const ports = { clock, store: new ModelStore(server), feed: new ModelFeed(server), random: seededRandom(1) };
    const scheduler = createScheduler(ports, { partitions: 1 }, ({ kind }) => {
      kinds.push(kind);
      if (kind === "resynced") throw new InvariantError("the observer is content", {});
    });
    await expect(clock.until(scheduler.start())).rejects.toThrow(InvariantError);
    expect(kinds.filter((kind) => kind === "fault")).toHaveLength(1);
    await expect(scheduler.getNode("a")).rejects.toThrow(InvariantError);
    await clock.advance(100);
    expect(clock.sleeping).toBe(0);
  });

  it("is reported once for each task that throws", async () => {
    const faults: string[] = [];
    const tasks = new Tasks((task) => faults.push(task));
    tasks.spawn("bad", async () => {
      throw new Error("no");
    });
    await tasks.ended();
    expect(faults).toEqual(["bad"]);
  });
});
