/** Changes that every absolute bound allows, and that a comparison names exactly. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { compareRevisions, type Difference } from "../../src/compare/compare.ts";

const checkout = fileURLToPath(new URL("../..", import.meta.url));
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A checkout whose scheduler has one text replaced. */
function changed(file: string, find: string, replace: string): string {
  const folder = mkdtempSync(join(tmpdir(), "lockproof-compared-"));
  folders.push(folder);
  cpSync(join(checkout, "src/scheduler"), join(folder, "src/scheduler"), { recursive: true });
  const path = join(folder, "src/scheduler", file);
  const text = readFileSync(path, "utf8");
  expect(text.split(find)).toHaveLength(2);
  writeFileSync(path, text.replace(find, replace));
  return folder;
}

const seeds = { from: 1, to: 1 };
const compare = (base: string, head: string, ...scenarios: readonly string[]) =>
  compareRevisions({
    base,
    head,
    scenarios,
    seeds,
    repository: checkout,
    threshold: 0.01,
    signal: new AbortController().signal,
  });

const beyond = ({ differences }: { readonly differences: readonly Difference[] }) =>
  new Map(differences.filter(({ isBeyond }) => isBeyond).map((one) => [one.metric, one]));

describe("a comparison", () => {
  it("of a revision with itself finds nothing, and has compared", async () => {
    const found = await compare(checkout, checkout, "redis-gone", "steady");
    expect(found).toMatchObject({ differences: [], open: [], runs: 2 });
    expect(found.compared).toBeGreaterThan(60);
  });

  it.each([
    [
      "a read that waits 15 ms more",
      "steady",
      "get_node_ms_max",
      15,
      [
        "reading/reads.ts",
        "    const sentAt = clock.now();\n",
        "    const sentAt = clock.now();\n    await clock.sleep(15, new AbortController().signal);\n",
      ],
    ],
    [
      "probes 200 ms further apart",
      "redis-gone",
      "degraded_ms",
      100,
      [
        "settings.ts",
        "probeInterval: duration(1, 60_000).default(100)",
        "probeInterval: duration(1, 60_000).default(300)",
      ],
    ],
    [
      "a write timeout of 5 s",
      "redis-slow",
      "reserve_job_ms_max",
      100,
      [
        "settings.ts",
        "writeDeadline: duration(1, 10_000).default(30)",
        "writeDeadline: duration(1, 10_000).default(5_000)",
      ],
    ],
    [
      "an object more for each selection",
      "steady",
      "objects_per_operation",
      0.1,
      [
        "selection/select.ts",
        "  const nodes: NodeState[] = [];\n",
        "  const nodes: NodeState[] = [[], {}].flatMap(() => []);\n",
      ],
    ],
  ] as const)("names %s", async (_, scenario, metric, least, [file, find, replace]) => {
    const found = beyond(await compare(checkout, changed(file, find, replace), scenario)).get(metric);
    expect((found?.head ?? 0) - (found?.base ?? 0)).toBeGreaterThanOrEqual(least);
  });

  it("is open where a run of one side violates a property", async () => {
    const wrong = changed("reading/caches.ts", "this.#misses.set(node,", "void (node,");
    const { open } = await compare(checkout, wrong, "node-churn");
    expect(open).toHaveLength(1);
    expect(open[0]).toMatch(/node-churn, seed 1: (violated|broken)/u);
  });

  it("takes a commit, as git names it", async () => {
    const head = execFileSync("git", ["rev-parse", "HEAD"], { cwd: checkout, encoding: "utf8" }).trim();
    expect((await compare(head, head, "steady")).differences).toEqual([]);
  });

  it.each(["no-such-commit", "--output=x", tmpdir()])("refuses %s, and says what is allowed", async (name) => {
    await expect(compare(name, checkout, "steady")).rejects.toThrow(/revision .*: it (is no folder|has no)/u);
  });

  it("refuses a scenario that does not exist", async () => {
    await expect(compare(checkout, checkout, "unsteady")).rejects.toThrow(
      'scenario "unsteady": there is none of that name',
    );
  });
});
