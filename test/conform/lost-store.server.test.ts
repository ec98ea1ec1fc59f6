/** A store that ends, or a script that does not: the run is broken, and says which server, which script and which run. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { scriptMutants } from "../../scenarios/mutants/scripts/registry.ts";
import { type ConformEvidence, type ConformOptions, runConform } from "../../src/conform/run.ts";
import { BrokenRunError } from "../../src/evidence/failure.ts";
import { decodeToken } from "../../src/evidence/token.ts";
import { openLab } from "../../src/lab/lab.ts";
import { waitFor } from "../../src/lab/process/wait.ts";
import { ownScriptsDir } from "../../src/redis/scripts/scripts.ts";
import { tempFolder, writeProgram } from "../lab/process/temp-folder.ts";

const conform = (options: Partial<ConformOptions>): Promise<ConformEvidence> =>
  runConform({
    ...{ seed: 3, runs: 1_000_000, signal: new AbortController().signal, now: () => performance.now() },
    ...options,
  });

const brokenBy = async (run: Promise<unknown>): Promise<BrokenRunError> => {
  const error = await run.then(
    () => new Error("it was not broken"),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(BrokenRunError);
  return error as BrokenRunError;
};

async function realServer(): Promise<string> {
  await using lab = await openLab();
  return (await lab.redisBinary()).path;
}

/** The scripts, with an endless loop in front of one of them. */
async function withEndless(name: string): Promise<string> {
  const folder = await tempFolder();
  await cp(ownScriptsDir(), folder, { recursive: true });
  const file = join(folder, `${name}.lua`);
  await writeFile(file, `while true do end\n${await readFile(file, "utf8")}`);
  return folder;
}

describe("a redis-server that is killed while conform runs", () => {
  it("is named with its end and the run, and the run can be made again", async () => {
    const redisServer = join(await tempFolder(), "redis-server");
    const real = await realServer();
    await writeProgram(
      redisServer,
      `case "$1" in --version) exec ${real} --version;; esac`,
      "(sleep 1.5; kill -9 $$) &",
      `exec ${real} "$@"`,
    );
    const { message, where, fix } = await brokenBy(conform({ redisServer }));
    expect(message).toMatch(/^conform: redis-server on port \d+ \(pid \d+\) ended by SIGKILL during .+$/u);
    expect(where).toMatch(/^run \d+ of 1000000$/u);
    const plan = decodeToken(/lp1:\S+$/u.exec(fix)?.[0] ?? "").plan;
    expect((await conform({ plan })).verdict).toBe("held");
  });
});

describe("a redis-server that is killed while a violation is shrunk", () => {
  it("does not mask the violation", async () => {
    const folder = await tempFolder();
    const redisServer = join(folder, "redis-server");
    const pidFile = join(folder, "pid");
    const version = `case "$1" in --version) exec ${await realServer()} --version;; esac`;
    await writeProgram(redisServer, version, `echo $$ > ${pidFile}`, `exec ${await realServer()} "$@"`);
    const texts: string[] = [];
    const onProgress = (text: string): void => {
      texts.push(text);
      if (text.startsWith("conform: shrinking")) process.kill(Number(readFileSync(pidFile, "utf8")), "SIGKILL");
    };
    const [mutant] = scriptMutants.filter(({ style }) => style === undefined);
    const { verdict, violations } = await conform({ redisServer, mutant: mutant?.id ?? "", onProgress });
    expect(texts.some((text) => text.startsWith("conform: shrinking"))).toBe(true);
    expect(verdict).toBe("violated");
    expect(violations[0]?.token).toMatch(/^lp1:conform:3:/u);
    expect(violations[0]?.timeline).toBeUndefined();
  });
});

describe("a script that does not end", () => {
  it("is named by its file, within the timeout", async () => {
    const luaDir = await withEndless("register_node");
    const { message, where } = await brokenBy(conform({ luaDir, timeout: 1_000 }));
    expect(message).toMatch(/^conform: register_node\.lua does not end: .* answers only BUSY$/u);
    expect(where).toMatch(/^run 1 of/u);
  });

  it("does not outlast a signal", async () => {
    const stop = new AbortController();
    const luaDir = await withEndless("register_node");
    const run = conform({ luaDir, signal: stop.signal });
    await sleep(1_500);
    stop.abort();
    const start = performance.now();
    expect(await run).toMatchObject({ verdict: "unknown", reason: "interrupted after 0 of 1000000 runs" });
    expect(performance.now() - start).toBeLessThan(10_000); // it would never end
  });
});

/** The first process that a process started; undefined: it has started none yet. */
async function childOf(pid: string | number | undefined): Promise<string | undefined> {
  if (pid === undefined) return undefined;
  return (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).split(" ")[0] || undefined;
}

describe("a million runs", () => {
  it("begin at once, in little memory, and end on SIGINT", async () => {
    const program = fileURLToPath(new URL("../../src/cli/lockproof.js", import.meta.url));
    const child = spawn(process.execPath, [program, "conform", "--runs", "1000000", "--seed", "3", "--json"]);
    const out: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => void out.push(chunk));
    // The launcher supervises the process that runs, and that one starts the server.
    const run = await waitFor(
      async () => ((await childOf(await childOf(child.pid))) ? childOf(child.pid) : undefined),
      {
        ...{ timeout: 60_000, interval: 50 },
      },
    );
    await sleep(3_000);
    const status = await readFile(`/proc/${run}/status`, "utf8");
    expect(Number(/VmHWM:\s+(\d+) kB/u.exec(status)?.[1])).toBeLessThan(400_000);
    child.kill("SIGINT");
    const start = performance.now();
    const [code] = (await once(child, "exit")) as [number];
    expect(performance.now() - start).toBeLessThan(10_000); // it would never end
    expect(code).toBe(3); // interrupted, as every command
    const json = JSON.parse(Buffer.concat(out).toString()) as ConformEvidence["json"];
    expect(json.verdict).toBe("unknown");
    expect(json.runs).toBeGreaterThan(0);
  });
});
