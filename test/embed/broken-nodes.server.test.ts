/** Nodes with a key of another type, more of them than a sweep takes at once: no dead node stays selectable because of them. */
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createScheduler, type EmbeddedScheduler } from "../../src/embed/scheduler.ts";
import { type Lab, openLab } from "../../src/lab/lab.ts";
import { offer } from "./offers.ts";
import { until } from "./until.ts";

let lab: Lab;
let admin: Redis;
let scheduler: EmbeddedScheduler;

const settings = { partitions: 1, heartbeatTtl: 1_500, sweepInterval: 50, retention: 60_000, ttlSpread: 0 };
const broken = Array.from({ length: 130 }, (_, index) => `broken${index}`);
const sound = Array.from({ length: 20 }, (_, index) => `sound${index}`);

beforeAll(async () => {
  lab = await openLab();
  const server = await lab.redis();
  admin = new Redis(server.url);
  scheduler = createScheduler({ redis: server.url, settings });
  await scheduler.start();
});
afterAll(async () => {
  await scheduler.close();
  admin.disconnect();
  await lab[Symbol.asyncDispose]();
});

const selectable = (): readonly string[] =>
  scheduler
    .selectNodes({ pool: "p", source: "de", target: "en", services: [], count: 1_000 })
    .nodes.map(({ node }) => node);

describe("130 nodes whose jobs are of another type", () => {
  it("keep no dead node selectable but themselves, and are reported", async () => {
    for (const node of broken) {
      await scheduler.registerNode(offer(node));
      await admin.set(`lp:{p0}:jobs:${node}`, "not ours");
    }
    for (const node of sound) await scheduler.registerNode(offer(node));
    await until("they are there", () => selectable().length === broken.length + sound.length, 5_000);
    await until("dead nodes are gone", () => !selectable().some((node) => sound.includes(node)), 5_000);
    await until("the others are reported", async () => {
      const text = await scheduler.registry.getSingleMetricAsString("lockproof_swept_total");
      return Number(/what="failed"\} (\d+)/u.exec(text)?.[1] ?? 0) >= broken.length;
    });
    expect(selectable().length).toBe(broken.length);
  });
});
