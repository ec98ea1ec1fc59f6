import { describe, expect, it } from "vitest";
import type { Call } from "../../../src/check/history.ts";
import type { Judgement, Trial } from "../../../src/check/judgement.ts";
import { judgeLinearizability } from "../../../src/judges/linear/linearizability.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { madeRun } from "./made-run.ts";

const judged = (trial: Trial): Judgement => judgeRecorded(judgeLinearizability, trial);
const count = 12_000;
const trial = madeRun(count, 4);
const calls = trial.history.filter((event): event is Call => event.kind === "call");

/** The verdict when the first call after the middle that is as wanted is replaced. */
function spoilt(isWanted: (call: Call) => boolean, spoil: (call: Call) => Call | null): string {
  const at = calls.findIndex((call, index) => index > calls.length / 2 && isWanted(call));
  const found = calls[at];
  if (found === undefined) throw new Error("no such call in the run");
  return judged({
    ...trial,
    history: calls.flatMap((call) => (call === found ? (spoil(call) ?? []) : [call])),
  }).verdict;
}

const isReserved = ({ reply }: Call): boolean => reply === "reserved";
const isRead = ({ read }: Call): boolean => read?.source === "redis";
const isFull = ({ reply }: Call): boolean => reply === "full";

describe("L1 of a long run", () => {
  it("holds, with calls that overlap, are not answered, and find a node full", () => {
    const judgement = judged(trial);
    expect(judgement).toMatchObject({ verdict: "held", violations: [] });
    expect(judgement.exercised).toBeGreaterThan(count / 2);
    expect(calls.some(isFull)).toBe(true);
    expect(calls.filter(({ outcome }) => outcome === "info").length).toBeGreaterThan(10);
  });

  it("is violated when one call in the midst of it was answered otherwise", () => {
    const sooner = (call: Call): Call => ({ ...call, version: { epoch: call.version?.epoch ?? "", sequence: 1 } });
    expect(spoilt(isReserved, sooner)).toBe("violated");
    expect(spoilt(isReserved, (call) => ({ ...call, reply: "full" }))).toBe("violated");
    expect(spoilt(isReserved, () => null)).toBe("violated");
    expect(spoilt(isFull, sooner)).toBe("violated");
    const emptied = ({ read, ...call }: Call): Call => {
      if (read?.node == null) throw new Error("nothing was read");
      return { ...call, read: { ...read, node: { ...read.node, current_jobs: read.node.current_jobs + 1 } } };
    };
    expect(spoilt(isRead, emptied)).toBe("violated");
  });

  it("is violated when a change in the midst of it was another one", () => {
    const at = trial.observations.findIndex(
      (one, index) => index > 4_000 && one.kind === "entry" && one.change.kind === "reserved",
    );
    const observations = trial.observations.map((one, index) =>
      index === at && one.kind === "entry" && one.change.kind === "reserved"
        ? { ...one, change: { ...one.change, job: "another" } }
        : one,
    );
    expect(judged({ ...trial, observations }).verdict).toBe("violated");
  });
});
