/** Pauses of the machine, simulated by stopping and continuing the process. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { waitFor } from "../../../src/lab/process/wait.ts";

const program = fileURLToPath(new URL("./metronome-host.ts", import.meta.url));
const long = 200;

interface Line {
  readonly kind: string;
  readonly since: number;
  readonly at: number;
  readonly lasted: number;
  readonly printed: number;
}

it.runIf(process.platform === "linux")("the metronome reports a pause, when it was and for how long", async () => {
  const child = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines: Line[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(JSON.parse(line)));
  const find = (wanted: (line: Line) => boolean) => waitFor(() => lines.find(wanted), { timeout: 10_000, interval: 2 });
  await find(({ kind }) => kind === "phase");
  child.kill("SIGSTOP");
  await new Promise((resolve) => setTimeout(resolve, long));
  child.kill("SIGCONT");
  const still = await find(({ kind, lasted }) => kind === "frozen" && lasted >= long / 2);
  if (still === undefined) throw new Error("a process that was stopped saw nothing of it");
  expect(still.at - still.since).toBeGreaterThanOrEqual(still.lasted);
  expect(still.printed).toBeGreaterThanOrEqual(still.at - 1);
  child.kill("SIGTERM");
  await once(child, "exit");
});
