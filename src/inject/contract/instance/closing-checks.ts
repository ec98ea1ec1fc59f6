/** Claims about the beginning and the end of an instance: what start and close wait for, what they leave, and what a fault stops. */
import type { Scheduler } from "../../../scheduler/scheduler.ts";
import type { Comparisons } from "../comparisons.ts";
import type { InstanceCheck } from "./check.ts";
import { pair } from "./scripted-log.ts";
import { failed, replyWith } from "./scripted-store.ts";
import { ended, type Stage } from "./stage.ts";

const wanted = { ...pair, pool: "p", services: [], count: 10 };
const reason = new Error("enough");
reason.name = "Enough";

const content = { enabled: false, pool_count: 0, hash_seed: 0, fallback_scan_all_pools: false, pools: [] };
const swept = { kind: "swept", expired: ["n1"], removed: [], lapsed: [], failed: [], due: [] } as const;

/** Everything that an instance can be asked for, and what came of it: `ok`, the cause of a failure, or the name of an error. */
function calls(scheduler: Scheduler): Readonly<Record<string, () => Promise<string>>> {
  const outcome = async (call: () => unknown): Promise<string> => {
    const answers: unknown[] = [];
    const name = await ended((async () => answers.push(await call()))());
    const [answer] = answers as readonly { readonly cause?: string; readonly stale?: boolean }[];
    return name === "ok" ? (answer?.cause ?? (answer?.stale === true ? "stale" : "ok")) : name;
  };
  const offer = { node: "n9", max_jobs: 1, pools: [], languages: [], services: [] };
  const asked: Readonly<Record<string, () => unknown>> = {
    registerNode: () => scheduler.registerNode(offer),
    heartbeat: () => scheduler.heartbeat({ node: "n1", incarnation: "a:1", seq: 9, metrics: {}, running: [] }),
    offlineNode: () => scheduler.offlineNode("n9"),
    reserveJob: () => scheduler.reserveJob("n1", "r"),
    completeJob: () => scheduler.completeJob("n1", "r"),
    releaseJob: () => scheduler.releaseJob("n1", "r"),
    dispatch: () => scheduler.dispatch({ ...wanted, job: "d" }),
    putConfig: () => scheduler.putConfig(content, null),
    getNode: () => scheduler.getNode("n1"),
    selectNodes: () => scheduler.selectNodes(wanted),
  };
  return Object.fromEntries(Object.entries(asked).map(([name, call]) => [name, () => outcome(call)]));
}

async function outcomes(stage: Stage, compare: Comparisons, when: string, allowed: (name: string) => string) {
  const asked = calls(stage.scheduler);
  for (const [name, call] of Object.entries(asked))
    compare.same(`${name} ${when}`, await stage.clock.until(call()), allowed(name));
}

const reads: ReadonlySet<string> = new Set(["getNode", "selectNodes"]);

/** Nothing of it runs on, and it has given back what it had. */
async function nothingRemains(stage: Stage, compare: Comparisons, when: string): Promise<void> {
  await stage.clock.advance(200);
  stage.store.asked = [];
  await stage.clock.advance(60_000);
  compare.same(`${when}: timers, requests`, [stage.clock.sleeping, stage.store.asked.length], [0, 0]);
  compare.same(`${when}: closed store, feed`, [stage.store.closed, stage.feed.closed], [1, 1]);
}

export const closingChecks: readonly InstanceCheck[] = [
  {
    id: "close-drains",
    property: "K6",
    claim: "close waits for what is in flight, takes nothing more, leaves nothing, and what is asked after it says so",
    async perform(makeStage, compare) {
      const stage = makeStage({ sweepInterval: 300, pollInterval: 200, pulseInterval: 15 });
      const { clock, feed, scheduler, store } = stage;
      store.log(0).register("n1");
      await stage.start();
      await outcomes(stage, compare, "before close", () => "ok");
      store.scripts.reserveJob = async (usual) => {
        await clock.sleep(10);
        return usual();
      };
      const order: string[] = [];
      const write = scheduler.reserveJob("n1", "j").then(({ kind }) => order.push(kind));
      await clock.advance(1);
      const closing = scheduler.close().then(() => order.push("closed"));
      const again = scheduler.close();
      compare.same("close is one", again === scheduler.close(), true);
      stage.forget();
      await outcomes(stage, compare, "after close", (name) => (reads.has(name) ? "stale" : "closed"));
      compare.same("what was sent for it", store.asked, []);
      await clock.until(Promise.all([write, closing]));
      compare.same("what ended when", order, ["reserved", "closed"]);
      compare.same("timers then", clock.sleeping, 0);
      compare.same("connected, last event", [scheduler.status().connected, stage.lastEvent], [false, "closed"]);
      feed.listener?.connected();
      feed.listener?.disconnected("too late");
      compare.same("what it says of the feed after it", stage.events("feed_connected", "feed_disconnected"), []);
      compare.same("connected after it", scheduler.status().connected, false);
      compare.same("how often it was closed", stage.events("closed").length, 1);
      await nothingRemains(stage, compare, "after close");
    },
  },
  {
    id: "close-aborted",
    property: "K6",
    claim: "an aborted close ends at once, and so does what is in flight, which may have happened",
    async perform(makeStage, compare) {
      for (const when of ["before", "during"] as const) {
        const stage = makeStage();
        const { clock, scheduler, store } = stage;
        store.log(0).register("n1");
        await stage.start();
        store.scripts.reserveJob = async (usual) => {
          await clock.sleep(20);
          return usual();
        };
        const abort = new AbortController();
        if (when === "before") abort.abort(reason);
        const write = scheduler.reserveJob("n1", "j");
        await clock.advance(3);
        const begun = clock.now();
        const closing = scheduler.close({ signal: abort.signal });
        await clock.advance(2);
        abort.abort(reason);
        await clock.until(closing);
        const { kind, ...answer } = await clock.until(write);
        const { applied, cause } = answer as Record<string, unknown>;
        compare.same(`aborted ${when}: the write`, [kind, applied, cause], ["failed", "unknown", "closed"]);
        compare.same(`aborted ${when}: how long it took`, clock.now() - begun, 2);
        await nothingRemains(stage, compare, `aborted ${when}`);
        compare.same(`aborted ${when}: what came too late is not reported`, stage.events("late_reply"), []);
      }
    },
  },
  {
    id: "start-ends",
    property: "K6",
    claim: "a start ends when its instance is ready, closed or aborted, and an abort after that does nothing",
    async perform(makeStage, compare) {
      const closed = makeStage();
      closed.store.scripts.snapshot = replyWith(failed("loading"));
      const waiting = ended(closed.scheduler.start());
      await closed.clock.advance(500);
      await closed.clock.until(closed.scheduler.close());
      compare.same("closed while it loads", await waiting, "ClosedError");
      compare.same("started after close", await ended(closed.scheduler.start()), "ClosedError");
      compare.same("subscriptions then", closed.feed.started, 1);
      await nothingRemains(closed, compare, "closed while it loads");

      const before = makeStage();
      compare.same(
        "aborted before",
        await ended(before.scheduler.start({ signal: AbortSignal.abort(reason) })),
        "Enough",
      );
      compare.same("subscriptions, requests", [before.feed.started, before.store.asked.length], [0, 0]);
      const later = new AbortController();
      await before.clock.until(before.scheduler.start({ signal: later.signal }));
      later.abort(reason);
      before.store.log(0).register("n1");
      await outcomes(before, compare, "after an abort that came too late", () => "ok");
      await before.clock.until(before.scheduler.close());

      const during = makeStage();
      during.store.scripts.snapshot = replyWith(failed("loading"));
      const abort = new AbortController();
      const starting = ended(during.scheduler.start({ signal: abort.signal }));
      await during.clock.advance(500);
      abort.abort(reason);
      compare.same("aborted while it loads", await during.clock.until(starting), "Enough");
      await outcomes(during, compare, "after an aborted start", (name) => (reads.has(name) ? "stale" : "closed"));
      await nothingRemains(during, compare, "aborted while it loads");
    },
  },
  {
    id: "never-started",
    property: "K6",
    claim: "an instance that was never started can be closed, and one that is degraded too",
    async perform(makeStage, compare) {
      const stage = makeStage();
      compare.same("close", await stage.outcome(stage.scheduler.close()), "ok");
      await nothingRemains(stage, compare, "never started");
      const away = makeStage();
      await away.start();
      for (const call of ["changesSince", "checkConfig"] as const)
        away.store.scripts[call] = replyWith(failed("disconnected"));
      away.feed.wake(0, { epoch: "a", sequence: 1 });
      await away.clock.advance(250);
      compare.same("its mode", away.mode, "l2_only");
      compare.same("close while degraded", await away.outcome(away.scheduler.close()), "ok");
      await nothingRemains(away, compare, "closed while degraded");
    },
  },
  {
    id: "other-layout",
    property: "K7",
    claim: "a store of another number of partitions is refused by start, and by everything that is asked then",
    async perform(makeStage, compare) {
      for (const call of ["changesSince", "snapshot"] as const) {
        const stage = makeStage();
        const { scheduler, store } = stage;
        store.scripts[call] = replyWith(failed("layout_mismatch", "no"));
        compare.same(`by ${call}: start`, await stage.outcome(scheduler.start()), "LayoutError");
        await outcomes(stage, compare, `on another layout, by ${call}`, () => "LayoutError");
        const faults = stage.events("fault").map((one) => "task" in one && one.task);
        compare.same(`by ${call}: faults`, faults, ["mode supervisor"]);
        compare.same(`by ${call}: close`, await stage.outcome(scheduler.close()), "LayoutError");
        await nothingRemains(stage, compare, `on another layout, by ${call}`);
      }
    },
  },
  {
    id: "fault-stops",
    property: "K6",
    claim:
      "an error of its own stops an instance: it is reported once, every call rejects with it, and nothing runs on",
    async perform(makeStage, compare) {
      for (const [kind, task] of [
        ["resynced", "follow partition 0"],
        ["view_advanced", "follow partition 0"],
        ["config_changed", "follow the configuration"],
        ["swept", "sweep partition 0"],
      ] as const) {
        const stage = makeStage({ sweepInterval: 100 }, (event) => {
          if (event.kind === kind) throw reason;
        });
        const { clock, feed, scheduler, store } = stage;
        store.log(0).register("n1");
        compare.same(`${kind}: start`, await stage.outcome(scheduler.start()), kind === "resynced" ? "Enough" : "ok");
        store.scripts.sweep = () => ({ ...swept, version: store.log(0).version });
        store.log(0).register("n2");
        feed.wake(0, store.log(0).version);
        store.configVersion = { epoch: "a", sequence: 1 };
        store.config = { ...content, version: store.configVersion };
        feed.wake("cfg", store.configVersion);
        await clock.advance(110);
        await outcomes(stage, compare, `after a fault at ${kind}`, () => "Enough");
        const tasks = stage.events("fault").map((fault) => "task" in fault && fault.task);
        compare.same(`${kind}: faults`, tasks, [task]);
        compare.same(`${kind}: close`, await stage.outcome(scheduler.close()), "Enough");
        await nothingRemains(stage, compare, `after a fault at ${kind}`);
      }
    },
  },
];
