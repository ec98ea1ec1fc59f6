import { describe, expect, it } from "vitest";
import type { Command, ConfigCommand, PoolConfig } from "../../../model/partition/command.ts";
import { emptyPartition, step } from "../../../model/partition/partition.ts";
import { configStep, emptyConfig } from "../../../model/partition/rules/config.ts";
import { command, enZh, metrics } from "./commands.ts";

const digits15 = 999_999_999_999_999;
const dayMs = 86_400_000;
const many = (count: number): readonly string[] => Array.from({ length: count }, (_, place) => `x${place}`);
const pairs = (count: number) => many(count).map((source) => ({ source, target: "zh" }));
const [register, heartbeat, offline] = ["register_node", "heartbeat", "offline_node"] as const;
const pool: PoolConfig = { id: "p", name: "", required_services: [], language_pairs: [] };

/** Integers: the least and the most that are allowed. */
const integers: readonly (readonly [argument: string, low: number, high: number, of: (value: number) => Command])[] = [
  ["now_ms", 0, digits15, (at) => command("snapshot", { at })],
  ["partitions", 1, 4096, (partitions) => command("snapshot", { partitions })],
  ["feed_max", 1, 1_000_000, (feedMax) => command("snapshot", { feedMax })],
  ["max_jobs", 0, 100_000, (maxJobs) => command(register, { maxJobs })],
  ["ttl_ms", 1, dayMs, (ttl) => command(register, { ttl })],
  ["seq", 0, digits15, (seq) => command(heartbeat, { seq })],
  ["chunk", 0, 199, (chunk) => command(heartbeat, { chunk })],
  ["ttl_ms", 1, dayMs, (ttl) => command(heartbeat, { ttl })],
  ["lease_ms", 1, dayMs, (lease) => command(heartbeat, { lease })],
  ["health_milli", 0, 1000, (healthMilli) => command(heartbeat, { healthMilli })],
  ["retention_ms", 1, dayMs, (retention) => command(offline, { retention })],
  ["lease_ms", 1, dayMs, (lease) => command("reserve_job", { lease })],
  ["seen", 0, digits15, (seen) => command("reserve_job", { seen })],
  ["done_ms", 1, dayMs, (doneFor) => command("complete_job", { doneFor })],
  ["done_max", 1, 100_000, (doneMax) => command("complete_job", { doneMax })],
  ["retention_ms", 1, dayMs, (retention) => command("sweep", { retention })],
  ["limit", 1, 100, (limit) => command("sweep", { limit })],
  ["job_limit", 1, 1000, (jobLimit) => command("sweep", { jobLimit })],
  ["offset", 0, digits15, (offset) => command("sweep", { offset })],
  ["sequence", 0, digits15, (sequence) => command("changes_since", { since: { epoch: 1, sequence } })],
  ["limit", 0, 10_000, (limit) => command("changes_since", { limit })],
  ["limit", 0, 1000, (limit) => command("snapshot", { limit })],
];

const ids: readonly (readonly [argument: string, of: (id: string) => Command])[] = [
  ["node", (node) => command(register, { node })],
  ["pools", (id) => command(register, { pools: ["p", id] })],
  ["services", (id) => command(register, { services: ["s", id] })],
  ["node", (node) => command(heartbeat, { node })],
  ["running", (id) => command(heartbeat, { running: ["j", id] })],
  ["node", (node) => command(offline, { node })],
  ["node", (node) => command("reserve_job", { node })],
  ["job", (job) => command("reserve_job", { job })],
  ["node", (node) => command("complete_job", { node })],
  ["job", (job) => command("complete_job", { job })],
  ["node", (node) => command("release_job", { node })],
  ["job", (job) => command("release_job", { job })],
  ["candidates", (node) => command("sweep", { candidates: ["n", node] })],
];

const languages: readonly (readonly [argument: string, of: (language: string) => Command])[] = [
  ["languages", (source) => command(register, { languages: [enZh, { source, target: "zh" }] })],
  ["languages", (target) => command(register, { languages: [enZh, { source: "zh", target }] })],
];

/** Sizes of lists: the most elements that are allowed. */
const sizes: readonly (readonly [argument: string, most: number, of: (count: number) => Command])[] = [
  ["pools", 64, (count) => command(register, { pools: many(count) })],
  ["languages", 512, (count) => command(register, { languages: pairs(count) })],
  ["services", 64, (count) => command(register, { services: many(count) })],
  ["running", 500, (count) => command(heartbeat, { running: many(count) })],
  ["candidates", 3, (count) => command("sweep", { limit: 3, candidates: many(count) })],
  ["registration", 64, (count) => command(register, { registration: "t".repeat(count) })],
  ["after", 256, (count) => command("snapshot", { after: "a".repeat(count) })],
];

function refused(next: Command): string | null {
  const { reply } = step(emptyPartition, next);
  return reply.kind === "invalid" ? reply.argument : null;
}

function refusedByConfig(next: ConfigCommand): string | null {
  const { reply } = configStep(emptyConfig, next);
  return reply.kind === "invalid" ? reply.argument : null;
}

describe("an argument", () => {
  it.each(integers)("%s is an integer from %i to %i", (argument, low, high, of) => {
    for (const value of [low, high]) expect(refused(of(value))).toBeNull();
    for (const value of [low - 1, high + 1, low + 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(refused(of(value))).toBe(argument);
    }
  });

  it.each(ids)("%s is of 1 to 256 bytes of well-formed UTF-8 (%#)", (argument, of) => {
    for (const id of ["a", "{}:\n\0", "x".repeat(256), "\u{1f600}".repeat(64)]) expect(refused(of(id))).toBeNull();
    for (const id of ["", "x".repeat(257), "\u{1f600}".repeat(64).concat("x"), "\ud800"]) {
      expect(refused(of(id))).toBe(argument);
    }
  });

  it.each(languages)("%s are of 1 to 35 plain characters (%#)", (argument, of) => {
    for (const language of ["en", "zh-Hant_TW-9", "x".repeat(35)]) expect(refused(of(language))).toBeNull();
    for (const language of ["", "x".repeat(36), "en:zh", "en\n", "é"]) expect(refused(of(language))).toBe(argument);
  });

  it.each(sizes)("%s has at most %i elements", (argument, most, of) => {
    expect(refused(of(most))).toBeNull();
    expect(refused(of(most + 1))).toBe(argument);
  });

  it.each(["cpu", "gpu", "memory", "load", "latency_ms", "error_rate"] as const)("%s is a metric", (name) => {
    const of = (value: number | null) => command(heartbeat, { metrics: { ...metrics, [name]: value } });
    for (const value of [null, 0, -0, 0.1 + 0.2, 1_000_000_000, 0.000001]) expect(refused(of(value))).toBeNull();
    const wrong = [-1, Number.NaN, Number.POSITIVE_INFINITY, 1_000_000_000.5, 1e21, 1e-7, 1 / 70_000];
    for (const value of wrong) expect(refused(of(value))).toBe(name);
  });

  it("registration has at least one byte", () => {
    expect(refused(command(register, { registration: "" }))).toBe("registration");
  });

  it.each([
    ["now_ms", command(register, { at: -1, partitions: 0, node: "" })],
    ["feed_max", command(register, { feedMax: 0, node: "" })],
    ["ttl_ms", command(heartbeat, { ttl: 0, lease: 0 })],
    ["memory", command(heartbeat, { metrics: { ...metrics, memory: -1, load: -1 }, running: [""] })],
    ["limit", command("sweep", { limit: 0, candidates: [""] })],
  ])("%s is named where it is the first wrong one", (argument, next) => {
    expect(refused(next)).toBe(argument);
  });

  const content = { enabled: true, poolCount: 1, hashSeed: 0, fallbackScanAllPools: false, pools: [pool] };
  const call = { at: 0, partitions: 1, feedMax: 1 };
  it.each([
    [null, {}],
    [null, { hashSeed: 4_294_967_295 }],
    [null, { poolCount: 10_000, pools: many(10_000).map((id) => ({ ...pool, id })) }],
    ["pool_count", { poolCount: 10_001 }],
    ["pool_count", { poolCount: -1, hashSeed: -1 }],
    ["hash_seed", { hashSeed: 4_294_967_296, pools: [] }],
    ["hash_seed", { hashSeed: 0.5 }],
    ["pools", { pools: [] }],
    ["pools", { poolCount: 0 }],
  ])("of put_config that is the first wrong one: %s (%#)", (argument, said) => {
    expect(refusedByConfig({ ...call, kind: "put_config", expected: null, content: { ...content, ...said } })).toBe(
      argument,
    );
  });

  it("of any other call of the configuration is judged as a partition's", () => {
    expect(refusedByConfig({ ...call, kind: "read_config", feedMax: 0 })).toBe("feed_max");
    expect(refusedByConfig({ ...call, kind: "changes_since", since: { epoch: 1, sequence: -1 }, limit: 0 })).toBe(
      "sequence",
    );
  });
});
