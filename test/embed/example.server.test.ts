/** The example, run as its page says. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

describe("the example of docs/embedding.md", () => {
  // A heartbeat keeps a worker for 1.2 s at the most: both are longer.
  it("outlives a short time without Redis", () => outlives("3", []), 120_000);
  it("outlives 30 s without Redis", { tags: ["nightly"], timeout: 120_000 }, () =>
    outlives("30", ["--", "--away", "30"]),
  );
});

/** Every job is done once, and none counts as running. */
async function outlives(seconds: string, more: readonly string[]): Promise<void> {
  const page = await readFile(`${root}/docs/embedding.md`, "utf8");
  const [, command = ""] = /```sh\n(npm run example)\n```/u.exec(page) ?? [];
  const [program = "", ...args] = command.split(" ");
  const { stdout, stderr } = await run(program, [...args, "--silent", ...more], { cwd: root, timeout: 90_000 });
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^4 workers have joined\nbert dies\n/u);
  expect(stdout).toMatch(/^bert is gone, and with it \d+ of its jobs: they are dispatched again$/mu);
  expect(stdout).toContain(`\nRedis is away for ${seconds} s\n`);
  expect(stdout).toMatch(
    /^60 of 60 jobs are done, [1-9]\d* of them at the second attempt, 0 twice\nstill counted as running: 0$/mu,
  );
  const printed = /```text\n(4 workers[^`]*)```/u.exec(page)?.[1] ?? "";
  expect(shape(stdout)).toEqual(shape(printed));
}

/** Returns the lines without their numbers: these are the same in every run. */
function shape(text: string): readonly string[] {
  return text
    .trim()
    .replaceAll(/\d+(\.\d+)*/gu, "#")
    .split("\n");
}
