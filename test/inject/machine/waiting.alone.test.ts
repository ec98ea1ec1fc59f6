/** A process that works for long: its run time is its own, however busy the machine. */
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import type { HistoryEvent } from "../../../src/check/history.ts";
import { Stalls } from "../../../src/check/timing/stall.ts";
import { Waiting } from "../../../src/inject/machine/waiting.ts";
import { openLab } from "../../../src/lab/lab.ts";
import { waitFor } from "../../../src/lab/process/wait.ts";

const busy = 300;
/** Blocks its event loop for each input. */
const blocks = `process.stdin.on("data", () => {
  const until = performance.now() + ${busy};
  while (performance.now() < until);
  process.stdout.write("done\\n");
});
process.stdout.write("ready\\n");`;
/** ms by which the kernel may count run time late, on either side of a read. */
const ticks = 20;

describe.runIf(process.platform === "linux")("a process that blocks its own loop", () => {
  it("is excused for its CPU starvation, and not for its run time", async () => {
    await using lab = await openLab();
    const program = await lab.program({ name: "busy", file: process.execPath, args: ["-e", blocks] });
    await once(program.stdout, "data");
    const own = () => program.threadTimes()?.get(program.pid)?.ran ?? Number.NaN;
    const waiting = new Waiting(performance.now());
    const history: HistoryEvent[] = [];
    const look = (): void => {
      const waited = waiting.look(performance.now(), program.pid, program.threadTimes());
      if (waited !== null) history.push({ kind: "stall", ...waited, instance: 0 });
    };
    look();
    const [from, ranBefore] = [performance.now(), own()];
    let isDone = false;
    program.stdout.once("data", () => {
      isDone = true;
    });
    program.stdin.write("go\n");
    const lookUntilDone = () => {
      look();
      return isDone ? true : undefined;
    };
    expect(await waitFor(lookUntilDone, { timeout: 20_000, interval: 10 })).toBe(true);
    look();
    const [to, ran] = [performance.now(), own() - ranBefore];
    const stalls = new Stalls(history);
    expect(to - from).toBeGreaterThanOrEqual(busy);
    // Starvation of its other threads leaves the blame open; that of its own is certain, and at most the time that it did not run.
    expect(stalls.blame(to - from - ran + ticks, from, to, 0)).not.toBe("machine");
  });
});
