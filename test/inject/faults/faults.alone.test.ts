import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Fault } from "../../../scenarios/declare/fault-kinds.ts";
import { ofKind } from "../../../src/check/history.ts";
import { entriesOf } from "../../../src/check/observed/observation.ts";
import { runFaults } from "../../../src/inject/faults/faults.ts";
import { openLinks } from "../../../src/inject/network/links.ts";
import { openServers } from "../../../src/inject/network/servers.ts";
import { StoreObserver } from "../../../src/inject/observe/observer.ts";
import { Recorder } from "../../../src/inject/observe/recorder.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { judgeSequences } from "../../../src/judges/sequences.ts";
import { type Lab, openLab } from "../../../src/lab/lab.ts";
import { waitFor } from "../../../src/lab/process/wait.ts";
import { createRedisStore, type RedisStore } from "../../../src/redis/store.ts";
import { trialOf } from "../../check/trials.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(async () => {
  await lab.close();
});

const prefix = "t:";
const offer = {
  partition: 0,
  max_jobs: 2,
  ttl: 60_000,
  pools: [],
  languages: [],
  services: [],
};
const node = (id: string) => ({ ...offer, node: id, registration: `token-${id}`, expected: null });
const reserve = (job: string) => ({ partition: 0, node: "n1", job, lease: 60_000, seen: 0 });
const patient = { timeout: 5_000, interval: 5 };

/** One instance's commands through its proxy and hop, an observer beside it, and one node in the store. */
async function openWorld(stack: AsyncDisposableStack) {
  const recorder = new Recorder();
  const toxiproxy = stack.use(await lab.toxiproxy());
  const servers = await openServers("single", { lab, toxiproxy, partitions: 1, prefix });
  stack.use(servers.primary);
  const links = await openLinks(1, { servers, toxiproxy, hops: { commands: true, feed: true } });
  for (const { commands, feed } of links) for (const hop of [...commands.hops, ...feed.hops]) stack.use(hop);
  const observer = stack.use(await StoreObserver.open(servers, { prefix, partitions: 1, feedMax: 100_000, recorder }));
  const url = links[0]?.commands.url ?? "";
  const store = stack.adopt(createRedisStore({ url, prefix, partitions: 1, feedMax: 1_000 }), (each) => each.close());
  await store.connect();
  await store.registerNode(node("n1"), 1_000);
  const inject = (fault: Fault) => {
    recorder.begin();
    return runFaults(
      [fault],
      { servers, links, observer, recorder, prefix, processes: [] },
      new AbortController().signal,
    );
  };
  const seen = (kind: string) => entriesOf(recorder.observations).filter(({ change }) => change.kind === kind);
  const waitForStep = (step: "inject" | "heal") =>
    waitFor(() => ofKind(recorder.events, "fault").find((each) => each.step === step && each.link !== "feed"), patient);
  return { store, recorder, observer, inject, seen, waitForStep };
}

async function waitUntilAnswered(store: RedisStore): Promise<void> {
  const check = { partition: 0, since: { epoch: "", sequence: 0 }, limit: 0 };
  await waitFor(async () => ((await store.changesSince(check, 100)).kind === "failed" ? undefined : true), patient);
}

describe("faults on a real link", () => {
  it("redis_latency delays every reply, and no longer once it has healed", async () => {
    await using stack = new AsyncDisposableStack();
    const { inject, store, waitForStep } = await openWorld(stack);
    const running = inject({ kind: "redis_latency", at: 0, lasts: 400, adds: 150, link: "both", direction: "replies" });
    await waitForStep("inject");
    const startedAt = performance.now();
    expect((await store.reserveJob(reserve("a"), 1_000)).kind).toBe("reserved");
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(150);
    await running;
    expect((await store.reserveJob(reserve("a"), 1_000)).kind).toBe("already");
  });

  it("redis_blackhole that holds: what was sent into it runs after it has healed", async () => {
    await using stack = new AsyncDisposableStack();
    const { inject, seen, store, waitForStep } = await openWorld(stack);
    const running = inject({
      kind: "redis_blackhole",
      at: 0,
      lasts: 300,
      bytes: "held",
      link: "both",
      direction: "both",
    });
    await waitForStep("inject");
    expect(await store.registerNode(node("n2"), 25)).toMatchObject({
      kind: "failed",
      cause: "deadline",
      applied: "unknown",
    });
    await running;
    expect(await waitFor(() => seen("registered").find(({ change }) => change.node === "n2"), patient)).toBeDefined();
  });

  it("redis_blackhole that loses: what was sent into it never runs", async () => {
    await using stack = new AsyncDisposableStack();
    const { inject, observer, seen, store, waitForStep } = await openWorld(stack);
    const running = inject({
      kind: "redis_blackhole",
      at: 0,
      lasts: 200,
      bytes: "lost",
      link: "both",
      direction: "both",
    });
    await waitForStep("inject");
    expect(await store.registerNode(node("n2"), 25)).toMatchObject({ kind: "failed", applied: "unknown" });
    await running;
    await waitUntilAnswered(store);
    await observer.dump();
    expect(seen("registered").map(({ change }) => change.node)).toEqual(["n1"]);
  });

  it("redis_refused fails calls at once, as not sent, and heals on the same port", async () => {
    await using stack = new AsyncDisposableStack();
    const { inject, store, waitForStep } = await openWorld(stack);
    const running = inject({ kind: "redis_refused", at: 0, lasts: 200, link: "both" });
    await waitForStep("inject");
    await waitFor(() => (store.client.status === "ready" ? undefined : true), patient);
    expect(await store.reserveJob(reserve("a"), 25)).toMatchObject({
      kind: "failed",
      cause: "disconnected",
      applied: "no",
    });
    await running;
    await waitUntilAnswered(store);
  });

  it("redis_restart without data begins a new epoch, and nothing of the old one escapes the observer", async () => {
    await using stack = new AsyncDisposableStack();
    const { inject, observer, recorder, store } = await openWorld(stack);
    const answers: { version: { epoch: string; sequence: number } }[] = [];
    const writing = async () => {
      for (let count = 0; count < 400; count += 1) {
        const answer = await store.registerNode(node(`w${count}`), 200);
        if (answer.kind !== "failed") answers.push(answer);
        else break;
      }
    };
    await Promise.all([writing(), inject({ kind: "redis_restart", at: 20, data: "lost" })]);
    await waitUntilAnswered(store);
    await observer.dump();
    const { observations } = recorder;
    const judged = judgeRecorded(judgeSequences, trialOf({ history: recorder.events, observations }));
    expect(judged.violations).toEqual([]);
    expect(judged.measures).toEqual([
      { name: "epochs_begun", value: 2 },
      { name: "epochs_followed", value: 0 },
    ]);
    const newest = Math.max(...answers.map(({ version }) => version.sequence));
    const [first] = entriesOf(observations);
    const known = entriesOf(observations)
      .filter(({ epoch }) => epoch === first?.epoch)
      .map(({ sequence }) => sequence);
    expect(newest).toBeGreaterThan(1);
    expect(Math.max(...known)).toBeGreaterThanOrEqual(newest);
  });

  it("reply_lost withholds the reply of exactly the chosen call, after Redis has run it", async () => {
    await using stack = new AsyncDisposableStack();
    const { inject, recorder, seen, store, waitForStep } = await openWorld(stack);
    const fault = { kind: "reply_lost", at: 0, lasts: 300, script: "reserve_job", nth: 2, connection: "cut" } as const;
    const running = inject(fault);
    expect((await store.reserveJob(reserve("a"), 1_000)).kind).toBe("reserved");
    expect(await store.reserveJob(reserve("b"), 1_000)).toMatchObject({
      kind: "failed",
      cause: "disconnected",
      applied: "unknown",
    });
    await waitForStep("heal");
    await waitUntilAnswered(store);
    expect((await store.reserveJob(reserve("b"), 1_000)).kind).toBe("already");
    await running;
    expect(ofKind(recorder.events, "lost_reply")).toMatchObject([
      { script: "reserve_job", node: "n1", job: "b", reply: "reserved" },
    ]);
    expect(await waitFor(() => (seen("reserved").length === 2 ? true : undefined), patient)).toBe(true);
  });

  it("reply_lost with silence keeps the connection open and dead until it heals", async () => {
    await using stack = new AsyncDisposableStack();
    const { inject, store, waitForStep } = await openWorld(stack);
    const fault = {
      kind: "reply_lost",
      at: 0,
      lasts: 300,
      script: "reserve_job",
      nth: 1,
      connection: "silent",
    } as const;
    const running = inject(fault);
    expect(await store.reserveJob(reserve("a"), 25)).toMatchObject({
      kind: "failed",
      cause: "deadline",
      applied: "unknown",
    });
    const check = { partition: 0, since: { epoch: "", sequence: 0 }, limit: 0 };
    expect(await store.changesSince(check, 25)).toMatchObject({ kind: "failed", cause: "deadline" });
    expect(store.client.status).toBe("ready");
    await waitForStep("heal");
    await waitUntilAnswered(store);
    expect((await store.reserveJob(reserve("a"), 1_000)).kind).toBe("already");
    await running;
  });
});
