import { describe, expect, it } from "vitest";
import type { Settings } from "../../src/scheduler/settings.ts";
import type { Asked } from "../../src/simulate/trace/events.ts";
import { idle, incarnationOf, offer, startedOn, wanted } from "./support/instance.ts";
import { ModelServer } from "./support/model-server.ts";
import type { Fate, Network } from "./support/model-store.ts";
import { VirtualClock } from "./support/virtual-clock.ts";

async function world(settings: Partial<Settings> = {}) {
  const clock = new VirtualClock();
  const server = new ModelServer(clock, 1);
  const instance = await startedOn(server, settings);
  const register = (node: string, more = {}) => clock.until(instance.scheduler.registerNode(offer(node, more)));
  await register("a");
  await clock.advance(3);
  return { clock, server, register, ...instance };
}

function incarnationIn(answer: { readonly kind: string; readonly incarnation?: string | null }): string {
  return answer.incarnation ?? "";
}

/** The next calls of a kind have these fates; every other call is delivered. */
function fates(kind: Asked["kind"], ...next: readonly Fate["kind"][]): Network {
  const left = [...next];
  return (sent) => ({ kind: (sent.kind === kind ? left.shift() : undefined) ?? "delivered" }) as Fate;
}

describe("a registration", () => {
  it("leaves the pools of the former life, though the view had not heard of them", async () => {
    const { clock, server, scheduler, store, feed } = await world();
    feed.isDeaf = true;
    const other = await startedOn(server, {}, 2);
    const expected = incarnationIn(await clock.until(other.scheduler.registerNode(offer("a", { pools: ["q", "r"] }))));
    const answer = await clock.until(scheduler.registerNode(offer("a", { pools: ["s"], expected })));
    expect(answer).toMatchObject({ kind: "registered" });
    expect(store.sent.filter(({ kind }) => kind === "register_node")).toHaveLength(2); // the first, and this one
    await clock.advance(300);
    expect(scheduler.selectNodes({ ...wanted, pool: "q" }).nodes).toEqual([]);
    expect(scheduler.selectNodes({ ...wanted, pool: "s" }).nodes).toHaveLength(1);
  });

  it("draws a token of its own each time, and takes one to repeat", async () => {
    const { clock, scheduler, register } = await world();
    expect(await register("a")).toMatchObject({ kind: "registered" });
    const again = offer("b", { registration: "token" });
    expect(await clock.until(scheduler.registerNode(again))).toMatchObject({ kind: "registered" });
    expect(await clock.until(scheduler.registerNode(again))).toMatchObject({ kind: "already" });
  });
});

describe("a registration whose answer was lost", () => {
  it("is answered, with its incarnation, when it is repeated", async () => {
    const { clock, scheduler, store } = await world();
    store.network = fates("register_node", "reply_lost");
    const again = offer("a", { registration: "token" });
    expect(await clock.until(scheduler.registerNode(again))).toMatchObject({ kind: "failed", applied: "unknown" });
    await clock.advance(2_000); // the feed has reported the new incarnation, and the mode is normal again
    const answer = await clock.until(scheduler.registerNode(again));
    expect(answer).toMatchObject({ kind: "already" });
    const beat = { node: "a", incarnation: incarnationIn(answer), seq: 1, metrics: idle, running: [] };
    expect(await clock.until(scheduler.heartbeat(beat))).toMatchObject({ kind: "renewed" });
  });
});

describe("a heartbeat", () => {
  it("is of the incarnation that it names, whichever instance it comes through", async () => {
    const { clock, server, scheduler: first } = await world();
    const other = await startedOn(server, {}, 2);
    const incarnation = incarnationOf(first, "a");
    const beat = (seq: number) =>
      clock.until(other.scheduler.heartbeat({ node: "a", incarnation, seq, metrics: idle, running: ["j"] }));
    expect(await beat(1)).toMatchObject({ kind: "renewed", unknown_jobs: ["j"] });
    expect(await beat(1)).toMatchObject({ kind: "already" });
    expect(await beat(0)).toMatchObject({ kind: "stale" });
    expect(server.nodes(0)).toMatchObject([{ health_milli: 1000 }]);
  });

  it("of a node that the view does not have is asked of the store, which alone knows that there is none", async () => {
    const { clock, server, scheduler, store } = await world();
    const beat = (incarnation: string) =>
      scheduler.heartbeat({ node: "x", incarnation, seq: 1, metrics: idle, running: [] });
    expect(await clock.until(beat("0000000000000007:1"))).toMatchObject({ kind: "unknown_node" });
    expect(store.count("heartbeat")).toBe(1);
    const other = await startedOn(server, {}, 2);
    // Changes reach the instance late.
    store.network = ({ kind }) => ({ kind: "delivered", delay: kind === "changes_since" ? 20 : 0.5 });
    const incarnation = incarnationIn(await clock.until(other.scheduler.registerNode(offer("x"))));
    expect(scheduler.nodes(0).map(({ node }) => node)).not.toContain("x");
    expect(await clock.until(beat(incarnation))).toMatchObject({ kind: "renewed" });
    expect(await clock.until(scheduler.offlineNode("x"))).toMatchObject({ kind: "superseded", incarnation });
    expect(await clock.until(scheduler.offlineNode("x", incarnation))).toMatchObject({ kind: "offline" });
  });

  it("names any number of jobs, those of 500 in a call, and reports all that are not known", async () => {
    const { clock, scheduler, server, store } = await world({ lease: 60_000 });
    const running = Array.from({ length: 1_201 }, (_, index) => `j${index}`);
    const incarnation = incarnationIn(await clock.until(scheduler.registerNode(offer("a", { max_jobs: 2_000 }))));
    for (const job of [running[0], running[1_200]])
      server.run(0, { kind: "reserve_job", node: "a", job: job ?? "", lease: 10, seen: 0 });
    const beat = (seq: number) =>
      clock.until(scheduler.heartbeat({ node: "a", incarnation, seq, metrics: idle, running }));
    expect(await beat(1)).toMatchObject({ kind: "renewed", unknown_jobs: running.slice(1, 1_200) });
    const chunks = store.sent.flatMap((sent) => (sent.kind === "heartbeat" ? [[sent.chunk, sent.running.length]] : []));
    expect(chunks).toEqual([
      [0, 500],
      [1, 500],
      [2, 201],
    ]);
    const leases = server.state(0).jobs.get("a") ?? new Map();
    expect([...leases.values()].every((until) => until > clock.now() + 50_000)).toBe(true);
    expect(await beat(1)).toMatchObject({ kind: "already" });
    expect(await beat(0)).toMatchObject({ kind: "stale" });
  });

  it("says that it may have happened where a later part of its jobs was not sent", async () => {
    const { clock, scheduler, store } = await world();
    const running = Array.from({ length: 501 }, (_, index) => `j${index}`);
    store.network = (sent) => ({ kind: sent.kind === "heartbeat" && sent.chunk === 1 ? "refused" : "delivered" });
    const incarnation = incarnationOf(scheduler, "a");
    const beat = scheduler.heartbeat({ node: "a", incarnation, seq: 1, metrics: idle, running });
    expect(await clock.until(beat)).toMatchObject({ kind: "failed", applied: "unknown", cause: "disconnected" });
  });

  it("with impossible metrics is sent without them, and says so", async () => {
    const { clock, events, scheduler, server } = await world();
    const metrics = { ...idle, cpu: Number.NaN, gpu: -1, memory: 0.5 };
    const incarnation = incarnationOf(scheduler, "a");
    const beat = { node: "a", incarnation, seq: 1, metrics, running: [] };
    expect(await clock.until(scheduler.heartbeat(beat))).toMatchObject({ kind: "renewed" });
    expect(server.state(0).nodes.get("a")?.metrics).toEqual({ ...idle, cpu: null, gpu: null, memory: 0.5 });
    const named = events.filter((event) => event.kind === "impossible_metric");
    expect(named.map(({ metric, found }) => [metric, found])).toEqual([
      ["cpu", "NaN"],
      ["gpu", "-1"],
    ]);
  });
});

describe("going offline", () => {
  it("names the keys that the store asks for, and is not selected any more", async () => {
    const { clock, server, scheduler, feed } = await world();
    feed.isDeaf = true;
    const other = await startedOn(server, {}, 2);
    const incarnation = incarnationIn(await clock.until(other.scheduler.registerNode(offer("a", { pools: ["q"] }))));
    await clock.until(other.scheduler.reserveJob("a", "j"));
    expect(await clock.until(scheduler.offlineNode("a", incarnation))).toMatchObject({
      kind: "offline",
      orphaned: ["j"],
    });
    await clock.advance(300);
    expect(scheduler.selectNodes({ ...wanted, pool: "q" }).nodes).toEqual([]);
  });
});

describe("a write while Redis is gone", () => {
  it("fails at once, for certain, and is not queued", async () => {
    const { clock, scheduler, store } = await world();
    store.network = () => ({ kind: "request_lost" });
    await clock.advance(200);
    const sent = store.count("reserve_job");
    const startedAt = clock.now();
    const answer = await clock.until(scheduler.reserveJob("a", "j"));
    expect(answer).toMatchObject({ kind: "failed", applied: "no", cause: "disconnected" });
    expect(clock.now()).toBe(startedAt);
    expect(store.count("reserve_job")).toBe(sent);
  });

  it("is refused when too many calls are in flight, and that alone degrades nothing", async () => {
    const { clock, scheduler } = await world({ maxCalls: 4 });
    const answers = Array.from({ length: 10 }, (_, index) => scheduler.reserveJob("a", `j${index}`));
    const causes = (await clock.until(Promise.all(answers))).map((answer) =>
      "cause" in answer ? answer.cause : answer.kind,
    );
    expect(causes.filter((cause) => cause === "overloaded").length).toBeGreaterThanOrEqual(6);
    expect(scheduler.status().mode).toBe("normal");
  });

  it("is not taken for a Redis that is gone when only writes are refused", async () => {
    const { clock, scheduler, store } = await world();
    store.reserveJob = async () => ({
      kind: "failed",
      applied: "no",
      cause: "readonly",
      after: 1,
      message: "READONLY",
    });
    expect(await clock.until(scheduler.reserveJob("a", "j"))).toMatchObject({ cause: "readonly", applied: "no" });
    expect(scheduler.status().mode).toBe("normal");
    store.changesSince = async () => ({
      kind: "failed",
      applied: "no",
      cause: "readonly",
      after: 1,
      message: "READONLY",
    });
    await clock.advance(20);
    expect(scheduler.status().mode).toBe("l2_only");
  });

  it("is repeated within the call when it may have happened and the settings say so", async () => {
    const { clock, scheduler, store } = await world({ retryAmbiguous: "all" });
    store.network = fates("reserve_job", "reply_lost");
    expect(await clock.until(scheduler.reserveJob("a", "j"))).toMatchObject({ kind: "already" });
    store.network = fates("complete_job", "reply_lost");
    await clock.advance(2_000);
    expect(await clock.until(scheduler.completeJob("a", "j"))).toMatchObject({ kind: "completed" });
  });
});

describe("an answer in an epoch that was left", () => {
  it("counts as unknown: what was written may be lost", async () => {
    const { clock, server, scheduler, store, count } = await world();
    const former = server.copy();
    server.failOver("same");
    await clock.advance(300);
    const latest = server.copy();
    server.answerAs(former);
    store.network = (sent) => ({ kind: sent.kind === "reserve_job" ? "delivered" : "request_lost" });
    const answer = await clock.until(scheduler.reserveJob("a", "j"));
    expect(answer).toMatchObject({ kind: "failed", applied: "unknown", cause: "readonly" });
    expect(count("dropped_reply")).toBeGreaterThan(0);
    server.answerAs(latest);
  });
});

describe("dispatch", () => {
  const job = (id: string) => ({ job: id, pool: "p", source: "en", target: "de", services: [] });
  const holders = (server: ModelServer, id: string) =>
    [...server.state(0).jobs].filter(([, jobs]) => jobs.has(id)).map(([node]) => node);

  it("goes on to the next candidate when one is full", async () => {
    const { clock, server, scheduler, register, feed } = await world();
    await register("b", { max_jobs: 1 });
    await clock.advance(3);
    feed.isDeaf = true;
    server.run(0, {
      kind: "heartbeat",
      node: "b",
      incarnation: lifeOf(server, "b"),
      seq: 1,
      chunk: 0,
      ttl: 9_000,
      lease: 9_000,
      healthMilli: 900,
      metrics: idle,
      running: [],
    });
    await clock.advance(300); // "b" ranks first now
    server.run(0, { kind: "reserve_job", node: "b", job: "theirs", lease: 60_000, seen: 0 });
    expect(await clock.until(scheduler.dispatch(job("j")))).toMatchObject({ kind: "dispatched", node: "a" });
    expect(holders(server, "j")).toEqual(["a"]);
  });

  it("says which nodes it tried when none has room", async () => {
    const { clock, server, scheduler, feed } = await world();
    feed.isDeaf = true;
    for (const id of ["x", "y"]) server.run(0, { kind: "reserve_job", node: "a", job: id, lease: 60_000, seen: 0 });
    expect(await clock.until(scheduler.dispatch(job("j")))).toEqual({ kind: "no_node", tried: ["a"] });
    await clock.advance(300);
    expect(await clock.until(scheduler.dispatch(job("j")))).toEqual({ kind: "no_node", tried: [] });
  });

  it("settles a lost reply on the same node before another is tried", async () => {
    const { clock, server, scheduler, register, store, count } = await world();
    await register("b");
    await clock.advance(3);
    store.network = fates("reserve_job", "reply_lost");
    expect(await clock.until(scheduler.dispatch(job("j")))).toMatchObject({ kind: "dispatched", outcome: "already" });
    expect(holders(server, "j")).toHaveLength(1);
    expect(count("ambiguity_resolved")).toBe(1);
  });

  it.each([
    ["none", 1],
    ["dispatch", 2],
    ["all", 2],
  ] as const)(
    "sends a reserve without an answer as often as retryAmbiguous: %s says, %d times",
    async (retryAmbiguous, times) => {
      const { clock, scheduler, store } = await world({ retryAmbiguous });
      store.network = fates("reserve_job", "request_lost", "request_lost", "request_lost", "request_lost");
      expect(await clock.until(scheduler.dispatch(job("j")))).toMatchObject({ kind: "failed", applied: "unknown" });
      expect(store.count("reserve_job")).toBe(times);
    },
  );

  it("remembers what it could not settle: the job never gets a second node", async () => {
    const { clock, server, scheduler, register, store } = await world();
    for (const node of ["b", "c", "d"]) await register(node);
    await clock.advance(3);
    store.network = fates("reserve_job", "reply_lost", "request_lost");
    const first = await clock.until(scheduler.dispatch(job("j")));
    expect(first).toMatchObject({ kind: "failed", applied: "unknown" });
    store.network = () => ({ kind: "delivered" });
    await clock.advance(2_000);
    const second = await clock.until(scheduler.dispatch(job("j")));
    expect(second).toMatchObject({ kind: "dispatched", outcome: "already", node: "node" in first ? first.node : "" });
    expect(holders(server, "j")).toHaveLength(1);
  });

  it("gives one place to a job that is dispatched twice at once", async () => {
    const { clock, server, scheduler, register } = await world();
    for (const node of ["b", "c", "d"]) await register(node);
    await clock.advance(3);
    await clock.until(Promise.all([scheduler.dispatch(job("j")), scheduler.dispatch(job("j"))]));
    await clock.until(scheduler.dispatch(job("j")));
    expect(holders(server, "j")).toHaveLength(1);
  });

  it("does not send more at once to a node than it has room for", async () => {
    const { clock, scheduler, store } = await world();
    const before = store.count("reserve_job");
    const answers = await clock.until(Promise.all(["1", "2", "3", "4"].map((id) => scheduler.dispatch(job(id)))));
    expect(answers.map(({ kind }) => kind)).toEqual(["dispatched", "dispatched", "no_node", "no_node"]);
    expect(store.count("reserve_job")).toBe(before + 2);
  });

  it("counts a place as taken before the feed has reported it", async () => {
    const { clock, scheduler, register } = await world();
    await register("b", { pools: ["one"], max_jobs: 1 });
    await clock.advance(3);
    const placed = scheduler.dispatch({ ...job("j"), pool: "one" }).then((answer) => {
      const [selection, [held]] = [scheduler.selectNodes({ ...wanted, pool: "one" }), scheduler.status().view];
      return { answer, selection, held };
    });
    const { answer, selection, held } = await clock.until(placed);
    expect(answer).toMatchObject({ kind: "dispatched", version: { sequence: (held?.sequence ?? 0) + 1 } });
    expect(selection.nodes).toEqual([]);
  });

  it("gives one place to a job that is dispatched twice at once, also when the first choice is full", async () => {
    const { clock, server, scheduler, register, feed } = await world({ pollInterval: 20_000, pulseInterval: 20_000 });
    for (const node of ["b", "c", "d", "e"]) await register(node);
    const beat = { node: "b", incarnation: incarnationOf(scheduler, "b"), seq: 1, metrics: idle, running: [] };
    await clock.until(scheduler.heartbeat(beat)); // ranks first now
    await clock.advance(3);
    feed.isDeaf = true;
    for (const id of ["x", "y"]) server.run(0, { kind: "reserve_job", node: "b", job: id, lease: 60_000, seen: 0 });
    const answers = await clock.until(Promise.all([1, 2, 3].map(() => scheduler.dispatch(job("j")))));
    expect(answers).toMatchObject([{ kind: "dispatched" }, { kind: "dispatched" }, { kind: "dispatched" }]);
    expect(holders(server, "j")).toHaveLength(1);
  });

  it("says that a job has ended already", async () => {
    const { clock, server, scheduler } = await world();
    await clock.until(scheduler.dispatch(job("j")));
    server.run(0, { kind: "complete_job", node: "a", job: "j", doneFor: 60_000, doneMax: 10 });
    expect(await clock.until(scheduler.dispatch(job("j")))).toEqual({ kind: "finished", node: "a" });
  });

  it("frees the place by completion and by release", async () => {
    const { clock, server, scheduler } = await world();
    await clock.until(scheduler.dispatch(job("j")));
    await clock.until(scheduler.dispatch(job("k")));
    expect(await clock.until(scheduler.completeJob("a", "j"))).toMatchObject({ kind: "completed" });
    expect(await clock.until(scheduler.releaseJob("a", "k"))).toMatchObject({ kind: "completed" });
    expect(server.nodes(0)).toMatchObject([{ current_jobs: 0 }]);
  });
});

function lifeOf(server: ModelServer, node: string) {
  const record = server.state(0).nodes.get(node);
  if (record === undefined) throw new Error(`no node ${node}`);
  return record.incarnation;
}
