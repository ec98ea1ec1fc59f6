/** Evidence for the tests of the report: a run with a fault, its control and one violation. */
import { type PropertyId, propertyIds } from "../../src/check/properties.ts";
import type {
  LayerEvidence,
  LayerName,
  PropertyEvidence,
  RepeatEvidence,
  Violation,
} from "../../src/evidence/evidence.ts";
import { encodeToken } from "../../src/evidence/token.ts";
import type { RunMeta } from "../../src/report/document/compose.ts";
import type { RunIdentity } from "../../src/report/document/identity.ts";

export const sampleToken = encodeToken({ subject: "redis-gone", seed: 8213, layer: "inject", run: 3 });

export const identity: RunIdentity = {
  version: "0.1.0",
  commit: "0123456789abcdef0123456789abcdef01234567",
  dirty: false,
  shard: { index: 1, of: 1 },
  rounds: 1,
  chosen: { layers: null, scenarios: null, redis: null, scripts: null },
};

export const meta: RunMeta = {
  identity,
  profile: "quick",
  seed: 8213,
  started_at: "2026-11-24T10:17:03.000Z",
  duration_ms: 61_250,
  environment: {
    node: "24.21.0",
    platform: "linux",
    arch: "x64",
    cores: 2,
    tools: [{ name: "redis-server", version: "7.0.15", how: "cache", file: "redis-server" }],
  },
};

export function layer(name: LayerName, parts: Partial<LayerEvidence> = {}): LayerEvidence {
  return {
    name,
    verdict: "held",
    runs: 1,
    duration_ms: 1_000,
    properties: [],
    violations: [],
    mutants: [],
    series: [],
    faults: [],
    ...parts,
  };
}

export function property(id: PropertyId, parts: Partial<PropertyEvidence> = {}): PropertyEvidence {
  return { id, verdict: "held", exercised: 10, figures: [], tokens: [], ...parts };
}

export function violation(parts: Partial<Violation> = {}): Violation {
  return {
    property: "J1",
    scenario: "redis-gone",
    layer: "inject",
    token: sampleToken,
    story: ["node n2: 0 -> -1 when complete_job j19 arrived twice (events 402 and 417)", "402  complete_job j19"],
    files: [],
    ...parts,
  };
}

/** A scenario that missed a bound by little, but not when it was repeated. */
export const repeat: RepeatEvidence = {
  scenario: "redis-gone",
  token: sampleToken,
  attempts: [
    {
      run: 1,
      verdict: "violated",
      again: "missed by little (D1: 51 ms)",
      properties: [{ id: "D1", verdict: "violated", found: "51 ms" }],
    },
    { run: 2, verdict: "held", properties: [{ id: "D1", verdict: "held" }] },
  ],
};

/** Every property held, exercised ten times, by one layer. */
export const allHeld: LayerEvidence = layer("inject", { properties: propertyIds.map((id) => property(id)) });

/** A faulty run with reads that slow down but stay below 50 ms, its control, and the modes of two instances. */
export const redisGone: LayerEvidence = layer("inject", {
  runs: 2,
  duration_ms: 12_400,
  properties: [
    property("D1", {
      exercised: 5_120,
      figures: [
        { name: "read_latency_ms_max", value: 31.4, threshold: 50, of: "redis-gone, fault" },
        { name: "read_latency_ms_max", value: 2.1, threshold: 50, of: "redis-gone, control" },
      ],
      tokens: [sampleToken],
    }),
    property("D2", {
      exercised: 3,
      figures: [{ name: "time_to_degradation_ms_max", value: 44, threshold: 50, of: "redis-gone, fault" }],
    }),
    property("D3", { exercised: 3 }),
    property("V2", { verdict: "unknown", exercised: 40, reason: "the budget was spent" }),
  ],
  series: [
    { name: "reads", scenario: "redis-gone", kind: "latency_ms", side: "fault", points: reads(faultLatency) },
    { name: "reads", scenario: "redis-gone", kind: "latency_ms", side: "control", points: reads(controlLatency) },
    {
      name: "instance 1",
      scenario: "redis-gone",
      kind: "mode",
      side: "fault",
      points: [
        [0, 0],
        [2_031, 1],
        [4_600, 0],
      ],
    },
    {
      name: "instance 2",
      scenario: "redis-gone",
      kind: "mode",
      side: "fault",
      points: [
        [0, 0],
        [2_040, 1],
        [3_400, 2],
        [4_720, 0],
      ],
    },
  ],
  faults: [
    { scenario: "redis-gone", kind: "redis_blackhole", from_ms: 2_000, to_ms: 3_000 },
    { scenario: "redis-gone", kind: "redis_refused", from_ms: 3_200, to_ms: 4_200 },
  ],
});

function reads(latencyAt: (at: number, index: number) => number): readonly (readonly [number, number])[] {
  return Array.from({ length: 1_200 }, (_, index) => [index * 5, latencyAt(index * 5, index)] as const);
}

function controlLatency(_at: number, index: number): number {
  return 0.04 + ((index * 37) % 97) / 400;
}

function faultLatency(at: number, index: number): number {
  const waits = at >= 2_000 && at < 2_060;
  return waits ? 25 + ((index * 13) % 64) / 10 : controlLatency(at, index) * 1.3;
}
