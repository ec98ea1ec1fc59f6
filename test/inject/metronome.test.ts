/** A machine that stands still: to a thread of a process that is stopped, and goes on later, it looks just so. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { Stalls } from "../../src/check/stall.ts";
import { waitFor } from "../../src/lab/wait.ts";

const program = fileURLToPath(new URL("./metronome-host.ts", import.meta.url));
const long = 200;

interface Line {
  readonly kind: string;
  readonly since: number;
  readonly at: number;
  readonly lasted: number;
  readonly told: number;
}

it.runIf(process.platform === "linux")(
  "the metronome tells of a standstill, when it was and for how long",
  async () => {
    const child = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(() => void child.kill("SIGKILL"));
    const lines: Line[] = [];
    createInterface({ input: child.stdout }).on("line", (line) => lines.push(JSON.parse(line)));
    const find = (wanted: (line: Line) => boolean) =>
      waitFor(() => lines.find(wanted), { deadline: 10_000, interval: 2 });
    await find(({ kind }) => kind === "phase");
    // Its thread may still be starting: a standstill that comes too early for it is made again.
    let still: Line | undefined;
    for (let attempt = 0; attempt < 10 && still === undefined; attempt += 1) {
      child.kill("SIGSTOP");
      await new Promise((resolve) => setTimeout(resolve, long));
      child.kill("SIGCONT");
      const isLong = ({ kind, lasted }: Line): boolean => kind === "frozen" && lasted >= long / 2;
      still = await waitFor(() => lines.find(isLong), { deadline: 500, interval: 2 });
    }
    if (still === undefined) throw new Error("a process that was stopped ten times saw nothing of it");
    expect(still.at - still.since).toBeGreaterThanOrEqual(still.lasted);
    expect(still.told).toBeGreaterThanOrEqual(still.at - 1);
    // And so a stall of that time is laid at nobody's door.
    const stall = {
      kind: "stall",
      since: still.since,
      at: still.at,
      lasted: long / 2,
      ran: long / 2,
      waited: 0,
    } as const;
    const frozen = { kind: "frozen", since: still.since, at: still.at, lasted: still.lasted } as const;
    expect(new Stalls([stall, frozen]).blame(long / 2, still.since, still.at)).toBe("unclear");
    child.kill("SIGTERM");
    await once(child, "exit");
  },
);
