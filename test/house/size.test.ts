import { describe, expect, it } from "vitest";
import {
  fullFolders,
  longFunctions,
  mostFiles,
  mostLines,
  mostParameters,
  notAsListed,
  wideFunctions,
} from "./size.ts";
import { allowedFullFolders, allowedLongFunctions, allowedWideFunctions } from "./size-exceptions.ts";
import { pathsIn, type Source, sourcesIn } from "./sources.ts";
import { functionsOf } from "./syntax.ts";

const sources = ["model", "src", "scenarios"].flatMap((folder) => sourcesIn(folder));
const folders = ["model", "src", "scenarios", "test"];
const file = (text: string): Source => ({ path: "src/check/verdict.ts", text });
/** `BODY` in the text stands for a function's body of that many lines. */
const withBody = (text: string, lines: number): Source => file(text.replace("BODY", `{${"\n".repeat(lines - 1)}}`));

describe("apart from the listed exceptions, which are all still needed,", () => {
  it("functions are short", () => {
    expect(sources.flatMap(functionsOf).length).toBeGreaterThan(3000);
    const long = sources.flatMap(longFunctions);
    expect(notAsListed(long, allowedLongFunctions, `${mostLines} lines`)).toEqual([]);
  });

  it("functions have few parameters", () => {
    const wide = sources.flatMap(wideFunctions);
    expect(notAsListed(wide, allowedWideFunctions, `${mostParameters} parameters`)).toEqual([]);
  });

  it("folders hold few files beside each other", () => {
    const full = folders.flatMap((folder) => fullFolders(pathsIn(folder)));
    expect(notAsListed(full, allowedFullFolders, `${mostFiles} files`)).toEqual([]);
  });
});

describe("the checks find", () => {
  it.each([
    ["function long() BODY", "long"],
    ["export const long = async () => BODY;", "long"],
    ["const long = (function () BODY);", "long"],
    ["class Queue { take() BODY }", "Queue.take"],
    ["class Queue { #take = () => BODY; }", "Queue.take"],
    ["class Queue { constructor() BODY }", "Queue.constructor"],
    ["const rules = { long: () => BODY };", "long"],
    ["list.map(() => BODY);", "anonymous"],
  ])("the long function in %s", (text, name) => {
    expect(longFunctions(withBody(text, 61))).toEqual([`src/check/verdict.ts ${name}`]);
    expect(longFunctions(withBody(text, 60))).toEqual([]);
  });

  it("a function inside another, by both names", () => {
    const names = functionsOf(file("const outer = () => { const inner = () => 0; call(() => 0); };")).map(
      ({ name }) => name,
    );
    expect(names).toEqual(["outer", "outer.inner", "outer.anonymous"]);
  });

  it.each([
    "function wide(a, b, c, d, e) {}",
    "const wide = (a: A, { b }: B, c = 1, d?: D, ...e: E[]) => 0;",
    "const rules = { wide(a, b, c, d, e) {} };",
    "class Queue { constructor(a, b, c, d, e) {} }",
  ])("the parameters of %s", (text) => expect(wideFunctions(file(text))).toHaveLength(1));

  it.each([
    "function narrow(a, b, c, d) {}",
    "call(a, b, c, d, e);",
    "type Wide = (a: A, b: B, c: C, d: D, e: E) => F;",
    "const text = 'function wide(a, b, c, d, e) {}';",
  ])("no wide function in %s", (text) => expect(wideFunctions(file(text))).toEqual([]));

  it("a folder of 16 files, without its sub-folders", () => {
    const paths = Array.from({ length: 16 }, (_, index) => `src/lab/file-${index}.ts`);
    expect(fullFolders([...paths, "src/lab/machine/cpu.ts"])).toEqual(["src/lab"]);
    expect(fullFolders([...paths.slice(1), "src/lab/machine/cpu.ts"])).toEqual([]);
  });

  it("a new offence, and an exception that is no longer needed", () => {
    expect(notAsListed(["new", "old"], ["old"], "60 lines")).toEqual(["new: at most 60 lines"]);
    expect(notAsListed([], ["old"], "60 lines")).toHaveLength(1);
    expect(notAsListed(["old"], ["old"], "60 lines")).toEqual([]);
  });
});
