/** Claims about servers that are not the one that is followed: nothing is taken from them, and an instance never returns to an abandoned epoch. */
import type { Version } from "../../../protocol/version.ts";
import type { InstanceCheck } from "./check.ts";
import { pair } from "./scripted-log.ts";
import type { Stage } from "./stage.ts";

const partition = 0;
/** Degraded instances probe every 100 ms, and load after three answers. */
const wayBack = 450;
const offer = { pools: ["p"], languages: [pair], services: [], max_jobs: 2 };
const metrics = { cpu: 0.5 };

/** From now on a server of that epoch answers: with its last content, which has grown meanwhile. */
function answerAs(stage: Stage, epoch: string, sequence: number): void {
  const log = stage.store.log(partition);
  log.begin(epoch);
  log.sequence = sequence;
}

/** It followed epoch `a` to its version 3, and follows `b` now, which is at 1. */
async function inSecondEpoch(stage: Stage): Promise<void> {
  const { clock, feed, store } = stage;
  const log = store.log(partition);
  for (const node of ["n1", "n2", "n3"]) log.register(node);
  await stage.start();
  log.begin("b");
  log.register("n4");
  feed.wake(partition, log.version);
  await clock.advance(10);
  stage.forget();
}

export const epochChecks: readonly InstanceCheck[] = [
  {
    id: "abandoned-epoch",
    property: "D4",
    claim: "nothing is taken from a server of an abandoned epoch, it counts as gone, and no message of it is followed",
    async perform(makeStage, compare) {
      const stage = makeStage();
      const { clock, feed, scheduler, store } = stage;
      await inSecondEpoch(stage);
      const view = [{ epoch: "b", sequence: 1 }];
      feed.wake(partition, { epoch: "a", sequence: 9 });
      await clock.advance(5);
      compare.same("requests after a wake-up of the abandoned epoch", store.asked, []);
      answerAs(stage, "a", 9);
      feed.wake(partition, { epoch: "b", sequence: 2 });
      await clock.advance(5);
      const dropped = { kind: "dropped_reply", operation: "changes_since", partition };
      compare.same("its answer", stage.events("dropped_reply"), [{ ...dropped, version: { epoch: "a", sequence: 9 } }]);
      compare.same("how the mode changed", stage.events("mode_changed"), [
        { kind: "mode_changed", from: "normal", to: "l2_only", cause: "left_epoch" },
      ]);
      compare.same("the view", [scheduler.status().view, stage.view.length], [view, 4]);
      await clock.advance(wayBack);
      compare.same("the mode while it answers the probes", stage.mode, "l2_only");
      compare.same("requests for pages meanwhile", store.requests("snapshot"), []);
      const probes = stage.events("dropped_reply").slice(1);
      compare.same("what the probes heard", probes[0], {
        ...dropped,
        operation: "version_check",
        version: { epoch: "a", sequence: 9 },
      });
      answerAs(stage, "b", 1);
      await clock.advance(wayBack);
      compare.same("once the right one answers: mode, view", [stage.mode, scheduler.status().view], ["normal", view]);
      compare.same("epochs adopted or left since", stage.events("epoch_adopted", "epoch_left", "resync_started"), []);
    },
  },
  {
    id: "abandoned-epoch-answers-calls",
    property: "D4",
    claim: "what a client's call was answered in an abandoned epoch is not known to have happened",
    async perform(makeStage, compare) {
      const stage = makeStage();
      const { clock, scheduler, store } = stage;
      await inSecondEpoch(stage);
      const version: Version = { epoch: "a", sequence: 9 };
      store.scripts.reserveJob = () => ({ kind: "reserved", version });
      store.scripts.heartbeat = () => ({ kind: "renewed", version, unknown_jobs: [] });
      store.scripts.registerNode = () => ({ kind: "registered", version, incarnation: "a:9" });
      store.scripts.offlineNode = () => ({ kind: "offline", version, orphaned: [] });
      store.scripts.completeJob = () => ({ kind: "completed", version });
      store.scripts.snapshot = () => ({ kind: "page", version, nodes: [null], next: [] });
      const writes = {
        reserve_job: () => scheduler.reserveJob("n1", "j"),
        heartbeat: () => scheduler.heartbeat({ node: "n1", seq: 1, metrics, running: [], incarnation: "a:1" }),
        register_node: () => scheduler.registerNode({ node: "n1", ...offer }),
        offline_node: () => scheduler.offlineNode("n1", "a:1"),
        complete_job: () => scheduler.completeJob("n1", "j"),
      };
      for (const [operation, write] of Object.entries(writes)) {
        const answer = await clock.until<{ readonly kind: string }>(write());
        const { kind, ...said } = answer;
        const { applied, cause, message } = said as Record<string, unknown>;
        compare.same(`${operation}: answer`, [kind, applied, cause], ["failed", "unknown", "readonly"]);
        compare.same(
          `${operation}: why`,
          message,
          "answered in epoch a, which was abandoned: what was written may be lost",
        );
      }
      const dropped = Object.keys(writes).map((operation) => ({
        kind: "dropped_reply",
        operation,
        partition,
        version,
      }));
      compare.same("what was dropped", stage.events("dropped_reply"), dropped);
      compare.same("the mode", stage.mode, "normal");
      stage.forget();
      const { found, source, stale } = await clock.until(scheduler.getNode("unknown"));
      compare.same("a lookup that was answered there", [found, source, stale], [false, "l2", false]);
      compare.same("what was dropped of it", stage.events("dropped_reply").length, 1);
      compare.same("the view", scheduler.status().view, [{ epoch: "b", sequence: 1 }]);
    },
  },
  {
    id: "abandoned-epoch-answers-pages",
    property: "D4",
    claim: "a load that a server of an abandoned epoch answers ends, and its pages are never shown",
    async perform(makeStage, compare) {
      const stage = makeStage({ snapshotPage: 2 });
      const { clock, feed, scheduler, store } = stage;
      await inSecondEpoch(stage);
      const log = store.log(partition);
      // The epoch `c` begins, and the former primary answers the pages.
      log.begin("c");
      log.register("n5");
      store.scripts.snapshot = (usual) => {
        const page = usual();
        return page.kind === "page" ? { ...page, version: { epoch: "a", sequence: 9 } } : page;
      };
      feed.wake(partition, log.version);
      await clock.advance(10);
      compare.same("pages that were asked for", store.requests("snapshot").length, 1);
      compare.same("how the mode changed", stage.events("mode_changed"), [
        { kind: "mode_changed", from: "normal", to: "l2_only", cause: "left_epoch" },
      ]);
      compare.same("the view", [scheduler.status().view, stage.view.length], [[{ epoch: "b", sequence: 1 }], 4]);
      delete store.scripts.snapshot;
      await clock.advance(wayBack);
      compare.same("in the end: mode, view", [stage.mode, scheduler.status().view], ["normal", [log.version]]);
      const kinds = stage.events("epoch_left", "epoch_adopted");
      const [left, adopted] = [{ epoch: "b", sequence: 1 }, log.version];
      compare.same("epochs", kinds, [
        { kind: "epoch_left", partition, ...left },
        { kind: "epoch_adopted", partition, ...adopted },
      ]);
    },
  },
  {
    id: "many-abandoned-epochs",
    property: "D4",
    claim: "the last 64 epochs that an instance has abandoned are past for it, however many there were",
    async perform(makeStage, compare) {
      const stage = makeStage();
      const { clock, feed, scheduler, store } = stage;
      const log = store.log(partition);
      await stage.start();
      const epochs = Array.from({ length: 70 }, (_, index) => `e${index}`);
      for (const epoch of epochs) {
        log.begin(epoch);
        log.register("n1");
        feed.wake(partition, log.version);
        await clock.advance(10);
      }
      compare.same("epochs that it came through", stage.events("epoch_adopted").length, 70);
      stage.forget();
      for (const epoch of epochs.slice(-65, -1)) feed.wake(partition, { epoch, sequence: 9 });
      await clock.advance(5);
      compare.same("requests after wake-ups of the last 64", store.asked, []);
      compare.same("the view", scheduler.status().view, [log.version]);
    },
  },
  {
    id: "server-behind",
    property: "V2",
    claim: "a server that is behind in the same epoch is not followed, neither by changes nor by pages nor by probes",
    async perform(makeStage, compare) {
      for (const by of ["changes", "pages"] as const) {
        const stage = makeStage();
        const { clock, feed, scheduler, store } = stage;
        const log = store.log(partition);
        for (const node of ["n1", "n2", "n3"]) log.register(node);
        await stage.start();
        const held = log.version;
        const reported = { epoch: "a", sequence: 2 };
        const whole = log.entries;
        log.entries = whole.slice(0, 2);
        log.sequence = 2;
        if (by === "pages") {
          store.scripts.changesSince = () => {
            delete store.scripts.changesSince;
            return { kind: "resync", version: held };
          };
        }
        feed.wake(partition, { epoch: "a", sequence: 4 });
        await clock.advance(10);
        const behind = { kind: "store_behind", partition, held, reported };
        compare.same(`by its ${by}: what is reported`, stage.events("store_behind"), [behind]);
        compare.same(`by its ${by}: how the mode changed`, stage.events("mode_changed"), [
          { kind: "mode_changed", from: "normal", to: "l2_only", cause: "store_behind" },
        ]);
        compare.same(`by its ${by}: the view`, [scheduler.status().view, stage.view.length], [[held], 3]);
        await clock.advance(wayBack);
        compare.same(`by its ${by}: the mode while it answers the probes`, stage.mode, "l2_only");
        log.entries = whole;
        log.sequence = 3;
        log.register("n4");
        await clock.advance(wayBack);
        const view = scheduler.status().view;
        compare.same(`by its ${by}: once it has caught up`, [stage.mode, view], ["normal", [log.version]]);
      }
    },
  },
];
