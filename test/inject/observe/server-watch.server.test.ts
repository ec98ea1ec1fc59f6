import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ofKind } from "../../../src/check/history.ts";
import { judgeLockFreedom } from "../../../src/check/locks/watch.ts";
import { Recorder } from "../../../src/inject/observe/recorder.ts";
import { ServerWatch } from "../../../src/inject/observe/server-watch.ts";
import { type Lab, openLab } from "../../../src/lab/lab.ts";
import { createRedisStore, type RedisStore } from "../../../src/redis/store.ts";
import { trialOf } from "../../check/trials.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(async () => {
  await lab.close();
});

const lookUp = (node: string) => ({ partition: 0, nodes: [node], after: "", limit: 0 });
const search = { kind: "lock_search", files: 1, functions: 1, found: [] } as const;

/** A watched server with the stores of two instances and of a stranger. */
async function openWorld(stack: AsyncDisposableStack) {
  const recorder = new Recorder();
  recorder.begin();
  const { url } = stack.use(await lab.redis());
  const watch = stack.use(await ServerWatch.open(url, recorder));
  const connect = async (name: string): Promise<RedisStore> => {
    const options = { url, name, prefix: "lp:", partitions: 1, feedMax: 100 };
    const store = stack.adopt(createRedisStore(options), (each) => each.close());
    await store.connect();
    return store;
  };
  const [first, second, stranger] = [await connect("i0"), await connect("i1"), await connect("observer")];
  return { first, second, stranger, recorder, watch };
}

describe("the server under watch", () => {
  it("records which instance looked up which node, in order and once each, and nothing of strangers", async () => {
    await using stack = new AsyncDisposableStack();
    const { first, second, stranger, recorder, watch } = await openWorld(stack);
    const startedAt = recorder.now();
    await first.snapshot(lookUp("a:{b} c"), 1_000); // the first call is sent whole
    await first.snapshot(lookUp("a:{b} c"), 1_000);
    await second.snapshot(lookUp("n2"), 1_000);
    await second.snapshot({ ...lookUp("n3"), limit: 10 }, 1_000);
    await stranger.snapshot(lookUp("n4"), 1_000);
    await watch.report();
    const served = ofKind(recorder.events, "served");
    expect(served.map(({ instance, node }) => [instance, node])).toEqual([
      [0, "a:{b} c"],
      [0, "a:{b} c"],
      [1, "n2"],
    ]);
    for (const { at } of served) {
      expect(at).toBeGreaterThan(startedAt - 5);
      expect(at).toBeLessThan(recorder.now() + 5);
    }
  });

  it.each(["line\r\n$5\r\n", "\0", "%s \\ \" '", "é結点🧩", "{}"])(
    "records the node %j as it was requested",
    async (node) => {
      await using stack = new AsyncDisposableStack();
      const { first, recorder, watch } = await openWorld(stack);
      await first.snapshot(lookUp(node), 1_000);
      await watch.report();
      expect(ofKind(recorder.events, "served").map((one) => one.node)).toEqual([node]);
    },
  );

  it("counts what each instance ran, scripts included, all of it declared", async () => {
    await using stack = new AsyncDisposableStack();
    const { first, recorder, watch } = await openWorld(stack);
    await first.snapshot(lookUp("n1"), 1_000);
    await watch.report();
    const ran = new Map(
      ofKind(recorder.events, "commands").flatMap(({ command, count, instance }) =>
        instance === 0 ? [[command, count] as const] : [],
      ),
    );
    expect(ran.get("client|setname")).toBe(1);
    expect(ran.get("hgetall")).toBe(1);
    expect(judgeLockFreedom(trialOf({ history: [search, ...recorder.events] })).violations).toEqual([]);
  });

  it("shows a command that locks, and one that is not declared", async () => {
    await using stack = new AsyncDisposableStack();
    const { first, recorder, watch } = await openWorld(stack);
    await first.client.setnx("lock", "mine");
    await first.client.set("lock", "mine", "NX");
    await watch.report();
    const { violations } = judgeLockFreedom(trialOf({ history: [search, ...recorder.events] }));
    expect(violations.map(([line]) => line)).toEqual([
      "instance 0 ran setnx 1 time, allowed no command that locks or waits",
      "instance 0 ran set 1 time, allowed only commands that a user with least rights has",
    ]);
  });
});
