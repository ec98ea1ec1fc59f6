// @module-tag slow
/** The supervising process around runs that fail in every way: it always ends, with 3, or with 1 after a reported violation. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { copyFile, cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";

const checkout = fileURLToPath(new URL("../../..", import.meta.url));
const launcher = join(checkout, "src", "cli", "lockproof.js");

let base = "";
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "lockproof-launcher-"));
});
afterAll(() => rm(base, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** Milliseconds. */
  readonly took: number;
}

/** @param path of the launcher @param onLine called with the first line of the output and the process */
async function start(
  path: string,
  words: readonly string[] = [],
  onLine: (line: string, pid: number) => void = () => {},
  nodeFlags: readonly string[] = [],
): Promise<Ended> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...nodeFlags, path, ...words], { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let out = "";
  let err = "";
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  child.stdout.on("data", (chunk: Buffer) => {
    const isFirst = !out.includes("\n");
    out += chunk.toString();
    if (isFirst && out.includes("\n")) onLine(out.split("\n")[0] ?? "", child.pid ?? 0);
  });
  const [code] = await once(child, "close");
  return { code, out, err, took: performance.now() - startedAt };
}

let packages = 0;

/** An installed package with this JavaScript as its command. */
async function installed(main: string): Promise<string> {
  packages += 1;
  const root = join(base, String(packages), "node_modules", "lockproof");
  const path = join(root, "src", "cli", "lockproof.js");
  const file = join(root, "dist", "src", "cli", "main.js");
  for (const each of [path, file]) await mkdir(dirname(each), { recursive: true });
  await copyFile(launcher, path);
  await writeFile(join(root, "package.json"), `{"type":"module"}`);
  await writeFile(file, main);
  return path;
}

/** A command with this body. */
const doing = (body: string) => installed(`export async function main(words, { onViolation, orphaned }) { ${body} }`);

const never = "await new Promise(() => {});";

/** Ways in which a run ends without a verdict, with their messages. */
const crashes: readonly (readonly [name: string, body: string, said: RegExp])[] = [
  ["a rejection of main", `throw new Error("oops")`, /^broken run: oops\n {2}where: .*\n {2}fix: .*LOCKPROOF_DEBUG/],
  ["an uncaught error", `setTimeout(() => { throw new Error("oops"); }); ${never}`, /^broken run: oops\n/],
  ["an unhandled rejection", `Promise.reject(new Error("oops")); ${never}`, /^broken run: oops\n/],
  ["something odd that was thrown", `setTimeout(() => { throw null; }); ${never}`, /^broken run: null\n/],
  ["a stack overflow", "const f = () => f() + 1; f();", /^broken run: Maximum call stack size exceeded\n/],
  ["an early exit with 0", "process.exit(0)", /^broken run: the run ended with 0 and without a verdict\n/],
  ["an early exit with 1", "process.exit(1)", /^broken run: the run ended with 1 and without a verdict\n/],
  ["an event loop with nothing to do", never, /broken run: the run ended with 13 and without a verdict\n/],
  [
    "a kill from outside",
    `process.kill(process.pid, "SIGKILL"); ${never}`,
    /^broken run: .* from outside by SIGKILL\n/,
  ],
  [
    "an abort, such as V8's of a full heap",
    "process.abort()",
    /broken run: the run was aborted, most likely because the/,
  ],
];

describe("a run that ends without a verdict", () => {
  it.each(crashes)("by %s is 3, explained without a stack trace", async (_name, body, said) => {
    const { code, err } = await start(await doing(body));
    expect(err).toMatch(said);
    expect(code).toBe(3);
    if (!body.includes("abort")) expect(err).not.toMatch(/\n\s+at /);
  });

  it.each(crashes)("by %s after a violation is 1", async (_name, body) => {
    const { code } = await start(
      await doing(`onViolation(); await new Promise((next) => setTimeout(next, 50)); ${body}`),
    );
    expect(code).toBe(1);
  });

  it("with files that are damaged or missing is 3, with the way out", async () => {
    const damaged = await start(await installed("export async function main( {"));
    expect(damaged.code).toBe(3);
    expect(damaged.err).toMatch(/^broken run: .*\n {2}where: .*\n {2}fix: .*\n$/);
    const missing = await start(
      await installed(`import "no-such-package"; export async function main() { return 0; }`),
    );
    expect(missing.code).toBe(3);
    expect(missing.err).toMatch(
      /^broken run: a part of lockproof is missing: .*no-such-package.*\n.*\n {2}fix: .*npm ci/,
    );
  });

  it("in a checkout without npm ci is 3, with the way out", async () => {
    const bare = join(base, "bare");
    for (const folder of ["src", "model", "scenarios", "package.json"]) {
      await cp(join(checkout, folder), join(bare, folder), { recursive: true });
    }
    const { code, err, out } = await start(join(bare, "src", "cli", "lockproof.js"), ["doctor"]);
    expect({ code, out }).toEqual({ code: 3, out: "" });
    expect(err).toMatch(/^broken run: a part of lockproof is missing: .*commander.*\n.*\n {2}fix: .*npm ci.*\n$/);
  });
});

describe("a run with a verdict", () => {
  const left = "left open at the end, and closed: 1 Timeout\n";
  it.each([
    [0, left],
    [1, left],
    [2, left],
    [3, ""],
    [64, ""],
  ])("ends with its code %i, and names what a verdict leaves open", async (wanted, text) => {
    const { code, err, took } = await start(await doing(`setInterval(() => {}, 1000); return ${wanted};`));
    expect({ code, err }).toEqual({ code: wanted, err: text });
    expect(took).toBeLessThan(5_000);
  });

  it("that leaves nothing open names nothing", async () => {
    const { code, err } = await start(await doing("return 0;"));
    expect({ code, err }).toEqual({ code: 0, err: "" });
  });

  it("writes all of its output before it ends", async () => {
    const { code, out } = await start(await doing(`process.stdout.write("x".repeat(3_000_000)); return 0;`));
    expect({ code, length: out.length }).toEqual({ code: 0, length: 3_000_000 });
  });

  it("receives the flags of Node", async () => {
    const { out } = await start(await doing("console.log(process.execArgv.join()); return 0;"), [], () => {}, [
      "--max-old-space-size=300",
    ]);
    expect(out).toMatch(/^--max-old-space-size=300(?:,--disable-warning=\w+)+\n$/u);
  });
});

/** False for a zombie process. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** Makes a process believe that it is another version of Node. */
const pretend = (version: string) => [
  "--import",
  `data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"${version}"}})`,
];

describe.each([
  ["a Node that is new enough", []],
  ["a Node that is too old", pretend("20.11.1")],
])("signals to the started process, under %s", (_name, nodeFlags) => {
  // Below node_modules there is no newer Node to continue under, so the test provides this one.
  const withNode = async (body: string): Promise<string> => {
    const path = await doing(body);
    const bin = join(dirname(path), "..", "..", "node_modules", ".bin");
    await mkdir(bin, { recursive: true });
    await writeFile(join(bin, "node"), `#!/bin/sh\nexec "${process.execPath}" "$@"\n`, { mode: 0o755 });
    return path;
  };

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "%s ends a run that computes, within 2 s, with 3",
    async (signal) => {
      let sentAt = 0;
      const path = await withNode(`process.on("${signal}", () => {}); console.log("ready"); for (;;);`);
      const send = (_line: string, pid: number) => {
        sentAt = performance.now();
        process.kill(pid, signal);
      };
      const { code, err } = await start(path, [], send, nodeFlags);
      expect(performance.now() - sentAt).toBeLessThan(2_000);
      expect(code).toBe(3);
      expect(err).toMatch(new RegExp(`^broken run: ${signal}: the run did not end within 1\\.5 s and was stopped\n`));
    },
  );

  it.each([
    ["computes", "for (;;);"],
    ["waits and does not listen", "setInterval(() => {}, 1000); await new Promise(() => {});"],
    ["listens", `orphaned.addEventListener("abort", () => process.exit(3)); ${never}`],
  ])("SIGKILL leaves no run behind that %s", async (_what, body) => {
    let run = 0;
    const path = await withNode(`console.log(process.pid); setTimeout(() => {}, 10_000); ${body}`);
    const kill = (line: string, pid: number) => {
      run = Number(line);
      process.kill(pid, "SIGKILL");
    };
    // The pipes close when no process holds them any more.
    const { code } = await start(path, [], kill, nodeFlags);
    expect(code).toBe(null);
    expect(run).toBeGreaterThan(1);
    // A process closes its pipes a moment before it has ended.
    for (let tries = 0; tries < 100 && isRunning(run); tries += 1) await sleep(10);
    expect(isRunning(run)).toBe(false);
  });
});

describe("an output that cannot be written", () => {
  const onFull = async (words: readonly string[]) => {
    const full = openSync("/dev/full", "w");
    const child = spawn(process.execPath, [launcher, ...words], { stdio: ["ignore", full, "pipe"] });
    closeSync(full);
    let err = "";
    child.stderr?.on("data", (chunk: Buffer) => (err += chunk.toString()));
    const [code] = await once(child, "close");
    return { code, err };
  };

  const onClosedPipe = async (words: readonly string[]) => {
    const child = spawn(process.execPath, [launcher, ...words], { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.destroy();
    let err = "";
    child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
    const [code] = await once(child, "close");
    return { code, err };
  };

  const held = ["simulate", "--scenario", "steady", "--seeds", "1..1"];

  it("a full disk makes a run that held broken", async () => {
    const { code, err } = await onFull(held);
    expect(code).toBe(3);
    expect(err).toMatch(
      /^broken run: the result could not be printed: ENOSPC.*\n {2}where: standard output\n {2}fix: .*\n$/,
    );
  });

  it("a closed pipe makes a run that held broken, because its verdict was not read", async () => {
    const { code, err } = await onClosedPipe(held);
    expect(code).toBe(3);
    expect(err).toContain("the result could not be printed: the pipe is closed");
  });

  it.each([onFull, onClosedPipe])("leaves wrong usage as it is", async (run) => {
    expect(await run(["verify", "--sed", "1"])).toMatchObject({ code: 64 });
  });

  it("makes help broken on a full disk, but not on a closed pipe", async () => {
    expect((await onFull(["--help"])).code).toBe(3);
    expect(await onClosedPipe(["--help"])).toEqual({ code: 0, err: "" });
  });
});
