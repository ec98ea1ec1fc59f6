import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it, onTestFinished } from "vitest";
import { endProcess, identify, isAlive, isStopped } from "../../../src/lab/process/process.ts";
import { waitFor } from "../../../src/lab/process/wait.ts";

function startSleeper() {
  const child = spawn("sleep", ["60"], { stdio: "ignore" });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return child;
}

describe("a process identity", () => {
  it("names this process, and is the same each time", () => {
    const self = identify(process.pid);
    expect(self?.pid).toBe(process.pid);
    expect(self).toEqual(identify(process.pid));
    expect(self?.started).toMatch(/^\w+$/);
  });

  it("is none for a process that has ended", async () => {
    const child = startSleeper();
    const identity = identify(child.pid ?? 0);
    expect(identity).toBeDefined();
    if (identity === undefined) return;
    expect(isAlive(identity)).toBe(true);
    endProcess(identity);
    await once(child, "exit");
    expect(identify(identity.pid)).toBeUndefined();
    expect(isAlive(identity)).toBe(false);
  });

  it("that began at another time is another process, and is left alone", () => {
    const child = startSleeper();
    const other = { pid: child.pid ?? 0, started: "1" };
    expect(isAlive(other)).toBe(false);
    endProcess(other);
    expect(child.killed).toBe(false);
    expect(identify(other.pid)).toBeDefined();
  });

  it("of a stopped process can be ended too", async () => {
    const child = startSleeper();
    const pid = child.pid ?? 0;
    child.kill("SIGSTOP");
    const hasStopped = await waitFor(() => (isStopped(pid) ? true : undefined), { timeout: 5_000, interval: 2 });
    expect(hasStopped).toBe(true);
    const identity = identify(pid);
    expect(identity).toBeDefined();
    if (identity !== undefined) endProcess(identity);
    await expect(once(child, "exit")).resolves.toEqual([null, "SIGKILL"]);
  });
});
