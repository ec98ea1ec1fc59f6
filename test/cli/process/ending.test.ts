// @module-tag slow
/** Exit codes of commands that are interrupted, or that fail after their verdict. */
import { describe, expect, it } from "vitest";
import { createOutput } from "../../../src/cli/printing/output.ts";
import { explainLostOutput } from "../../../src/cli/process/ending.ts";
import { endedInTime, loadedUnless, watchSignals } from "../../../src/cli/process/interruption.ts";
import { BrokenRunError, UsageError } from "../../../src/evidence/failure.ts";
import type { Layers } from "../../../src/verify/layers.ts";
import { layer, violation } from "../../report/sample.ts";
import { command, conformToken, stream } from "../terminal.ts";

const commands: readonly (readonly string[])[] = [
  ["simulate", "--seeds", "1..3"],
  ["simulate", "--on", "redis", "--seeds", "1..3"],
  ["inject", "--runs", "3"],
  ["conform"],
  ["conform", "--json"],
  ["bench"],
  ["mutants"],
  ["check", "history.jsonl"],
  ["reproduce", "package.json"],
  ["replay", conformToken],
  ["explain", conformToken],
  ["doctor"],
];

/** Every layer does this. */
const all = (layer: () => Promise<never>): Partial<Layers> => ({
  ...{ runConform: layer, checkFile: layer, runExplore: layer, runInject: layer, runSimulate: layer, reproduce: layer },
  ...{ runLockstep: layer, huntSimulate: layer, replaySimulate: layer, runBench: layer, examine: layer },
});

describe("an interrupted command", () => {
  it.each(commands)("%s %s %s is broken, although its layer held", async (...words) => {
    const interruption = new AbortController();
    const onLayer = (): void => interruption.abort();
    expect((await command(words, { interrupted: interruption.signal, onLayer })).code).toBe(3);
    expect(interruption.signal.aborted).toBe(true);
  });

  it.each(commands)("%s %s %s is broken, and the error of its layer is not shown", async (...words) => {
    const interruption = new AbortController();
    const aborted = all(() => {
      interruption.abort();
      return Promise.reject(new Error("Connection is closed."));
    });
    const { code, err } = await command(words, { interrupted: interruption.signal, layers: aborted });
    expect({ code, err }).toEqual({ code: 3, err: "" });
  });

  it("does not wait for its layers to be loaded", async () => {
    let isLayerAsked = false;
    const onLayer = (): void => {
      isLayerAsked = true;
    };
    const interrupted = AbortSignal.abort();
    expect((await command(["conform"], { interrupted, onLayer })).code).toBe(3);
    expect(isLayerAsked).toBe(false);
    const whileLoading = new AbortController();
    const loading = loadedUnless(whileLoading.signal, () => new Promise(() => {}));
    whileLoading.abort();
    await expect(loading).rejects.toBe(whileLoading.signal.reason);
  });

  it.each(commands)("%s %s %s is abandoned where its layer ignores the signal", async (...words) => {
    const interruption = new AbortController();
    const deaf = all(() => {
      interruption.abort();
      return new Promise(() => {});
    });
    const { code } = await command(words, { interrupted: interruption.signal, layers: deaf });
    expect(code).toBe(3);
  });

  it("is violated where a violation was reported before", async () => {
    const interruption = new AbortController();
    const layers: Partial<Layers> = {
      async runSimulate({ scenario }) {
        interruption.abort();
        return { ...layer("simulate", { verdict: "violated" }), json: { scenario, verdict: "violated" } };
      },
    };
    const { code } = await command(["simulate", "--seeds", "1..3"], { interrupted: interruption.signal, layers });
    expect(code).toBe(1);
  });

  it("has a second to end by itself, and ends the wait at once", async () => {
    const nextTurn = new Promise((resolve) => setImmediate(resolve, "waits"));
    const ended = endedInTime(Promise.resolve(), AbortSignal.abort()).then(() => "ended");
    expect(await Promise.race([ended, nextTurn])).toBe("ended");
    await expect(endedInTime(Promise.reject(new Error("oops")), AbortSignal.abort())).rejects.toThrow("oops");
  });
});

describe("a violation is not masked by what fails after it", () => {
  it.each([
    ["a crash", new TypeError("x is not a function")],
    ["wrong usage that shows late", new UsageError("no such thing", { where: "here", fix: "name another" })],
    ["a full disk", Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" })],
  ])("%s", async (_name, error) => {
    let runs = 0;
    const layers: Partial<Layers> = {
      async runInject() {
        runs += 1;
        if (runs > 1) throw error;
        return { ...layer("inject", { verdict: "violated", violations: [violation()] }), json: {} };
      },
    };
    const { code, err, out } = await command(["inject", "--runs", "2"], { layers });
    expect(code).toBe(1);
    expect(out).toContain("violated");
    expect(err).toContain(error.message);
  });

  it("a picture on a full disk", async () => {
    const { code, err, out } = await command(["replay", conformToken, "--html", "/dev/full"], {});
    expect({ code, out }).toEqual({ code: 64, out: "" }); // refused before anything ran
    expect(err).toContain("--html: found a device");
  });
});

it("a long token in advice is whole, and another long word is cut", async () => {
  const token = `lp1:conform:1:${"a".repeat(2_000)}`;
  const layers: Partial<Layers> = {
    runConform: () => Promise.reject(new BrokenRunError("b".repeat(2_000), { where: "run 1", fix: `replay ${token}` })),
  };
  const { err } = await command(["conform"], { layers });
  expect(err).toContain(`replay ${token}\n`);
  expect(err).toContain(`${"b".repeat(200)}…\n`);
});

describe("an error without advice gets some", () => {
  it.each([
    [Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" }), "free space on that disk"],
    [Object.assign(new Error("EMFILE: too many open files"), { code: "EMFILE" }), "ulimit -n"],
    [Object.assign(new Error("Cannot find package 'x'"), { code: "ERR_MODULE_NOT_FOUND" }), "npm ci"],
    [new TypeError("x is not a function"), "it is our bug"],
    [new Error("the slot did not move"), "LOCKPROOF_DEBUG=1, which shows where it happened\n"],
  ])("%s", async (error, advice) => {
    const { code, err } = await command(["conform"], { layers: { runConform: () => Promise.reject(error) } });
    expect(code).toBe(3);
    expect(err).toContain(advice);
    expect(err).not.toMatch(/\n\s+at /);
  });
});

describe("a result that could not be printed", () => {
  const lost = (code: string) => Object.assign(new Error(`${code}: write`), { code });

  it.each([
    ["ENOSPC", 0, true, 3],
    ["ENOSPC", 1, true, 1],
    ["ENOSPC", 2, true, 3],
    ["ENOSPC", 3, true, 3],
    ["ENOSPC", 64, true, 64],
    ["ENOSPC", 0, false, 3],
    ["EPIPE", 0, true, 3],
    ["EPIPE", 1, true, 1],
    ["EPIPE", 2, true, 3],
    ["EPIPE", 0, false, 0],
  ])("for %s makes of %i (a verdict: %s) %i", (error, code, isVerdict, wanted) => {
    const output = createOutput(stream(), stream(), {});
    expect(explainLostOutput(lost(error), { code, isVerdict }, output)).toBe(wanted);
  });
});

it("a Ctrl-C from the terminal and from the launcher counts once", () => {
  const err = stream();
  using interruption = watchSignals(createOutput(stream(), err, {}), new AbortController().signal);
  process.emit("SIGINT", "SIGINT");
  process.emit("SIGINT", "SIGINT"); // a second one would end this process
  expect(interruption.signal.aborted).toBe(true);
  expect(err.text).toMatch(/^SIGINT: ending the run; .*\n$/);
});

it("the end of the launcher interrupts the run", () => {
  const orphaned = new AbortController();
  using interruption = watchSignals(createOutput(stream(), stream(), {}), orphaned.signal);
  expect(interruption.signal.aborted).toBe(false);
  orphaned.abort();
  expect(interruption.signal.aborted).toBe(true);
});
