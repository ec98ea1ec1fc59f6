import { describe, expect, it } from "vitest";
import type { NodeState } from "../../src/protocol/node.ts";
import { type Instance, idle, incarnationOf, offer, startedOn, wanted } from "./support/instance.ts";
import { ModelServer } from "./support/model-server.ts";
import { VirtualClock } from "./support/virtual-clock.ts";

const byId = (nodes: readonly NodeState[]) => [...nodes].sort((a, b) => (a.node < b.node ? -1 : 1));

function expectConverged(server: ModelServer, { scheduler }: Instance): void {
  for (let partition = 0; partition < server.partitions; partition++) {
    expect(byId(scheduler.nodes(partition))).toEqual(byId(server.nodes(partition)));
  }
}

async function pair(partitions = 2) {
  const clock = new VirtualClock();
  const server = new ModelServer(clock, partitions);
  const writer = await startedOn(server);
  const reader = await startedOn(server, {}, 2);
  return { clock, server, writer, reader };
}

/** Poll interval, one read deadline and its grace, and the resync's own requests. */
const bound = 200 + 30 + 10;

describe("an instance that follows", () => {
  it("shows what another one writes, as soon as it is woken", async () => {
    const { clock, server, writer, reader } = await pair();
    await clock.until(writer.scheduler.registerNode(offer("a")));
    await clock.advance(3);
    expect(reader.scheduler.selectNodes(wanted).nodes.map(({ node }) => node)).toEqual(["a"]);
    await clock.until(writer.scheduler.reserveJob("a", "j"));
    const incarnation = incarnationOf(writer.scheduler, "a");
    await clock.until(writer.scheduler.heartbeat({ node: "a", incarnation, seq: 1, metrics: idle, running: [] }));
    await clock.advance(3);
    expectConverged(server, reader);
    expect(reader.count("resync_started")).toBe(2); // the cold start of two partitions, and nothing since (P1)
  });

  it("repairs lost wake-ups within the bound, without a disconnect that would show them", async () => {
    const { clock, server, writer, reader } = await pair();
    reader.feed.isDeaf = true;
    await clock.until(writer.scheduler.registerNode(offer("a")));
    await clock.until(writer.scheduler.registerNode(offer("b")));
    await clock.advance(bound);
    expectConverged(server, reader);
    expect(reader.events.some((event) => event.kind === "gap_found" && event.by === "poll")).toBe(true);
  });

  it("reports a wake-up that skips some", async () => {
    const { clock, server, reader } = await pair(1);
    server.isSilent = true;
    for (const job of ["a", "b"]) server.run(0, register(job));
    server.isSilent = false;
    server.run(0, register("c"));
    await clock.advance(3);
    expect(reader.events).toContainEqual(expect.objectContaining({ kind: "gap_found", by: "wake", after: 0, to: 2 }));
    expectConverged(server, reader);
  });

  it("loads anew when the feed was trimmed past it", async () => {
    const { clock, server, writer, reader } = await pair(1);
    server.feedMax = 1;
    reader.feed.isDeaf = true;
    for (const node of ["a", "b", "c"]) await clock.until(writer.scheduler.registerNode(offer(node)));
    reader.store.network = () => ({ kind: "delivered" });
    await clock.advance(bound);
    expectConverged(server, reader);
  });

  it("loads anew in pages, with writes going on between them", async () => {
    const { clock, server, writer } = await pair(1);
    for (let index = 0; index < 25; index++) await clock.until(writer.scheduler.registerNode(offer(`n${index}`)));
    const starting = startedOn(server, { snapshotPage: 4 }, 3);
    for (let index = 0; index < 20; index++) {
      await clock.until(writer.scheduler.reserveJob(`n${index}`, `j${index}`));
      if (index % 4 === 0) await clock.until(writer.scheduler.offlineNode(`n${index}`));
      if (index % 5 === 0) await clock.until(writer.scheduler.registerNode(offer(`n${index}`, { pools: ["q"] })));
    }
    const late = await starting;
    await clock.advance(3);
    expectConverged(server, late);
    expect(late.events).toContainEqual(expect.objectContaining({ kind: "resynced", pages: 8 }));
  });
});

describe("an epoch that is new", () => {
  it("is taken up after a failover that lost writes, though the sequences went back", async () => {
    const { clock, server, writer, reader } = await pair();
    await clock.until(writer.scheduler.registerNode(offer("a")));
    const replica = server.copy();
    await clock.until(writer.scheduler.registerNode(offer("b")));
    await clock.until(writer.scheduler.reserveJob("a", "j"));
    server.failOver(replica);
    await clock.advance(bound);
    for (const instance of [writer, reader]) {
      expectConverged(server, instance);
      expect(instance.count("epoch_left")).toBeGreaterThan(0);
    }
    expect(reader.scheduler.selectNodes(wanted).nodes.map(({ node }) => node)).toEqual(["a"]);
  });

  it("is taken up after a restart without data: nothing of the old one is shown as current", async () => {
    const { clock, server, writer, reader } = await pair();
    await clock.until(writer.scheduler.registerNode(offer("a")));
    await clock.advance(3);
    server.failOver("empty");
    await clock.advance(bound);
    expectConverged(server, reader);
    expect(await clock.until(reader.scheduler.getNode("a"))).toMatchObject({ found: false, stale: false });
  });

  it("is never left for an older one: a primary that was replaced is not believed", async () => {
    const { clock, server, writer, reader } = await pair(1);
    await clock.until(writer.scheduler.registerNode(offer("a")));
    await clock.advance(3);
    const former = server.copy();
    server.failOver("same");
    await clock.advance(bound);
    await clock.until(writer.scheduler.registerNode(offer("b")));
    await clock.advance(3);
    const latest = server.copy();
    const [held] = reader.scheduler.status().view;
    server.answerAs(former);
    await clock.advance(bound);
    expect(reader.scheduler.status().view).toEqual([held]);
    expect(reader.scheduler.status().mode).not.toBe("normal");
    expect(reader.count("dropped_reply")).toBeGreaterThan(0);
    server.answerAs(latest);
    await clock.advance(3_000);
    expect(reader.scheduler.status().mode).toBe("normal");
    expectConverged(server, reader);
  });

  it("is not taken up on the word of a wake-up", async () => {
    const { clock, reader } = await pair(1);
    const [held] = reader.scheduler.status().view;
    reader.feed.say(0, { epoch: "feedfeedfeedfeed", sequence: 99 });
    await clock.advance(bound);
    expect(reader.scheduler.status().view).toEqual([held]);
    expect(reader.count("epoch_adopted")).toBe(2); // the partition's and the configuration's, at the start
  });
});

describe("a store that is behind in the same epoch", () => {
  it("does not take the view back", async () => {
    const { clock, server, writer, reader } = await pair(1);
    await clock.until(writer.scheduler.registerNode(offer("a")));
    const lagging = server.copy();
    await clock.until(writer.scheduler.registerNode(offer("b")));
    await clock.advance(3);
    const [held] = reader.scheduler.status().view;
    server.answerAs(lagging);
    await clock.advance(bound);
    expect(reader.scheduler.status().view).toEqual([held]);
    expect(reader.count("store_behind")).toBeGreaterThan(0);
    expect(reader.count("fault")).toBe(0);
  });
});

function register(node: string) {
  const lists = { pools: ["p"], languages: [], services: [] };
  return { kind: "register_node", node, registration: node, maxJobs: 1, ttl: 60_000, ...lists } as const;
}
