import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkFile } from "../../../src/history/check-file.ts";
import type { Layers } from "../../../src/verify/layers.ts";
import { command, jsonLines } from "../terminal.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lockproof-check-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const real: Partial<Layers> = { checkFile: async (options) => checkFile({ ...options, now: () => 0 }) };
const register =
  '{"client":1,"call_ns":0,"return_ns":5,"key":"n","kind":"register","args":{},"result":{"status":"ok","incarnation":1}}';
const read = (jobs: number) =>
  `{"client":1,"call_ns":6,"return_ns":9,"key":"n","kind":"read","args":{},"result":{"status":"ok","incarnation":1,"jobs":${jobs}}}`;

function check(text: string, ...words: readonly string[]) {
  const file = join(folder, "history.jsonl");
  writeFileSync(file, text);
  return command(["check", file, ...words], { layers: real });
}

describe("check", () => {
  it("prints the stable fields with --json, and exits by the verdict", async () => {
    const held = await check(`${register}\n${read(0)}\n`, "--model", "node-jobs", "--json");
    expect(jsonLines(held.out)[0]).toMatchObject({ ops: 2, verdict: "held", seconds: 0 });
    expect(held.code).toBe(0);
    const violated = await check(`${register}\n${read(3)}\n`, "--model", "node-jobs", "--json");
    expect(jsonLines(violated.out)[0]).toMatchObject({ ops: 2, verdict: "violated" });
    expect(violated.code).toBe(1);
  });

  it("explains what is impossible", async () => {
    const { out } = await check(`${register}\n${read(3)}\n`, "--model", "node-jobs");
    expect(out).toContain("key n: no order explains #2 read -> ok, incarnation 1, 3 jobs, from 6 to 9");
  });

  it("exits with 64 without a history, a known model or a file", async () => {
    const foreign = await check("INFO started\n", "--model", "node-jobs");
    expect(foreign).toMatchObject({ code: 64 });
    expect(foreign.err).toContain("line 1");
    expect(await check(`${register}\n`)).toMatchObject({ code: 64 });
    const mixed = await check('{"kind":"trial","scenario":"steady"}\n', "--model", "node-jobs");
    expect(mixed).toMatchObject({ code: 64, err: expect.stringContaining("leave out --model node-jobs") });
    expect(await check("INFO started\n")).toMatchObject({
      code: 64,
      err: expect.stringContaining("--model node-jobs"),
    });
    expect(await check(register, "--model", "queue")).toMatchObject({ code: 64 });
    expect(await command(["check", join(folder, "nothing")], { layers: real })).toMatchObject({ code: 64 });
    expect(await command(["check"])).toMatchObject({ code: 64 });
  });
});
