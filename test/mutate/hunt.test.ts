import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { equivalentsOf } from "../../src/mutate/equivalence.ts";
import type { Session } from "../../src/mutate/gate/runner.ts";
import { type HuntOptions, hunt } from "../../src/mutate/hunt.ts";
import type { CodeMutant, Part } from "../../src/mutate/mutant.ts";
import type { Outcome } from "../../src/mutate/outcome.ts";
import type { Reply } from "../../src/mutate/worker/messages.ts";
import { inProcess, type LoadedModule, loadPlanted, measuredRuns, plantedPath, plantedText } from "./planted.ts";

const texts = new Map([[plantedPath, plantedText]]);
let planted: LoadedModule;
beforeAll(async () => {
  planted = await loadPlanted();
});
afterAll(() => planted[Symbol.dispose]());

function options(changed: Partial<HuntOptions> = {}): HuntOptions {
  return {
    runner: inProcess(planted.module),
    runs: new Map<Part, ReturnType<typeof measuredRuns>>([["scheduler", measuredRuns(planted.module)]]),
    loaded: new Set(),
    most: 10,
    signal: new AbortController().signal,
    now: () => 0,
    equivalence: equivalentsOf([], texts),
    ...changed,
  };
}

function mutantWith(original: string, replacement: string): CodeMutant {
  const found = planted.instrumented.mutants.find(
    (one) => one.original === original && one.replacement === replacement,
  );
  if (found === undefined) throw new Error(`no mutant ${original} -> ${replacement}`);
  return found;
}

async function outcomeOf(mutant: CodeMutant, changed: Partial<HuntOptions> = {}): Promise<Outcome> {
  const outcome = await hunt(mutant, options(changed));
  if (outcome === null) throw new Error("the hunt was interrupted");
  return outcome;
}

describe("a planted module", () => {
  it("has a mutant that is killed, by the first run that reaches it and finds it", async () => {
    const outcome = await outcomeOf(mutantWith("value > most", "value <= most"));
    const by = { kind: "killed", how: "violated", layer: "simulate", property: "S3", run: "simulate largest, seed 1" };
    expect(outcome).toMatchObject({ ...by, runs: 1 });
  });

  it("has a mutant that survives, since no run asks at noon", async () => {
    expect(await outcomeOf(mutantWith("hour < 12", "hour <= 12"))).toMatchObject({ kind: "survived", runs: 1 });
  });

  it("has a mutant that no run reaches", async () => {
    expect(await outcomeOf(mutantWith("count + 1", "count - 1"))).toMatchObject({ kind: "no_coverage", runs: 0 });
  });

  it("has a mutant that compiles to the same code, so that it cannot be found", async () => {
    const outcome = await outcomeOf(mutantWith("1 < 2", "1 <= 2"));
    expect(outcome).toMatchObject({ kind: "equivalent", reason: "both compile to the same code", runs: 0 });
  });

  it("has a mutant that is argued to be equivalent, as long as its line is as it was", async () => {
    const change = { operator: "EqualityOperator", original: "value > most", replacement: "value >= most" };
    const entry = { file: plantedPath, ...change, line: "if (value > most) most = value;", why: "equal values" };
    const mutant = mutantWith(change.original, change.replacement);
    const argued = equivalentsOf([entry], texts);
    expect(await outcomeOf(mutant, { equivalence: argued })).toMatchObject({
      kind: "equivalent",
      reason: "equal values",
    });
    const edited = equivalentsOf([{ ...entry, line: "if (value > most) return value;" }], texts);
    expect(await outcomeOf(mutant, { equivalence: edited })).toMatchObject({ kind: "survived" });
  });
});

function answering(...replies: readonly (Partial<Reply> | { verdict: "timeout" | "crash"; reason: string })[]) {
  const left = [...replies];
  const held = {
    verdict: "held",
    property: null,
    reason: null,
    token: null,
    cost: 1,
    trace: "t",
    met: [],
    reached: [],
  } as const;
  const session = { make: async () => ({ ...held, ...left.shift() }), [Symbol.asyncDispose]: async () => {} };
  return { session: async () => session as Session };
}

describe("a run", () => {
  const mutant = () => mutantWith("hour < 12", "hour <= 12");

  it.each(["timeout", "crash"] as const)("that ends by %s kills, as a class of its own", async (verdict) => {
    const outcome = await outcomeOf(mutant(), { runner: answering({ verdict, reason: "no end within 10 s" }) });
    expect(outcome).toMatchObject({ kind: "killed", how: verdict, property: null, reason: "no end within 10 s" });
  });

  it("that could not be judged kills with its reason", async () => {
    const outcome = await outcomeOf(mutant(), { runner: answering({ verdict: "broken", reason: "no such thing" }) });
    expect(outcome).toMatchObject({ kind: "killed", how: "broken", reason: "no such thing" });
  });

  it("that exercised less than before finds nothing, and what is missing is named", async () => {
    const outcome = await outcomeOf(mutant(), { runner: answering({ verdict: "open", met: [] }) });
    expect(outcome).toMatchObject({ kind: "survived", reason: "never met with it: early" });
    const met = await outcomeOf(mutant(), { runner: answering({ verdict: "held", met: ["early"] }) });
    expect(met).toMatchObject({ kind: "survived", reason: null });
  });

  it("on real servers has to find it twice, since it measures time", async () => {
    const [measured] = measuredRuns(planted.module).filter(({ reached }) => reached.has(mutant().number));
    const run = { kind: "contract", check: "call-deadline", seed: 1 } as const;
    const runs = new Map<Part, readonly NonNullable<typeof measured>[]>([
      ["scheduler", measured === undefined ? [] : [{ ...measured, run, trace: null }]],
    ]);
    const late = { verdict: "violated", property: "K3", trace: null } as const;
    expect(await outcomeOf(mutant(), { runs, runner: answering(late) })).toMatchObject({ kind: "survived" });
    expect(await outcomeOf(mutant(), { runs, runner: answering(late, late) })).toMatchObject({ kind: "killed" });
  });
});

describe("a hunt", () => {
  it("without a program to run is broken, which does not count as killed", async () => {
    const gone = { session: async () => ({ verdict: "crash", reason: "SyntaxError" }) as const };
    const outcome = await outcomeOf(mutantWith("hour < 12", "hour <= 12"), { runner: gone });
    expect(outcome).toMatchObject({ kind: "broken", reason: "SyntaxError" });
  });

  it("that is interrupted has no result", async () => {
    const signal = AbortSignal.abort();
    expect(await hunt(mutantWith("hour < 12", "hour <= 12"), options({ signal }))).toBeNull();
  });

  it("of which the signal ends the process has no result: the mutant is not one that cannot be loaded", async () => {
    const controller = new AbortController();
    const session = async () => {
      controller.abort();
      return { verdict: "crash", reason: "the process ended: SIGKILL" } as const;
    };
    const interrupted = options({ signal: controller.signal, runner: { session } });
    expect(await hunt(mutantWith("hour < 12", "hour <= 12"), interrupted)).toBeNull();
  });
});
