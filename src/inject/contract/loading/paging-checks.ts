/** Claims about what an instance reads at a time: less where the link is slow, more again later, and only what leads on. */

import { documentedSettings } from "../../../check/documented-settings.ts";
import type { InstanceCheck } from "../instance/check.ts";
import { failed } from "../instance/scripted-store.ts";
import type { Stage } from "../instance/stage.ts";

const five = ["a", "b", "c", "d", "e"] as const;

export const pagingChecks: readonly InstanceCheck[] = [
  {
    id: "pages-shrink",
    property: "V2",
    claim:
      "a page that does not come in time is asked for again, smaller, the load is whole, and later pages grow back",
    async perform(makeStage, compare) {
      const stage = makeStage({ snapshotPage: 40 });
      const { clock, scheduler, store } = stage;
      const ids = Array.from({ length: 120 }, (_, index) => `n${String(index).padStart(3, "0")}`);
      for (const id of ids) store.log(0).register(id);
      // A node of a page takes one millisecond, and ids nothing.
      store.scripts.snapshot = async (usual, asked) => {
        const { nodes } = asked.request as { readonly nodes: readonly string[] };
        if (nodes.length + 1 >= asked.deadline) return store.late(asked);
        await clock.sleep(nodes.length);
        return usual();
      };
      await clock.until(scheduler.start());
      const asked = store.requests("snapshot").map(({ after, limit, nodes }) => [lengthOf(nodes), after, limit]);
      compare.same("the first requests", asked.slice(0, 7), [
        [0, "", 40],
        [40, "n039", 40],
        [1, "n039", 0],
        [1, "n039", 0],
        [2, "n039", 0],
        [5, "n039", 0],
        [10, "n039", 0],
      ]);
      compare.same("the nodes", nodesOf(stage), ids);
      compare.same(
        "the pages",
        stage.events("resynced").map((one) => "pages" in one && one.pages),
        [17],
      );
      store.scripts = {};
      const sizes: unknown[] = [];
      for (const epoch of ["b", "c", "d"]) {
        stage.forget();
        store.log(0).begin(epoch);
        stage.feed.wake(0, store.log(0).version);
        await clock.advance(1_000);
        sizes.push(store.requests("snapshot").at(-1)?.["limit"]);
        compare.same(`the nodes of epoch ${epoch}`, nodesOf(stage), ids);
      }
      compare.same("the size that the pages grow back to", sizes.at(-1), 40);
    },
  },
  {
    id: "pages-advance",
    property: "V2",
    claim: "a page that does not come after the last one ends the load, and is reported",
    async perform(makeStage, compare) {
      const cases = { "the same again": ["c"], "out of order": ["e", "d"], "before the last": ["d", "a"] };
      for (const [what, next] of Object.entries(cases)) {
        const stage = makeStage();
        const { clock, scheduler, store } = stage;
        for (const id of five) store.log(0).register(id);
        let asked = 0;
        store.scripts.snapshot = (usual) => {
          asked += 1;
          const page = usual();
          if (page.kind === "page" && asked % 2 === 1) return { ...page, next: ["a", "b", "c"] };
          return page.kind === "page" ? { ...page, next } : page;
        };
        const starting = scheduler.start();
        await clock.advance(1_000);
        compare.same(`${what}: not as many pages as there is time`, asked < 100, true);
        compare.same(`${what}: the mode`, stage.mode, "local_only");
        const version = store.log(0).version;
        const reported = { kind: "contradiction", partition: 0, node: next.at(-1), version };
        compare.same(`${what}: what is reported`, stage.events("contradiction")[0], reported);
        store.scripts = {};
        await clock.until(starting);
        compare.same(`${what}: the nodes after it`, nodesOf(stage), five);
      }
      // In the order of their bytes, which is not that of UTF-16 units.
      const wide = ["\uff5e", "\u{1f600}"];
      const stage = makeStage({ snapshotPage: 1 });
      for (const id of wide) stage.store.log(0).register(id);
      stage.store.scripts.snapshot = (usual, { request }) => {
        const next = request["limit"] === 0 ? [] : wide.slice(wide.indexOf(String(request["after"])) + 1).slice(0, 1);
        const page = usual();
        return page.kind === "page" ? { ...page, next } : page;
      };
      compare.same("ids beyond U+FFFF", await stage.outcome(stage.scheduler.start()), "ok");
      compare.same("their nodes", stage.scheduler.nodes(0).length, 2);
    },
  },
  {
    id: "page-given-up",
    property: "D5",
    claim: "a page that fails for another reason, or too often, ends the load, and the next one begins anew",
    async perform(makeStage, compare) {
      for (const [cause, requests] of [
        ["disconnected", 1],
        ["loading", 1],
        ["deadline", 3],
      ] as const) {
        const stage = makeStage({ snapshotPage: 40 });
        const { clock, scheduler, store } = stage;
        for (const id of five) store.log(0).register(id);
        store.scripts.snapshot = () => failed(cause);
        const starting = scheduler.start();
        await clock.advance(60);
        const limits = store.requests("snapshot").map(({ limit }) => limit);
        compare.same(`the pages that failed with ${cause}`, limits, [40, 1, 1].slice(0, requests));
        compare.same(`the mode after ${cause}`, stage.mode, "local_only");
        delete store.scripts.snapshot;
        await clock.until(starting);
        compare.same(`the nodes after ${cause}`, scheduler.nodes(0).length, 5);
      }
      const slow = makeStage({ snapshotPage: 1 });
      for (const id of five) slow.store.log(0).register(id);
      slow.store.scripts.snapshot = (usual) =>
        slow.store.requests("snapshot").length % 2 === 0 ? failed("deadline") : usual();
      compare.same("a load with late pages, none twice", await slow.outcome(slow.scheduler.start()), "ok");
      const late = slow.events("store_call").filter((one) => "outcome" in one && one.outcome === "deadline").length;
      compare.same("as many as that", late >= 4, true);
      compare.same("loads with them", slow.events("resync_started").length, 1);
      for (const [size, sizes] of [
        [10, [10, 1, 1]],
        [4, [4, 1, 1]],
      ] as const) {
        const { clock, scheduler, store } = makeStage({ snapshotPage: size });
        store.scripts.snapshot = () => failed("deadline");
        scheduler.start().catch(() => {});
        await clock.advance(60);
        const limits = store.requests("snapshot").map(({ limit }) => limit);
        compare.same(`the smallest pages, from ${size} on`, limits, sizes);
        await clock.until(scheduler.close());
      }
    },
  },
  {
    id: "fetches-shrink",
    property: "V4",
    claim:
      "changes that do not come in time are asked for again, fewer at a time, until the view has all of them; later fetches grow back",
    async perform(makeStage, compare) {
      const stage = makeStage();
      const { clock, feed, scheduler, store } = stage;
      const log = store.log(0);
      await stage.start();
      // A change takes one millisecond.
      store.scripts.changesSince = async (usual, asked) => {
        const reply = usual();
        const entries = reply.kind === "changes" ? reply.entries.length : 0;
        if (entries + 1 >= asked.deadline) return store.late(asked);
        await clock.sleep(entries);
        return reply;
      };
      for (let count = 0; count < 200; count += 1) log.register(`n${count}`);
      feed.wake(0, log.version);
      await clock.advance(5_000);
      compare.same("the view after five seconds", scheduler.status().view, [log.version]);
      compare.same("the mode", stage.mode, "normal");
      compare.same("loads", stage.events("resync_started"), []);
      store.scripts = {};
      for (let count = 0; count < 8_000; count += 1) log.register(`m${count}`);
      feed.wake(0, log.version);
      await clock.advance(1_000);
      compare.same("the view once the link is quick", scheduler.status().view, [log.version]);
      compare.same(
        "the size that fetches grow back to",
        store.requests("changesSince").at(-1)?.["limit"],
        documentedSettings.changesLimit,
      );
    },
  },
];

function nodesOf({ scheduler }: Stage): readonly string[] {
  return scheduler
    .nodes(0)
    .map(({ node }) => node)
    .sort();
}

function lengthOf(value: unknown): number {
  return Array.isArray(value) ? value.length : -1;
}
