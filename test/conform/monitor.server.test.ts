/** K1 is judged by MONITOR: what its connection missed is not taken for nothing. */
import { Redis } from "ioredis";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { LostMonitorError } from "../../src/conform/lost-store.ts";
import { generatePlans } from "../../src/conform/plan/generate.ts";
import { judgeKeys, watchKeys } from "../../src/conform/store/key-evidence.ts";
import { openSubject, type Subject } from "../../src/conform/subject.ts";
import { BrokenRunError } from "../../src/evidence/failure.ts";
import { openLab } from "../../src/lab/lab.ts";
import { createConnection } from "../../src/redis/connection/connection.ts";
import { loadScripts } from "../../src/redis/scripts/scripts.ts";

const scripts = loadScripts();
const options = { signal: new AbortController().signal, isReplay: false, tokenOf: () => "lp1:conform:1:x" };
const plans = generatePlans(1, 3).filter(({ moves }) => moves.every((move) => move.do !== "restart"));

/** Loses the connection with MONITOR in the first `times` watches, half way. */
function losing(subject: Subject, kill: () => Promise<void>, times: number): Subject {
  let left = times;
  const watched: Subject["watched"] = (see, work) =>
    subject.watched(see, async () => {
      left -= 1;
      if (left >= 0) await kill();
      return await work();
    });
  return new Proxy(subject, {
    get: (target, name) => {
      if (name === "watched") return watched;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

describe("a connection with MONITOR that the client cannot read", () => {
  it("has lost lines, though it goes on", async () => {
    await using lab = await openLab();
    const server = await lab.redis();
    await using subject = await openSubject({ redis: async () => server }, scripts);
    const monitors: Redis[] = [];
    const duplicate = Redis.prototype.duplicate;
    vi.spyOn(Redis.prototype, "duplicate").mockImplementation(function (this: Redis, more) {
      const opened = duplicate.call(this, more);
      monitors.push(opened);
      return opened;
    });
    onTestFinished(() => void vi.restoreAllMocks());
    const watched = subject.watched(
      () => {},
      async () => monitors[0]?.emit("error", new Error("queue state")),
    );
    await expect(watched).rejects.toBeInstanceOf(LostMonitorError);
    expect(monitors).toHaveLength(1);
  });

  it("is lost, and nothing else, where calls in flight are seen before it knows its mode", async () => {
    await using lab = await openLab();
    const server = await lab.redis();
    await using subject = await openSubject({ redis: async () => server }, scripts);
    const busy = Array.from({ length: 8 }, () => new Redis(server.port));
    let isOver = false;
    onTestFinished(() => {
      isOver = true;
      for (const each of busy) each.disconnect();
    });
    const load = busy.map(async (each) => {
      while (!isOver) await each.pipeline(Array.from({ length: 200 }, () => ["ping"])).exec();
    });
    const ends: unknown[] = [];
    for (let time = 0; time < 40; time += 1) {
      const none = subject.watched(
        () => {},
        async () => "watched",
      );
      ends.push(await none.catch((error: unknown) => error));
    }
    isOver = true;
    await Promise.all(load);
    expect(ends.filter((end) => end !== "watched" && !(end instanceof LostMonitorError))).toEqual([]);
    expect(ends.filter((end) => end instanceof LostMonitorError)).not.toEqual([]);
  });
});

describe("a connection with MONITOR that is lost", () => {
  it("has its plan watched again, and counts nothing twice; the third loss ends the run", async () => {
    await using lab = await openLab();
    const server = await lab.redis();
    await using subject = await openSubject({ redis: async () => server }, scripts);
    const { calls } = await watchKeys(subject, scripts, plans, options);
    expect(calls).toBeGreaterThan(20);
    const admin = createConnection(
      { url: server.url, silence: 5_000, reconnectAfter: () => 10, name: "admin" },
      "commands",
    );
    await admin.connect();
    const kill = async (): Promise<void> => {
      const clients = String(await admin.client("LIST"));
      const [line = ""] = clients.split("\n").filter((each) => each.includes(" cmd=monitor"));
      await admin.client("KILL", "ID", String(/id=(\d+)/u.exec(line)?.[1]));
    };
    const twice = await watchKeys(losing(subject, kill, 2), scripts, plans, options);
    expect(twice.calls).toBe(calls);
    expect(judgeKeys(twice).verdict).toBe("held");
    const lost = watchKeys(losing(subject, kill, 3), scripts, plans, options);
    await expect(lost).rejects.toBeInstanceOf(BrokenRunError);
    await expect(lost).rejects.toMatchObject({ cause: expect.any(LostMonitorError) });
    admin.disconnect();
  });
});
