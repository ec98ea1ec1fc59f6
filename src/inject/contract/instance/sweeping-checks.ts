/** Claims about sweeps: what an instance asks the store to expire, how often, and what it says of it. */
import type { SweepReply } from "../../../protocol/replies.ts";
import type { InstanceCheck } from "./check.ts";
import { failed, replyWith } from "./scripted-store.ts";

const partition = 0;
const often = { sweepInterval: 100, ttlSpread: 0.1, retention: 5_000, heartbeatTtl: 1_000, sweepLimit: 2 };
const nothing = { kind: "swept", expired: [], removed: [], lapsed: [], failed: [], due: [] } as const;

const broken = { node: "n2", message: "jobs:n2: WRONGTYPE" };

export const sweepingChecks: readonly InstanceCheck[] = [
  {
    id: "sweep",
    property: "J4",
    claim: "a sweep asks what is due and brings that, until nothing is due, and names what it did and what failed",
    async perform(makeStage, compare) {
      const stage = makeStage(often);
      const { clock, store } = stage;
      const log = store.log(partition);
      log.register("n1");
      await stage.start();
      const { version } = log;
      const replies: readonly SweepReply[] = [
        { ...nothing, version, due: ["n1", "unseen"] },
        { ...nothing, version, expired: ["unseen"], due: ["n3", "n1"] },
        { ...nothing, version, removed: ["n1"], lapsed: [{ node: "n3", jobs: ["j", "k"] }], failed: [broken] },
      ];
      let round = 0;
      store.scripts.sweep = (usual) => {
        round += 1;
        return replies[round - 1] ?? usual();
      };
      await clock.advance(115);
      const request = { partition, retention: 5_000, limit: 2, jobLimit: 20, gap: 300, grace: 900, offset: 0 };
      compare.same("the requests", store.requests("sweep"), [
        { ...request, candidates: [] },
        { ...request, candidates: ["n1", "unseen"] },
        { ...request, candidates: ["n3", "n1"] },
      ]);
      const swept = { kind: "swept", partition };
      compare.same("the events", stage.events("swept"), [
        { ...swept, expired: ["unseen"], removed: [], lapsed: [], failed: [] },
        { ...swept, expired: [], removed: ["n1"], lapsed: ["n3"], failed: [broken] },
      ]);
      compare.same(
        "how long each may take",
        [...new Set(store.asked.map(({ call, deadline }) => `${call} ${deadline}`))],
        ["sweep 30"],
      );
    },
  },
  {
    id: "sweep-past-failed",
    property: "J4",
    claim: "nodes that cannot be swept keep no others from it, however many they are, and are tried again",
    async perform(makeStage, compare) {
      const stage = makeStage(often);
      const { clock, store } = stage;
      const log = store.log(partition);
      log.register("n1");
      await stage.start();
      // As the protocol says of 30 nodes that cannot be swept, and of one behind them.
      const bad = Array.from({ length: 30 }, (_, index) => `bad${index}`);
      const entries = [...bad, "good"];
      store.scripts.sweep = (_, { request }) => {
        const candidates = request["candidates"] as readonly string[];
        const failed = candidates.filter((node) => bad.includes(node)).map((node) => ({ ...broken, node }));
        const expired = candidates.filter((node) => node === "good" && entries.includes(node));
        if (expired.length > 0) entries.pop();
        const from = Number(request["offset"]) + failed.length;
        return { ...nothing, version: log.version, expired, failed, due: entries.slice(from, from + 2) };
      };
      await clock.advance(250);
      compare.same("the one behind them", entries.includes("good"), false);
      const often1 = () => store.requests("sweep").filter(({ candidates }) => String(candidates).includes("bad0,"));
      compare.same("the first of them, until then", often1().length, 1);
      await clock.advance(250);
      compare.same("the first of them, later", often1().length >= 2, true);
      const failures = stage.events("swept").flatMap((event) => ("failed" in event ? event.failed : []));
      compare.same("each failure is reported", failures.length >= 30, true);
    },
  },
  {
    id: "sweep-in-an-abandoned-epoch",
    property: "D4",
    claim: "nothing is taken from a sweep that a server of an abandoned epoch answers, and it is not gone on with",
    async perform(makeStage, compare) {
      const stage = makeStage(often);
      const { clock, feed, store } = stage;
      const log = store.log(partition);
      await stage.start();
      log.begin("b");
      feed.wake(partition, log.version);
      await clock.advance(10);
      stage.forget();
      const version = { epoch: "a", sequence: 9 };
      store.scripts.sweep = () => ({ ...nothing, version, expired: ["n1"], due: ["n2"] });
      await clock.advance(105);
      compare.same("calls", store.requests("sweep").length, 1);
      compare.same("what it says of it", stage.events("swept", "dropped_reply"), [
        { kind: "dropped_reply", operation: "sweep", partition, version },
      ]);
    },
  },
  {
    id: "sweeps-bounded",
    property: "J4",
    claim:
      "each partition is swept once in an interval, at most ten calls each time, and not while the instance is degraded",
    async perform(makeStage, compare) {
      const stage = makeStage({ ...often, partitions: 2 });
      const { clock, store } = stage;
      await stage.start();
      await clock.advance(1_000);
      for (const each of [0, 1]) {
        const count = store.requests("sweep").filter((request) => request["partition"] === each).length;
        compare.same(`sweeps of partition ${each} in ten intervals`, count >= 8 && count <= 11, true);
      }
      compare.same("events of sweeps that found nothing", stage.events("swept"), []);
      const gaps = [...new Set(store.asked.filter(({ call }) => call === "sweep").map(({ at }) => at))];
      compare.same("sweeps at one time", gaps.length >= 16, true);
      await clock.advance(3);
      store.asked = [];
      store.scripts.sweep = (_, { request }) => {
        const isFirst = request["partition"] === partition;
        return { ...nothing, version: store.log(isFirst ? 0 : 1).version, due: isFirst ? ["n1"] : [] };
      };
      await clock.advance(125);
      const rounds = store.requests("sweep").filter((request) => request["partition"] === partition).length;
      compare.same("calls of sweeps that are never done", rounds >= 10 && rounds <= 20, true);
      store.scripts.sweep = replyWith(failed("busy"));
      await clock.advance(115);
      compare.same("the mode after one that failed", stage.mode, "l2_only");
      store.scripts.changesSince = replyWith(failed("busy"));
      store.asked = [];
      await clock.advance(1_000);
      compare.same("sweeps while degraded", store.requests("sweep"), []);
      store.scripts = {};
      await clock.advance(1_000);
      compare.same("sweeps afterwards", store.requests("sweep").length > 0, true);
    },
  },
];
