/** Histories in gzip: as a run writes them, as a user packs them, and damaged ones. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UsageError } from "../../../src/evidence/failure.ts";
import { checkFile } from "../../../src/history/check-file.ts";
import { HistoryFile } from "../../../src/inject/observe/history-file.ts";
import { HistoryLog } from "../../../src/inject/observe/history-log.ts";
import { waitFor } from "../../../src/lab/process/wait.ts";
import { now } from "../../../src/verify/clock.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lockproof-packed-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const patient = { timeout: 5_000, interval: 2 };
const at = (name: string) => join(folder, name);
const line = (client: number, incarnation = client + 1) =>
  `${JSON.stringify({ client, call_ns: client * 10, return_ns: client * 10 + 1, key: "n1", kind: "register", args: {}, result: { status: "ok", incarnation } })}\n`;
const lines = Array.from({ length: 400 }, (_, client) => line(client));
const whole = Buffer.from(lines.join(""));

function check(content: Buffer) {
  writeFileSync(at("history"), content);
  return checkFile({ file: at("history"), model: "node-jobs", budget: 10_000, runs: 1, now });
}

/** Several members, as a run writes them. */
const members = [lines.slice(0, 100), lines.slice(100, 250), lines.slice(250)].map((part) => gzipSync(part.join("")));

describe("a packed history", () => {
  it.each([
    ["one member", gzipSync(whole)],
    ["a member for each write", Buffer.concat(members)],
  ])("is judged as the plain one: %s", (_, packed) => {
    const plain = check(whole);
    expect(plain).toMatchObject({ verdict: "held", json: { ops: 400 } });
    expect(check(packed).json.ops).toBe(400);
    expect(check(packed).verdict).toBe("held");
  });

  it("keeps what is violated in its last member", () => {
    expect(check(Buffer.concat([...members, gzipSync(line(400, 7))])).verdict).toBe("violated");
  });

  it("is refused wherever it is cut within a member", () => {
    const packed = gzipSync(whole);
    fc.assert(
      fc.property(fc.integer({ min: 3, max: packed.length - 1 }), (length) => {
        expect(() => check(packed.subarray(0, length))).toThrow(UsageError);
      }),
    );
  });

  it("is never held where a byte of it was changed, unless its content is the same", () => {
    const packed = Buffer.concat(members);
    fc.assert(
      fc.property(fc.nat({ max: packed.length - 1 }), fc.integer({ min: 1, max: 255 }), (place, change) => {
        const damaged = Buffer.from(packed);
        damaged[place] = (damaged[place] ?? 0) ^ change;
        try {
          const { json, verdict } = check(damaged);
          // Bytes of a header that say nothing of the content, such as the time.
          expect([verdict, json.ops]).toEqual(["held", 400]);
          expect(gunzipSync(damaged)).toEqual(whole);
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ["zeros", Buffer.alloc(16)],
    ["text", Buffer.from(line(400))],
    ["the beginning of a member", gzipSync(line(400)).subarray(0, 5)],
  ])("is refused with %s behind its last member", (_, rest) => {
    expect(() => check(Buffer.concat([...members, rest]))).toThrow(/damaged gzip/);
  });

  it("that unpacks to more than a history may have is refused, within bounded memory", () => {
    const before = process.memoryUsage.rss();
    const bomb = Buffer.concat(Array.from({ length: 60 }, () => gzipSync(Buffer.alloc(8 << 20, 10))));
    expect(bomb.length).toBeLessThan(1 << 20);
    expect(() => check(bomb)).toThrow(/more than 402653184 bytes once unpacked/);
    expect(process.memoryUsage.rss() - before).toBeLessThan(1_200 << 20);
  });
});

describe("a packed history that is being written", () => {
  it("is whole members at any moment, and has every line when it is closed", async () => {
    const path = at("written.jsonl.gz");
    const log = new HistoryLog();
    await using file = await HistoryFile.open(path, log);
    for (let part = 1; part <= 4; part += 1) {
      for (let one = 0; one < 500; one += 1) log.add({ kind: "note", at: part * 500 + one });
      expect(await waitFor(() => (countIn(path) === part * 500 ? true : undefined), patient)).toBe(true);
    }
    log.add({ kind: "end" });
    await file.close();
    expect(countIn(path)).toBe(2_001);
  });
});

/** @throws where a member is cut */
function countIn(path: string): number {
  const packed = readFileSync(path);
  return packed.length === 0 ? 0 : gunzipSync(packed).toString("utf8").trimEnd().split("\n").length;
}
