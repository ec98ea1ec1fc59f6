/** Claims about several partitions: where a node is, that each is probed in its turn, and that one which is not current is not hidden by the others. */
import type { InstanceCheck } from "../instance/check.ts";
import { pair } from "../instance/scripted-log.ts";
import { failed, replyWith } from "../instance/scripted-store.ts";

/** FNV-1a of 32 bits over the UTF-8 bytes, modulo 4,096: computed by another program. */
const places = {
  n1: 3_072,
  "gpu-1": 2_139,
  x: 135,
  é: 2_241,
  結: 411,
  "\u{1f9e9}": 3_252,
  "node:7": 3_846,
} as const;
const wanted = { ...pair, pool: "p", services: [], count: 10 };

export const partitionChecks: readonly InstanceCheck[] = [
  {
    id: "partitions-of-nodes",
    property: "K7",
    claim: "every instance looks for a node in the partition that the hash of its id names",
    async perform(makeStage, compare) {
      for (const partitions of [1, 2, 8]) {
        const stage = makeStage({ partitions });
        await stage.start();
        for (const [node, place] of Object.entries(places)) {
          stage.store.asked = [];
          await stage.clock.until(stage.scheduler.getNode(node));
          const asked = stage.store.requests("snapshot").map(({ partition }) => partition);
          compare.same(`${node} of ${partitions} partitions`, asked, [place % partitions]);
        }
      }
    },
  },
  {
    id: "partitions-probed",
    property: "D5",
    claim: "a degraded instance asks one partition after another, and each answer is of the one that was asked",
    async perform(makeStage, compare) {
      const stage = makeStage({ partitions: 3 });
      const { clock, feed, scheduler, store } = stage;
      for (const [index, log] of store.logs.entries()) for (let made = 0; made <= index; made += 1) log.register("n");
      await stage.start();
      const versions = store.logs.map(({ version }) => version);
      compare.same("the views", scheduler.status().view, versions);
      store.scripts.changesSince = replyWith(failed("disconnected"));
      store.log(0).register("m");
      feed.wake(0, store.log(0).version);
      await clock.advance(1);
      store.asked = [];
      // One of three is gone: two probes are answered in a row, and never three.
      store.scripts.changesSince = (usual, { request }) =>
        request["partition"] === 2 ? failed("disconnected") : usual();
      await clock.advance(1_000);
      const [first, second, third, ...others] = store.requests("changesSince").map(({ partition }) => partition);
      compare.same("the first probes", new Set([first, second, third]).size, 3);
      compare.same("the next ones", others.slice(0, 3), [first, second, third]);
      compare.same("the mode while one of three is gone", stage.mode, "l2_only");
    },
  },
  {
    id: "one-not-current",
    property: "D5",
    claim:
      "where one partition, or the configuration, is not confirmed any more, selections say so, and its L2 ends normal",
    async perform(makeStage, compare) {
      const limits = { l1Ttl: 1_000, l2Ttl: 2_000, pollInterval: 200, pulseInterval: 15 };
      for (const silent of [0, 1, "cfg"] as const) {
        const stage = makeStage({ partitions: 2, ...limits });
        const { clock, scheduler, store } = stage;
        await stage.start();
        await clock.advance(100);
        if (silent === "cfg") store.scripts.checkConfig = replyWith(failed("denied"));
        else
          store.scripts.changesSince = (usual, { request }) =>
            request["partition"] === silent ? failed("denied") : usual();
        compare.same(`${silent}: at first`, [stage.mode, scheduler.selectNodes(wanted).stale], ["normal", false]);
        const isStale = silent !== "cfg";
        // A poll, a pulse and two reads take 265 ms.
        await clock.advance(280);
        compare.same(`${silent}: once a poll is overdue`, scheduler.selectNodes(wanted).stale, isStale);
        await clock.advance(720);
        compare.same(
          `${silent}: after a while`,
          [stage.mode, scheduler.selectNodes(wanted).stale],
          ["normal", isStale],
        );
        await clock.advance(1_100);
        const change = { kind: "mode_changed", from: "normal", to: "local_only", cause: "l2_expired" };
        compare.same(`${silent}: once its L2 is past its TTL`, stage.events("mode_changed"), [change]);
      }
    },
  },
];
