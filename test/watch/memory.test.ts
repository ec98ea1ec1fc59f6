import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { PartitionAudit } from "../../src/watch/audit/partition-audit.ts";
import { Sums } from "../../src/watch/audit/sums.ts";
import { SmallStore } from "./small-store.ts";

setFlagsFromString("--expose_gc");
const collect: () => void = runInNewContext("gc");

/** Nodes that come, work and go, each under a name of its own. */
function come(store: SmallStore, audit: PartitionAudit, from: number, to: number): void {
  for (let node = from; node < to; node += 1) {
    store.now += 50;
    const id = `pod-${node}`;
    store.register(id);
    store.reserve(id, `job-${node}`);
    store.complete(id, `job-${node}`);
    audit.take(store.reading(audit.ask(16, store.now)));
    store.remove(id);
  }
  audit.take(store.reading(audit.ask(16, store.now)));
}

function heapBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

describe("the memory of an audit", () => {
  it("does not grow with what happens", () => {
    const store = new SmallStore();
    const sums = new Sums();
    const audit = new PartitionAudit(0, { sums, keep: 500, onNotice: () => {}, onViolation: () => {} });
    audit.take(store.reading(audit.ask(16, 0)));
    come(store, audit, 0, 5_000);
    const before = heapBytes();
    come(store, audit, 5_000, 25_000);
    expect(heapBytes() - before).toBeLessThan(3_000_000);
    expect(sums.changes).toBeGreaterThan(95_000);
    expect(audit.nodes).toBe(0);
  });
});
