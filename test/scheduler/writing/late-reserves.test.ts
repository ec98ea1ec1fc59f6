/** A late reserve: its job has run, was finished and is forgotten by its node when it arrives, or is repeated. */
import { describe, expect, it } from "vitest";
import { lateReserveMutants } from "../../../scenarios/mutants/scheduler/writing/late-reserves.ts";
import { loadScheduler } from "../../../src/mutants/schedulers.ts";
import { createScheduler } from "../../../src/scheduler/scheduler.ts";
import type { Settings } from "../../../src/scheduler/settings.ts";
import { offer, startedOn } from "../support/instance.ts";
import { ModelServer } from "../support/model-server.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const wish = { job: "j", pool: "p", source: "en", target: "de", services: [] };

async function world(create = createScheduler, settings: Partial<Settings> = {}) {
  const clock = new VirtualClock();
  const server = new ModelServer(clock, 1);
  const instance = await startedOn(server, { doneMax: 1, ...settings }, 1, create);
  await clock.until(instance.scheduler.registerNode(offer("a")));
  await clock.advance(3);
  /** By others: the job has its place and ends, and so does another one, for which the node forgets the first. */
  const finishByOthers = (job: string): void => {
    for (const each of [job, `after ${job}`]) {
      const seen = server.state(0).nodes.get("a")?.finished ?? 0;
      server.run(0, { kind: "reserve_job", node: "a", job: each, lease: 60_000, seen });
      server.run(0, { kind: "complete_job", node: "a", job: each, doneFor: 60_000, doneMax: 1 });
    }
  };
  return { clock, server, finishByOthers, ...instance };
}

/** The reply to the first reserve is lost; the job runs, and is forgotten, before the instance asks again. */
async function repeatedLate(create = createScheduler) {
  const { clock, finishByOthers, scheduler, store } = await world(create);
  store.network = (sent) => ({ kind: sent.kind === "reserve_job" ? "reply_lost" : "delivered" });
  const first = await clock.until(scheduler.reserveJob("a", "j"));
  expect(first).toMatchObject({ kind: "failed", applied: "unknown" });
  store.network = () => ({ kind: "delivered" });
  finishByOthers("j");
  await clock.advance(2_000);
  return { clock, scheduler, again: await clock.until(scheduler.reserveJob("a", "j")) };
}

describe("a reserve", () => {
  it("of unknown outcome says the same when it is made again, and is not granted for a second time", async () => {
    const { again, clock, scheduler } = await repeatedLate();
    expect(again).toMatchObject({ kind: "finished_unknown", finished: 2 });
    // Its client has been answered, so what it asks for now is another place.
    expect(await clock.until(scheduler.reserveJob("a", "j"))).toMatchObject({ kind: "reserved" });
  });

  it.each(["all", "none"] as const)("is asked for anew where only the view had lagged (%s)", async (retryAmbiguous) => {
    const { clock, feed, finishByOthers, scheduler, store } = await world(createScheduler, {
      ...{ retryAmbiguous, pollInterval: 20_000, pulseInterval: 20_000 },
    });
    feed.isDeaf = true;
    finishByOthers("k");
    const before = store.count("reserve_job");
    expect(await clock.until(scheduler.reserveJob("a", "j"))).toMatchObject({ kind: "reserved" });
    expect(store.count("reserve_job")).toBe(before + 2);
  });

  it("is made once where the view has followed", async () => {
    const { clock, finishByOthers, scheduler, store } = await world();
    finishByOthers("k");
    await clock.advance(300);
    const before = store.count("reserve_job");
    expect(await clock.until(scheduler.reserveJob("a", "j"))).toMatchObject({ kind: "reserved" });
    expect(store.count("reserve_job")).toBe(before + 1);
  });

  it("of a node that the view does not know is granted all the same", async () => {
    const { clock, feed, finishByOthers, scheduler, server } = await world();
    finishByOthers("k");
    feed.isDeaf = true;
    const other = await startedOn(server, {}, 2);
    await clock.until(other.scheduler.registerNode(offer("b")));
    expect(scheduler.nodes(0).map(({ node }) => node)).not.toContain("b");
    expect(await clock.until(scheduler.reserveJob("b", "j"))).toMatchObject({ kind: "reserved" });
  });
});

describe("a dispatch", () => {
  it("is granted where only the view had lagged", async () => {
    const { clock, feed, finishByOthers, scheduler } = await world(createScheduler, {
      pollInterval: 20_000,
      pulseInterval: 20_000,
    });
    feed.isDeaf = true;
    finishByOthers("k");
    expect(await clock.until(scheduler.dispatch(wish))).toMatchObject({ kind: "dispatched", node: "a" });
  });

  it("says that its job may have ended, where an earlier one was never answered", async () => {
    const { clock, finishByOthers, scheduler, store } = await world();
    store.network = (sent) => ({ kind: sent.kind === "reserve_job" ? "reply_lost" : "delivered" });
    expect(await clock.until(scheduler.dispatch(wish))).toMatchObject({ kind: "failed", applied: "unknown" });
    store.network = () => ({ kind: "delivered" });
    finishByOthers("j");
    await clock.advance(2_000);
    expect(await clock.until(scheduler.dispatch(wish))).toEqual({ kind: "finished_unknown", node: "a" });
  });
});

describe("a wrong scheduler", () => {
  const own = lateReserveMutants.filter(({ simulated }) => simulated === null);
  it.each(own)("$id grants a job that has run a second place", async (planted) => {
    using loaded = await loadScheduler(planted);
    expect((await repeatedLate(loaded.createScheduler)).again).toMatchObject({ kind: "reserved" });
  });
});
