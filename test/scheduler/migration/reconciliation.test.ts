import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Side } from "../../../src/scheduler/migration/registry.ts";
import { english, type Fate } from "../support/model-store.ts";
import { dualWorld, truths } from "./world.ts";

const nodes = ["a", "b"] as const;
const jobs = ["j1", "j2", "j3", "j4"] as const;

const operation = fc.record({
  kind: fc.constantFrom("register", "offline", "reserve", "reserve", "reserve", "complete", "release"),
  node: fc.constantFrom(...nodes),
  job: fc.constantFrom(...jobs),
  pool: fc.constantFrom("p", "q"),
  max_jobs: fc.integer({ min: 1, max: 3 }),
  next: fc.constantFrom("delivered", "delivered", "delivered", "refused", "request_lost", "reply_lost"),
  legacy: fc.constantFrom("answered", "answered", "answered", "reply_lost", "held"),
  /** How long until the next one begins; 0: at once, so that they overlap. */
  pause: fc.constantFrom(0, 0, 2, 200),
  /** Reconciliation runs while all this goes on. */
  reconciles: fc.boolean(),
});
type Operation = typeof operation extends fc.Arbitrary<infer Value> ? Value : never;

type World = Awaited<ReturnType<typeof dualWorld>>;

function perform({ dual }: World, { kind, node, job, pool, max_jobs }: Operation): Promise<unknown> {
  switch (kind) {
    case "register":
      return dual.registerNode({ node, max_jobs, pools: [pool], languages: [english], services: [] });
    case "offline":
      return dual.offlineNode(node);
    case "reserve":
      return dual.reserveJob(node, job);
    case "complete":
      return dual.completeJob(node, job);
    default:
      return dual.releaseJob(node, job);
  }
}

async function live(world: World, history: readonly Operation[]): Promise<void> {
  const { clock, dual, instance, locked, redis } = world;
  const calls: Promise<unknown>[] = [];
  for (const step of history) {
    instance.store.network = () => ({ kind: step.next }) as Fate;
    locked.fate = () => (step.legacy === "reply_lost" ? "reply_lost" : "answered");
    if (step.legacy === "held") await clock.until(redis.setNx(`lock:${step.node}`, "another", 30));
    calls.push(perform(world, step));
    if (step.reconciles) calls.push(dual.reconcile());
    await clock.advance(step.pause);
  }
  await clock.until(Promise.all(calls), 60_000);
  instance.store.network = () => ({ kind: "delivered" });
  locked.fate = () => "answered";
}

const histories = fc.array(operation, { minLength: 1, maxLength: 25 });

/** Returns the differences that remain after reconciliation has done all it can, and the problems that it reports. */
async function lastly(world: World) {
  const { problems } = await world.reconciled();
  const differing = nodes.filter((node) => {
    const { legacy, next } = truths(world, node);
    return JSON.stringify(legacy) !== JSON.stringify(next);
  });
  const reported = problems.map(({ node }) => node);
  return { problems, differing, reported, backlog: world.dual.counts.backlog };
}

async function lived(history: readonly Operation[], lead: Side, namesJobs = true): Promise<World> {
  const world = await dualWorld(lead);
  world.locked.namesJobs = namesJobs;
  await live(world, history);
  return world;
}

describe("whatever failed, was repeated or overlapped, after reconciliation", () => {
  it("both sides hold the same, where the leader names its jobs", async () => {
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        const { backlog, differing, problems } = await lastly(await lived(history, "legacy"));
        expect({ backlog, differing, problems }).toEqual({ backlog: 0, differing: [], problems: [] });
      }),
      { numRuns: 120 },
    );
  });

  it.each([
    ["legacy", false],
    ["next", true],
    ["next", false],
  ] as const)(
    "both hold the same or the node is reported, where %s leads and only counts its jobs (%s)",
    async (lead, named) => {
      await fc.assert(
        fc.asyncProperty(histories, async (history) => {
          const { backlog, differing, reported } = await lastly(await lived(history, lead, named));
          expect(differing.filter((node) => !reported.includes(node))).toEqual([]);
          expect(backlog).toBe(reported.length);
        }),
        { numRuns: 80 },
      );
    },
  );

  it("both hold the same or the node is reported, where the lead is taken back in the middle", async () => {
    await fc.assert(
      fc.asyncProperty(histories, histories, async (before, after) => {
        const world = await lived(before, "next");
        world.leads.of = () => "legacy";
        await live(world, after);
        const { differing, reported } = await lastly(world);
        expect(differing.filter((node) => !reported.includes(node))).toEqual([]);
      }),
      { numRuns: 80 },
    );
  });
});

describe("the histories", () => {
  const sampled = fc.sample(histories, { seed: 1, numRuns: 60 });

  it("leave something to reconcile, by every way there is", async () => {
    const seen = { failed: 0, ambiguous: 0, overlapped: 0, differed: 0 };
    for (const history of sampled) {
      const world = await lived(history, "legacy");
      const { ambiguous, failed, overlapped } = world.dual.counts;
      seen.ambiguous += ambiguous;
      seen.failed += failed;
      seen.overlapped += overlapped;
      const differs = (node: string) => {
        const { legacy, next } = truths(world, node);
        return JSON.stringify(legacy) !== JSON.stringify(next);
      };
      if (nodes.some(differs)) seen.differed++;
    }
    expect(Object.values(seen).every((count) => count >= 10)).toBe(true);
  });

  it("leave both sides with jobs at the end, in some", async () => {
    let held = 0;
    for (const history of sampled) {
      const world = await lived(history, "legacy");
      await world.reconciled();
      if (nodes.some((node) => (truths(world, node).next?.jobs.length ?? 0) > 0)) held++;
    }
    expect(held).toBeGreaterThan(5);
  });
});
