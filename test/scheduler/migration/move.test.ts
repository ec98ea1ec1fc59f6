/** A move from one end to the other and back, while callers go on. */
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../src/load/plan/seeded-random.ts";
import { Move } from "../../../src/scheduler/migration/move.ts";
import { offer, wanted } from "../support/instance.ts";
import { bothSides, truths } from "./world.ts";

const ids = Array.from({ length: 12 }, (_, index) => `node-${index}`);

async function world() {
  const sides = await bothSides();
  const { clock, instance, locked } = sides;
  const move = new Move(
    { legacy: locked, scheduler: instance.scheduler, clock, random: seededRandom(1) },
    { stages: { shares: [2_500, 10_000], minCompared: 10, maxDiffering: 0 } },
  );
  for (const id of ids) await clock.until(locked.registerNode(offer(id))); // from before the move

  const reconciled = async () => {
    await clock.until(move.writes.audit());
    for (let pass = 0; pass < 8 && move.proof.backlog > 0; pass++) {
      await clock.advance(7_000);
      await clock.until(move.writes.reconcile());
    }
  };
  /** Each node is read, and takes a job that was not there before. */
  let job = 0;
  const used = async () => {
    for (const id of ids) {
      const name = `job-${job++}`;
      expect(await clock.until(move.writes.reserveJob(id, name))).toMatchObject({ kind: "reserved" });
      expect(await clock.until(move.writes.completeJob(id, name))).toMatchObject({ kind: "completed" });
      expect(await clock.until(move.reads.getNode(id))).toMatchObject({ kind: "found", facts: { online: true } });
    }
    expect(await clock.until(move.reads.selectNodes({ ...wanted, count: 100 }))).toMatchObject({ kind: "selected" });
    await clock.until(move.drained());
  };
  const agree = () => {
    for (const id of ids) expect(truths(sides, id).next).toEqual(truths(sides, id).legacy);
  };
  return { ...sides, move, reconciled, used, agree };
}

describe("a move", () => {
  it("goes up stage by stage, without a stop, and all the way back", async () => {
    const { agree, move, reconciled, used } = await world();
    await used();
    expect(move.advance()).toMatchObject({ kind: "refused", because: "differences" }); // the new side is empty
    await reconciled();
    agree();
    move.retreat(); // what was seen while it was empty counts no longer
    for (const share of [2_500, 10_000]) {
      await used();
      expect(move.advance()).toEqual({ kind: "advanced", share });
    }
    await used();
    agree();
    expect([move.share, move.proof.backlog]).toEqual([10_000, 0]);
    expect([move.retreat(), move.retreat()]).toEqual([2_500, 0]);
    await used();
    agree();
  });

  it("is killed while the new side is gone; the next call is the legacy's, and what was acknowledged is kept", async () => {
    const sides = await world();
    const { agree, clock, instance, locked, move, reconciled, redis, used } = sides;
    await reconciled();
    for (let stage = 0; stage < 2; stage++) {
      await used();
      move.advance();
    }
    await clock.until(redis.setNx(`lock:${ids[0]}`, "another", 200)); // the legacy side misses this one
    expect(await clock.until(move.writes.reserveJob(ids[0] ?? "", "kept"))).toMatchObject({ kind: "reserved" });
    await clock.until(move.drained());
    instance.store.network = () => ({ kind: "refused" });
    expect(await clock.until(move.writes.reserveJob(ids[1] ?? "", "j"))).toMatchObject({ kind: "failed" });
    move.kill("Redis of the new side is gone");
    expect(await clock.until(move.writes.reserveJob(ids[1] ?? "", "j"))).toMatchObject({ kind: "reserved" });
    expect(await clock.until(move.reads.getNode(ids[2] ?? ""))).toMatchObject({ kind: "found" });
    expect(move.advance()).toMatchObject({ because: "killed" });
    instance.store.network = () => ({ kind: "delivered" });
    await clock.advance(3_000);
    await reconciled();
    agree();
    expect(locked.peek(ids[0] ?? "")?.jobs).toEqual(["kept"]);
    move.rearm();
    await used();
    expect(move.advance()).toEqual({ kind: "advanced", share: 2_500 });
  });
});
