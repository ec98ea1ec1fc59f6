/**
 * Damaged histories, checked by the command. None may end it with a stack trace, take long, or pass.
 *
 * Damage can result in another correct history: a digit of a time changes, a line is removed, two lines change places. That one may be held.
 * Whether it is correct is decided by means that the reader does not share: JSON.parse, the original lines, and for the models judges that try all
 * orders.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type NodeJobInput, type NodeJobOutput, nodeJobs } from "../../src/check/linear/node/node-jobs.ts";
import { judgeByAllOrders } from "../../src/check/linear/search/brute.ts";
import type { Operation } from "../../src/check/linear/search/operation.ts";
import { checkFile } from "../../src/history/check-file.ts";
import type { Layers } from "../../src/verify/layers.ts";
import { command } from "../cli/terminal.ts";
import { damage, damageKinds } from "./damage.ts";
import { nodeJobsFile, runFile, schedulerFile } from "./right-files.ts";
import { isExplainedScheduler } from "./scheduler/explained.ts";

/** Rounds for each file; every kind of damage occurs eight times. */
const rounds = 8 * damageKinds.length;
const longest = 5_000;
const layers: Partial<Layers> = { checkFile: async (options) => checkFile({ ...options, now: () => 0 }) };

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lockproof-damaged-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function check(bytes: Buffer, model: readonly string[]) {
  const file = join(folder, "history.jsonl");
  writeFileSync(file, bytes);
  const startedAt = performance.now();
  const ended = await command(["check", file, ...model], { layers });
  return { ...ended, file, took: performance.now() - startedAt };
}

/** The shape of a value: names and types, and the words that matter. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shapeOf(one)]));
}

/** The facts of a note are for readers; no judge uses them. */
const shapeText = (value: unknown): string =>
  JSON.stringify(
    shapeOf((value as { kind?: string } | null)?.kind === "note" ? { ...(value as object), facts: {} } : value),
  );

/** An operation without its reply may have happened: docs/histories.md. */
function unanswered(line: object): readonly object[] {
  if (!("return_ns" in line)) return [];
  if ("request" in line) {
    return [
      { ...line, return_ns: null },
      { ...line, reply: null },
      { ...line, return_ns: null, reply: null },
    ];
  }
  return [
    { ...line, return_ns: null },
    { ...line, result: null },
    { ...line, return_ns: null, result: null },
  ];
}

function membersIn(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const inside = Object.values(value).reduce<number>((sum, one) => sum + membersIn(one), 0);
  return inside + (Array.isArray(value) ? 0 : Object.keys(value).length);
}

/** Whether every line is an original one, except for values of the same types. */
function isAnotherHistory(bytes: Buffer, original: Buffer): boolean {
  const shapes = new Set(parsed(original)?.flatMap((one) => [one, ...unanswered(one as object)].map(shapeText)));
  const text = bytes.toString("utf8");
  const lines = parsed(bytes);
  if (lines === null || lines.length === 0 || !Buffer.from(text).equals(bytes)) return false;
  const isWhole = lines.every((one) => shapes.has(shapeText(one)));
  return isWhole && membersIn(lines) === (text.match(/"\s*:/g) ?? []).length;
}

function parsed(bytes: Buffer): readonly unknown[] | null {
  try {
    const lines = bytes.toString("utf8").split("\n");
    return lines.filter((line) => line !== "").map((line): unknown => JSON.parse(line));
  } catch {
    return null;
  }
}

interface Line {
  readonly call_ns: number;
  readonly return_ns: number | null;
  readonly key: string;
  readonly kind: NodeJobInput["kind"];
  readonly args: Partial<NodeJobInput>;
  readonly result: Partial<NodeJobOutput> | null;
}

/** Judges each key by itself, with the slow judge. */
function isExplained(bytes: Buffer): boolean {
  const lines = (parsed(bytes) ?? []) as readonly Line[];
  const claims = lines.filter(({ kind, result }) => kind !== "read" || result !== null);
  const keys = Map.groupBy(claims, ({ key }) => key);
  return [...keys.values()].every((own) => judgeByAllOrders(nodeJobs, own.map(operationOf)).verdict === "held");
}

function operationOf(
  { args, call_ns, kind, result, return_ns }: Line,
  id: number,
): Operation<NodeJobInput, NodeJobOutput> {
  const isAnswered = result !== null && return_ns !== null;
  return {
    id,
    input: { job: 0, cap: 0, ...args, kind },
    call: call_ns,
    returned: isAnswered ? return_ns : Number.POSITIVE_INFINITY,
    outcome: isAnswered ? "ok" : "info",
    output: isAnswered ? { status: "ok", incarnation: 0, jobs: 0, ...result } : null,
  };
}

describe.each([
  ["node-jobs", nodeJobsFile, ["--model", "node-jobs"], isExplained],
  ["scheduler", schedulerFile, ["--model", "scheduler"], (bytes: Buffer) => isExplainedScheduler(parsed(bytes) ?? [])],
  ["a run", runFile, [], () => true],
] as const)("a history of %s", (_, original, model, isRight) => {
  it("is held as it is", async () => {
    expect(await check(original, model)).toMatchObject({ code: 0, err: "" });
    expect(isAnotherHistory(original, original) && isRight(original)).toBe(true);
  });

  const codes = new Map<number, number>();
  it.each(Array.from({ length: rounds }, (_, seed) => seed))(
    "does not pass, crash or hang where it is damaged (seed %i)",
    async (seed) => {
      const { bytes, how } = damage(original, seed);
      const { code, err, file, out, took } = await check(bytes, model);
      codes.set(code, (codes.get(code) ?? 0) + 1);
      expect(took, how).toBeLessThan(longest);
      expect(`${out}${err}`, how).not.toMatch(/^\s+at .*:\d+:\d+/m);
      expect([0, 1, 2, 64], `${how}: ${err}`).toContain(code);
      if (code === 64) expect(err, how).toMatch(new RegExp(`where: +${file}: line \\d+`));
      else expect(err, how).toBe("");
      if (code === 0) expect(isAnotherHistory(bytes, original) && isRight(bytes), `${how}: held`).toBe(true);
    },
  );

  it("was refused, violated, open and held in some of them", () => {
    expect([...codes.keys()].sort((a, b) => a - b)).toEqual([0, 1, 2, 64]);
    expect(codes.get(64) ?? 0).toBeGreaterThan(rounds / 2);
    expect(codes.get(0) ?? 0).toBeLessThan(rounds / 5);
  });
});

it("are at least 600", () => expect(3 * rounds).toBeGreaterThanOrEqual(600));
