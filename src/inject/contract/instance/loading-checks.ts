/** Claims about how an instance loads: all of it before it is ready, in pages that it can get, and nothing of two moments. */
import type { PageReply } from "../../../protocol/replies.ts";
import type { InstanceCheck } from "./check.ts";

const five = ["a", "b", "c", "d", "e"] as const;

export const loadingChecks: readonly InstanceCheck[] = [
  {
    id: "cold-start",
    property: "B3",
    claim: "start ends once everything is loaded, not before, and reports each page",
    async perform(makeStage, compare) {
      const stage = makeStage({ partitions: 2, snapshotPage: 2 });
      const { clock, feed, scheduler, store } = stage;
      for (const id of five) store.log(0).register(id);
      store.scripts.readConfig = async (usual) => {
        await clock.sleep(20);
        return usual();
      };
      const progress: object[] = [];
      let ready = false;
      const onReady = (): void => {
        ready = true;
      };
      const starting = scheduler.start({ onProgress: (one) => progress.push({ kind: "loading", ...one }) });
      starting.then(onReady, () => {});
      await clock.advance(15);
      compare.same("while the configuration is not read: ready, mode", [ready, stage.mode], [false, "local_only"]);
      await clock.advance(10);
      await clock.until(scheduler.start());
      compare.same("when all is loaded: ready, mode", [ready, stage.mode], [true, "normal"]);
      compare.same("subscriptions", feed.started, 1);
      const of = 3;
      compare.same("the first report", progress[0], {
        ...{ kind: "loading", partitions: { loaded: 0, of }, pages: 1, nodes: 0 },
      });
      compare.same("the last report", progress.at(-1), {
        ...{ kind: "loading", partitions: { loaded: 3, of }, pages: 5, nodes: 5 },
      });
      compare.same("the reports", progress, stage.events("loading"));
      compare.same("how many", progress.length, 8);
      compare.same("ready", stage.events("ready"), [{ kind: "ready" }]);
      const change = { kind: "mode_changed", from: "local_only", to: "normal", cause: "resynced" };
      compare.same("changes of the mode", stage.events("mode_changed"), [change]);
      store.log(0).begin("b");
      feed.wake(0, store.log(0).version);
      await clock.advance(10);
      compare.same("reports after the start", [progress.length, stage.events("loading", "ready").length], [8, 9]);
    },
  },
  {
    id: "load-reported",
    property: "M1",
    claim: "a load is reported with its reason, its pages, its nodes and its time",
    async perform(makeStage, compare) {
      const stage = makeStage({ snapshotPage: 2 });
      const { clock, feed, scheduler, store } = stage;
      for (const id of five) store.log(0).register(id);
      const before = store.log(0).version;
      await clock.until(scheduler.start());
      const partition = 0;
      const started = { kind: "resync_started", partition };
      const ended = { kind: "resynced", partition, nodes: 5, pages: 4, took: 5 };
      compare.same("at the start", stage.events("resync_started", "resynced", "epoch_left", "epoch_adopted"), [
        { ...started, reason: "cold_start" },
        { kind: "epoch_adopted", partition: "cfg", epoch: "a", sequence: 0 },
        { kind: "epoch_adopted", partition, ...before },
        { ...ended, version: before },
      ]);
      compare.same("connected", [scheduler.status().connected, stage.events("feed_connected").length], [true, 1]);
      stage.forget();
      store.log(0).begin("b");
      store.log(0).register("f");
      feed.wake(0, store.log(0).version);
      await clock.advance(10);
      compare.same("in another epoch", stage.events("resync_started", "resynced", "epoch_left", "epoch_adopted"), [
        { ...started, reason: "epoch" },
        { kind: "epoch_left", partition, ...before },
        { kind: "epoch_adopted", partition, epoch: "b", sequence: 1 },
        { ...ended, version: { epoch: "b", sequence: 1 }, nodes: 6, pages: 4 },
      ]);
      stage.forget();
      store.scripts.changesSince = (usual) => {
        delete store.scripts.changesSince;
        usual();
        return { kind: "resync", version: store.log(0).version };
      };
      store.log(0).register("g");
      feed.wake(0, store.log(0).version);
      await clock.advance(10);
      compare.same("of a trimmed feed", stage.events("resync_started"), [{ ...started, reason: "trimmed" }]);
      compare.same("its view", stage.view.length, 7);
    },
  },
  {
    id: "load-of-one-moment",
    property: "V2",
    claim: "pages of two epochs, or of a server that is behind, are never one view",
    async perform(makeStage, compare) {
      const other = (page: PageReply, epoch: string, sequence: number): PageReply => ({
        ...page,
        version: { epoch, sequence },
      });
      const cases: readonly (readonly [string, (page: PageReply) => PageReply])[] = [
        ["another epoch", (page) => other(page, "b", 9)],
        ["an earlier version", (page) => other(page, "a", 4)],
      ];
      for (const [what, changed] of cases) {
        const stage = makeStage({ snapshotPage: 2 });
        const { clock, scheduler, store } = stage;
        for (const id of five) store.log(0).register(id);
        let asked = 0;
        store.scripts.snapshot = (usual) => {
          asked += 1;
          const page = usual();
          return asked === 3 && page.kind === "page" ? changed(page) : page;
        };
        await clock.until(scheduler.start());
        const begun = store.requests("snapshot").map(({ after }) => after);
        compare.same(`pages after one of ${what}`, begun, ["", "b", "d", "", "b", "d", "e"]);
        compare.same(`the view after one of ${what}`, stage.view.length, 5);
        compare.same(`its version after one of ${what}`, scheduler.status().view, [{ epoch: "a", sequence: 5 }]);
      }
    },
  },
  {
    id: "load-catches-up",
    property: "V2",
    claim:
      "what changes while pages are read is taken over, in parts if there is much of it, and a node that no page had is no contradiction",
    async perform(makeStage, compare) {
      const stage = makeStage({ snapshotPage: 2, changesLimit: 2 });
      const { clock, scheduler, store } = stage;
      const log = store.log(0);
      for (const id of five) log.register(id);
      let pages = 0;
      store.scripts.snapshot = (usual) => {
        pages += 1;
        if (pages === 2) {
          log.add({ kind: "reserved", node: "c", job: "j", current_jobs: 1, lease_until_ms: 0 });
          log.add({ kind: "reserved", node: "a", job: "k", current_jobs: 1, lease_until_ms: 0 });
          log.add({ kind: "removed", node: "e" });
        }
        const page = usual();
        if (pages === 3) log.register("bb");
        return page;
      };
      await clock.until(scheduler.start());
      const view = ["a online 1", "b online 0", "bb online 0", "c online 1", "d online 0"];
      compare.same("the view", stage.view, view);
      compare.same("its version", scheduler.status().view, [log.version]);
      const since = store
        .requests("changesSince")
        .map((request) => (request["since"] as { sequence: number }).sequence);
      compare.same("the changes that were asked for", since, [5, 7]);
      compare.same("loads", stage.events("resynced", "contradiction").length, 1);
    },
  },
  {
    id: "load-not-explained",
    property: "V2",
    claim: "a load whose changes do not fit its pages is made again, and given up after three",
    async perform(makeStage, compare) {
      const stage = makeStage();
      const { clock, scheduler, store } = stage;
      const log = store.log(0);
      for (const id of five) log.register(id);
      const entry = { sequence: 6, change: { kind: "removed", node: "a" } } as const;
      const { version } = log;
      const answers = [
        { kind: "resync", version },
        { kind: "changes", version: { epoch: "b", sequence: 1 }, entries: [] },
        { kind: "changes", version: { epoch: "a", sequence: 7 }, entries: [{ ...entry, sequence: 7 }] },
        { kind: "changes", version, entries: [] }, // to the probe
        { kind: "changes", version: { epoch: "a", sequence: 6 }, entries: [] },
        {
          kind: "changes",
          version: { epoch: "a", sequence: 6 },
          entries: [{ sequence: 6, change: { kind: "health", node: "unknown", health_milli: 1 } }],
        },
      ] as const;
      let made = 0;
      store.scripts.changesSince = (usual) => {
        made += 1;
        return answers[made - 1] ?? usual();
      };
      const starting = scheduler.start();
      await clock.advance(30);
      compare.same(
        "loads before it is given up",
        store.requests("snapshot").filter(({ after }) => after === "").length,
        3,
      );
      compare.same("the mode then", stage.mode, "local_only");
      compare.same("views that were shown", stage.events("resynced", "epoch_adopted").length, 1);
      await clock.until(starting);
      compare.same("the view in the end", [stage.view.length, scheduler.status().view], [5, [version]]);
    },
  },
];
