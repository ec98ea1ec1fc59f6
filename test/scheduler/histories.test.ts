import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { NodeAnswer } from "../../src/scheduler/reading/reads.ts";
import { partitionOf } from "../../src/scheduler/view/partition-of.ts";
import { textOf } from "../../src/simulate/servers/protocol-values.ts";
import { type Instance, idle, incarnationOf, offer, startedOn, wanted } from "./support/instance.ts";
import { type Copy, ModelServer } from "./support/model-server.ts";
import type { Fate } from "./support/model-store.ts";
import { VirtualClock } from "./support/virtual-clock.ts";

const names = ["a", "b", "c"] as const;
const fateList: readonly Fate[] = [
  { kind: "delivered" },
  { kind: "delivered", delay: 4, replyDelay: 15 },
  { kind: "delivered", delay: 40 }, // runs although its caller has given up
  { kind: "request_lost" },
  { kind: "reply_lost" },
  { kind: "refused" },
  { kind: "mute" },
  { kind: "tardy", replyDelay: 70 },
];

type Step =
  | { readonly kind: "write"; readonly by: number; readonly node: string; readonly what: (typeof writes)[number] }
  | { readonly kind: "read"; readonly by: number; readonly node: string }
  | { readonly kind: "network"; readonly by: number; readonly fate: Fate; readonly isDeaf: boolean }
  | { readonly kind: "server"; readonly does: (typeof serverFaults)[number] }
  | { readonly kind: "pause"; readonly lasts: number };

const writes = ["register", "reserve", "complete", "release", "offline", "heartbeat"] as const;
const serverFaults = ["copy", "lose_since_copy", "restart", "restart_empty", "trim"] as const;

const by = fc.nat(1);
const node = fc.constantFrom(...names);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("write"), by, node, what: fc.constantFrom(...writes) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("read"), by, node }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("pause"), lasts: fc.constantFrom(1, 5, 30, 200, 1_500) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("network"),
      by,
      fate: fc.constantFrom(...fateList),
      isDeaf: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("server"), does: fc.constantFrom(...serverFaults) }) },
);
const histories = fc.array(step, { minLength: 5, maxLength: 80, size: "max" });

interface Shown {
  readonly by: number;
  /** The epoch of the reader's view when it was shown. A record keeps the version of the epoch that wrote it. */
  readonly epoch: string;
  readonly answer: NodeAnswer;
  readonly took: number;
}

class Run {
  readonly clock = new VirtualClock();
  readonly server = new ModelServer(this.clock, 2);
  readonly shown: Shown[] = [];
  readonly #pending: Promise<unknown>[] = [];
  readonly #instances: Instance[] = [];
  #copy: Copy = this.server.copy();
  #serial = 0;

  async play(steps: readonly Step[]): Promise<readonly Instance[]> {
    for (const seed of [1, 2]) this.#instances.push(await startedOn(this.server, { dwellMax: 500 }, seed));
    for (const next of steps) await this.#take(next);
    for (const { store, feed } of this.#instances) {
      store.network = () => ({ kind: "delivered" });
      feed.isDeaf = false;
    }
    await this.clock.until(Promise.all(this.#pending));
    await this.clock.advance(3_000);
    return this.#instances;
  }

  async #take(next: Step): Promise<void> {
    if (next.kind === "pause") return this.clock.advance(next.lasts);
    if (next.kind === "server") return this.#disturb(next.does);
    const instance = this.#instances[next.by];
    if (instance === undefined) return;
    if (next.kind === "network") {
      instance.store.network = () => next.fate;
      instance.feed.isDeaf = next.isDeaf;
    }
    if (next.kind === "read") this.#pending.push(this.#read(next.by, instance, next.node));
    if (next.kind === "write") this.#pending.push(this.#write(instance, next.node, next.what));
  }

  async #read(reader: number, { scheduler }: Instance, id: string): Promise<void> {
    const startedAt = this.clock.now();
    const answer = await scheduler.getNode(id);
    const epoch = scheduler.status().view[partitionOf(id, 2)]?.epoch ?? "";
    this.shown.push({ by: reader, epoch, answer, took: this.clock.now() - startedAt });
    for (const selected of scheduler.selectNodes(wanted).nodes) {
      if (selected.node === id)
        this.shown.push({ by: reader, epoch, answer: { ...answer, found: true, node: selected }, took: 0 });
    }
  }

  #write({ scheduler }: Instance, id: string, what: (typeof writes)[number]): Promise<unknown> {
    const serial = this.#serial++;
    switch (what) {
      case "register":
        return scheduler.registerNode(offer(id, { pools: serial % 2 === 0 ? ["p"] : ["p", "q"] }));
      case "reserve":
        return scheduler.reserveJob(id, `j${serial % 4}`);
      case "complete":
        return scheduler.completeJob(id, `j${serial % 4}`);
      case "release":
        return scheduler.releaseJob(id, `j${serial % 4}`);
      case "offline":
        return scheduler.offlineNode(id);
      case "heartbeat":
        return scheduler.heartbeat({
          ...{ node: id, incarnation: incarnationOf(scheduler, id), seq: serial },
          ...{ metrics: { ...idle, cpu: (serial % 5) / 4 }, running: [] },
        });
    }
  }

  #disturb(does: (typeof serverFaults)[number]): void {
    if (does === "copy") this.#copy = this.server.copy();
    if (does === "lose_since_copy") this.server.failOver(this.#copy);
    if (does === "restart") this.server.failOver("same");
    if (does === "restart_empty") this.server.failOver("empty");
    if (does === "trim") this.server.feedMax = 2;
  }
}

describe("whatever the network and the server do", () => {
  it("what is shown was once held, whole, does not go back, and comes in time; after healing, all views equal the store", async () => {
    await fc.assert(
      fc.asyncProperty(histories, async (steps) => {
        const run = new Run();
        const instances = await run.play(steps);
        expectHeld(run);
        for (const instance of instances) {
          expect(instance.count("fault")).toBe(0);
          expect(instance.scheduler.status().mode).toBe("normal");
          for (const partition of [0, 1]) {
            const { meta } = run.server.state(partition);
            expect(instance.scheduler.status().view[partition]?.sequence).toBe(meta?.sequence);
            expect(sorted(instance.scheduler.nodes(partition))).toEqual(sorted(run.server.nodes(partition)));
          }
          await run.clock.until(instance.scheduler.close());
        }
      }),
      { numRuns: 150 },
    );
  });

  it("some of it is stale, some comes from L1, some after an epoch was left, some after a gap", async () => {
    const seen = new Set<string>();
    for (const steps of fc.sample(histories, 40)) {
      const run = new Run();
      const instances = await run.play(steps);
      for (const { answer } of run.shown) seen.add(answer.stale ? "stale" : answer.source);
      for (const { events } of instances) for (const { kind } of events) seen.add(kind);
    }
    const wantedSights = ["stale", "l1", "l2", "redis", "miss", "epoch_left", "gap_found", "late_reply", "coalesced"];
    expect(wantedSights.filter((sight) => !seen.has(sight))).toEqual([]);
  });
});

function expectHeld(run: Run): void {
  const latest = new Map<string, number>();
  for (const { by: reader, epoch, answer, took } of run.shown) {
    expect(took).toBeLessThanOrEqual(50);
    const { node: shown } = answer;
    if (shown === undefined) continue;
    expect([...run.server.held]).toContain(textOf(shown));
    const key = `${reader} ${shown.node} ${epoch} ${shown.version.epoch}`;
    expect(shown.version.sequence).toBeGreaterThanOrEqual(latest.get(key) ?? 0);
    latest.set(key, shown.version.sequence);
  }
}

function sorted<Item extends { readonly node: string }>(nodes: readonly Item[]): readonly Item[] {
  return [...nodes].sort((a, b) => (a.node < b.node ? -1 : 1));
}
