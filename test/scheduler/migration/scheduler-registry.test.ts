import { describe, expect, it } from "vitest";
import { InvalidInputError } from "../../../src/scheduler/errors.ts";
import { type MigrationScheduler, schedulerRegistry } from "../../../src/scheduler/migration/scheduler-registry.ts";
import { idle, offer, startedOn } from "../support/instance.ts";
import { ModelServer } from "../support/model-server.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const version = { epoch: "e", sequence: 1 };
const saying = (call: keyof MigrationScheduler, answer: unknown) =>
  schedulerRegistry({
    getNode: async () => ({ found: false }),
    [call]: async () => answer,
  } as unknown as MigrationScheduler);
const beat = { node: "a", seq: 1, metrics: idle, running: [] };

describe("the scheduler, seen as a registry,", () => {
  it("reports its nodes, and only those that are online are listed", async () => {
    const clock = new VirtualClock();
    const { scheduler } = await startedOn(new ModelServer(clock, 2));
    const registry = schedulerRegistry(scheduler);
    for (const node of ["a", "b", "c"]) await clock.until(registry.registerNode(offer(node)));
    await clock.until(registry.offlineNode("b"));
    await clock.advance(300);
    expect(await clock.until(registry.listNodes())).toEqual({
      kind: "listed",
      nodes: expect.arrayContaining(["a", "c"]),
    });
    const lookup = await clock.until(registry.getNode("a"));
    expect(lookup).toMatchObject({ kind: "found", facts: { online: true, max_jobs: 2, current_jobs: 0, jobs: null } });
    expect(await clock.until(registry.getNode("b"))).toMatchObject({ facts: { online: false } });
    expect(await clock.until(registry.getNode("x"))).toMatchObject({ kind: "absent" });
  });

  it("does not pass off as known what could not be confirmed", async () => {
    const registry = saying("getNode", { found: false, source: "none", age_ms: 0, stale: true, mode: "l2_only" });
    expect(await registry.getNode("a")).toMatchObject({ kind: "failed", applied: "no", cause: "stale" });
  });

  it("says how old an answer is", async () => {
    const registry = saying("getNode", { found: false, source: "miss", age_ms: 70, stale: false, mode: "normal" });
    expect(await registry.getNode("a")).toEqual({ kind: "absent", age_ms: 70 });
  });

  it.each([
    ["renewed", "renewed"],
    ["already", "renewed"],
    ["stale", "renewed"],
    ["superseded", "not_online"],
    ["unknown_node", "not_online"],
    ["not_online", "not_online"],
  ])("takes a heartbeat that is %s as %s", async (kind, expected) => {
    expect(await saying("heartbeat", { kind, version }).heartbeat(beat)).toEqual({ kind: expected });
  });

  it("takes a registration that was superseded as refused", async () => {
    const answer = { kind: "superseded", version, incarnation: "i" };
    expect(await saying("registerNode", answer).registerNode(offer("a"))).toMatchObject({ applied: "no" });
    expect(await saying("offlineNode", answer).offlineNode("a")).toMatchObject({ applied: "no" });
    expect(await saying("offlineNode", { kind: "unknown_node", version }).offlineNode("a")).toEqual({
      kind: "offline",
    });
  });

  it("means the life that stands, though the answer to its registration was lost", async () => {
    const clock = new VirtualClock();
    const server = new ModelServer(clock, 1);
    const { scheduler, store } = await startedOn(server);
    const registry = schedulerRegistry(scheduler);
    await clock.until(registry.registerNode(offer("a")));
    store.network = ({ kind }) => ({ kind: kind === "register_node" ? "reply_lost" : "delivered" });
    expect(await clock.until(registry.registerNode(offer("a")))).toMatchObject({ applied: "unknown" });
    store.network = () => ({ kind: "delivered" });
    await clock.advance(2_000);
    expect(await clock.until(registry.heartbeat(beat))).toEqual({ kind: "renewed" });
    expect(await clock.until(registry.offlineNode("a"))).toEqual({ kind: "offline" });
    expect(server.nodes(0)).toMatchObject([{ node: "a", status: "offline" }]);
  });

  it("passes on a failure as it is", async () => {
    const failure = { kind: "failed", applied: "unknown", cause: "deadline", after: 30, message: "late" };
    expect(await saying("reserveJob", failure).reserveJob("a", "j")).toEqual(failure);
    expect(await saying("offlineNode", failure).offlineNode("a")).toEqual(failure);
  });

  it("answers, where the scheduler throws for a wrong argument: nothing was sent", async () => {
    const complaint = { where: "node", found: '""', allowed: "1 to 256 bytes", fix: "give one" };
    const scheduler = {
      getNode: () => Promise.reject(new InvalidInputError(complaint)),
    } as Partial<MigrationScheduler>;
    expect(await schedulerRegistry(scheduler as MigrationScheduler).getNode("")).toMatchObject({
      kind: "failed",
      applied: "no",
      cause: "refused",
    });
  });
});
