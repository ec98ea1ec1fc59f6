// @module-tag slow
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { measure } from "../../src/mutate/gate/measure.ts";
import { Runner } from "../../src/mutate/gate/runner.ts";
import type { CodeMutant } from "../../src/mutate/mutant.ts";
import { ownRoot, writeCopy } from "../../src/mutate/source/sources.ts";
import type { Instrumented } from "../../src/mutate/source/typescript.ts";
import type { GateRun } from "../../src/mutate/worker/messages.ts";
import { isEnded, Worker } from "../../src/mutate/worker/worker.ts";

/** Mutants written by hand: 1 loops for ever, 2 leaves something behind, 3 keeps the file from being loaded. */
const path = "src/scheduler/jitter.ts";
const planted: Instrumented = {
  mutants: [],
  textOf: (_path, switchUrl) => `import { isOn, reach } from ${JSON.stringify(switchUrl)};
import type { Millis, Random } from "./ports.ts";
if (isOn(3)) throw new Error("no program");
let left = 0;
export function jittered(base: Millis, spread: number, random: Random): Millis {
  reach(1, 2);
  while (isOn(1));
  if (isOn(2)) left += 1;
  return base * (1 + spread * (2 * (random.nextUint32() / 2 ** 32) - 1)) + left;
}
`,
};

const run: GateRun = { kind: "simulate", scenario: "redis-slow", seed: 1 };
const within = { cpu: 20_000, real: 30_000 };
const { signal } = new AbortController();
const mutant = (number: number): CodeMutant => ({
  ...{ id: String(number), file: path, start: 0, end: 0, replacement: "", line: 1, column: 1 },
  ...{ operator: "X", original: "", number },
});

const folder = mkdtempSync(join(tmpdir(), "lockproof-mutate-"));
let root = "";
beforeAll(() => {
  root = writeCopy(folder, { root: ownRoot(), parts: ["scheduler"], instrumented: planted, paths: [path] });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a worker process", () => {
  it("makes a run of the gate, and names the places that it reached", async () => {
    const worker = await Worker.start({ root, active: 0, signal });
    if (isEnded(worker)) throw new Error(worker.reason);
    await using _ = worker;
    const request = { run, active: 0, edit: null, redisServer: null, isCovered: true };
    const reply = await worker.ask(request, within);
    expect(reply).toMatchObject({ verdict: "held", reached: [1, 2] });
    const again = await worker.ask({ ...request, isCovered: false }, within);
    expect(again).toEqual({ ...reply, reached: [] });
  });

  it("is ended when a mutant does not end, and the next mutant gets another one", async () => {
    await using runner = new Runner({ root, redisServer: null, signal, proof: null, loaded: new Set() });
    const session = await runner.session(mutant(1));
    if ("verdict" in session) throw new Error(session.reason);
    expect(await session.make(run, { cpu: 1_000, real: 30_000 }, { number: 1, edit: null })).toEqual({
      verdict: "timeout",
      reason: "no end within 1 s of CPU time",
    });
    expect(await session.make(run, within, { number: 0, edit: null })).toMatchObject({ verdict: "held" });
  });

  it("is replaced when a mutant has left something behind in it", async () => {
    const first = await Worker.start({ root, active: 0, signal });
    if (isEnded(first)) throw new Error(first.reason);
    const request = { run, active: 0, edit: null, redisServer: null, isCovered: false };
    const right = await first.ask(request, within);
    await first[Symbol.asyncDispose]();
    if (isEnded(right)) throw new Error(right.reason);
    const proof = {
      run,
      cost: right.cost,
      took: 1,
      trace: right.trace,
      reached: new Set<number>(),
      met: [],
      found: null,
    };
    await using runner = new Runner({ root, redisServer: null, signal, proof, loaded: new Set() });
    const traceAfter = async (number: number): Promise<string | null> => {
      const session = await runner.session(mutant(number));
      if ("verdict" in session) throw new Error(session.reason);
      await using _ = session;
      const reply = await session.make(run, within, { number, edit: null });
      return isEnded(reply) ? null : reply.trace;
    };
    expect(await traceAfter(2)).not.toBe(right.trace);
    expect(await traceAfter(9)).toBe(right.trace);
  });

  it("of its own shows a mutant with which the code cannot be loaded", async () => {
    const loaded = new Set([3]);
    await using runner = new Runner({ root, redisServer: null, signal, proof: null, loaded });
    expect(await runner.session(mutant(3))).toMatchObject({ verdict: "crash" });
  });

  it("that the signal ends before it is ready is no broken copy: nothing is measured", async () => {
    const options = { root, redisServer: null, signal: AbortSignal.abort(), now: () => 0, onProgress: () => {} };
    expect(await measure([run], null, options)).toEqual({ runs: [], loaded: new Set() });
  });

  it("ends with the signal, also when it does not listen", async () => {
    const controller = new AbortController();
    const worker = await Worker.start({ root, active: 0, signal: controller.signal });
    if (isEnded(worker)) throw new Error(worker.reason);
    const endless = worker.ask({ run, active: 1, edit: null, redisServer: null, isCovered: false }, within);
    controller.abort();
    expect(await endless).toMatchObject({ verdict: "crash" });
  });
});
