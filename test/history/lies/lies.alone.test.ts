// @module-tag slow
/** A history that was held does not stay held when it is bent, or when lines of it are taken away. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UsageError } from "../../../src/evidence/failure.ts";
import { checkTrial } from "../../../src/history/trial/judge.ts";
import { runInject } from "../../../src/inject/run.ts";
import { calls } from "./calls.ts";
import { faults } from "./faults.ts";
import type { Answer, Line } from "./lie.ts";
import { store } from "./store.ts";
import { takenAway } from "./taken-away.ts";

const never = new AbortController().signal;
const tries = 3;
let folder = "";
let right: readonly Line[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lockproof-lies-"));
  right = await recordedRun();
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** @throws Error where the machine was too busy for a run that holds */
async function recordedRun(): Promise<readonly Line[]> {
  for (let seed = 1; seed <= tries; seed += 1) {
    await runInject({ scenario: "redis-gone", seed, signal: never, dir: folder });
    const files = readdirSync(folder).filter((name) => name.startsWith(`inject-redis-gone-${seed}-fault`));
    const held = files.find((name) => checkTrial(join(folder, name), () => 0).verdict === "held");
    if (held === undefined) continue;
    const lines = readFileSync(join(folder, held), "utf8").trim().split("\n");
    return lines.map((line): Line => JSON.parse(line));
  }
  throw new Error(`${tries} runs were not held: the machine is too busy`);
}

interface Found {
  readonly verdict: string;
  readonly violated: readonly string[];
  /** Reasons why it is open, each with its property. */
  readonly reasons: string;
}

function judged(lines: readonly Line[]): Found {
  const file = join(folder, "bent.jsonl");
  writeFileSync(file, lines.map((line) => JSON.stringify(line)).join("\n"));
  try {
    const { judgements, reason = "", verdict } = checkTrial(file, () => 0);
    const violated = judgements.flatMap((one) => (one.verdict === "violated" ? [one.property] : []));
    const open = judgements.flatMap((one) => (one.verdict === "held" ? [] : [`${one.property} ${one.reason ?? ""}`]));
    return { verdict, violated, reasons: [reason, ...open].join("; ") };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { verdict: "refused", violated: [], reasons: error.message };
  }
}

function expectAnswer({ reasons, verdict, violated }: Found, answer: Answer): void {
  if ("violated" in answer) expect(violated).toContain(answer.violated);
  else if ("open" in answer) {
    expect(verdict).toMatch(/^(unknown|not_exercised|violated)$/);
    // A violation needs no reason: the evidence that is missing may make right answers wrong.
    if (verdict !== "violated") expect(reasons).toMatch(answer.open);
  } else if ("refused" in answer) {
    expect(verdict).toBe("refused");
    expect(reasons).toMatch(answer.refused);
  } else expect(verdict).toBe("held");
}

describe("a recorded run that is held", () => {
  it("is held again as it is", () => {
    expect(judged(right)).toMatchObject({ verdict: "held" });
  });

  it.each(takenAway)("is not held without %s", (_, change, answer) => {
    expectAnswer(judged(change(right)), answer);
  });

  it.each([...calls, ...store, ...faults])("is not held with %s", (_, change, answer) => {
    expectAnswer(judged(change(right)), answer);
  });
});
