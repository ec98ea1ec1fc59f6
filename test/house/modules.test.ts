import { describe, expect, it } from "vitest";
import { forbiddenImports, importCycles } from "./modules.ts";
import { type Source, sourcesIn } from "./sources.ts";
import { statementsThatRun } from "./syntax.ts";

const sources = ["model", "src", "scenarios"].flatMap((folder) => sourcesIn(folder));
const file = (path: string, text: string): Source => ({ path, text });

describe("imports go only in the permitted direction", () => {
  it("in every file", () => {
    expect(sources.length).toBeGreaterThan(50);
    expect(forbiddenImports(sources)).toEqual([]);
  });

  it("without cycles", () => expect(importCycles(sources)).toEqual([]));
});

/** Copies of the scheduler and of the Redis client are loaded without that folder, and decide nothing by it. */
describe("src/protocol", () => {
  it("has types only", () => {
    const shared = sourcesIn("src/protocol");
    expect(shared.length).toBeGreaterThan(3);
    expect(shared.flatMap(statementsThatRun)).toEqual([]);
  });

  it.each([
    [`export const epoch = "";`, "ExportNamedDeclaration"],
    [`import { z } from "zod";`, "ImportDeclaration"],
    ['export * from "./node.ts";', "ExportAllDeclaration"],
    ["let count = 0;", "VariableDeclaration"],
  ])("would not have types only with %s", (text, kind) =>
    expect(statementsThatRun(file("src/protocol/x.ts", text))).toEqual([kind]),
  );

  it.each([
    `import type { Version } from "./version.ts";\nexport interface Node { readonly version: Version }`,
    "export type Millis = number;\ntype At = { readonly at: Millis };\ninterface None {}",
  ])("may have %s", (text) => expect(statementsThatRun(file("src/protocol/x.ts", text))).toEqual([]));
});

describe("the check finds", () => {
  it.each([
    ["model/step.ts", `import { view } from "../src/scheduler/view.ts";`],
    ["model/step.ts", `import type { View } from "../src/scheduler/view.ts";`],
    ["model/step.ts", `import { z } from "zod";`],
    ["src/scheduler/view/view.ts", `export { step } from "../../model/partition/partition.ts";`],
    ["src/scheduler/view/view.ts", `const { step } = await import("../../model/partition/partition.ts");`],
    ["src/scheduler/view/view.ts", `import { Redis } from "ioredis";`],
    ["src/redis/store.ts", `import { view } from "../scheduler/view.ts";`],
    ["src/lab/lab.ts", `import { verdicts } from "../check/verdict.ts";`],
    ["src/report/schema.ts", `export * from "../conform/run.ts";`],
    ["src/check/verdict.ts", `import "../report/gate.ts";`],
    ["src/attic/box.ts", ""],
  ])("%s: %s", (path, text) => expect(forbiddenImports([file(path, text)])).toHaveLength(1));

  it.each([
    ["src/redis/store.ts", `import type { Store } from "../scheduler/ports.ts";`],
    [
      "src/conform/run.ts",
      `import { step } from "../../model/partition/partition.ts"; import { Redis } from "ioredis";`,
    ],
    ["model/step.ts", `// import { view } from "../src/scheduler/view.ts";\nconst text = 'import "zod"';`],
  ])("nothing in %s: %s", (path, text) => expect(forbiddenImports([file(path, text)])).toEqual([]));

  it("a cycle, wherever it is entered", () => {
    const ring = [
      file("src/cli/main.ts", `import "./a.ts";`),
      file("src/cli/a.ts", `import "./b.ts";`),
      file("src/cli/b.ts", `import type { A } from "./a.ts";`),
    ];
    expect(importCycles(ring)).toEqual(["src/cli/a.ts -> src/cli/b.ts -> src/cli/a.ts"]);
  });
});
