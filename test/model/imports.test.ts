import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { describe, expect, it } from "vitest";

const folder = new URL("../../model/", import.meta.url);
const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
const textOf = (file: string) => readFileSync(new URL(file, folder), "utf8");

describe("model/", () => {
  it.each(files)("%s imports nothing but the model itself", (file) => {
    const text = textOf(file);
    const imported = [...text.matchAll(/\bfrom\s+"([^"]*)"|\bimport\s*\(?\s*"([^"]*)"/g)].map(
      (match) => match[1] ?? match[2],
    );
    const isOwn = (name: string | undefined) =>
      name?.startsWith(".") === true && files.includes(posix.join(posix.dirname(file), name));
    expect(imported.filter((name) => !isOwn(name))).toEqual([]);
  });

  it.each(files)("%s reads no clock, no chance and no surroundings", (file) => {
    const found = textOf(file).match(
      /\b(Date|Math\.random|performance|process|crypto|setTimeout|setInterval|require|globalThis)\b\s*[.(]/,
    );
    expect(found).toBeNull();
  });

  it("is found by this test, imports and all", () => {
    expect(files).toContain("partition/partition.ts");
    expect(textOf("partition/partition.ts")).toContain('from "./command.ts"');
  });
});
