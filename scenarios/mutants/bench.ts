/** Mutants that are slow: each makes one claim of the bench false, by more than a busy machine hides. */
import type { PropertyId } from "../../src/check/properties.ts";

/** `every` so many calls, the first included, one waits or computes for `ms` more. */
interface Slower {
  readonly ms: number;
  readonly every: number;
}

export interface BenchChange {
  /** A heartbeat waits before it is sent. */
  readonly heartbeat?: Slower;
  /** A selection computes on the thread. */
  readonly selection?: Slower;
  /** A page of a cold start waits before it is asked for. */
  readonly page?: Slower;
  /** Settings of the scheduler. */
  readonly settings?: Readonly<Record<string, number>>;
}

export interface SlowMutant {
  readonly id: string;
  /** The mistake that it represents. */
  readonly why: string;
  /** The row of the bench that shows it. */
  readonly row: string;
  readonly property: PropertyId;
  readonly change: BenchChange;
}

export const benchMutants: readonly SlowMutant[] = [
  {
    id: "heartbeats-collected",
    why: "heartbeats are collected for 20 ms, to send several at once",
    row: "heartbeat",
    property: "B1",
    change: { heartbeat: { ms: 20, every: 1 } },
  },
  {
    id: "heartbeats-behind-a-scrape",
    why: "one heartbeat in 50 waits for 60 ms behind the page of metrics",
    row: "heartbeat",
    property: "B1",
    change: { heartbeat: { ms: 60, every: 50 } },
  },
  {
    id: "selection-sorts-everything",
    why: "every selection sorts all nodes: 3 ms, so that selections queue",
    row: "selection",
    property: "B2",
    change: { selection: { ms: 3, every: 1 } },
  },
  {
    id: "selection-rebuilds-the-index",
    why: "one selection in 50 finds the index to be rebuilt, for 150 ms",
    row: "selection",
    property: "B2",
    change: { selection: { ms: 150, every: 50 } },
  },
  {
    id: "pages-behind-a-collection",
    why: "every other page of a cold start waits for 300 ms, as behind a collection of garbage",
    row: "cold_start",
    property: "B3",
    change: { page: { ms: 300, every: 2 } },
  },
  {
    id: "pages-with-a-pause",
    why: "a cold start pauses for 100 ms before each page, to spare Redis",
    row: "cold_start",
    property: "B3",
    change: { page: { ms: 100, every: 1 } },
  },
  {
    id: "misses-forgotten-early",
    why: "a miss is remembered for three fifths of the time that the row sets",
    row: "misses",
    property: "C2",
    change: { settings: { missTtl: 150 } },
  },
];
