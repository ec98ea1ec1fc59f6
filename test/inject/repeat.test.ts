import { describe, expect, it } from "vitest";
import type { Judgement } from "../../src/check/judgement.ts";
import type { Verdict } from "../../src/check/verdict.ts";
import type { JudgedPair, Pair } from "../../src/inject/pair.ts";
import { NotReadyError } from "../../src/inject/ready-timeout.ts";
import { runAttempts } from "../../src/inject/repeat.ts";
import { trialOf } from "../check/trials.ts";

const trial = trialOf({ history: [], observations: [] });
const pair: Pair = { control: trial, fault: trial };

function judged(verdict: Verdict, marginal: Partial<Judgement> = {}): JudgedPair {
  const fault: Judgement = { property: "K3", verdict, exercised: 1, measures: [], violations: [], ...marginal };
  return { verdict, properties: [{ fault, control: null, verdict }], reasons: [], withheld: [], excluded: [] };
}

const missed = judged("violated", { isMarginal: true, violations: [["K3 was missed"]] });
const crowded = new NotReadyError("not ready", { fix: "wait", isStarved: true });

/** Judged as `said` in turn; when these are used up the run ends as `end` has it. */
function run(said: readonly JudgedPair[], end: () => void, signal = new AbortController().signal) {
  const progress: string[] = [];
  const rest = [...said];
  const running = runAttempts({
    name: "redis-gone",
    signal,
    onProgress: (text) => progress.push(text),
    async run() {
      if (rest.length === 0) end();
      return pair;
    },
    judge: () => rest.shift() ?? judged("held"),
  });
  return { running, progress };
}

/** As a budget does. */
function spent() {
  const time = new AbortController();
  const spend = (): never => {
    time.abort(new DOMException("The operation was aborted due to timeout", "TimeoutError"));
    throw new Error("ended");
  };
  return { signal: AbortSignal.any([time.signal, new AbortController().signal]), spend };
}

describe("a pair that runs out of time before it is clear", () => {
  it("is what was seen of it by then, and open", async () => {
    const { signal, spend } = spent();
    const { attempts, judged: said } = await run([judged("unknown")], spend, signal).running;
    expect(attempts.runs).toBe(1);
    expect(said).toMatchObject({
      verdict: "unknown",
      reasons: ["the budget was spent after 1 run of it, and one more was due"],
    });
  });

  it("is open where a bound was missed by little, in the last run or before it", async () => {
    for (const seen of [[missed], [missed, judged("held")]]) {
      const { signal, spend } = spent();
      const { judged: said } = await run(seen, spend, signal).running;
      expect(said.verdict).toBe("unknown");
      expect(said.properties[0]).toMatchObject({ verdict: "unknown", fault: { violations: [] } });
      expect(said.properties[0]?.reason).toContain("missed by little in 1 of");
    }
  });

  it("is nothing where no run of it had ended, or where the user interrupted it", async () => {
    const { signal, spend } = spent();
    await expect(run([], spend, signal).running).rejects.toThrow("ended");
    const stop = new AbortController();
    const interrupt = (): never => {
      stop.abort();
      throw new Error("interrupted");
    };
    await expect(run([judged("unknown")], interrupt, stop.signal).running).rejects.toThrow("interrupted");
  });
});

describe("a run that the machine kept from beginning", () => {
  it("is begun again, three times in all, and does not count as one", async () => {
    let left = 2;
    const begin = () => {
      left -= 1;
      if (left >= 0) throw crowded;
    };
    const { running, progress } = run([], begin);
    expect(await running).toMatchObject({ judged: { verdict: "held" }, attempts: { runs: 1 } });
    expect(progress).toEqual(["redis-gone: not ready; once more", "redis-gone: not ready; once more"]);
    await expect(
      run([], () => {
        throw crowded;
      }).running,
    ).rejects.toBe(crowded);
  });

  it("is broken at once where it was not the machine", async () => {
    const free = new NotReadyError("not ready", { fix: "look", isStarved: false });
    await expect(
      run([], () => {
        throw free;
      }).running,
    ).rejects.toBe(free);
  });
});
