/** Claims about the modes, to the millisecond: what ends `normal`, when what is held is too old, and how long the way back is. */
import { documentedSettings } from "../../../check/documented-settings.ts";
import type { Failure } from "../../../protocol/replies.ts";
import type { Comparisons } from "../comparisons.ts";
import type { InstanceCheck } from "./check.ts";
import { failed, replyWith } from "./scripted-store.ts";
import type { MakeStage, Stage } from "./stage.ts";

type Cause = Failure["cause"];

/** They are about one operation, one key or the instance itself. */
const harmless: readonly Cause[] = [
  ...(["invalid", "closed", "aborted", "layout_mismatch"] as const),
  ...(["overloaded", "out_of_memory", "denied", "wrong_type"] as const),
];
const harmful: readonly Cause[] = [
  ...(["deadline", "disconnected", "readonly", "loading", "busy", "moved", "protocol"] as const),
];

/** Everything that it asks by itself fails. */
function cutOff({ store }: Stage, cause: Cause): void {
  for (const call of ["changesSince", "checkConfig", "snapshot", "readConfig"] as const)
    store.scripts[call] = replyWith(failed(cause));
}

/** The next question what has changed fails, and is asked at once. */
async function failOnce(stage: Stage, cause: Cause = "disconnected"): Promise<void> {
  const { clock, feed, store } = stage;
  const log = store.log(0);
  store.scripts.changesSince = () => {
    delete store.scripts.changesSince;
    return failed(cause);
  };
  log.register(`n${log.sequence + 1}`);
  feed.wake(0, log.version);
  await clock.advance(1);
}

/** Compares the outcomes of writes after calls that were late. */
async function compareAfterLateCalls(makeStage: MakeStage, compare: Comparisons): Promise<void> {
  const stage = makeStage();
  const { clock, scheduler } = stage;
  const write = async (job: string) => (await clock.until(scheduler.reserveJob("n", job))).kind;
  await stage.start();
  await failOnce(stage, "deadline");
  compare.same("a late read: mode", stage.mode, "l2_only");
  compare.same("a write after a late read", await write("a"), "reserved");
  cutOff(stage, "deadline");
  await clock.advance(105);
  compare.same("after another one, with an answer between", await write("b"), "reserved");
  await clock.advance(200);
  compare.same("after two in a row", await write("c"), "failed");
  const other = makeStage();
  await other.start();
  await failOnce(other, "deadline");
  other.store.scripts.reserveJob = replyWith(failed("deadline"));
  await other.clock.until(other.scheduler.reserveJob("n", "a"));
  delete other.store.scripts.reserveJob;
  compare.same("after a late write", (await other.clock.until(other.scheduler.reserveJob("n", "b"))).kind, "failed");
}

/** The modes that it came to, each with the time since the last change. */
function course(stage: Stage): readonly (readonly [mode: unknown, cause: unknown, after: number])[] {
  const times = stage.times("mode_changed");
  return stage.events("mode_changed").map((change, index) => {
    const { cause, to } = change as { readonly cause: unknown; readonly to: unknown };
    return [to, cause, (times[index] ?? 0) - (times[index - 1] ?? times[0] ?? 0)];
  });
}

export const modeChecks: readonly InstanceCheck[] = [
  {
    id: "ends-normal",
    property: "D5",
    claim: "a failure ends normal where it says that the store is gone, and one of a single operation or key does not",
    async perform(makeStage, compare) {
      for (const cause of [...harmless, ...harmful]) {
        const isHarmful = harmful.includes(cause);
        const reading = makeStage();
        await reading.start();
        await failOnce(reading, cause);
        const change = { kind: "mode_changed", from: "normal", to: "l2_only", cause };
        compare.same(`a read that fails with ${cause}`, reading.events("mode_changed"), isHarmful ? [change] : []);
        const writing = makeStage();
        await writing.start();
        writing.store.scripts.reserveJob = replyWith(failed(cause));
        const { kind } = await writing.clock.until(writing.scheduler.reserveJob("n", "j"));
        compare.same(`a write that fails with ${cause}: answer`, kind, "failed");
        const isLeft = isHarmful && cause !== "readonly";
        compare.same(`a write that fails with ${cause}`, writing.events("mode_changed"), isLeft ? [change] : []);
        const outcome = writing.events("store_call").map((call) => "outcome" in call && call.outcome);
        compare.same(`a write that fails with ${cause}: event`, outcome, [cause]);
      }
    },
  },
  {
    id: "becomes-local-only",
    property: "D5",
    claim: "an instance is local_only once what it holds is past its TTL, or nothing was answered for localOnlyAfter",
    async perform(makeStage, compare) {
      const old = { l1Ttl: 1_000, l2Ttl: 2_000, pollInterval: 200, pulseInterval: 15 };
      const expired = makeStage(old);
      await expired.start();
      cutOff(expired, "overloaded");
      await expired.clock.advance(1_980);
      compare.same("in normal, before the TTL", expired.mode, "normal");
      await expired.clock.advance(40);
      const change = { kind: "mode_changed", to: "local_only", cause: "l2_expired" };
      compare.same("in normal, past the TTL", expired.events("mode_changed"), [{ ...change, from: "normal" }]);
      const write = (job: string) => expired.clock.until(expired.scheduler.reserveJob("n", job));
      compare.same("a write then, since no call was missed", (await write("j")).kind, "reserved");

      const aged = makeStage({ ...old, localOnlyAfter: 60_000 });
      await aged.start();
      cutOff(aged, "disconnected");
      await aged.clock.advance(1_980);
      compare.same("cut off, before the TTL", aged.mode, "l2_only");
      await aged.clock.advance(140);
      compare.same("cut off, past the TTL", aged.events("mode_changed").slice(1), [{ ...change, from: "l2_only" }]);

      const silent = makeStage({ localOnlyAfter: 1_000 });
      await silent.start();
      await failOnce(silent);
      cutOff(silent, "disconnected");
      await silent.clock.advance(450);
      delete silent.store.scripts.changesSince;
      await silent.clock.advance(101);
      cutOff(silent, "disconnected");
      await silent.clock.advance(940);
      compare.same("before localOnlyAfter", silent.mode, "l2_only");
      await silent.clock.advance(130);
      const last = silent.events("mode_changed").at(-1);
      const heard = makeStage({ localOnlyAfter: 1_000 });
      await heard.start();
      await failOnce(heard);
      cutOff(heard, "disconnected");
      await heard.clock.advance(900);
      await heard.clock.until(heard.scheduler.reserveJob("n", "j", { urgent: true }));
      await heard.clock.advance(300);
      compare.same("past localOnlyAfter, with an answer between", heard.mode, "l2_only");
      compare.same("past localOnlyAfter", last, { ...change, from: "l2_only", cause: "silence" });
      for (const call of ["changesSince", "checkConfig", "snapshot", "readConfig"] as const)
        delete silent.store.scripts[call];
      await silent.clock.advance(400);
      compare.same("and back", silent.events("mode_changed").at(-1), {
        ...{ kind: "mode_changed", from: "local_only", to: "normal", cause: "resynced" },
      });
    },
  },
  {
    id: "way-back",
    property: "D5",
    claim: "three probes in a row, and each relapse in a row doubles the least time away, up to dwellMax",
    async perform(makeStage, compare) {
      const stage = makeStage();
      await stage.start();
      for (let relapse = 0; relapse < 5; relapse += 1) {
        await failOnce(stage);
        await stage.clock.advance(2_500);
      }
      await stage.clock.advance(6_000);
      await failOnce(stage);
      await stage.clock.advance(2_500);
      const away = course(stage).flatMap(([to, cause, time]) => (to === "normal" ? [[cause, time]] : []));
      const times = [304, 506, 1_011, 2_021, 2_021, 304];
      compare.same(
        "how long it stayed away",
        away,
        times.map((time) => ["resynced", time]),
      );
      compare.same("ready again", stage.events("ready"), []);

      const row = makeStage();
      const { clock, store } = row;
      await row.start();
      await failOnce(row);
      let probes = 0;
      store.scripts.changesSince = (usual) => {
        probes += 1;
        return probes === 3 ? failed("disconnected") : usual();
      };
      await clock.advance(1_000);
      compare.same("with a probe that fails", course(row).at(-1), ["normal", "resynced", 607]);

      const behind = makeStage();
      behind.store.log(0).register("n");
      await behind.start();
      await failOnce(behind);
      probes = 0;
      behind.store.scripts.changesSince = (usual) => {
        probes += 1;
        return probes === 3 ? { kind: "changes", version: { epoch: "a", sequence: 0 }, entries: [] } : usual();
      };
      await behind.clock.advance(1_000);
      compare.same("with a probe of a server that is behind", course(behind).at(-1), ["normal", "resynced", 607]);

      const load = makeStage();
      await load.start();
      await failOnce(load);
      load.store.scripts.checkConfig = () => {
        delete load.store.scripts.checkConfig;
        return failed("loading");
      };
      await load.clock.advance(2_000);
      compare.same("with a load that fails", course(load).at(-1), ["normal", "resynced", 304 + 506]);
    },
  },
  {
    id: "fault-during-the-load",
    property: "D5",
    claim:
      "a load on the way back counts for nothing where another call has failed meanwhile, and a new subscription asks nothing of a store that is away",
    async perform(makeStage, compare) {
      const stage = makeStage();
      const { clock, feed, scheduler, store } = stage;
      await stage.start();
      await failOnce(stage);
      store.scripts.checkConfig = async (usual) => {
        await clock.sleep(10);
        return usual();
      };
      await clock.advance(305);
      store.scripts.reserveJob = replyWith(failed("disconnected"));
      await clock.until(scheduler.reserveJob("n", "j"));
      store.asked = [];
      await clock.advance(30);
      compare.same("after it", [stage.mode, stage.events("mode_changed").length], ["l2_only", 1]);
      feed.listener?.disconnected("gone");
      feed.listener?.connected();
      await clock.advance(10);
      compare.same("what is asked meanwhile", store.asked, []);
      await clock.advance(2_000);
      compare.same("in the end", stage.mode, "normal");
    },
  },
  {
    id: "pulses-beside-writes",
    property: "D2",
    claim: "in normal some read is sent every pulse, however many writes are",
    async perform(makeStage, compare) {
      const stage = makeStage({ pollInterval: 200, pulseInterval: 15 });
      const { clock, scheduler, store } = stage;
      await stage.start();
      for (let time = 0; time < 300; time += 5) {
        void scheduler.heartbeat({ node: "n", incarnation: "a:1", seq: time, metrics: {}, running: [] });
        await clock.advance(5);
      }
      const reads = store.asked.filter(({ call }) => call !== "heartbeat").map(({ at }) => at);
      const pauses = reads.slice(1).map((at, index) => at - (reads[index] ?? 0));
      compare.same("the longest pause between reads", Math.max(...pauses) <= 15, true);
      compare.same("reads in 300 ms", reads.length >= 15, true);
    },
  },
  {
    id: "cold-start-away",
    property: "D5",
    claim:
      "an instance that starts while the store is away loads after the first probe that is answered, however often that failed",
    async perform(makeStage, compare) {
      const stage = makeStage({ calmAfter: 0 });
      const { clock, scheduler, store } = stage;
      cutOff(stage, "disconnected");
      scheduler.start().catch(() => {});
      await clock.advance(5_000);
      compare.same("while it is away: mode, changes", [stage.mode, stage.events("mode_changed")], ["local_only", []]);
      store.scripts = {};
      for (let times = 0; times < 4; times += 1) {
        store.scripts.snapshot = () => failed("loading");
        await clock.advance(300);
      }
      store.scripts = {};
      store.asked = [];
      await clock.advance(210);
      compare.same("once it is back: mode", stage.mode, "normal");
      const requests = store.requests("changesSince").map(({ limit }) => limit);
      compare.same("its questions", requests, [0, documentedSettings.changesLimit]);
    },
  },
  {
    id: "writes-while-degraded",
    property: "D6",
    claim: "writes stop at the second miss in a row, or at the first of a write, until a probe is answered",
    async perform(makeStage, compare) {
      const stage = makeStage();
      const { clock, scheduler, store } = stage;
      await stage.start();
      await failOnce(stage);
      cutOff(stage, "disconnected");
      stage.forget();
      const refusal = { kind: "failed", applied: "no", cause: "disconnected", after: 0 };
      const message = "not sent: this instance is l2_only (disconnected)";
      compare.same("a write", await clock.until(scheduler.reserveJob("n", "j")), { ...refusal, message });
      compare.same("what was sent", store.asked, []);
      const refused = { kind: "call_refused", operation: "reserve_job", partition: 0, cause: "disconnected" };
      compare.same("the event", stage.events("call_refused", "store_call"), [refused]);
      delete store.scripts.changesSince;
      await clock.advance(105);
      compare.same("after a probe", (await clock.until(scheduler.reserveJob("n", "j"))).kind, "reserved");
      cutOff(stage, "disconnected");
      await clock.advance(101);
      compare.same("after one that failed", await clock.until(scheduler.reserveJob("n", "k")), { ...refusal, message });
      const urgent = await clock.until(scheduler.reserveJob("n", "k", { urgent: true }));
      compare.same("a repetition", urgent.kind, "reserved");
      await compareAfterLateCalls(makeStage, compare);

      const cold = makeStage();
      cold.store.scripts.snapshot = async (usual) => {
        await cold.clock.sleep(10);
        return usual();
      };
      cold.scheduler.start().catch(() => {});
      await cold.clock.advance(2);
      const first = await cold.clock.until(cold.scheduler.reserveJob("n", "j"));
      compare.same("while it starts", first.kind, "reserved");
      const away = makeStage();
      cutOff(away, "disconnected");
      away.scheduler.start().catch(() => {});
      await away.clock.advance(5);
      compare.same("after its start has failed", await away.clock.until(away.scheduler.reserveJob("n", "j")), {
        ...refusal,
        message: "not sent: this instance is local_only (cold_start)",
      });
    },
  },
];
