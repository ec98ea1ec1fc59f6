/** Claims about losses of jobs that the store keeps: when they are reported, and which reports acknowledge them. */
import type { KeptLoss } from "../../../protocol/feed.ts";
import type { ReserveReply } from "../../../protocol/replies.ts";
import type { OrphansCallback } from "../../../scheduler/api.ts";
import type { InstanceCheck } from "../instance/check.ts";
import { pair } from "../instance/scripted-log.ts";
import type { MakeStage, Stage } from "../instance/stage.ts";

const partition = 0;
/** Sweeps settle losses. */
const often = { sweepInterval: 100 };

function lossOf(order: number, sequence = order): KeptLoss {
  return { order, version: { epoch: "former", sequence }, node: "n1", because: "expired", jobs: [`j${order}`] };
}

/** A store that keeps so many losses of an earlier epoch. */
function withLosses(makeStage: MakeStage, count: number): Stage {
  const stage = makeStage(often);
  stage.store.log(partition).kept = Array.from({ length: count }, (_, index) => lossOf(index + 1));
  return stage;
}

const orders = ({ store }: Stage): readonly number[] => store.log(partition).kept.map(({ order }) => order);

/** Returns the jobs that each callback was called for, in order. */
function listen({ scheduler }: Stage, answers: readonly OrphansCallback[]): readonly string[][] {
  return answers.map((answer) => {
    const jobs: string[] = [];
    scheduler.onOrphaned((orphans) => {
      jobs.push(...orphans.jobs);
      return answer(orphans);
    });
    return jobs;
  });
}

/** The feed brings a loss, which the store keeps too. */
function loseByFeed({ feed, store }: Stage, order: number): void {
  const log = store.log(partition);
  log.register("n1");
  log.add({ kind: "expired", node: "n1", orphaned: [`j${order}`] });
  log.kept = [...log.kept, { ...lossOf(order), version: log.version }];
  feed.wake(partition, log.version);
}

const throws = (): never => {
  throw new Error("not taken");
};

export const lossChecks: readonly InstanceCheck[] = [
  {
    id: "losses-acknowledged",
    property: "O1",
    claim: "a kept loss is reported once, and acknowledged once a callback has taken it and its promise was fulfilled",
    async perform(makeStage, compare) {
      const cases: readonly (readonly [what: string, answers: readonly OrphansCallback[], isTaken: boolean])[] = [
        ["a callback that returns", [() => {}], true],
        ["a promise that is fulfilled", [async () => {}], true],
        ["false", [() => false], false],
        ["a promise of false", [async () => false], false],
        ["a promise that is rejected", [async () => throws()], false],
        ["one of two that takes it", [() => false, () => {}], true],
        ["one of two whose promise is fulfilled", [async () => throws(), async () => {}], true],
        ["two that do not", [() => false, async () => throws()], false],
      ];
      for (const [what, answers, isTaken] of cases) {
        const stage = withLosses(makeStage, 2);
        const heard = listen(stage, answers);
        await stage.start();
        await stage.clock.advance(500);
        compare.same(
          `${what}: the calls`,
          heard,
          answers.map(() => ["j1", "j2"]),
        );
        compare.same(`${what}: what is kept`, orders(stage), isTaken ? [] : [1, 2]);
        loseByFeed(stage, 3);
        await stage.clock.advance(250);
        compare.same(`${what}: what is kept after one more`, orders(stage), isTaken ? [] : [1, 2, 3]);
      }
      const stage = withLosses(makeStage, 1);
      const late = Promise.withResolvers<void>();
      listen(stage, [() => late.promise]);
      await stage.start();
      await stage.clock.advance(500);
      compare.same("a promise that is open: what is kept", orders(stage), [1]);
      late.resolve();
      await stage.clock.advance(150);
      compare.same("once it is fulfilled, after the next sweep", orders(stage), []);
      const both = withLosses(makeStage, 2);
      const ends = [Promise.withResolvers<boolean>(), Promise.withResolvers<boolean>()];
      listen(both, [({ lostAt }) => ends[lostAt.sequence - 1]?.promise]);
      await both.start();
      await both.clock.advance(500);
      for (const [index, { resolve }] of ends.entries()) resolve(index === 0);
      await both.clock.advance(150);
      compare.same("of two promises, one of true and then one of false", orders(both), [2]);
    },
  },
  {
    id: "losses-without-callback",
    property: "O1",
    claim: "without a callback no loss is acknowledged, and one that comes later is called for what is kept then",
    async perform(makeStage, compare) {
      const stage = withLosses(makeStage, 1);
      await stage.start();
      await stage.clock.advance(500);
      compare.same(
        "without a callback: what is kept, acknowledgements",
        [orders(stage), acknowledged(stage)],
        [[1], 0],
      );
      const [jobs = []] = listen(stage, [() => {}]);
      await stage.clock.advance(250);
      compare.same("with one: the calls, what is kept", [jobs, orders(stage)], [["j1"], []]);
    },
  },
  {
    id: "losses-of-former-places",
    property: "O1",
    claim:
      "a loss that is reported late, of this epoch or a former one, is not the loss of a place that was granted since",
    async perform(makeStage, compare) {
      for (const kind of ["reserved", "already"] as const) {
        const stage = withLosses(makeStage, 1);
        const { clock, feed, scheduler, store } = stage;
        const log = store.log(partition);
        log.register("n1");
        log.kept = [...log.kept, { ...lossOf(2), version: log.version, jobs: ["j1"] }];
        await stage.start();
        store.scripts.reserveJob = (usual) => ({ version: log.version, ...usual(), kind }) as ReserveReply;
        await clock.until(scheduler.dispatch({ ...pair, pool: "p", services: [], job: "j1" }));
        const ours: unknown[] = [];
        scheduler.onOrphaned(({ dispatchedHere, lostAt }) => ours.push([lostAt.epoch, dispatchedHere]));
        await clock.advance(250);
        compare.same(`${kind}: losses before it`, ours.splice(0), [
          ["former", []],
          ["a", []],
        ]);
        log.add({ kind: "expired", node: "n1", orphaned: ["j1"] });
        feed.wake(partition, log.version);
        await clock.advance(10);
        compare.same(`${kind}: its own loss`, ours, [["a", ["j1"]]]);
      }
    },
  },
  {
    id: "losses-of-many-pages",
    property: "O1",
    claim: "all losses that are kept are reported and acknowledged, however many there are, before the next sweep",
    async perform(makeStage, compare) {
      const stage = withLosses(makeStage, 250);
      const [jobs = []] = listen(stage, [({ lostAt }) => lostAt.sequence % 2 === 0]);
      await stage.start();
      await stage.clock.advance(80);
      const all = Array.from({ length: 250 }, (_, index) => `j${index + 1}`);
      compare.same("the calls", jobs, all);
      compare.same("how many are kept", orders(stage).length, 125);
      await stage.clock.advance(1_000);
      compare.same("calls after ten sweeps", jobs.length, 250);

      const slow = withLosses(makeStage, 40);
      // A loss takes one millisecond.
      slow.store.scripts.readOrphans = async (usual, asked) => {
        const reply = usual();
        const losses = reply.kind === "orphans" ? reply.losses.length : 0;
        if (losses + 1 >= asked.deadline) return slow.store.late(asked);
        await slow.clock.sleep(losses);
        return reply;
      };
      listen(slow, [() => {}]);
      await slow.start();
      await slow.clock.advance(5_000);
      compare.same("what is kept after five seconds on a slow link", orders(slow), []);
    },
  },
  {
    id: "losses-after-the-feed",
    property: "O1",
    claim:
      "a loss ahead of the view waits for the feed, and one that the feed has brought is acknowledged by the next sweep",
    async perform(makeStage, compare) {
      const stage = withLosses(makeStage, 1);
      const { clock, feed, store } = stage;
      const log = store.log(partition);
      for (const node of ["n1", "n2"]) log.register(node);
      const [jobs = []] = listen(stage, [() => {}]);
      await stage.start();
      await clock.advance(20);
      compare.same("at first", [jobs.splice(0), orders(stage)], [["j1"], []]);
      // No wake-up announces what has happened.
      log.add({ kind: "expired", node: "n1", orphaned: ["first"] });
      log.add({ kind: "expired", node: "n2", orphaned: ["second"] });
      const lost = (order: number, sequence: number, job: string): KeptLoss => {
        return { ...lossOf(order), version: { epoch: log.epoch, sequence }, jobs: [job] };
      };
      log.kept = [lost(2, 3, "first"), lost(3, 4, "second")];
      const entries = log.entries;
      log.entries = entries.slice(0, 3);
      log.sequence = 3;
      feed.wake(partition, log.version);
      await clock.advance(150);
      compare.same("one ahead of the view", [jobs.splice(0), orders(stage)], [["first"], [3]]);
      log.entries = entries;
      log.sequence = 4;
      feed.wake(partition, log.version);
      await clock.advance(150);
      compare.same("once the feed has brought it", [jobs.splice(0), orders(stage)], [["second"], []]);
      log.begin("other");
      log.kept = [{ ...lossOf(4), version: { epoch: "a", sequence: 9 } }];
      feed.wake(partition, log.version);
      await clock.advance(20);
      compare.same("one of the former epoch, after a load", [jobs, orders(stage)], [["j4"], []]);
    },
  },
  {
    id: "losses-once-back",
    property: "O1",
    claim: "once an instance is back in normal it looks at once for losses that it has missed",
    async perform(makeStage, compare) {
      const stage = makeStage({ sweepInterval: 60_000 });
      const { clock, feed, store } = stage;
      const [jobs = []] = listen(stage, [() => {}]);
      await stage.start();
      await clock.advance(50);
      store.scripts.changesSince = () => ({ kind: "failed", applied: "no", cause: "loading", after: 0, message: "" });
      const log = store.log(partition);
      log.begin("other");
      feed.wake(partition, log.version);
      await clock.advance(200);
      compare.same("while it is away", [stage.mode, jobs], ["l2_only", []]);
      log.kept = [lossOf(1)];
      delete store.scripts.changesSince;
      await clock.advance(700);
      compare.same("once it is back", [stage.mode, jobs, orders(stage)], ["normal", ["j1"], []]);
    },
  },
];

function acknowledged({ store }: Stage): number {
  return store.requests("ackOrphans").length;
}
