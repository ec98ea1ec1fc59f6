/** Claims about how an instance follows the feed: it asks when there is news and not else, takes each change once, and says what it missed. */
import type { ChangesReply } from "../../../protocol/replies.ts";
import type { InstanceCheck } from "./check.ts";
import type { ScriptedLog } from "./scripted-log.ts";
import { pair } from "./scripted-log.ts";
import type { Stage } from "./stage.ts";

const partition = 0;
const wanted = { ...pair, pool: "p", services: [], count: 10 };

/** The next `count` changes, each of another node. */
function grow(log: ScriptedLog, count: number): void {
  for (let made = 0; made < count; made += 1) log.register(`m${log.sequence + 1}`);
}

/** The effect of a wake-up: the sequences from which the instance asked, and how far its view is. */
async function after({ clock, scheduler, store }: Stage, wake: () => void) {
  store.asked = [];
  wake();
  await clock.advance(10);
  const since = store.requests("changesSince").map((request) => (request["since"] as { sequence: number }).sequence);
  return { since, reached: scheduler.status().view[partition]?.sequence };
}

export const followingChecks: readonly InstanceCheck[] = [
  {
    id: "wake-ups",
    property: "V4",
    claim: "a wake-up makes an instance ask where it has news, once, and a gap between wake-ups is reported",
    async perform(makeStage, compare) {
      const stage = makeStage();
      const { feed, store } = stage;
      const log = store.log(partition);
      grow(log, 3);
      await stage.start();
      const wake = (sequence: number, epoch = "a") => feed.wake(partition, { epoch, sequence });
      const gaps = () => stage.events("gap_found");
      compare.same("of what it knows", await after(stage, () => wake(3)), { since: [], reached: 3 });
      compare.same("of an earlier change", await after(stage, () => wake(2)), { since: [], reached: 3 });
      grow(log, 1);
      compare.same("of the next change", await after(stage, () => wake(4)), { since: [3], reached: 4 });
      compare.same("gaps by then", gaps(), []);
      const advanced = { kind: "view_advanced", partition, version: { epoch: "a", sequence: 4 }, entries: 1 };
      compare.same("how the view advanced", stage.events("view_advanced"), [advanced]);
      stage.forget();
      grow(log, 3);
      compare.same("of the third change", await after(stage, () => wake(7)), { since: [4], reached: 7 });
      compare.same("its gap", gaps(), [{ kind: "gap_found", partition, after: 4, to: 6, by: "wake" }]);
      stage.forget();
      grow(log, 2);
      const swapped = (): void => {
        wake(9);
        wake(8);
      };
      compare.same("of two in the wrong order", await after(stage, swapped), { since: [7], reached: 9 });
      compare.same("their gap", gaps(), [{ kind: "gap_found", partition, after: 7, to: 8, by: "wake" }]);
      stage.forget();
      grow(log, 2);
      const ordered = (): void => {
        wake(10);
        wake(11);
      };
      compare.same("of two in order", await after(stage, ordered), { since: [9], reached: 11 });
      compare.same("no gap", gaps(), []);
    },
  },
  {
    id: "changes-found-by-polls",
    property: "V4",
    claim: "what no wake-up announced is found by the poll, and reported as that",
    async perform(makeStage, compare) {
      const stage = makeStage({ pollInterval: 200, pulseInterval: 200 });
      const { clock, feed, scheduler, store } = stage;
      const log = store.log(partition);
      await stage.start();
      grow(log, 2);
      await clock.advance(450);
      const gap = { kind: "gap_found", partition, after: 0, to: 2, by: "poll" };
      compare.same("the gap", stage.events("gap_found"), [gap]);
      stage.forget();
      grow(log, 3);
      feed.wake(partition, { epoch: "a", sequence: 3 });
      await clock.advance(0.4);
      grow(log, 1);
      await clock.advance(10);
      compare.same("a change that came with an announced one", stage.events("gap_found"), [
        { ...gap, after: 3, to: 6 },
      ]);
      compare.same("the view", scheduler.status().view, [log.version]);
    },
  },
  {
    id: "one-fetch",
    property: "P1",
    claim:
      "at most one request for changes is in flight, news that comes meanwhile makes one more, and long lists are read in parts",
    async perform(makeStage, compare) {
      const stage = makeStage({ changesLimit: 2 });
      const { clock, feed, scheduler, store } = stage;
      const log = store.log(partition);
      await stage.start();
      let flying = 0;
      let most = 0;
      store.scripts.changesSince = async (usual) => {
        flying += 1;
        most = Math.max(most, flying);
        const reply = usual();
        await clock.sleep(3);
        flying -= 1;
        return reply;
      };
      grow(log, 1);
      const meanwhile = async (): Promise<void> => {
        await clock.advance(2);
        grow(log, 1);
        for (let times = 0; times < 3; times += 1) feed.wake(partition, log.version);
      };
      feed.wake(partition, log.version);
      await meanwhile();
      await clock.advance(20);
      compare.same("requests in flight", most, 1);
      compare.same("requests", store.requests("changesSince").length, 2);
      store.asked = [];
      grow(log, 5);
      feed.wake(partition, log.version);
      await clock.advance(30);
      const request = { partition, limit: 2, maxBytes: 65_536 };
      compare.same("requests for five changes", store.requests("changesSince"), [
        { ...request, since: { epoch: "a", sequence: 2 } },
        { ...request, since: { epoch: "a", sequence: 4 } },
        { ...request, since: { epoch: "a", sequence: 6 } },
      ]);
      const advances = stage.events("view_advanced").map((one) => "entries" in one && one.entries);
      compare.same("entries of each", advances, [1, 1, 2, 2, 1]);
      compare.same("the view", scheduler.status().view, [log.version]);
      compare.same("gaps, loads", stage.events("gap_found", "resync_started").length, 1);
    },
  },
  {
    id: "feed-contradicts",
    property: "V4",
    claim: "an answer with a hole, or about a node that cannot be, is no view: the partition is loaded anew",
    async perform(makeStage, compare) {
      const health = { kind: "health", node: "unknown", health_milli: 1 } as const;
      const cases: readonly (readonly [string, (whole: ChangesReply & { kind: "changes" }) => ChangesReply, number])[] =
        [
          ["a hole", (whole) => ({ ...whole, entries: whole.entries.slice(1) }), 5],
          ["an unknown node", (whole) => ({ ...whole, entries: [{ sequence: 4, change: health }] }), 4],
        ];
      for (const [what, wrong, sequence] of cases) {
        const stage = makeStage();
        const { clock, feed, scheduler, store } = stage;
        const log = store.log(partition);
        grow(log, 3);
        await stage.start();
        store.scripts.changesSince = (usual) => {
          delete store.scripts.changesSince;
          const reply = usual();
          return reply.kind === "changes" ? wrong(reply) : reply;
        };
        store.scripts.snapshot = async (usual) => {
          await clock.sleep(4);
          return usual();
        };
        grow(log, 2);
        feed.wake(partition, log.version);
        compare.same(`before ${what}: stale`, scheduler.selectNodes(wanted).stale, false);
        await clock.advance(3);
        compare.same(`while it loads after ${what}: stale`, scheduler.selectNodes(wanted).stale, true);
        await clock.advance(20);
        const found = stage.events("contradiction").map((one) => "version" in one && one.version);
        compare.same(`what contradicts, in ${what}`, found, [{ epoch: "a", sequence }]);
        compare.same(`the load after ${what}`, stage.events("resync_started"), [
          { kind: "resync_started", partition, reason: "contradiction" },
        ]);
        compare.same(`the view after ${what}`, [stage.view.length, scheduler.status().view], [5, [log.version]]);
        compare.same(`afterwards: stale`, scheduler.selectNodes(wanted).stale, false);
      }
    },
  },
  {
    id: "answer-falls-short",
    property: "V4",
    claim: "an answer that announces more than it brings is asked on from, as long as it brings something",
    async perform(makeStage, compare) {
      const stage = makeStage();
      const { clock, feed, scheduler, store } = stage;
      const log = store.log(partition);
      await stage.start();
      grow(log, 4);
      store.scripts.changesSince = (usual) => {
        const reply = usual();
        return reply.kind === "changes" ? { ...reply, entries: reply.entries.slice(0, 2) } : reply;
      };
      feed.wake(partition, log.version);
      await clock.advance(10);
      compare.same("with two at a time: requests, view", [store.asked.length, stage.view.length], [2, 4]);
      store.scripts.changesSince = (usual) => ({ ...usual(), entries: [] }) as ChangesReply;
      store.asked = [];
      grow(log, 1);
      feed.wake(partition, log.version);
      await clock.advance(50);
      compare.same("with none: requests, view", [store.asked.length, stage.view.length], [1, 4]);
      compare.same("the mode", stage.mode, "normal");
      store.scripts.changesSince = (usual) => {
        const reply = usual();
        if (reply.kind !== "changes") return reply;
        const [again] = log.entries.slice(-2);
        return { ...reply, entries: again === undefined ? [] : [again, ...reply.entries] };
      };
      feed.wake(partition, log.version);
      await clock.advance(10);
      compare.same("with one that it has: view", [stage.view.length, scheduler.status().view], [5, [log.version]]);
      compare.same("loads", stage.events("resync_started"), []);
    },
  },
  {
    id: "orphans",
    property: "O1",
    claim: "each change by which jobs lose their places is called back once, with them, and no other is",
    async perform(makeStage, compare) {
      const stage = makeStage();
      const { clock, feed, scheduler, store } = stage;
      const log = store.log(partition);
      for (const node of ["n1", "n2"]) log.register(node);
      await stage.start();
      const heard: object[] = [];
      const deaf: object[] = [];
      const lostAt = (sequence: number) => ({ epoch: log.epoch, sequence });
      scheduler.onOrphaned((orphans) => heard.push(orphans));
      const stop = scheduler.onOrphaned((orphans) => deaf.push(orphans));
      const placed = await clock.until(scheduler.dispatch({ ...wanted, job: "mine" }));
      const node = placed.kind === "dispatched" ? placed.node : "";
      log.add({ kind: "lapsed", node, jobs: ["mine", "other"], current_jobs: 0 });
      log.add({ kind: "expired", node: "n1", orphaned: [] });
      log.add({ kind: "offline", node: "n2", orphaned: ["x"] });
      const again = {
        node: "n1",
        incarnation: "a:9",
        finished: 0,
        max_jobs: 1,
        pools: [],
        languages: [],
        services: [],
      };
      log.add({ kind: "registered", ...again, health_milli: 1, orphaned: ["y"] });
      log.add({ kind: "expired", node: "n1", orphaned: ["z"] });
      log.add({ kind: "removed", node: "n1" });
      feed.wake(partition, log.version);
      await clock.advance(10);
      const allowed = [
        { partition, node, jobs: ["mine", "other"], because: "lapsed", lostAt: lostAt(4) },
        { partition, node: "n2", jobs: ["x"], because: "offline", lostAt: lostAt(6) },
        { partition, node: "n1", jobs: ["y"], because: "registered", lostAt: lostAt(7) },
        { partition, node: "n1", jobs: ["z"], because: "expired", lostAt: lostAt(8) },
      ];
      const called = allowed.map((one, index) => ({ ...one, dispatchedHere: index === 0 ? ["mine"] : [] }));
      compare.same("the calls", heard, called);
      compare.same(
        "the events",
        stage.events("jobs_orphaned"),
        allowed.map((one) => ({ kind: "jobs_orphaned", ...one })),
      );
      stop();
      log.add({ kind: "lapsed", node: "n2", jobs: ["last"], current_jobs: 0 });
      feed.wake(partition, log.version);
      await clock.advance(10);
      compare.same("calls of one that has stopped listening, and of the other", [deaf.length, heard.length], [4, 5]);
    },
  },
];
