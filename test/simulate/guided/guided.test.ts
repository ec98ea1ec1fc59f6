// @module-tag slow
import { describe, expect, it } from "vitest";
import { decodeToken } from "../../../src/evidence/token.ts";
import { createScheduler } from "../../../src/scheduler/scheduler.ts";
import { runBatch } from "../../../src/simulate/batch/batch.ts";
import type { SeedLine } from "../../../src/simulate/batch/options.ts";
import { Corpus } from "../../../src/simulate/guided/corpus.ts";
import { corpusText } from "../../../src/simulate/guided/corpus-folder.ts";
import { type GuidedOptions, runGuidedOf } from "../../../src/simulate/guided/guided.ts";
import { recipeOf } from "../../../src/simulate/run/token.ts";
import { deaf, small } from "../small.ts";

const nemesis = {
  weights: { redis_reset: 2, redis_restart: 2, instance_crash: 1, redis_latency: 1 },
  pause: [20, 200] as [number, number],
  lasts: [20, 150] as [number, number],
  until: 1_800,
};
const scenario = small([], { nemesis });
const planted = { id: null, createScheduler };

interface Made {
  readonly lines: readonly SeedLine[];
  readonly own: Corpus | null;
  readonly evidence: Awaited<ReturnType<typeof runGuidedOf>>;
}

async function guided(more: Partial<GuidedOptions> = {}, read = new Corpus()): Promise<Made> {
  const lines: SeedLine[] = [];
  let own: Corpus | null = null;
  const corpus = {
    files: 0,
    read,
    write(written: Corpus) {
      own = written;
    },
  };
  const evidence = await runGuidedOf(scenario, {
    ...{ seed: 5, shard: { index: 1, of: 1 }, runs: 24, planted, now: () => 0, corpus },
    signal: new AbortController().signal,
    onSeed: (line) => lines.push(line),
    ...more,
  });
  return { lines, own, evidence };
}

const written = ({ own }: Made) => (own === null ? "" : corpusText(own, scenario));
const hashes = ({ lines }: Made) => lines.map(({ trace_hash }) => trace_hash);

describe("guided simulation", () => {
  it("makes the same runs and the same corpus from the same seed", async () => {
    const [one, other] = [await guided(), await guided()];
    expect(hashes(one)).toHaveLength(24);
    expect(hashes(other)).toEqual(hashes(one));
    expect(written(other)).toBe(written(one));
    expect(hashes(await guided({ seed: 6 }))).not.toEqual(hashes(one));
  });

  it("says how many runs it made, so that they can be made again", async () => {
    const { evidence, lines } = await guided();
    const { changed, filled, fresh, redrawn, reordered, runs } = evidence.guided;
    expect([runs, fresh + filled + redrawn + changed + reordered, evidence.runs]).toEqual([24, 24, 24]);
    expect(lines.filter(({ branches }) => branches === undefined)).toHaveLength(fresh);
    expect(filled).toBeGreaterThan(3);
    expect(evidence.json["guided"]).toBe(evidence.guided);
  });

  it("makes the runs that a limit by time left out, when it gets more", async () => {
    const [short, long] = [await guided({ runs: 10 }), await guided()];
    expect(hashes(long).slice(0, 10)).toEqual(hashes(short));
  });

  it("goes on from a corpus with other seeds and branches of what it holds", async () => {
    const first = await guided();
    const second = await guided({}, first.own ?? new Corpus());
    const fresh = ({ lines }: Made) => lines.flatMap(({ branches, seed }) => (branches === undefined ? seed : []));
    expect(fresh(second).filter((seed) => fresh(first).includes(seed))).toEqual([]);
    expect(second.lines.some(({ seed }) => fresh(first).includes(seed))).toBe(true);
    expect(second.own?.runs).toBe(24);
  });

  it("has other seeds in every shard, and the corpora of two shards give their union", async () => {
    const shards = [await guided({ shard: { index: 1, of: 2 } }), await guided({ shard: { index: 2, of: 2 } })];
    const [one, other] = shards.map(({ lines }) => lines.flatMap(({ branches, seed }) => (branches ? [] : seed)));
    expect(one?.filter((seed) => other?.includes(seed))).toEqual([]);
    const union = new Corpus();
    for (const { own } of shards) union.merge(own ?? new Corpus());
    expect(union.runs).toBe(48);
    const names = shards.flatMap(({ own }) => [...(own?.situations.keys() ?? [])]);
    expect(new Set(union.situations.keys())).toEqual(new Set(names));
    for (const [situation, { at, runs }] of union.situations) {
      const parts = shards.flatMap(({ own }) => own?.situations.get(situation) ?? []);
      expect([runs, at]).toEqual([
        parts.reduce((sum, part) => sum + part.runs, 0),
        Math.min(...parts.map((part) => part.at)),
      ]);
    }
  });
});

describe("a limit of guided simulation", () => {
  it("by time is respected", async () => {
    let time = 0;
    const { evidence } = await guided({ now: () => (time += 10), budget: 1_000, runs: undefined });
    expect(evidence.runs).toBeGreaterThan(3);
    expect(time).toBeLessThan(1_200);
  });

  it("by time leaves a part for shrinking where something failed", async () => {
    const runsOf = async (wrong: typeof createScheduler): Promise<number> => {
      let time = 0;
      const options = { now: () => (time += 100), budget: 10_000, runs: undefined, untilFailure: false };
      return (await guided({ ...options, planted: { id: "deaf", createScheduler: wrong } })).evidence.runs;
    };
    const [right, wrong] = [await runsOf(createScheduler), await runsOf(deaf)];
    expect(wrong).toBeLessThan(right * 0.85);
    expect(wrong).toBeGreaterThan(right * 0.5);
  });

  it("by a signal ends it after the run that is being made, with what was reached", async () => {
    const stop = new AbortController();
    const lines: SeedLine[] = [];
    const onSeed = (line: SeedLine) => {
      lines.push(line);
      if (lines.length === 3) stop.abort();
    };
    const { evidence, own } = await guided({ signal: stop.signal, onSeed });
    expect([lines.length, evidence.runs, own?.runs]).toEqual([3, 3, 3]);
  });

  it("that leaves no run proves nothing, and keeps nothing", async () => {
    const { evidence, own } = await guided({ signal: AbortSignal.abort() });
    expect([evidence.verdict, evidence.runs, own]).toEqual(["not_exercised", 0, null]);
  });
});

describe("a failure in guided simulation", () => {
  it("is no place to branch from", async () => {
    const { evidence, lines, own } = await guided({ planted: { id: "deaf", createScheduler: deaf } });
    expect(evidence.verdict).toBe("violated");
    expect(new Set(lines.map(({ seed }) => seed)).size).toBe(24);
    expect(evidence.guided).toMatchObject({ redrawn: 0, changed: 0, reordered: 0, kept: 0 });
    expect([own?.runs, own?.situations.size]).toEqual([24, 0]);
  });

  it("has a token that names its branches, which makes the same run", async () => {
    const { lines } = await guided();
    const branched = lines.filter(({ branches }) => branches !== undefined);
    expect(branched.length).toBeGreaterThan(3);
    for (const { branches = [], seed, token, trace_hash } of branched.slice(-4)) {
      const recipe = recipeOf(decodeToken(token));
      expect(recipe).toEqual({ seed, branches });
      const again: SeedLine[] = [];
      await runBatch(scenario, {
        ...{ seeds: { from: seed, to: seed }, branches: recipe.branches },
        ...{ now: () => 0, signal: new AbortController().signal, onSeed: (line: SeedLine) => again.push(line) },
      });
      expect(again).toMatchObject([{ trace_hash, token, branches }]);
    }
  });

  it("is refused by a token with branches that are none", () => {
    const options = { branches: [{ how: "bent", from: 1, seed: 2 }] };
    expect(() => recipeOf({ seed: 1, options })).toThrow("found branches that are none");
  });
});
