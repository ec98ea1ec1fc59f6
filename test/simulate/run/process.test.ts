/** Another process, with another time zone, another locale and another heap, gives the same traces. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const program = fileURLToPath(new URL("../../../src/cli/lockproof.js", import.meta.url));

interface SeedLine {
  readonly seed?: number;
  readonly trace_hash?: string;
  readonly verdict: string;
}

async function linesIn(env: Readonly<Record<string, string>>): Promise<readonly SeedLine[]> {
  const args = [program, "simulate", "--scenario", "redis-flapping", "--seeds", "1..4", "--json"];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...process.env, ...env } });
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as SeedLine);
}

describe("two processes", () => {
  it("have the same traces, whatever their surroundings", async () => {
    const [here, there] = await Promise.all([
      linesIn({ TZ: "UTC", LANG: "C" }),
      linesIn({
        TZ: "Asia/Kathmandu",
        LANG: "tr_TR.UTF-8",
        LC_ALL: "tr_TR.UTF-8",
        NODE_OPTIONS: "--max-semi-space-size=1",
      }),
    ]);
    const hashes = here.flatMap(({ trace_hash }) => trace_hash ?? []);
    expect(hashes).toHaveLength(4);
    expect(new Set(hashes).size).toBe(4);
    expect(there.flatMap(({ trace_hash }) => trace_hash ?? [])).toEqual(hashes);
    expect(here.every(({ verdict }) => verdict === "held")).toBe(true);
  });
});
