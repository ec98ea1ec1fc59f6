import { describe, expect, it } from "vitest";
import type { Call, FaultStep } from "../../../src/check/history.ts";
import { judgeLinearizability } from "../../../src/judges/linear/linearizability.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { call, faultFrom, trialOf } from "../../check/trials.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { Stage } from "../../simulate/judges/stage.ts";
import { judgeAnswers } from "../clients/answers-only.ts";

const content = (seed: number) => ({ enabled: true, hash_seed: seed, fallback_scan_all_pools: true, pools: [] });

/** Asked from `at` for the configuration of that seed, in place of `expected`. */
function put(at: number, seed: number, expected: string | null | undefined, parts: Partial<Call> = {}): Call {
  return call({ op: "put_config", from: at, to: at + 5, expected, configuration: content(seed), ...parts });
}

const answered = (reply: string, sequence: number, epoch = "c1"): Partial<Call> => ({
  reply,
  version: { epoch, sequence },
});
const lost: Partial<Call> = { outcome: "info", reply: "deadline" };

function judged(history: readonly (Call | FaultStep)[]) {
  const { verdict, violations } = judgeRecorded(judgeLinearizability, trialOf({ history, instances: 2 }));
  return { isViolated: verdict === "violated", found: violations.map(([first]) => first?.replace(/^.*: /, "")) };
}

const first = put(10, 1, null, answered("stored", 1));
const second = put(20, 2, "c1:1", answered("stored", 2));
const refused = put(22, 3, "c1:1", { ...answered("conflict", 2), instance: 1 });
const again = put(30, 2, "c1:1", answered("already", 2));
const third = put(40, 4, "c1:2", answered("stored", 3));
const good = [first, second, refused, again, third];
const changed = (one: Call, parts: Partial<Call>): readonly Call[] =>
  good.map((each) => (each === one ? { ...each, ...parts } : each));
/** As it is in a history that does not say what clients expected. */
const unnamed = (calls: readonly Call[]): readonly Call[] => calls.map((one) => ({ ...one, expected: undefined }));

describe("L1, of answers to put_config", () => {
  it("takes those that follow from one configuration under compare-and-set", () => {
    expect(judged(good).found).toEqual([]);
    expect(judged(unnamed(good)).found).toEqual([]);
  });

  const lies: readonly (readonly [string, readonly Call[]])[] = [
    ["already for stored", changed(second, { reply: "already" })],
    ["conflict for stored", changed(third, { reply: "conflict" })],
    ["stored for conflict", changed(refused, { reply: "stored" })],
    ["already for conflict", changed(refused, { reply: "already" })],
    ["stored for already", changed(again, { reply: "stored" })],
    ["a failure for stored", changed(second, { outcome: "fail", reply: "disconnected", version: undefined })],
    ["stored for a failure", [...good, put(50, 5, "c1:3", answered("stored", 3))]],
    ["a lower version", changed(third, answered("stored", 2))],
    ["a higher version", changed(second, answered("stored", 4))],
    ["a higher version of the last", changed(third, answered("stored", 4))],
    ["a higher version of a conflict", changed(refused, answered("conflict", 7))],
    ["another epoch", changed(second, answered("stored", 2, "c9"))],
    ["another epoch of a conflict", changed(refused, answered("conflict", 1, "c9"))],
    ["no version", changed(second, { version: undefined })],
    ["a conflict without a version", [...good, put(50, 5, null, { reply: "conflict" })]],
    [
      "an acknowledged put that the store never had",
      [...good, put(50, 5, "c1:3", answered("stored", 4)), put(60, 6, "c1:3", answered("stored", 4))],
    ],
    ["a version twice", [...good, put(60, 6, "c1:3", answered("stored", 3))]],
  ];
  it.each(lies)("is violated by %s", (_, history) => {
    expect(judged(history).isViolated).toBe(true);
    expect(judged(unnamed(history)).isViolated).toBe(true);
  });

  it("holds a put to the version that its client expected", () => {
    expect(judged([...good, put(50, 5, "c1:2", answered("stored", 4))]).found).toEqual([
      "its client expected c1:2, allowed is the version before",
    ]);
    expect(judged([...good, put(50, 5, null, answered("stored", 4))]).isViolated).toBe(true);
    expect(judged([...good, put(50, 5, "c1:3", answered("conflict", 3))]).found).toEqual([
      "its client expected that version",
    ]);
  });

  it("lets a put without an answer have been stored, once, by one that was called in time", () => {
    const without = good.filter((one) => one !== second);
    const open = (at: number, expected: string | null, seed = 2) => judged([...without, put(at, seed, expected, lost)]);
    expect(open(20, "c1:1").found).toEqual([]);
    expect(open(26, "c1:1").found).toEqual([]);
    expect(open(28, "c1:1").isViolated).toBe(true);
    expect(open(20, "c1:2").isViolated).toBe(true);
    expect(open(20, "c1:1", 7).isViolated).toBe(true);
    const two = [put(60, 6, undefined, answered("stored", 6)), put(50, 5, undefined, lost)];
    expect(judged([...unnamed(good), ...two]).isViolated).toBe(true);
    expect(judged([...unnamed(good), ...two, put(50, 5, undefined, lost)]).found).toEqual([]);
  });

  it("lets two overlapping puts explain each other", () => {
    const conflict = put(8, 3, null, { ...answered("conflict", 1), to: 30 });
    expect(judged([first, conflict]).found).toEqual([]);
    expect(judged([{ ...first, to: 40 }, conflict]).found).toEqual([]);
    expect(judged([{ ...first, from: 31, to: 40 }, conflict]).isViolated).toBe(true);
  });

  it("leaves a put open that a fault may have made the client send twice", () => {
    const own = { ...second, reply: "already" };
    expect(judged([first, own]).isViolated).toBe(true);
    expect(judged([...faultFrom(21, 23), first, own]).found).toEqual([]);
    expect(judged([first, { ...own, to: 35 }]).found).toEqual([]);
  });

  it("lets an epoch begin with a configuration of the one before, or without one", () => {
    const kept = [put(50, 9, "c1:2", answered("conflict", 0, "c2")), put(60, 4, null, answered("already", 0, "c2"))];
    const next = put(70, 5, "c1:3", answered("stored", 1, "c2"));
    expect(judged([...good, ...kept, next]).found).toEqual([]);
    expect(judged([...good, put(50, 9, null, answered("stored", 1, "c2"))]).found).toEqual([]);
    expect(judged([...good, put(50, 9, null, answered("already", 0, "c2"))]).found).toEqual([
      "no put can have stored its content before",
    ]);
    expect(judged([put(50, 9, null, answered("conflict", 0, "c2"))]).found).toEqual([
      "its client expected none, and none can have been stored",
    ]);
  });

  it("lets no epoch come back, unless two servers may have answered different clients", () => {
    const back = [
      ...[first, put(20, 2, null, { ...answered("stored", 1, "c2"), instance: 1 })],
      put(30, 3, "c1:1", answered("stored", 2)),
    ];
    const split = faultFrom(15, 40, { name: "redis_split_brain", link: "server", instance: null });
    expect(judged(back).found).toEqual(["epoch c1 was answered before and after it"]);
    expect(judged([...split, ...back]).found).toEqual([]);
    expect(judged([...split, ...back.map((one) => ({ ...one, instance: 0 }))]).isViolated).toBe(true);
  });
});

describe("V1 of a system with keys of its own, of answers to put_config", () => {
  const found = (history: readonly (Call | FaultStep)[]) =>
    judgeAnswers("V1", history).violations.map(([line]) => line?.replace(/^.*: /, ""));
  /** Its sequences have gaps. */
  const sparse = (calls: readonly Call[]): readonly Call[] =>
    calls.map(({ expected, version, ...one }) => ({
      ...one,
      version: version && { epoch: version.epoch, sequence: 10 * version.sequence },
      expected: expected && `${expected}0`,
    }));

  it("takes those that follow from one configuration", () => {
    expect(found(good)).toEqual([]);
    expect(found(sparse(good))).toEqual([]);
  });

  it.each([
    ["a version twice", changed(refused, { reply: "stored" })],
    ["a lower version", [...good, put(60, 6, "c1:3", answered("stored", 2))]],
    ["a version that no put stored", changed(refused, answered("conflict", 7))],
    ["another content", changed(again, { configuration: content(9) })],
    ["a version after one that was replaced", [...good, put(60, 6, "c1:2", answered("stored", 9))]],
    ["none for the first", [...good, put(60, 6, null, answered("stored", 9))]],
  ])("is violated by %s", (_, history) => {
    expect(found(history)).not.toEqual([]);
    expect(found(sparse(history))).not.toEqual([]);
  });

  it("says nothing once the store may have lost what it held", () => {
    const lie = put(60, 6, null, answered("stored", 9));
    const loss = faultFrom(50, 55, { name: "flush_all", link: "server", instance: null });
    expect(found([...good, ...loss, lie])).toEqual([]);
  });
});

describe("L1 in simulation, of answers to put_config", () => {
  it.each([
    ["held", "stored", []],
    ["violated", "conflict", expect.arrayContaining([expect.stringMatching(/the store has run no put_config/)])],
  ])("is %s where the store's stored is answered %s", (_, reply, found) => {
    const stage = new Stage(inSimulation(judgeLinearizability));
    const version = stage.store(12, content(1));
    stage.hear({ kind: "returned", at: 15, call: put(10, 1, null, { reply, version }) });
    expect(stage.finish().violations.map(([line]) => line)).toEqual(found);
  });
});
