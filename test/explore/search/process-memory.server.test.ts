// @module-tag slow
/** A real process under `--memory-mb`, as the kernel counts it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const program = fileURLToPath(new URL("../../../src/cli/lockproof.js", import.meta.url));
const large = ["--model", "job-store", "--scope", "N=2,I=2,V=4,J=1,C=2,M=3,D=1,K=1", "--json"];

interface Ended {
  readonly code: number | null;
  readonly json: {
    readonly verdict: string;
    readonly unique_states: number;
    readonly threads: number;
    readonly threads_note: string | null;
  };
  /** The most that was resident. */
  readonly mebibytes: number;
}

async function explore(...more: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [program, "explore", ...large, ...more]);
  const out: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => void out.push(chunk));
  const ended = once(child, "close");
  const mebibytes = await peakOf(child);
  const [code] = (await ended) as [number | null];
  return { code, mebibytes, json: JSON.parse(Buffer.concat(out).toString()) as Ended["json"] };
}

async function peakOf(child: ChildProcess): Promise<number> {
  let peak = 0;
  while (child.exitCode === null && child.signalCode === null) {
    // The launcher supervises the process that explores.
    const children = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").catch(() => "");
    const status = await readFile(`/proc/${children.split(" ")[0]}/status`, "utf8").catch(() => "");
    peak = Math.max(peak, Number(/VmHWM:\s+(\d+) kB/u.exec(status)?.[1] ?? 0) / 1024);
    await sleep(50);
  }
  return peak;
}

// The kernel is asked through /proc, so these tests need Linux.
describe("a search that is given", () => {
  it("300 MiB and asked for 64 threads stays below 300 MiB, and says what it has seen", async () => {
    const { code, json, mebibytes } = await explore("--memory-mb", "300", "--threads", "64");
    expect(code).toBe(2);
    expect(json).toMatchObject({ verdict: "unknown", threads_note: expect.stringMatching(/^\d of 64 threads/u) });
    expect(json.unique_states).toBeGreaterThan(1_000_000);
    expect(mebibytes).toBeGreaterThan(100);
    expect(mebibytes).toBeLessThanOrEqual(300);
  });

  it("less than the process itself takes ends as unknown, with what it has seen", async () => {
    const { code, json, mebibytes } = await explore("--memory-mb", "1", "--threads", "64");
    expect(code).toBe(2);
    expect(json).toMatchObject({ verdict: "unknown", threads: 1 });
    expect(json.unique_states).toBeGreaterThan(10_000);
    expect(mebibytes).toBeLessThanOrEqual(200);
  });
});
