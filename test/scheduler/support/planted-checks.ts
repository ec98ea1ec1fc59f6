/** Short histories on virtual time, each of which the right scheduler passes and some planted one does not. */
import { expect } from "vitest";
import type { createScheduler } from "../../../src/scheduler/scheduler.ts";
import type { Settings } from "../../../src/scheduler/settings.ts";
import { type Instance, idle, incarnationOf, offer, startedOn, wanted } from "./instance.ts";
import { ModelServer } from "./model-server.ts";
import { english } from "./model-store.ts";
import { VirtualClock } from "./virtual-clock.ts";

type Create = typeof createScheduler;

class Stage {
  readonly clock = new VirtualClock();
  readonly server = new ModelServer(this.clock, 1);
  readonly #create: Create;

  constructor(create: Create) {
    this.#create = create;
  }

  start(settings: Partial<Settings> = {}, seed = 1): Promise<Instance> {
    return startedOn(this.server, settings, seed, this.#create);
  }

  async register({ scheduler }: Instance, ...nodes: readonly string[]): Promise<void> {
    for (const node of nodes) await this.clock.until(scheduler.registerNode(offer(node)));
    await this.clock.advance(3);
  }

  holders(job: string): readonly string[] {
    return [...this.server.state(0).jobs].filter(([, jobs]) => jobs.has(job)).map(([node]) => node);
  }
}

const job = (id: string) => ({ job: id, pool: "p", ...english, services: [] });
const selected = ({ scheduler }: Instance, pool = "p") =>
  scheduler.selectNodes({ ...wanted, pool }).nodes.map(({ node }) => node);

export const plantedChecks: Readonly<Record<string, (create: Create) => Promise<void>>> = {
  async "a node that was missed registers"(create) {
    const stage = new Stage(create);
    const here = await stage.start();
    expect(await stage.clock.until(here.scheduler.getNode("x"))).toMatchObject({ found: false });
    await stage.register(here, "x");
    expect(await stage.clock.until(here.scheduler.getNode("x"))).toMatchObject({ found: true });
  },

  async "many nodes register at once"(create) {
    const stage = new Stage(create);
    const here = await stage.start();
    const nodes = Array.from({ length: 200 }, (_, index) => `n${index}`);
    await stage.clock.until(Promise.all(nodes.map((node) => here.scheduler.registerNode(offer(node)))));
    const due = [...stage.server.state(0).nodes.values()].map(({ expiresAt }) => expiresAt);
    const spread = Math.max(...due) - Math.min(...due);
    expect(spread).toBeGreaterThan(5_000); // of 15 s ± 20 %
    const busiest = Math.max(...tally(due.map((at) => Math.floor((at - Math.min(...due)) / (spread / 10)))));
    expect(busiest).toBeLessThanOrEqual(2 * (nodes.length / 10));
  },

  async "a page overtaken by the feed"(create) {
    const stage = new Stage(create);
    const { clock, server } = stage;
    const { scheduler, store } = await stage.start();
    store.network = (sent) => ({ kind: "delivered", replyDelay: sent.kind === "snapshot" ? 20 : 0.5 });
    const lists = { pools: ["p"], languages: [], services: [] };
    server.isSilent = true;
    server.run(0, { kind: "register_node", node: "x", registration: "t", maxJobs: 1, ttl: 1, ...lists });
    const reading = scheduler.getNode("x");
    await clock.advance(2); // the page has been read, with "x" in it, and is on its way
    const candidates = ["x"];
    for (let turn = 0; turn < 2; turn++) {
      server.run(0, {
        kind: "sweep",
        retention: 1,
        limit: 1,
        jobLimit: 1_000,
        offset: 0,
        gap: 86_400_000,
        grace: 0,
        candidates,
      });
      await clock.advance(2);
    }
    await clock.until(reading);
    await clock.advance(300);
    expect(await clock.until(scheduler.getNode("x"))).toMatchObject({ found: false });
  },

  async "a former primary answers again"(create) {
    const stage = new Stage(create);
    const { clock, server } = stage;
    const here = await stage.start();
    await stage.register(here, "a");
    const former = server.copy();
    server.failOver("same");
    await clock.advance(300);
    const [held] = here.scheduler.status().view;
    server.answerAs(former);
    await clock.advance(300);
    expect(here.scheduler.status().view).toEqual([held]);
  },

  async "an answer with a hole in it"(create) {
    const stage = new Stage(create);
    const { clock, server } = stage;
    const [here, other] = [await stage.start(), await stage.start({}, 2)];
    const changesSince = here.store.changesSince.bind(here.store);
    let isLossy = true;
    here.store.changesSince = async (request, deadline) => {
      const reply = await changesSince(request, deadline);
      if (!isLossy || reply.kind !== "changes" || reply.entries.length < 2) return reply;
      isLossy = false;
      return { ...reply, entries: reply.entries.slice(1) };
    };
    here.feed.isDeaf = true;
    await clock.until(Promise.all(["a", "b", "c"].map((node) => other.scheduler.registerNode(offer(node)))));
    await clock.advance(500);
    expect(isLossy).toBe(false);
    expect([...here.scheduler.nodes(0)].length).toBe(server.nodes(0).length);
  },

  async "wake-ups are lost"(create) {
    const stage = new Stage(create);
    const [here, other] = [await stage.start(), await stage.start({}, 2)];
    here.feed.isDeaf = true;
    await stage.register(other, "a");
    await stage.clock.advance(240);
    expect(selected(here)).toEqual(["a"]);
  },

  async "every reply of a reserve is lost"(create) {
    const stage = new Stage(create);
    const { clock } = stage;
    const here = await stage.start();
    await stage.register(here, "a", "b", "c");
    here.store.network = (sent) => ({ kind: sent.kind === "reserve_job" ? "reply_lost" : "delivered" });
    expect(await clock.until(here.scheduler.dispatch(job("j")), 200)).toMatchObject({ applied: "unknown" });
    expect(stage.holders("j")).toHaveLength(1);
    expect(here.store.count("reserve_job")).toBe(2);
  },

  async "a store that comes and goes"(create) {
    const stage = new Stage(create);
    const { clock } = stage;
    const here = await stage.start();
    const before = here.count("mode_changed");
    for (let turn = 0; turn < 20; turn++) {
      here.store.network = () => ({ kind: "refused" });
      await clock.advance(40);
      here.store.network = () => ({ kind: "delivered" });
      await clock.advance(460);
    }
    expect(here.count("mode_changed") - before).toBeLessThanOrEqual(20);
  },

  async "a read in local_only"(create) {
    const stage = new Stage(create);
    const { clock } = stage;
    const here = await stage.start();
    await stage.register(here, "a");
    here.store.network = () => ({ kind: "mute" });
    await clock.advance(11_000);
    expect(here.scheduler.status().mode).toBe("local_only");
    const startedAt = clock.now();
    await clock.until(here.scheduler.getNode("a"));
    expect(clock.now()).toBe(startedAt);
  },

  async "twenty instances select"(create) {
    const stage = new Stage(create);
    const writer = await stage.start();
    await stage.register(writer, ...Array.from({ length: 10 }, (_, index) => `n${index}`));
    const firsts: string[] = [];
    for (let seed = 2; seed < 22; seed++) {
      const { scheduler } = await stage.start({}, seed);
      for (let turn = 0; turn < 20; turn++) {
        for (const { node } of scheduler.selectNodes({ ...wanted, count: 1 }).nodes) firsts.push(node);
      }
    }
    expect(firsts).toHaveLength(400);
    expect(Math.max(...tally(firsts))).toBeLessThanOrEqual(2 * 40);
  },

  async "a node leaves a pool"(create) {
    const stage = new Stage(create);
    const here = await stage.start();
    await stage.register(here, "a");
    expect([selected(here), selected(here, "q")]).toEqual([["a"], []]);
    await stage.clock.until(here.scheduler.registerNode(offer("a", { pools: ["q"] })));
    await stage.clock.advance(3);
    expect([selected(here), selected(here, "q")]).toEqual([[], ["a"]]);
    expect(here.count("resync_started")).toBe(1);
  },

  async "a node goes offline"(create) {
    const stage = new Stage(create);
    const here = await stage.start();
    await stage.register(here, "a", "b");
    expect(selected(here)).toHaveLength(2);
    await stage.clock.until(here.scheduler.offlineNode("a"));
    await stage.clock.advance(3);
    expect(selected(here)).toEqual(["b"]);
  },

  async "a job that runs longer than its lease"(create) {
    const stage = new Stage(create);
    const { clock } = stage;
    const here = await stage.start({ lease: 2_000 });
    await stage.register(here, "a");
    await clock.until(here.scheduler.dispatch(job("j")));
    for (let seq = 1; seq <= 8; seq++) {
      const incarnation = incarnationOf(here.scheduler, "a");
      await clock.until(here.scheduler.heartbeat({ node: "a", incarnation, seq, metrics: idle, running: ["j"] }));
      await clock.advance(1_000);
    }
    expect(stage.holders("j")).toEqual(["a"]);
  },

  async "more jobs at once than there is room"(create) {
    const stage = new Stage(create);
    const here = await stage.start();
    await stage.register(here, "a");
    const answers = ["1", "2", "3", "4"].map((id) => here.scheduler.dispatch(job(id)));
    await stage.clock.until(Promise.all(answers));
    expect(here.store.count("reserve_job")).toBe(2);
  },

  async "many look for a missing node"(create) {
    const stage = new Stage(create);
    const { scheduler, store } = await stage.start();
    const before = store.count("snapshot");
    await stage.clock.until(Promise.all(Array.from({ length: 20 }, () => scheduler.getNode("x"))));
    expect(store.count("snapshot")).toBe(before + 1);
  },

  async "another instance puts a configuration"(create) {
    const stage = new Stage(create);
    const [here, other] = [await stage.start(), await stage.start({}, 2)];
    const content = { enabled: true, pool_count: 0, hash_seed: 1, fallback_scan_all_pools: false, pools: [] };
    await stage.clock.until(other.scheduler.putConfig(content, null));
    await stage.clock.advance(240);
    expect(here.scheduler.config()).toMatchObject({ hash_seed: 1 });
  },
};

function tally(values: readonly (string | number)[]): readonly number[] {
  const counts = new Map<string | number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts.values()];
}
