// @module-tag slow
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Lab, openLab } from "../../src/lab/lab.ts";
import type { RedisServer } from "../../src/lab/servers/redis.ts";
import { watchPrivilege } from "../../src/redis/acl.ts";
import { until } from "../embed/until.ts";
import { Load } from "./load.ts";

const program = new URL("../../src/cli/lockproof.js", import.meta.url).pathname;
let lab: Lab;
let server: RedisServer;
let admin: Redis;
let dir: string;

beforeAll(async () => {
  lab = await openLab();
  server = await lab.redis();
  admin = new Redis(server.url);
  dir = mkdtempSync(join(tmpdir(), "lockproof-watch-"));
});
afterAll(async () => {
  admin.disconnect();
  rmSync(dir, { recursive: true, force: true });
  await lab[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await admin.flushall();
  await admin.call("ACL", "SETUSER", "watcher", ...watchPrivilege("lp:"), ">secret-1");
});

interface Run {
  readonly child: ChildProcess;
  text(): string;
  readonly ended: Promise<number>;
}

function run(user: string, ...args: string[]): Run {
  const url = server.url.replace("://", `://${user}@`);
  const child = spawn(process.execPath, [program, "watch", url, "--dir", dir, ...args]);
  let text = "";
  child.stdout.on("data", (part) => (text += String(part)));
  child.stderr.on("data", (part) => (text += String(part)));
  const ended = once(child, "close").then(([code]) => Number(code));
  return { child, text: () => text, ended };
}

function objects(text: string): readonly Record<string, unknown>[] {
  return text.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []));
}

describe("lockproof watch", () => {
  it.each(["SIGINT", "SIGTERM"] as const)("ends by itself at %s, with the verdict of what it saw", async (signal) => {
    await using _load = await Load.start(server.url);
    const { child, ended, text } = run("watcher:secret-1", "--json", "--metrics-port", "0");
    await until("it follows the store", () => text().includes('"following"'), 20_000);
    const metrics = /metrics: (\S+)/u.exec(text())?.[1] ?? "";
    await until("it has read changes", async () => /changes_total [1-9]/u.test(await (await fetch(metrics)).text()));
    child.kill(signal);
    const code = await ended;
    const last = objects(text()).at(-1);
    expect(last).toMatchObject({
      kind: "end",
      properties: { V1: { verdict: expect.stringMatching(/held|unknown/u) } },
    });
    expect(code).toBe(last?.["verdict"] === "held" ? 0 : 2);
    expect(text()).not.toContain("secret-1");
  });

  it("ends with 2 where nothing happened, and with 3 where Redis refuses the user; it prints no password", async () => {
    const idle = run("watcher:secret-1", "--for", "4s");
    expect(await idle.ended).toBe(2);
    expect(idle.text()).toContain("waiting");
    const refused = run("watcher:secret-2", "--for", "20s");
    expect(await refused.ended).toBe(3);
    expect(refused.text()).toContain("docs/acl.md");
    await admin.call("ACL", "SETUSER", "watcher", "-xrange");
    await using _load = await Load.start(server.url);
    const lacking = run("watcher:secret-1", "--for", "20s");
    expect(await lacking.ended).toBe(3);
    for (const { text } of [idle, refused, lacking]) expect(text()).not.toMatch(/secret-[12]/u);
  });

  it.each([
    ["redis://watcher:secret-1@127.0.0.1:6379/?db=1", []],
    ["http://watcher:secret-1@127.0.0.1", []],
    ["redis://127.0.0.1", ["--rate", "0"]],
    ["redis://127.0.0.1", ["--namespace", "a{b}"]],
  ])("refuses %s with 64", async (url, args) => {
    const child = spawn(process.execPath, [program, "watch", url, "--dir", dir, ...args]);
    let text = "";
    child.stderr.on("data", (part) => (text += String(part)));
    const [code] = await once(child, "close");
    expect(code).toBe(64);
    expect(text).not.toContain("secret-1");
  });

  it("refuses a server of a Cluster, with 3", async () => {
    await using cluster = await lab.redis({ args: ["--cluster-enabled", "yes"] });
    const child = spawn(process.execPath, [program, "watch", cluster.url, "--dir", dir, "--for", "20s"]);
    let text = "";
    child.stderr.on("data", (part) => (text += String(part)));
    const [code] = await once(child, "close");
    expect(code).toBe(3);
    expect(text).toContain("of a Cluster, allowed a single one");
  });

  it("goes on after Redis was stopped for a while, and counts that", async () => {
    await using _load = await Load.start(server.url);
    const { child, ended, text } = run("watcher:secret-1", "--json");
    await until("it follows the store", () => text().includes('"following"'), 20_000);
    await server.pause();
    await until("it says that Redis is away", () => text().includes('"away"'), 20_000);
    server.resume();
    await until("it says that Redis is back", () => text().includes('"back"'), 20_000);
    child.kill("SIGTERM");
    await ended;
    expect(objects(text()).at(-1)).toMatchObject({ kind: "end", absences: 1 });
    expect(text()).not.toContain('"violation"');
  });
});
