/** Claims about what an instance says of its calls and answers: how long each took, why one was not sent, how many are in flight. */
import type { InstanceCheck } from "../instance/check.ts";
import { pair } from "../instance/scripted-log.ts";
import type { Stage } from "../instance/stage.ts";

const partition = 0;
const beat = { node: "n1", incarnation: "a:1", seq: 1, metrics: {}, running: [] };

/** From now on a call of the store takes so long. */
function slow({ clock, store }: Stage, call: "changesSince" | "reserveJob" | "snapshot", millis: number): void {
  store.scripts[call] = async <Reply>(usual: () => Reply): Promise<Reply> => {
    await clock.sleep(millis - 1);
    return usual();
  };
}

export const eventChecks: readonly InstanceCheck[] = [
  {
    id: "times-reported",
    property: "M1",
    claim:
      "each call, read and selection is reported with the time that it took, and a call that was given up with its failure",
    async perform(makeStage, compare) {
      const stage = makeStage();
      const { clock, scheduler, store } = stage;
      store.log(partition).register("n1");
      await stage.start();
      slow(stage, "changesSince", 7);
      await clock.until(scheduler.getNode("n1"));
      const took = (kind: "answered" | "store_call") =>
        stage.events(kind).map((event) => "took" in event && event.took);
      compare.same("a read", [took("answered"), took("store_call")], [[7], [7]]);
      stage.forget();
      await clock.advance(20);
      const { age_ms, source } = await clock.until(scheduler.getNode("n1"));
      compare.same("a read of L1: age, times", [source, age_ms, took("answered")], ["l1", 27, [0]]);
      stage.forget();
      slow(stage, "reserveJob", 60);
      const { after, ...failure } = { after: 0, ...(await clock.until(scheduler.reserveJob("n1", "j"))) };
      const late = { kind: "failed", applied: "unknown", cause: "deadline", message: "no answer in time" };
      compare.same("a write that was given up", [failure, after, took("store_call")], [late, 35, [35]]);
      await clock.advance(30);
      const reply = { kind: "late_reply", operation: "reserve_job", partition, after: 60 };
      compare.same("its answer", stage.events("late_reply"), [reply]);
      stage.forget();
      const now = clock.now();
      let looks = 0;
      clock.now = () => {
        looks += 1;
        return now + looks;
      };
      const selected = scheduler.selectNodes({ ...pair, services: [], count: 1 }).took;
      const events = stage.events("selected").map((event) => "took" in event && event.took);
      compare.same("a selection, while time passes", [selected > 0 && selected < looks, events], [true, [selected]]);
    },
  },
  {
    id: "calls-reported",
    property: "M1",
    claim: "status says how many calls are in flight, and a call that was refused is reported with its cause",
    async perform(makeStage, compare) {
      const stage = makeStage({ maxCalls: 2 });
      const { clock, feed, scheduler, store } = stage;
      store.log(partition).register("n1");
      await stage.start();
      slow(stage, "changesSince", 9);
      slow(stage, "reserveJob", 9);
      compare.same("at first", scheduler.status().calls, 0);
      const writes = ["j", "k"].map((job) => scheduler.reserveJob("n1", job));
      store.log(partition).register("n2");
      feed.wake(partition, store.log(partition).version);
      await clock.advance(2);
      compare.same("two writes, and a question what has changed", scheduler.status().calls, 3);
      const { kind, ...refusal } = await clock.until(scheduler.heartbeat(beat));
      const refused = { applied: "no", cause: "overloaded", after: 0 };
      compare.same("one more", [kind, { ...refusal, message: "" }], ["failed", { ...refused, message: "" }]);
      const event = { kind: "call_refused", operation: "heartbeat", partition };
      compare.same("its event", stage.events("call_refused"), [{ ...event, cause: "overloaded" }]);
      await clock.until(Promise.all(writes));
      await clock.advance(20);
      compare.same("at the end", scheduler.status().calls, 0);
      stage.forget();
      await clock.until(scheduler.close());
      await clock.until(scheduler.heartbeat(beat));
      compare.same("after close", stage.events("call_refused"), [{ ...event, cause: "closed" }]);
    },
  },
  {
    id: "unreadable-reported",
    property: "V2",
    claim: "a record that cannot be read is reported by a load and by a look-up, and its node is answered as absent",
    async perform(makeStage, compare) {
      const stage = makeStage();
      const { clock, scheduler, store } = stage;
      for (const node of ["n1", "n2"]) store.log(partition).register(node);
      store.scripts.snapshot = (usual, { request }) => {
        const page = usual();
        if (page.kind !== "page") return page;
        const nodes = request["nodes"] as readonly string[];
        const unreadable = nodes.filter((node) => node !== "n1").map((node) => ({ node, reason: "status" }));
        return { ...page, nodes: page.nodes.map((one) => (one?.node === "n1" ? one : null)), unreadable };
      };
      await clock.until(scheduler.start());
      const reported = { kind: "record_unreadable", node: "n2", reason: "status" };
      compare.same("by a load", [stage.view, stage.events("record_unreadable")], [["n1 online 0"], [reported]]);
      stage.forget();
      const { found, source, stale } = await clock.until(scheduler.getNode("n2"));
      compare.same("a look-up", [found, source, stale], [false, "redis", false]);
      compare.same("by a look-up", stage.events("record_unreadable"), [reported]);
    },
  },
];
