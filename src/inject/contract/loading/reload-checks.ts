/** Claims about a partition that is loaded anew: what was known before, and what is looked up meanwhile, is not taken for current. */
import type { InstanceCheck } from "../instance/check.ts";
import type { Stage } from "../instance/stage.ts";

/** The next answer says that the feed was trimmed, and the pages of the load that follows take so long. */
function trimmed({ clock, feed, store }: Stage, pageTakes: number): void {
  const log = store.log(0);
  store.scripts.changesSince = () => {
    delete store.scripts.changesSince;
    return { kind: "resync", version: log.version };
  };
  store.scripts.snapshot = async (usual, { request }) => {
    if (request["limit"] !== 0) await clock.sleep(pageTakes);
    return usual();
  };
  feed.wake(0, log.version);
}

export const reloadChecks: readonly InstanceCheck[] = [
  {
    id: "reload-forgets",
    property: "V2",
    claim:
      "while a partition is loaded anew nothing is answered from L1, and after it nothing that was looked up meanwhile",
    async perform(makeStage, compare) {
      const stage = makeStage();
      const { clock, scheduler, store } = stage;
      const log = store.log(0);
      const read = async (node: string) => {
        const { found, node: content, source } = await scheduler.getNode(node);
        return [found, content?.health_milli, source];
      };
      log.register("n1");
      await stage.start();
      await clock.until(read("n1"));
      compare.same("before it", await clock.until(read("n1")), [true, 1_000, "l1"]);
      log.register("n2");
      trimmed(stage, 10);
      await clock.advance(3);
      const [known, unknown] = [read("n1"), read("n2")];
      await clock.advance(2);
      log.add({ kind: "health", node: "n2", health_milli: 100 });
      compare.same("one that was in L1", await clock.until(known), [true, 1_000, "l2"]);
      compare.same("one that only the store knew", await clock.until(unknown), [true, 1_000, "redis"]);
      await clock.advance(30);
      compare.same("the same after it", await clock.until(read("n2")), [true, 100, "l2"]);
      compare.same("loads", stage.events("resynced").length, 1);
    },
  },
  {
    id: "reload-over-a-slow-link",
    property: "V4",
    claim:
      "changes that a load has to catch up with are asked for again, fewer at a time, where they do not come in time",
    async perform(makeStage, compare) {
      const stage = makeStage();
      const { clock, scheduler, store } = stage;
      const log = store.log(0);
      log.register("n");
      await stage.start();
      log.register("m");
      trimmed(stage, 0);
      // So much changes after the first page of each load.
      store.scripts.snapshot = (usual, { request }) => {
        const page = usual();
        for (let health_milli = 0; request["after"] === "" && health_milli < 100; health_milli += 1)
          log.add({ kind: "health", node: "n", health_milli });
        return page;
      };
      await clock.advance(1);
      // A change takes one millisecond.
      store.scripts.changesSince = async (usual, asked) => {
        const reply = usual();
        const entries = reply.kind === "changes" ? reply.entries.length : 0;
        if (entries + 1 >= asked.deadline) return store.late(asked);
        await clock.sleep(entries);
        return reply;
      };
      await clock.advance(5_000);
      compare.same("loads that were begun, one at least", stage.events("resync_started").length >= 1, true);
      compare.same("the view after five seconds", scheduler.status().view, [log.version]);
      compare.same("the mode", stage.mode, "normal");
    },
  },
];
