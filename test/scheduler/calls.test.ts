/** Options of callers: to end a call early, to report progress, to report jobs that lost their node. */
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../src/load/plan/seeded-random.ts";
import type { OrphanedJobs } from "../../src/scheduler/api.ts";
import type { Progress } from "../../src/scheduler/events.ts";
import { createScheduler } from "../../src/scheduler/scheduler.ts";
import type { Settings } from "../../src/scheduler/settings.ts";
import { idle, instanceOn, offer, startedOn } from "./support/instance.ts";
import { ModelServer } from "./support/model-server.ts";
import { english, ModelFeed, ModelStore } from "./support/model-store.ts";
import { VirtualClock } from "./support/virtual-clock.ts";

async function world(settings: Partial<Settings> = {}, nodes: readonly string[] = ["a"]) {
  const clock = new VirtualClock();
  const server = new ModelServer(clock, 1);
  const instance = await startedOn(server, settings);
  for (const node of nodes) await clock.until(instance.scheduler.registerNode(offer(node)));
  await clock.advance(3);
  return { clock, server, ...instance };
}

const job = (id: string) => ({ job: id, pool: "p", ...english, services: [] });
const why = new Error("no longer wanted");

describe("an aborted call", () => {
  const ended = { kind: "failed", cause: "aborted", applied: "unknown" };

  it("that was sent ends at once, and says that it may have happened", async () => {
    const { clock, server, scheduler, store } = await world();
    store.network = () => ({ kind: "delivered", replyDelay: 20 });
    const stop = new AbortController();
    const { signal } = stop;
    const calls = [
      scheduler.reserveJob("a", "j", { signal }),
      scheduler.heartbeat({ node: "a", incarnation: "i", seq: 1, metrics: idle, running: [] }, { signal }),
      scheduler.registerNode(offer("b"), { signal }),
      scheduler.completeJob("a", "k", { signal }),
      scheduler.releaseJob("a", "k", { signal }),
      scheduler.putConfig(empty, null, { signal }),
    ];
    await clock.advance(5);
    const startedAt = clock.now();
    stop.abort(why);
    for (const call of calls) expect(await clock.until<unknown>(call)).toMatchObject(ended);
    expect(clock.now()).toBe(startedAt);
    expect(server.nodes(0)).toMatchObject([{ node: "a", current_jobs: 1 }, { node: "b" }]);
    expect(scheduler.status().mode).toBe("normal"); // it says nothing about the store
  });

  it("that was not sent yet rejects with the reason", async () => {
    const { scheduler, store } = await world();
    const sent = store.sent.length;
    const signal = AbortSignal.abort(why);
    await expect(scheduler.reserveJob("a", "j", { signal })).rejects.toBe(why);
    await expect(scheduler.offlineNode("a", undefined, { signal })).rejects.toBe(why);
    await expect(scheduler.dispatch(job("j"), { signal })).rejects.toBe(why);
    await expect(scheduler.getNode("a", { signal })).rejects.toBe(why);
    expect(store.sent.length).toBe(sent);
  });

  it("lets a read go on for the others that share its request", async () => {
    const { clock, scheduler, store } = await world();
    store.network = () => ({ kind: "delivered", replyDelay: 10 });
    const stop = new AbortController();
    const [aborted, other] = [scheduler.getNode("x", { signal: stop.signal }), scheduler.getNode("x")];
    await clock.advance(5);
    stop.abort(why);
    await expect(aborted).rejects.toBe(why);
    expect(await clock.until(other)).toMatchObject({ found: false, stale: false });
  });

  it("tries no further node, and a later dispatch finds where the job may be", async () => {
    const { clock, server, scheduler, store } = await world({}, ["a", "b", "c"]);
    store.network = () => ({ kind: "delivered", replyDelay: 20 });
    const stop = new AbortController();
    const dispatching = scheduler.dispatch(job("j"), { signal: stop.signal });
    await clock.advance(5);
    stop.abort(why);
    expect(await clock.until(dispatching)).toMatchObject(ended);
    expect(store.count("reserve_job")).toBe(1);
    expect(await clock.until(scheduler.dispatch(job("j")))).toMatchObject({ kind: "dispatched", outcome: "already" });
    expect([...server.state(0).jobs]).toHaveLength(1);
  });

  it("start closes the instance", async () => {
    const clock = new VirtualClock();
    const { scheduler, store } = instanceOn(new ModelServer(clock, 1));
    store.network = () => ({ kind: "mute" });
    const stop = new AbortController();
    const starting = scheduler.start({ signal: stop.signal });
    await clock.advance(500);
    stop.abort(why);
    await expect(clock.until(starting)).rejects.toBe(why);
    await clock.advance(100);
    expect(clock.sleeping).toBe(0);
  });
});

describe("dispatch", () => {
  it("tries as many nodes and keeps the place for as long as its options say", async () => {
    const { clock, server, scheduler, feed, store } = await world({ pollInterval: 20_000, pulseInterval: 20_000 }, [
      ..."abcdef",
    ]);
    feed.isDeaf = true;
    for (const node of "abcdef") {
      for (const id of ["x", "y"]) server.run(0, { kind: "reserve_job", node, job: node + id, lease: 60_000, seen: 0 });
    }
    const answer = await clock.until(scheduler.dispatch(job("j"), { attempts: 3 }));
    expect(answer).toMatchObject({ kind: "no_node", tried: { length: 3 } });
    expect(store.count("reserve_job")).toBe(3);
    await expect(scheduler.dispatch(job("k"), { attempts: 0 })).rejects.toThrow("attempts: found 0");
    await expect(scheduler.dispatch(job("k"), { lease: 0 })).rejects.toThrow("lease: found 0");
  });

  it("gives a place that lapses with its own lease", async () => {
    const { clock, server, scheduler } = await world();
    await clock.until(scheduler.dispatch(job("short"), { lease: 2_000 }));
    await clock.until(scheduler.dispatch(job("long")));
    await clock.advance(4_500);
    expect([...(server.state(0).jobs.get("a") ?? [])].map(([id]) => id)).toEqual(["long"]);
  });
});

describe("jobs that lose their node", () => {
  it.each([
    ["offline", async ({ clock, scheduler }: World) => clock.until(scheduler.offlineNode("a"))],
    ["registered", async ({ clock, scheduler }: World) => clock.until(scheduler.registerNode(offer("a")))],
    ["expired", async ({ clock }: World) => clock.advance(4_000)],
    ["lapsed", async ({ clock }: World) => clock.advance(4_000)],
  ] as const)(
    "are reported when the node is %s, once an instance, and can be dispatched again",
    async (because, lose) => {
      const settings = because === "lapsed" ? { lease: 1_000 } : { heartbeatTtl: 2_000 };
      const here = await world(settings);
      const { clock, server, scheduler } = here;
      const other = await startedOn(server, settings, 2);
      const reported: (OrphanedJobs & { by: string })[] = [];
      scheduler.onOrphaned((orphans) => reported.push({ by: "here", ...orphans }));
      const end = other.scheduler.onOrphaned((orphans) => reported.push({ by: "other", ...orphans }));
      await clock.until(scheduler.dispatch(job("j")));
      await lose(here);
      await clock.advance(3);
      const loss = { node: "a", jobs: ["j"], because };
      const byName = reported.filter((each) => each.because === because).sort((x, y) => (x.by < y.by ? -1 : 1));
      expect(byName).toMatchObject([
        { by: "here", ...loss, dispatchedHere: ["j"] },
        { by: "other", ...loss, dispatchedHere: [] },
      ]);
      end();
      await clock.until(scheduler.registerNode(offer("b")));
      await clock.advance(3);
      expect(await clock.until(scheduler.dispatch(job("j")))).toMatchObject({
        kind: "dispatched",
        outcome: "reserved",
      });
      await clock.until(scheduler.offlineNode("b"));
      await clock.advance(3);
      expect(reported.filter(({ by, node }) => by === "other" && node === "b")).toEqual([]);
    },
  );

  it("stop the instance when the callback throws: nothing of that is swallowed", async () => {
    const { clock, scheduler } = await world();
    scheduler.onOrphaned(() => {
      throw why;
    });
    await clock.until(scheduler.dispatch(job("j")));
    await clock.until(scheduler.offlineNode("a"));
    await clock.advance(3);
    await expect(scheduler.getNode("a")).rejects.toBe(why);
  });
});

describe("a cold start", () => {
  it("reports its progress, page by page, until it is ready", async () => {
    const clock = new VirtualClock();
    const server = new ModelServer(clock, 2);
    const writer = await startedOn(server);
    for (let index = 0; index < 30; index++) await clock.until(writer.scheduler.registerNode(offer(`n${index}`)));
    const { scheduler, events } = instanceOn(server, { snapshotPage: 8 }, 2);
    const reported: Progress[] = [];
    await clock.until(scheduler.start({ onProgress: (progress) => reported.push(progress) }));
    expect(reported.at(-1)).toMatchObject({ partitions: { loaded: 3, of: 3 }, nodes: 30 });
    expect(reported.map(({ pages }) => pages)).toEqual([...reported.map(({ pages }) => pages)].sort((a, b) => a - b));
    expect(reported.length).toBeGreaterThan(6);
    const loading = events.filter(({ kind }) => kind === "loading");
    expect(loading).toHaveLength(reported.length);
    await clock.until(writer.scheduler.offlineNode("n1"));
    server.failOver("same");
    await clock.advance(400);
    expect(events.filter(({ kind }) => kind === "loading")).toHaveLength(reported.length);
  });
});

describe("an instance without an observer", () => {
  it("works as one with an observer", async () => {
    const clock = new VirtualClock();
    const server = new ModelServer(clock, 1);
    const ports = { clock, store: new ModelStore(server), feed: new ModelFeed(server), random: seededRandom(1) };
    const scheduler = createScheduler(ports, { partitions: 1 });
    await clock.until(scheduler.start());
    await clock.until(scheduler.registerNode(offer("a")));
    await clock.advance(3);
    expect(await clock.until(scheduler.getNode("a"))).toMatchObject({ source: "l2", stale: false });
    expect(await clock.until(scheduler.getNode("a"))).toMatchObject({ source: "l1", stale: false });
    expect(await clock.until(scheduler.dispatch(job("j")))).toMatchObject({ kind: "dispatched", node: "a" });
  });
});

type World = Awaited<ReturnType<typeof world>>;

const empty = { enabled: false, pool_count: 0, hash_seed: 0, fallback_scan_all_pools: false, pools: [] };

it("a caller gets the error of an observer that throws over the answer, and waits no longer", async () => {
  const clock = new VirtualClock();
  const server = new ModelServer(clock, 1);
  const ports = { clock, store: new ModelStore(server), feed: new ModelFeed(server), random: seededRandom(1) };
  const broken = new Error("the observer is broken");
  let isThrowing = false;
  const scheduler = createScheduler(ports, { partitions: 1 }, ({ kind }) => {
    if (isThrowing && kind === "store_call") throw broken;
  });
  await clock.until(scheduler.start());
  isThrowing = true;
  const reported = expect(scheduler.registerNode(offer("a"))).rejects.toBe(broken);
  await clock.advance(5);
  await reported;
});
