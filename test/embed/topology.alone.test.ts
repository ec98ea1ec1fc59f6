// @module-tag slow
/** One server, Sentinels and a Cluster through the one factory, each with the documented rights only; and what a failover looks like to a caller. */
import { Cluster, Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createScheduler, type EmbeddedScheduler, type SchedulerOptions } from "../../src/embed/scheduler.ts";
import { type Lab, openLab } from "../../src/lab/lab.ts";
import { loopback } from "../../src/lab/process/port.ts";
import { startCluster } from "../../src/lab/servers/cluster.ts";
import type { RedisServer } from "../../src/lab/servers/redis.ts";
import { startSentinel } from "../../src/lab/servers/sentinel.ts";
import { leastPrivilege } from "../../src/redis/acl.ts";
import type { SchedulerEvent } from "../../src/scheduler/events.ts";
import { jobFor, offer, wasAnswered } from "./offers.ts";
import { until } from "./until.ts";

let lab: Lab;
const open: EmbeddedScheduler[] = [];

beforeAll(async () => {
  lab = await openLab();
});
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});
afterAll(() => lab.close());

interface Place {
  readonly redis: SchedulerOptions["redis"];
  readonly servers: readonly RedisServer[];
  /** Takes the primary of some partition away, for good or for a moment. */
  fail(): Promise<void>;
}

const user = { username: "scheduler", password: "secret" } as const;
const address = ({ port }: RedisServer) => ({ host: loopback, port });

async function allowOnly(kind: "single" | "sentinel" | "cluster", servers: readonly RedisServer[]): Promise<void> {
  for (const server of servers) {
    await server.execute("ACL", "SETUSER", user.username, ...leastPrivilege("lp:", kind), `>${user.password}`);
  }
}

const places: Readonly<Record<string, () => Promise<Place>>> = {
  async single() {
    const server = await lab.redis();
    const forAcl = [server];
    await allowOnly("single", forAcl);
    const redis = server.url.replace("redis://", `redis://${user.username}:${user.password}@`);
    const fail = async (): Promise<void> => {
      await server.restart({ keepData: true });
      await allowOnly("single", forAcl);
    };
    return { redis, servers: forAcl, fail };
  },
  async sentinel() {
    const { name, primary, replicas, sentinels } = await startSentinel(lab);
    const servers = [primary, ...replicas];
    await allowOnly("sentinel", servers);
    return { redis: { sentinels: sentinels.map(address), name, ...user }, servers, fail: () => primary.kill() };
  },
  async cluster() {
    const { primaries, replicas } = await startCluster(lab, { replicasEach: 1 });
    const servers = [...primaries, ...replicas.flat()];
    await allowOnly("cluster", servers);
    const [first] = primaries;
    const fail = async (): Promise<void> => await first?.kill();
    return { redis: { cluster: primaries.map(address), ...user }, servers, fail };
  },
};

/** Generous: a failover takes these Sentinels and this Cluster about 2 s. */
const failoverBound = 15_000;
const nodes = Array.from({ length: 12 }, (_, index) => `n${index}`);

async function started(options: SchedulerOptions): Promise<EmbeddedScheduler> {
  const scheduler = createScheduler(options);
  open.push(scheduler);
  await scheduler.start();
  return scheduler;
}

describe.each(Object.keys(places))("on a %s topology, as a user with the documented rights", (kind) => {
  it("places jobs, follows what others do, and comes back after a failover, in a new epoch, with nothing hanging", async () => {
    const place = await places[kind]?.();
    if (place === undefined) throw new Error(`no topology ${kind}`);
    const seen: SchedulerEvent[] = [];
    const settings = { partitions: 6, retryAmbiguous: "none" } as const;
    const one = await started({ redis: place.redis, settings, name: "one" });
    const other = await started({
      redis: place.redis,
      settings,
      name: "other",
      onEvent: (event) => void seen.push(event),
    });

    for (const node of nodes)
      await until(`${node} is registered`, async () => wasAnswered(await one.registerNode(offer(node))));
    await until("the other sees every node", () => found(other) === nodes.length);
    expect(other.status()).toMatchObject({ mode: "normal", connected: true });
    expect(await other.dispatch(jobFor("j1"))).toMatchObject({ kind: "dispatched" });

    const before = one.status().view;
    await place.fail();
    const waiting = new Set(nodes);
    let slowest = 0;
    await until(
      "every node can be written again",
      async () => {
        for (const node of waiting) {
          const sent = performance.now();
          if (wasAnswered(await one.registerNode(offer(node)))) waiting.delete(node);
          slowest = Math.max(slowest, performance.now() - sent);
        }
        return waiting.size === 0;
      },
      failoverBound,
    );
    const writeBound = 30 + 5; // writeDeadline and its grace; the rest is this machine's
    expect(slowest).toBeLessThan(writeBound * 4);
    for (const scheduler of [one, other]) {
      await until("it is normal again", () => scheduler.status().mode === "normal", failoverBound);
      await until("it is subscribed again", () => scheduler.status().connected, failoverBound);
    }
    const left = one.status().view.filter(({ epoch }, partition) => epoch !== before[partition]?.epoch);
    expect(left.length).toBeGreaterThan(0);
    if (kind !== "cluster") expect(left).toHaveLength(settings.partitions);
    await until("the other has left as many epochs", () => epochsLeft(seen) === left.length);
    expect(found(other)).toBe(nodes.length);
    const changes = await one.registry.getSingleMetricAsString("lockproof_mode_changes_total");
    expect(changes).toMatch(/from="normal",to="l2_only",cause="\w+"\} [1-9]/u);
    expect(changes).toMatch(/to="normal",cause="resynced"\} [1-9]/u);
  }, 60_000);
});

function found(scheduler: EmbeddedScheduler): number {
  return scheduler.selectNodes({ pool: "p", source: "de", target: "en", services: [], count: 100 }).nodes.length;
}

/** Counts the abandoned epochs of partitions; the configuration's epoch is one more. */
function epochsLeft(events: readonly SchedulerEvent[]): number {
  return events.filter((event) => event.kind === "epoch_left" && event.partition !== "cfg").length;
}

describe("a Cluster", () => {
  it("with a node that falls silent: every call ends by its deadline or at once, and it comes back", async () => {
    const { primaries } = await startCluster(lab);
    const settings = { partitions: 6, retryAmbiguous: "none" } as const;
    const scheduler = await started({ redis: { cluster: primaries.map(address) }, settings, silence: 200 });
    const [first] = primaries;
    await first?.pause();
    const causes = new Set<string>();
    let slowest = 0;
    const end = performance.now() + 1_000;
    while (performance.now() < end) {
      for (const node of nodes) {
        const sent = performance.now();
        const [write, read] = await Promise.all([scheduler.registerNode(offer(node)), scheduler.getNode(node)]);
        slowest = Math.max(slowest, performance.now() - sent);
        causes.add("cause" in write ? write.cause : "answered");
        expect(read.found).toBe(read.node !== undefined);
      }
    }
    first?.resume();
    expect(slowest).toBeLessThan(150);
    expect(causes).toContain("deadline");
    expect([...causes].filter((cause) => !["answered", "deadline", "disconnected", "moved"].includes(cause))).toEqual(
      [],
    );
    await until("it is normal again", () => scheduler.status().mode === "normal", failoverBound);
  });
});

describe("an ioredis client that is there already", () => {
  it("of one server is taken for its address, and left alone", async () => {
    const server = await lab.redis();
    const client = new Redis(server.url);
    const scheduler = await started({ redis: client });
    expect(await scheduler.registerNode(offer("n"))).toMatchObject({ kind: "registered" });
    await scheduler.close();
    await expect(client.ping()).resolves.toBe("PONG");
    client.disconnect();
  });

  it("of Sentinels and of a Cluster too", async () => {
    const { name, sentinels } = await startSentinel(lab, { sentinels: 1 });
    const { primaries } = await startCluster(lab);
    const clients = [
      new Redis({ sentinels: sentinels.map(address), name, lazyConnect: true }),
      new Cluster(primaries.map(address), { lazyConnect: true }),
    ];
    for (const client of clients) {
      const scheduler = await started({ redis: client });
      expect(await scheduler.registerNode(offer("n"))).toMatchObject({ kind: "registered" });
      expect(client.status).toBe("wait");
      client.disconnect();
    }
  });
});
