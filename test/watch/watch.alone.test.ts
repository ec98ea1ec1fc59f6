// @module-tag slow
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { PropertyId } from "../../src/check/properties.ts";
import { checkTrial } from "../../src/history/trial/judge.ts";
import { type Lab, openLab } from "../../src/lab/lab.ts";
import type { RedisServer } from "../../src/lab/servers/redis.ts";
import { mutated } from "../../src/mutants/scripts.ts";
import { watchCommands, watchPrivilege } from "../../src/redis/acl.ts";
import { type Reported, type Watched, watchStore } from "../../src/watch/watch.ts";
import { until } from "../embed/until.ts";
import { Load } from "./load.ts";

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

type Violated = Extract<Reported, { readonly kind: "violation" }> & { readonly reportedAt: number };

interface Running {
  readonly events: readonly Reported[];
  readonly violations: readonly Violated[];
  end(): Promise<Watched>;
}

function watch(): Running {
  const ended = new AbortController();
  const events: Reported[] = [];
  const violations: Violated[] = [];
  const result = watchStore({
    ...{ url: server.url.replace("://", "://watcher:secret-1@"), namespace: "lp:", rate: 1_000, keep: 1_000, dir },
    ended: ended.signal,
    clock: {
      now: () => performance.now(),
      sleep: async (duration, signal) => {
        if (duration > 0 && !signal.aborted) await wait(duration, undefined, { signal }).catch(() => {});
      },
    },
    on: (event) => {
      events.push(event);
      if (event.kind === "violation") violations.push({ ...event, reportedAt: performance.now() });
    },
    onMetrics: () => {},
  });
  result.catch(() => {}); // thrown by `end`
  const end = async (): Promise<Watched> => {
    ended.abort();
    return await result;
  };
  return { events, violations, end };
}

/** Microseconds that the server spent on what clients called, by command: scripts and transactions count what they call. */
async function spent(): Promise<{ readonly watch: number; readonly all: number }> {
  const info = await admin.info("commandstats");
  const of = (name: string): number =>
    Number(new RegExp(`cmdstat_${name}:calls=\\d+,usec=(\\d+)`, "u").exec(info)?.[1] ?? 0);
  return { watch: of("exec") + of("multi"), all: of("exec") + of("multi") + of("evalsha") + of("eval") + of("ping") };
}

describe("a watch of a real store under load", () => {
  it("raises no alarm, holds what it has met, sends only reading commands under its own prefix, and takes little of the server", async () => {
    await using _load = await Load.start(server.url);
    const own = admin.duplicate();
    const monitor = await own.monitor();
    monitor.on("error", () => {}); // nothing follows on a closed connection
    const commands = new Set<string>();
    const keys = new Set<string>();
    const lines: (readonly [source: string, args: readonly string[]])[] = [];
    monitor.on("monitor", (_time: string, args: string[], source: string) => lines.push([source, args]));
    const before = await spent();
    const watching = watch();
    await until("it follows the store", () => watching.events.some(({ kind }) => kind === "following"));
    const clients = String(await admin.client("LIST"));
    const address = /addr=(\S+) .*name=lockproof-watch-commands/u.exec(clients)?.[1];
    await wait(10_000);
    const after = await spent();
    const result = await watching.end();
    monitor.disconnect();
    own.disconnect();
    for (const [source, [name = "", ...args]] of lines) {
      if (source !== address) continue;
      const command = name.toLowerCase();
      if (command === "auth") continue; // every user may
      commands.add(command === "client" ? `client|${args[0]?.toLowerCase()}` : command);
      if (!["client", "exec", "info", "multi", "time"].includes(command)) keys.add(args[0] ?? "");
    }
    expect(watching.violations).toEqual([]);
    expect(result.judgements.map(({ property, verdict, reason }) => [property, verdict, reason])).toEqual(
      ["J1", "J2", "J4", "V1", "F1", "N4", "P1"].map((property) => [property, "held", undefined]),
    );
    expect(commands.size).toBeGreaterThan(6);
    for (const command of commands) expect(watchCommands).toContain(command);
    expect(keys.size).toBeGreaterThan(10);
    for (const key of keys) expect(key).toMatch(/^lp:\{p\d+\}:/u);
    const share = (after.watch - before.watch) / (after.all - before.all);
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThan(0.1);
  });

  const mutants = [
    { property: "J1", mutant: "complete-unchecked", isAlone: false },
    { property: "J2", mutant: "capacity-checked-after", isAlone: false },
    // Other instances would repair what it leaves.
    { property: "J4", mutant: "sweep-forgets-lease", isAlone: true },
    { property: "F1", mutant: "feed-not-appended", isAlone: false },
    { property: "P1", mutant: "feed-not-appended", isAlone: false },
  ] satisfies readonly { property: PropertyId; mutant: string; isAlone: boolean }[];

  it.each(mutants)(
    "reports $property within 2 s of the change that breaks it: $mutant",
    async ({ isAlone, mutant, property }) => {
      await using load = await Load.start(server.url);
      const watching = watch();
      await until("it follows the store", () => watching.events.some(({ kind }) => kind === "following"));
      await wait(1_000);
      expect(watching.violations).toEqual([]);
      if (isAlone) await load.replaceWith(mutated(mutant));
      else await load.join(mutated(mutant));
      await until("it is found", () => watching.violations.some((one) => one.property === property), 15_000);
      const found = watching.violations.find((one) => one.property === property);
      const result = await watching.end();
      expect(result.verdict).toBe("violated");
      const changedAt = load.changedAt.get(`${found?.epoch}:${found?.sequence}`);
      expect(changedAt).toBeDefined();
      expect((found?.reportedAt ?? Number.NaN) - (changedAt ?? 0)).toBeLessThan(2_000);
      expect(checkTrial(found?.history ?? "", () => 0).verdict).toBe("violated");
    },
  );

  it("reports V1 within 2 s of an epoch that comes back, and says nothing of one that does not", async () => {
    for (const [scripts, isWrong] of [
      ["epoch-comes-back", true],
      ["no-wake-up", false],
    ] as const) {
      await admin.flushall();
      await using load = await Load.start(server.url);
      await load.replaceWith(mutated(scripts));
      await admin.flushall();
      await wait(500);
      const watching = watch();
      await until("it follows the store", () => watching.events.some(({ kind }) => kind === "following"));
      await wait(1_500);
      await admin.flushall();
      const flushedAt = performance.now();
      await wait(3_000);
      const result = await watching.end();
      const found = watching.violations.find(({ property }) => property === "V1");
      expect(result.verdict === "violated").toBe(isWrong);
      if (isWrong) expect((found?.reportedAt ?? Number.NaN) - flushedAt).toBeLessThan(2_000);
      else expect(watching.violations).toEqual([]);
    }
  });
});
