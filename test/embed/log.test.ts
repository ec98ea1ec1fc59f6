import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLog, type Logger, shown } from "../../src/embed/log.ts";
import type { EventPayload } from "../../src/scheduler/events.ts";

interface Written {
  readonly level: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

function recorded(happening: EventPayload): readonly Written[] {
  const written: Written[] = [];
  const at = (level: string) => (fields: object, message: string) => {
    written.push({ level, fields: { ...fields }, message });
  };
  const logger: Logger = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  createLog("s", logger).observe({ ...happening, at: 1 });
  return written;
}

const version = { epoch: "ab", sequence: 1 };

describe("an event's level", () => {
  const expected: readonly (readonly [EventPayload, string | null])[] = [
    [{ kind: "ready" }, "info"],
    [{ kind: "closed" }, "info"],
    [{ kind: "fault", task: "mode supervisor", error: new Error("x") }, "error"],
    [{ kind: "mode_changed", from: "normal", to: "l2_only", cause: "deadline" }, "warn"],
    [{ kind: "mode_changed", from: "l2_only", to: "normal", cause: "resynced" }, "info"],
    [{ kind: "store_call", operation: "heartbeat", partition: 0, took: 1, outcome: "answered" }, null],
    [{ kind: "store_call", operation: "heartbeat", partition: 0, took: 1, outcome: "deadline" }, "debug"],
    [{ kind: "epoch_left", partition: 0, epoch: "ab", sequence: 1 }, "warn"],
    [{ kind: "epoch_adopted", partition: 0, epoch: "ab", sequence: 1 }, "info"],
    [{ kind: "contradiction", partition: 0, node: "n", version }, "error"],
    [{ kind: "store_behind", partition: 0, held: version, reported: version }, "warn"],
    [
      {
        kind: "jobs_orphaned",
        partition: 0,
        node: "n",
        jobs: ["j"],
        because: "expired",
        lostAt: { epoch: "e", sequence: 1 },
      },
      "warn",
    ],
    [{ kind: "coalesced", operation: "snapshot", partition: 0 }, null],
    [{ kind: "miss_absorbed", node: "n" }, null],
    [{ kind: "feed_connected" }, "info"],
    [{ kind: "feed_disconnected", reason: "closed" }, "warn"],
  ];

  it.each(expected)("%j: %s", (happening, level) => {
    expect(recorded(happening).map((line) => line.level)).toEqual(level === null ? [] : [level]);
  });
});

describe("what is written", () => {
  it("names its scheduler, and of many ids the first ones and their number", () => {
    const jobs = Array.from({ length: 25 }, (_, index) => `j${index}`);
    const [line] = recorded({
      kind: "jobs_orphaned",
      partition: 0,
      node: "n",
      jobs,
      because: "offline",
      lostAt: { epoch: "e", sequence: 1 },
    });
    expect(line?.fields).toEqual({
      scheduler: "s",
      node: "n",
      because: "offline",
      jobs: jobs.slice(0, 10),
      jobs_count: 25,
    });
  });

  it("is nothing unless asked", () => {
    for (const log of [createLog("s"), createLog("s", "silent")]) {
      expect(() => log.observe({ kind: "ready", at: 1 })).not.toThrow();
      expect(() => log.error("x", new Error("y"))).not.toThrow();
    }
  });

  it("never holds what an id could do to a terminal or a line", () => {
    const hostile = fc.string({ unit: "binary", maxLength: 300 });
    fc.assert(
      fc.property(hostile, (node) => {
        const [line] = recorded({
          kind: "jobs_orphaned",
          partition: 0,
          node,
          jobs: [node],
          because: "expired",
          lostAt: { epoch: "e", sequence: 1 },
        });
        const text = String(line?.fields["node"]);
        expect(text).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
        expect([...node].length <= 64 || text.endsWith("…")).toBe(true);
      }),
    );
  });

  it.each([
    ["plain", "plain"],
    ["\u001b[31m red\n", "\\u{1b}[31m red\\u{a}"],
    ["\u202eevil", "\\u{202e}evil"],
    ["x".repeat(65), `${"x".repeat(64)}…`],
  ])("of %j is %j", (id, text) => expect(shown(id)).toBe(text));
});
