import { describe, expect, it } from "vitest";
import { type Source, sourcesIn, topLevel } from "./sources.ts";
import { machinePaths, misnamed, strays, timeOrChance, tooLong } from "./tidiness.ts";

const sources = ["model", "src", "scenarios"].flatMap((folder) => sourcesIn(folder));
const written = [sourcesIn("test"), sourcesIn("lua", [".lua"]), sourcesIn("docs", [".md"])];
const everything = [...sources, ...written.flat(), ...sourcesIn("examples", [".py", ".go", ".lua"])];
const file = (text: string, path = "src/check/verdict.ts"): Source => ({ path, text });

/** Assembled here, so that no file of ours contains one. */
const path = (...parts: readonly string[]): string => `/${parts.join("/")}`;

describe("architecture:", () => {
  it("only the adapters use time and randomness", () => expect(sources.flatMap(timeOrChance)).toEqual([]));
  it("files are short", () => expect(everything.flatMap(tooLong)).toEqual([]));
  it("files are named after what is in them", () => expect(everything.flatMap(misnamed)).toEqual([]));
  it("only the examples of the tests name a path of one machine", () => {
    const others = everything.filter((source) => !source.path.startsWith("test/"));
    expect(others.flatMap(machinePaths)).toEqual([]);
  });
  it("the root has no other files", () => expect(strays(topLevel())).toEqual([]));
});

describe("the check of time and randomness", () => {
  it.each([
    "const now = Date.now();",
    "const now = new Date();",
    "const { now } = Date;",
    "const now = performance.now();",
    "const now = globalThis.performance.now();",
    "const id = globalThis['Date']['now']();",
    "const one = Math.random();",
    "const { random } = { random: Math.random };",
    "setTimeout(() => {}, 1);",
    "const timer: ReturnType<typeof setTimeout> | null = null;",
    "setInterval(tick, 1);",
    "setImmediate(tick);",
    "const signal = AbortSignal.timeout(50);",
    "process.hrtime.bigint();",
    'import { randomUUID } from "node:crypto";',
    "const id = crypto.randomUUID();",
    'import { setTimeout as sleep } from "node:timers/promises";',
    'const timers = await import("node:timers");',
  ])("finds %s", (text) => expect(timeOrChance(file(text)).length).toBeGreaterThan(0));

  it.each([
    "// Date.now()\nconst text = 'Math.random()';",
    "const later = clock.now();",
    "const ports = { setTimeout: 1, Date: 2 };",
    "const one = random.nextUint32();",
    "const largest = Math.max(1, 2);",
    "const late = settings.performance;",
  ])("lets %s pass", (text) => expect(timeOrChance(file(text))).toEqual([]));

  it("allows them in an adapter", () => expect(timeOrChance(file("Date.now()", "src/redis/clock.ts"))).toEqual([]));
});

describe("the other checks find", () => {
  it("a long file", () => {
    expect(tooLong(file("\n".repeat(401)))).toHaveLength(1);
    expect(tooLong(file("\n".repeat(400)))).toEqual([]);
  });

  it.each(["src/check/utils.ts", "test/report/helper.ts", "src/lab/util.js"])("the name %s", (path) => {
    expect(misnamed(file("", path))).toHaveLength(1);
  });

  it("a stray at the top", () => expect(strays(["src", "notes.txt"])).toHaveLength(1));

  it.each([path("root", "x"), "see /home/a", `\`${path("work", "main")}\``, path("tmp", "lockproof-1")])(
    "the path %s",
    (text) => {
      expect(machinePaths(file(text))).toHaveLength(1);
    },
  );

  it.each([`reports${path("work", "x")}`, "https://a.b/work", `a${path("root", "b")}`, "/tmp"])(
    "no path in %s",
    (text) => {
      expect(machinePaths(file(text))).toEqual([]);
    },
  );
});
