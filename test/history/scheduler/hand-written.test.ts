/** Histories of `scheduler` written by hand, each for one rule: the folder is the verdict. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkFile } from "../../../src/history/check-file.ts";
import type { Layers } from "../../../src/verify/layers.ts";
import { command, jsonLines } from "../../cli/terminal.ts";

const layers: Partial<Layers> = { checkFile: async (options) => checkFile({ ...options, now: () => 0 }) };
const folder = import.meta.dirname;
const filesIn = (name: string) =>
  readdirSync(join(folder, name), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".jsonl"))
    .map((file) => join(folder, name, file));

const violated: Readonly<Record<string, string>> = {
  "begins-in-the-middle": "#6 reserve_job(job c) -> full",
  "beyond-capacity": "#3 reserve_job(job a) -> reserved",
  "capacity-below-its-jobs": "#5 get_node -> offline, 0 jobs of 1",
  "completed-once-only": "#5 complete_job(job a) -> unknown",
  "full-before-it-was": "#4 reserve_job(job b) -> full, version e:1",
  "full-with-room": "#4 reserve_job(job b) -> full",
  "job-lost": "#4 complete_job(job a) -> unknown",
  "lapse-too-early": "#5 reserve_job(job b) -> reserved",
  "loss-before-what-came-later": "#5 heartbeat(incarnation e:1, seq 2) -> renewed",
  "lost-before-a-second-loss": "#7 complete_job(job a) -> completed",
  "loss-that-no-fault-names": "#6 complete_job(job b) -> unknown",
  "not-online-while-beating": "#5 reserve_job(job a) -> not_online",
  "old-incarnation-taken": "#4 heartbeat(incarnation e:1, seq 1) -> renewed",
  "online-and-removed-at-once": "#3 get_node -> missing",
  "refused-and-done": "#4 complete_job(job a) -> completed",
  "released-twice": "#5 release_job(job a) -> completed",
  "replaced-incarnation-returns": "#4 heartbeat(incarnation e:6, seq 1) -> renewed",
  "reserved-after-complete": "#5 reserve_job(job a) -> reserved",
  "two-changes-of-one-version": "#4 reserve_job(job b) -> reserved, version e:2",
  "versions-in-another-order": "#4 reserve_job(job b) -> reserved",
};

async function check(file: string) {
  const { code, out } = await command(["check", file, "--model", "scheduler", "--json"], { layers });
  return { code, json: jsonLines(out)[0] };
}

describe("histories of scheduler written by hand", () => {
  it.each(filesIn("held"))("holds %s", async (file) => {
    expect(await check(file)).toMatchObject({ code: 0, json: { verdict: "held", seconds: 0, model: "scheduler" } });
  });

  it.each(filesIn("violated"))("is violated by %s, where it says", async (file) => {
    const name = file.slice(file.lastIndexOf("/") + 1, -".jsonl".length);
    const found = await check(file);
    expect(found).toMatchObject({ code: 1, json: { verdict: "violated", node: "n1" } });
    expect(found.json).toMatchObject({ impossible: { first: expect.stringContaining(violated[name] ?? "nothing") } });
  });

  it.each(filesIn("open"))("proves nothing with %s", async (file) => {
    expect(await check(file)).toMatchObject({ code: 2, json: { verdict: "not_exercised" } });
  });

  it("are at least 16, and each violated one is expected", () => {
    expect(filesIn("held").length + filesIn("violated").length + filesIn("open").length).toBeGreaterThanOrEqual(16);
    expect(filesIn("violated")).toHaveLength(Object.keys(violated).length);
  });

  it("prints the shortest impossible part and the bounds that were not given", async () => {
    const { out } = await command(["check", join(folder, "violated/job-lost.jsonl"), "--model", "scheduler"], {
      layers,
    });
    expect(out).toContain("node n1: no order explains #4 complete_job(job a) -> unknown, from 10000000 to 11000000");
    expect(out).toContain("online, incarnation e:1, jobs {a} of 2");
  });
});
