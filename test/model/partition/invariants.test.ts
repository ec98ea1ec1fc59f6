/** The checks are checked: each finds what it is there for, in a state or a step that the model itself never comes to. */
import { describe, expect, it } from "vitest";
import { brokenInvariants, stepViolations } from "../../../model/partition/checks/invariants.ts";
import type { Command, NodeRecord } from "../../../model/partition/command.ts";
import { changeServer, type Partition, type PartitionStep, step } from "../../../model/partition/partition.ts";
import { command, lastOf, metrics, version } from "./commands.ts";

const sound = lastOf([
  command("register_node"),
  command("reserve_job", { job: "a" }),
  command("reserve_job", { job: "b" }),
  command("complete_job", { job: "b" }),
]).state;

function recordOf(partition: Partition): NodeRecord {
  const record = partition.nodes.get("n");
  if (record === undefined) throw new Error("node n was registered");
  return record;
}

const withRecord = (said: Partial<NodeRecord>): Partition => ({
  ...sound,
  nodes: new Map([["n", { ...recordOf(sound), ...said }]]),
});
const place = { epoch: 1, sequence: 4, server: 1, layout: 2, partitions: 4 };
const meta = { ...place, generation: 1, past: [], swept: null };
const entry = (sequence: number) => ({ sequence, change: { kind: "removed", node: "x" } as const });

describe("brokenInvariants", () => {
  it("finds nothing in a sound state", () => {
    expect(brokenInvariants(sound)).toEqual([]);
    expect(brokenInvariants({ ...sound, meta: null })).toEqual([]);
  });

  it.each<[string, string, Partition]>([
    ["J1", "current_jobs 0", withRecord({ currentJobs: 0 })],
    ["J1", "current_jobs -1", withRecord({ currentJobs: -1 })],
    ["J2", "1 jobs, allowed 0", withRecord({ maxJobs: 0 })],
    ["J3", "both live and finished: a", { ...sound, done: new Map([["n", new Map([["a", 1]])]]) }],
    [
      "J3",
      "one score",
      {
        ...sound,
        done: new Map([
          [
            "n",
            new Map([
              ["x", 1],
              ["y", 1],
            ]),
          ],
        ]),
      },
    ],
    ["J4", "offline, with 1 jobs", withRecord({ status: "offline" })],
    ["J4", "expired, with 1 jobs", withRecord({ status: "expired" })],
    ["J4", "live jobs of x", { ...sound, jobs: new Map([...sound.jobs, ["x", new Map([["a", 1]])]]) }],
    ["J4", "finished jobs of x", { ...sound, done: new Map([...sound.done, ["x", new Map([["a", 1]])]]) }],
    ["J4", "an empty set", { ...sound, done: new Map([["n", new Map()]]) }],
    ["N1", "heartbeat_seq -2", withRecord({ heartbeatSeq: -2, metrics })],
    ["N1", "metrics none", withRecord({ heartbeatSeq: 0 })],
    ["N1", "metrics some", withRecord({ metrics })],
    ["V1", "before its incarnation", withRecord({ incarnation: version(9) })],
    ["V1", "version 1:5", withRecord({ version: version(5) })],
    ["V1", "version 2:0", withRecord({ version: version(0, 2) })],
    [
      "V1",
      "have one version",
      { ...sound, nodes: new Map([...sound.nodes, ["m", { ...recordOf(sound), currentJobs: 0 }]]) },
    ],
    ["V1", "feed empty", { ...sound, feed: [] }],
    ["V1", "feed 2 4", { ...sound, feed: [entry(2), entry(4)] }],
    ["V1", "feed 2 3", { ...sound, feed: [entry(2), entry(3)] }],
    ["V1", "feed 0 1 2 3 4", { ...sound, feed: [0, 1, 2, 3, 4].map(entry) }],
    ["V1", "the next to be given out is 1", { ...sound, nextEpoch: 1 }],
    ["V1", "sequence -1", { ...sound, feed: [], meta: { ...meta, sequence: -1 } }],
  ])("finds %s: %s", (property, words, partition) => {
    const found = brokenInvariants(partition);
    expect(found).toContainEqual({ property, message: expect.stringContaining(words) });
    expect(new Set(found.map((broken) => broken.property))).toEqual(new Set([property]));
  });
});

describe("stepViolations", () => {
  const release = command("release_job", { job: "a" });
  const reserve = command("reserve_job", { job: "c" });
  const stale = command("heartbeat", { incarnation: version(7) });
  const spoilt = (next: Command, said: Partial<PartitionStep>, start = sound): PartitionStep => ({
    ...step(start, next),
    ...said,
  });
  const released = step(sound, release).state;
  const restarted = changeServer(sound);

  it.each<[Command, Partition]>([
    [release, sound],
    [reserve, sound],
    [stale, sound],
    [stale, restarted],
    [release, restarted],
    [release, { ...sound, meta: null }],
    [command("reserve_job", { lease: 0 }), restarted],
  ])("finds nothing in a sound step (%#)", (next, start) => {
    expect(stepViolations(start, next, step(start, next))).toEqual([]);
  });

  it.each<[string, string, Command, PartitionStep]>([
    ["V1", "sequence 4 -> 5 by 0", release, spoilt(release, { changes: [] })],
    [
      "V1",
      "began a second time",
      release,
      spoilt(release, { state: { ...released, meta: { ...meta, epoch: 0, sequence: 1 } } }),
    ],
    [
      "V1",
      "began without a reason",
      release,
      spoilt(release, { state: { ...released, meta: { ...meta, epoch: 2, sequence: 1 }, nextEpoch: 3 } }),
    ],
    ["V1", "may be given out again", release, spoilt(release, { state: { ...released, nextEpoch: 1 } })],
    ["V1", "does not end with", release, spoilt(release, { state: { ...released, feed: sound.feed } })],
    ["V1", "meta was lost", release, spoilt(release, { state: { ...released, meta: null } })],
    ["V1", "has version 1:4", release, spoilt(release, { reply: { kind: "completed", version: version(4) } })],
    ["J2", "2 jobs after reserving c, allowed 1", reserve, overfull()],
    [
      "J2",
      "not among its jobs",
      reserve,
      spoilt(reserve, { state: { ...step(sound, reserve).state, jobs: sound.jobs } }),
    ],
    ["J3", "answered unknown, but", release, spoilt(release, { reply: { kind: "unknown", version: version(5) } })],
    ["N1", "late or of another life", stale, spoilt(stale, { state: withRecord({ heartbeatSeq: 3, metrics }) })],
    ["N1", "answered superseded, but", stale, spoilt(stale, { state: withRecord({ expiresAt: 9999 }) })],
    ["K2", "snapshot answered page, but", command("snapshot"), spoilt(command("snapshot"), { state: released })],
  ])("finds %s: %s", (property, words, next, taken) => {
    expect(stepViolations(sound, next, taken)).toContainEqual({ property, message: expect.stringContaining(words) });
  });

  it("finds an older heartbeat of this life that was renewed", () => {
    const before = lastOf([command("heartbeat", { seq: 5 })], sound).state;
    const older = command("heartbeat", { seq: 4 });
    const renewed = {
      reply: { kind: "renewed", version: version(4), unknownJobs: [] },
      state: sound,
      changes: [],
    } as const;
    expect(stepViolations(before, older, renewed).map(({ property }) => property)).toEqual(["N1"]);
  });

  function overfull(): PartitionStep {
    const taken = step(sound, reserve);
    return { ...taken, state: { ...taken.state, nodes: new Map([["n", { ...recordOf(taken.state), maxJobs: 1 }]]) } };
  }
});
