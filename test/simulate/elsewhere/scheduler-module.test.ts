// @module-tag slow
import { cpSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/evidence/failure.ts";
import { loadSchedulerModule } from "../../../src/simulate/elsewhere/scheduler-module.ts";
import { modules } from "./modules.ts";

const right = "export const createScheduler = () => ({});";

async function refusal(text: string): Promise<string> {
  const refused = await loadSchedulerModule(modules({ "mine.ts": text })).then(
    () => null,
    (error: unknown) => error,
  );
  expect(refused).toBeInstanceOf(UsageError);
  return String((refused as UsageError).message);
}

describe("a module with a scheduler", { timeout: 60_000 }, () => {
  it.each([
    ["that does not parse", "export const = 7;", "an import that fails: "],
    ["that throws", 'throw new Error("no licence");', "an import that fails: no licence"],
    ["that imports what is not there", 'import "./absent.ts";', "an import that fails: "],
    ["without the export", "export const create = 1; export const x = 2;", "a module that exports create, x"],
    ["without any export", "export {}; const create = 1;", "a module that exports nothing"],
    ["with an export that is no function", "export const createScheduler = 7;", "a createScheduler that is a number"],
    ["that ends the process", "process.exit(0);", "an import that ends the process"],
    ["that waits for ever", "await new Promise(() => {});", "an import that waits for ever"],
    ["that never ends", "for (;;);", "an import that had not ended after 10 s"],
  ])("%s is refused", async (_, text, words) => {
    const message = await refusal(text);
    expect(message).toContain(words);
    expect(message).toContain("allowed: a module that exports createScheduler");
    expect(message).not.toMatch(/\n|\bat .*:\d+:\d+/u);
  });

  it("is named by the last part of its path and its content, wherever it lies", async () => {
    const path = modules({ "mine.ts": right });
    const other = join(dirname(path), "elsewhere.ts");
    cpSync(path, other);
    const [one, two] = [await loadSchedulerModule(path), await loadSchedulerModule(other)];
    expect(one).toMatchObject({ name: "mine.ts", hash: expect.stringMatching(/^[0-9a-f]{12}$/u) });
    expect(two).toMatchObject({ name: "elsewhere.ts", hash: one.hash });
  });

  it("has another content when a file is another that it imports, directly or not", async () => {
    const texts = (value: number) => ({
      "mine.ts": `import { a } from "./a.ts"; export const createScheduler = () => a;`,
      "a.ts": `export * from "./b.ts"; export const a = 1;`,
      "b.ts": `export const load = () => import("./c.ts"); export const b = 1;`,
      "c.ts": `export const c = ${value};`,
    });
    const hashOf = async (value: number) => (await loadSchedulerModule(modules(texts(value)))).hash;
    expect(await hashOf(1)).toBe(await hashOf(1));
    expect(await hashOf(1)).not.toBe(await hashOf(2));
  });

  it("keeps its content when a file is another of which it imports types alone", async () => {
    const hashOf = async (type: string) => {
      const mine = `import type { A } from "./types.ts"; export const createScheduler = (): A => ({}) as A;`;
      return (await loadSchedulerModule(modules({ "mine.ts": mine, "types.ts": `export type A = ${type};` }))).hash;
    };
    expect(await hashOf("string")).toBe(await hashOf("number"));
  });
});
