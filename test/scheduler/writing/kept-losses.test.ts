/** Losses of jobs that an instance did not follow the feed over. */
import { describe, expect, it } from "vitest";
import type { OrphanedJobs } from "../../../src/scheduler/api.ts";
import { instanceOn, offer, startedOn } from "../support/instance.ts";
import { ModelServer } from "../support/model-server.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

/** A node has lost a job before any instance that listens was there. */
async function world() {
  const clock = new VirtualClock();
  const server = new ModelServer(clock, 1);
  const first = await startedOn(server);
  await clock.until(first.scheduler.registerNode(offer("a")));
  await clock.until(first.scheduler.reserveJob("a", "j"));
  await clock.until(first.scheduler.registerNode(offer("a")));
  await clock.until(first.scheduler.close());
  expect(server.state(0).orphans).toMatchObject([{ node: "a", jobs: ["j"], because: "registered" }]);
  return { clock, server };
}

function listening(server: ModelServer, answer: unknown = undefined, seed = 2) {
  const instance = instanceOn(server, {}, seed);
  const heard: OrphanedJobs[] = [];
  instance.scheduler.onOrphaned((orphans) => {
    heard.push(orphans);
    return answer;
  });
  return { ...instance, heard };
}

describe("an instance that starts", () => {
  it("reports what is kept, once, and acknowledges it", async () => {
    const { clock, server } = await world();
    const { heard, scheduler, store } = listening(server);
    await clock.until(scheduler.start());
    await clock.advance(5_000);
    const lostAt = { epoch: scheduler.status().view[0]?.epoch, sequence: 3 };
    expect(heard).toEqual([
      { partition: 0, node: "a", jobs: ["j"], because: "registered", lostAt, dispatchedHere: [] },
    ]);
    expect(server.state(0).orphans).toEqual([]);
    expect([store.count("read_orphans"), store.count("ack_orphans")]).toEqual([2, 1]);
  });

  it("acknowledges nothing without a callback, and reports it once there is one", async () => {
    const { clock, server } = await world();
    const { scheduler, store } = await startedOn(server, {}, 2);
    await clock.advance(5_000);
    expect(store.count("ack_orphans") + store.count("read_orphans")).toBe(0);
    const heard: OrphanedJobs[] = [];
    scheduler.onOrphaned((orphans) => heard.push(orphans));
    await clock.advance(2_000);
    expect(heard).toMatchObject([{ jobs: ["j"] }]);
    expect(server.state(0).orphans).toEqual([]);
  });

  it.each([
    ["false", () => false],
    ["a promise that is rejected", () => Promise.reject(new Error("no"))],
    ["a promise of false", () => Promise.resolve(false)],
  ])("acknowledges nothing that a callback answers with %s, and does not report it again", async (_, answerOf) => {
    const answer = answerOf();
    void Promise.resolve(answer).catch(() => {});
    const { clock, server } = await world();
    const { heard, scheduler, store } = listening(server, answer);
    await clock.until(scheduler.start());
    await clock.advance(5_000);
    expect(heard).toHaveLength(1);
    expect(store.count("ack_orphans")).toBe(0);
    expect(server.state(0).orphans).toHaveLength(1);
  });

  it("acknowledges what a callback takes over only later", async () => {
    const { clock, server } = await world();
    const taken = Promise.withResolvers<void>();
    const { scheduler, store } = listening(server, taken.promise);
    await clock.until(scheduler.start());
    await clock.advance(3_000);
    expect(store.count("ack_orphans")).toBe(0);
    taken.resolve();
    await clock.advance(3_000);
    expect(server.state(0).orphans).toEqual([]);
  });
});

describe("an instance that follows the feed", () => {
  it("reports each loss once, as the feed brings it, and acknowledges it with the next sweep", async () => {
    const clock = new VirtualClock();
    const server = new ModelServer(clock, 1);
    const { heard, scheduler } = listening(server);
    const other = listening(server, undefined, 3);
    await clock.until(Promise.all([scheduler.start(), other.scheduler.start()]));
    await clock.until(scheduler.registerNode(offer("a")));
    await clock.until(scheduler.reserveJob("a", "j"));
    await clock.until(scheduler.offlineNode("a"));
    await clock.advance(3);
    expect(heard).toMatchObject([{ jobs: ["j"], because: "offline" }]);
    expect(server.state(0).orphans).toHaveLength(1);
    await clock.advance(3_000);
    expect(server.state(0).orphans).toEqual([]);
    expect([heard.length, other.heard.length]).toEqual([1, 1]);
  });

  it("reports after a failover what was lost just before it", async () => {
    const clock = new VirtualClock();
    const server = new ModelServer(clock, 1);
    const { feed, heard, scheduler, store } = listening(server);
    await clock.until(scheduler.start());
    await clock.until(scheduler.registerNode(offer("a")));
    await clock.advance(3);
    await clock.until(scheduler.dispatch({ job: "j", pool: "p", source: "en", target: "de", services: [] }));
    await clock.advance(3);
    feed.isDeaf = true;
    store.network = () => ({ kind: "request_lost" });
    const { incarnation } = server.state(0).nodes.get("a") ?? {};
    if (incarnation === undefined) throw new Error("no node");
    server.run(0, { kind: "offline_node", node: "a", incarnation, retention: 60_000 });
    server.failOver("same");
    store.network = () => ({ kind: "delivered" });
    feed.isDeaf = false;
    await clock.advance(10_000);
    expect(heard).toMatchObject([{ jobs: ["j"], because: "offline", dispatchedHere: ["j"] }]);
  });
});
