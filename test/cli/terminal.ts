/** Runs a command with streams in memory and fake layers. */

import { run } from "../../src/cli/main.ts";
import { createOutput, type TextStream } from "../../src/cli/printing/output.ts";
import { encodeToken } from "../../src/evidence/token.ts";
import type {
  BenchEvidence,
  BenchLine,
  BenchOptions,
  ConformEvidence,
  ConformOptions,
  InjectEvidence,
  InjectOptions,
  Layers,
} from "../../src/verify/layers.ts";
import { layer, property, violation } from "../report/sample.ts";

export const conformToken = encodeToken({
  subject: "conform",
  seed: 8213,
  layer: "conform",
  run: 4,
  plan: [{ kind: "sweep" }],
});

export interface Stream extends TextStream {
  readonly text: string;
}

export function stream(isTTY = false): Stream {
  const written: string[] = [];
  return {
    isTTY,
    get text() {
      return written.join("");
    },
    write(text) {
      written.push(text);
    },
  };
}

export function conformEvidence(options: ConformOptions, red: boolean): ConformEvidence {
  const verdict = red ? "violated" : "held";
  return {
    ...layer("conform", {
      verdict,
      runs: options.runs,
      properties: [property("J1", { verdict, exercised: 120 }), property("J2", { exercised: 7 })],
      violations: red ? [violation({ layer: "conform", scenario: "conform", token: conformToken })] : [],
    }),
    json: { script_set: "a1b2", runs: options.runs, commands: 6_214, lost_replies: 512, verdict, token: conformToken },
  };
}

function injectEvidence(options: InjectOptions, red: boolean): InjectEvidence {
  return {
    ...layer("inject", {
      verdict: red ? "violated" : "held",
      violations: red ? [violation({ property: "V2" }), violation({ property: "D1" })] : [],
      properties: [
        property("D1", {
          exercised: 900,
          figures: [{ name: "read_latency_ms_max", value: 31.4, threshold: 50, of: `${options.scenario}, fault` }],
        }),
      ],
    }),
    json: { degraded_ms: 12 },
  };
}

const benchLines: readonly BenchLine[] = [
  {
    ...{ id: "heartbeat", figure: "heartbeat_ms_p99", unit: "ms", threshold: 5, direction: "at_most" },
    ...{ verdict: "held", median: 1.234, min: 1.1, max: 2, rounds: 3 },
  },
  {
    ...{ id: "pairs", figure: "pairs_to_bullmq_ratio", unit: "ratio", threshold: 1.3, direction: "at_least" },
    ...{ verdict: "held", median: 1.5, min: 1.4, max: 1.6, rounds: 3, ratio: 1.5 },
    ours: { median: 30_000, min: 29_000, max: 31_000 },
    peer: { name: "bullmq", median: 20_000, min: 19_000, max: 21_000 },
  },
];

/** @param verdict of the last row; the first is held */
export function benchEvidence(options: BenchOptions, verdict: BenchLine["verdict"]): BenchEvidence {
  const rows = benchLines.map((line, at) =>
    at === 0 || verdict === "held" ? line : { ...line, verdict, reason: "pairs_to_bullmq_ratio: found 0.9" },
  );
  for (const line of rows) options.onRow?.(line);
  return {
    ...layer("bench", {
      verdict,
      properties: [
        property("B1", {
          exercised: 900,
          figures: [{ name: "heartbeat_ms_p99", value: 1.23, threshold: 5, direction: "at_most" }],
        }),
      ],
    }),
    json: {
      profile: options.profile,
      seed: options.seed,
      machine: { cores: 2, cpu: "Abacus 9000", node: "24.0.0", redis: "7.0.15", platform: "linux-x64" },
      rows,
    },
  };
}

interface Calls {
  readonly conform: ConformOptions[];
  readonly inject: InjectOptions[];
  readonly bench: BenchOptions[];
}

/** Layers that hold, and mutants that are killed; parts of them may be replaced. */
function fakeLayers(calls: Calls, parts: Partial<Layers> = {}): Layers {
  const layers: Layers = {
    async runConform(options) {
      calls.conform.push(options);
      return conformEvidence(options, options.mutant !== undefined);
    },
    viewSimulated: () => Promise.reject(new Error("no run is viewed here")),
    viewHistory: () => Promise.reject(new Error("no history is viewed here")),
    watchStore: () => Promise.reject(new Error("no store is watched here")),
    checkFile: async () => ({
      verdict: "held",
      lines: ["3 operations"],
      json: { ops: 3, verdict: "held", seconds: 0 },
    }),
    runJudgeMutant: async () => layer("check", { verdict: "violated" }),
    async runExplore() {
      return layer("explore");
    },
    async runInject(options) {
      calls.inject.push(options);
      return injectEvidence(options, options.mutant !== undefined);
    },
    runSimulate: async ({ scenario, seeds }) => ({
      ...layer("simulate", { runs: seeds.to - seeds.from + 1 }),
      json: { scenario, verdict: "held", events_per_second: 200_000, times_real: 1_000 },
    }),
    simulateBeside: (options) => layers.runSimulate(options),
    prepareGuided:
      async ({ runs = 1, seed }) =>
      async () => {
        const figures = {
          fresh: 1,
          filled: 0,
          redrawn: 0,
          changed: 0,
          reordered: 0,
          situations: { block: 7 },
          kept: 1,
          curve: [],
        };
        const guided = { ...figures, seed, shard: "1/1", runs };
        return { ...layer("simulate", { runs }), guided, json: { guided, events_per_second: 200_000 } };
      },
    rareMutants: [],
    reproduce: async () => ({ scenario: "redis-gone", side: "fault", seeds: 0, seconds: 0, properties: [] }),
    runLockstep: async ({ scenario, seeds }) => ({
      ...layer("simulate", { runs: seeds.to - seeds.from + 1 }),
      json: { scenario, verdict: "held", agreed: 1, parted: 0, not_drivable: 0, commands: 3_000 },
    }),
    huntSimulate: async ({ rounds }) => ({
      ...{ verdict: "killed", property: "C1", seeds: Array.from({ length: rounds }, (_, round) => round + 1) },
      ...{ token: null, shrunk: null, reason: null },
    }),
    replaySimulate: () => Promise.reject(new Error("no run to replay")),
    runRegressions: async () => layer("simulate"),
    runContracts: async () => layer("inject"),
    systemScenarios: async () => [{ scenario: "redis-gone" }],
    greetSystem: async ({ command }) => ({
      command,
      name: "greeted",
      version: "1",
      ops: [],
      properties: [],
      hasDocumentedKeys: true,
      subscribes: true,
      asked: [],
    }),
    checkSystem: async () => ({ verdict: "held", name: "checked", version: "1", level: 0, properties: [] }),
    simulatedNames: async () => ["redis-gone", "random-nemesis"],
    async runBench(options) {
      calls.bench.push(options);
      return benchEvidence(options, "held");
    },
    benchRows: async () => benchLines.map(({ id }) => id),
    mutants: [
      {
        ...{ id: "capacity-checked-after", part: "scripts", layer: "conform" },
        ...{ origin: "capacity checked after adding", property: "J2" },
      },
      {
        ...{ id: "feed-not-appended", part: "scripts", layer: "conform" },
        ...{ origin: "the feed is not appended", property: "F1" },
      },
      {
        ...{ id: "no-jitter", part: "scheduler", layer: "simulate", scenario: "avalanche" },
        ...{ origin: "one TTL for all", property: "C1" },
      },
      {
        id: "no-read-deadline",
        part: "scheduler",
        layer: "inject",
        scenario: "redis-slow",
        origin: "reads wait for ever",
        property: "D1",
      },
    ],
    unseen: {},
    canaries: [{ layer: "conform", id: "capacity-checked-after" }],
    scenarioNames: async () => ["redis-slow", "redis-gone", "reply-lost"],
    gateScenarios: async () => ["redis-slow", "redis-gone", "reply-lost"].map((scenario) => ({ scenario })),
    examine: async () => [
      {
        name: "redis-server",
        status: "found",
        required: true,
        where: "/opt/secret/redis-server",
        version: "7.0.15",
        how: "PATH",
        reason: null,
        fix: null,
      },
    ],
    ...parts,
  };
  return layers;
}

function noting(layers: Layers, onLayer: (() => void) | undefined): Layers {
  return new Proxy(layers, {
    get(own, name, self) {
      const layer: unknown = Reflect.get(own, name, self);
      if (typeof layer !== "function") return layer;
      return (...given: unknown[]): unknown => {
        onLayer?.();
        return Reflect.apply(layer, own, given);
      };
    },
  });
}

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly calls: Calls;
}

export interface Surroundings {
  readonly layers?: Partial<Layers>;
  readonly env?: Readonly<Record<string, string>>;
  readonly tty?: boolean;
  readonly interrupted?: AbortSignal;
  /** Called whenever a layer is. */
  readonly onLayer?: () => void;
}

export async function command(
  words: readonly string[],
  { layers = {}, env = {}, tty = false, interrupted = new AbortController().signal, onLayer }: Surroundings = {},
): Promise<Ended> {
  const calls: Calls = { conform: [], inject: [], bench: [] };
  const out = stream(tty);
  const err = stream(tty);
  const code = await run(words, {
    output: createOutput(out, err, env),
    env,
    layers: async () => noting(fakeLayers(calls, layers), onLayer),
    interrupted,
    version: "0.0.0",
  });
  return { code, out: out.text, err: err.text, calls };
}

export function jsonLines(text: string): readonly Record<string, unknown>[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
