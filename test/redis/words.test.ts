import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../src/load/plan/seeded-random.ts";
import { classify, isNoScript } from "../../src/redis/failure.ts";
import { checkPrefix, keyspace, PrefixError } from "../../src/redis/scripts/keys.ts";
import { ReplyError, readChanges, readPage, readReserve, readSweep } from "../../src/redis/scripts/reply.ts";
import { Shared } from "../../src/redis/scripts/shared.ts";
import { metricText } from "../../src/redis/scripts/wire.ts";
import { systemRandom } from "../../src/redis/system.ts";
import { encodeVersion, parseVersion } from "../../src/redis/version.ts";

const serverError = (message: string): Error => Object.assign(new Error(message), { name: "ReplyError" });

describe("an error", () => {
  it.each([
    ["READONLY You can't write against a read only replica.", "readonly", "no"],
    ["LOADING Redis is loading the dataset in memory", "loading", "no"],
    ["BUSY Redis is busy running a script.", "busy", "no"],
    ["OOM command not allowed when used memory > 'maxmemory'.", "out_of_memory", "no"],
    ["NOPERM this user has no permissions", "denied", "no"],
    ["WRONGTYPE Operation against a key holding the wrong kind of value", "wrong_type", "no"],
    ["LPARG heartbeat cpu: found NaN, allowed a decimal", "invalid", "no"],
    ["CLUSTERDOWN Hash slot not served", "moved", "no"],
    ["ERR something new", "protocol", "unknown"],
    ["Too many Cluster redirections. Last error: ReplyError: MOVED 1 h:1", "moved", "no"],
    ["Too many Cluster redirections. Last error: ReplyError: TRYAGAIN x", "moved", "no"],
  ] as const)("reply %s is %s and was applied: %s", (message, cause, applied) => {
    expect(classify(serverError(message), 3, true)).toMatchObject({ cause, applied, after: 3 });
  });

  it("of a connection that broke under the call says that it may have happened", () => {
    expect(classify(new Error("Connection is closed."), 1, true)).toMatchObject({
      cause: "disconnected",
      applied: "unknown",
    });
  });

  it("of a call that was never sent says that it has not happened", () => {
    expect(classify(new Error("Stream isn't writeable"), 1, false)).toMatchObject({
      cause: "disconnected",
      applied: "no",
    });
  });

  it.each([
    ["Too many Cluster redirections. Last error: Error: Connection is closed.", "unknown"],
    ["Stream isn't writeable and enableOfflineQueue options is false", "no"],
    ["Cluster isn't ready and enableOfflineQueue options is false", "no"],
  ] as const)("of the client, %s: applied %s", (message, applied) => {
    expect(classify(new Error(message), 1, true)).toMatchObject({ cause: "disconnected", applied });
  });

  it("leads to a second sending only where the server says NOSCRIPT", () => {
    expect(isNoScript(serverError("NOSCRIPT No matching script."))).toBe(true);
    expect(isNoScript(serverError("ERR NOSCRIPT in the middle"))).toBe(false);
  });
});

describe("a list", () => {
  const registered = (orphaned: readonly string[], pools: readonly string[]) => {
    const lists = ["pools", JSON.stringify(pools), "languages", "[]", "services", "[]"];
    const fields = [
      "kind",
      "registered",
      "node",
      "n",
      "incarnation",
      "e:1",
      "max_jobs",
      "1",
      "health_milli",
      "500",
      "finished",
      "0",
    ];
    const entry = ["1", ...fields, ...lists, "orphaned", JSON.stringify(orphaned)];
    const reply = readChanges(["changes", "e:1", [entry]]);
    const change = reply.kind === "changes" ? reply.entries[0]?.change : undefined;
    if (change?.kind !== "registered") throw new Error("no registration");
    return change;
  };

  it("of pools is kept once for all nodes, one of jobs never: it does not come again", () => {
    const [one, other] = [registered(["job"], ["pool"]), registered(["job"], ["pool"])];
    expect(one.pools).toBe(other.pools);
    expect(one.orphaned).toEqual(["job"]);
    expect(one.orphaned).not.toBe(other.orphaned);
  });

  it("is shared as long as all texts together are not too long", () => {
    let made = 0;
    const shared = new Shared((text) => ({ text, made: ++made }));
    const long = (name: string) => name.padEnd(600_000);
    const [first] = ["a", "b", "c"].map((name) => shared.of(long(name)));
    expect(shared.of(long("a"))).toBe(first);
    expect(shared.of(long("d")).made).toBe(4);
    expect(shared.of(long("a")).made).toBe(5);
  });
});

describe("a version", () => {
  it("is read back from its text", () => {
    const epochs = fc.stringMatching(/^[0-9a-f]{16}$/u);
    fc.assert(
      fc.property(epochs, fc.nat(), (epoch, sequence) => {
        expect(parseVersion(encodeVersion({ epoch, sequence }))).toEqual({ epoch, sequence });
      }),
    );
  });

  it.each(["", "abc", "abc:", ":1", "xyz:1", "ab:1:2", "ab:-1", 7, null])("is not %j", (text) => {
    expect(parseVersion(text)).toBeUndefined();
  });
});

describe("a key", () => {
  it("has the partition's tag as its hash tag, whatever the id holds", () => {
    fc.assert(
      fc.property(fc.string(), (id) => {
        expect(/\{([^}]*)\}/u.exec(keyspace("lp:", "p7").node(id))?.[1]).toBe("p7");
      }),
    );
  });

  it("differs for different ids and kinds", () => {
    const at = keyspace("lp:", "p0");
    expect(new Set([at.node("a"), at.jobs("a"), at.done("a"), at.node("a:b"), at.feed, at.meta]).size).toBe(6);
  });

  it.each(["{x}:", "a b:", "x".repeat(65)])("is refused the prefix %j", (prefix) => {
    expect(() => checkPrefix(prefix)).toThrow(PrefixError);
  });
});

describe("a metric", () => {
  it.each([
    [0.5, "0.5"],
    [0, "0"],
    [1e-7, "0"],
    [1_000_000_000, "1000000000"],
    [null, ""],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "Infinity"],
    [-0.25, "-0.25"],
    [1 / 3, "0.333333"],
  ])("%s goes out as %j", (value, text) => expect(metricText(value)).toBe(text));
});

describe("a reply", () => {
  it("that no script gives is an error, not a guess", () => {
    expect(() => readReserve(["maybe", "ab:1"])).toThrow(ReplyError);
    expect(() => readReserve(["reserved", "1"])).toThrow(ReplyError);
    expect(() => readReserve(7)).toThrow(ReplyError);
    expect(() => readSweep(["swept", "ab:1", "x"])).toThrow(ReplyError);
    expect(() => readChanges(["changes", "ab:1", [["1", "kind", "unheard-of", "node", "n"]]])).toThrow(ReplyError);
    expect(() => readPage(["page", "ab:1", [[]], []], ["n"])).toThrow(ReplyError);
    expect(() => readPage(["page", "ab:1", [[], []], [], "0", []], ["n"])).toThrow(ReplyError);
  });

  it("with records of other programs names them, and has the others", () => {
    const ours = [
      ...["status", "online", "incarnation", "ab:1", "version", "ab:1", "max_jobs", "2", "current_jobs", "0"],
      ...["finished", "0", "health_milli", "500", "services", "[]", "pools", "[]", "languages", "[]"],
    ];
    const records = [["wrong_type"], ours, ["status", "purple"], []];
    const page = readPage(["page", "ab:1", records, [], "0", []], ["a", "b", "c", "d"]);
    expect(page.nodes.map((node) => node?.node ?? null)).toEqual([null, "b", null, null]);
    expect(page.unreadable).toEqual([
      { node: "a", reason: expect.stringMatching(/the key of node a holds another type/u) },
      { node: "c", reason: expect.stringMatching(/status.*purple/u) },
    ]);
    expect(readPage(["page", "ab:1", [ours], [], "0", []], ["b"])).not.toHaveProperty("unreadable");
  });

  it("of another layout names both numbers", () => {
    expect(() => readReserve(["layout_mismatch", "ab:1", "1", "8"])).toThrow(
      expect.objectContaining({
        kind: "layout_mismatch",
        message: expect.stringMatching(/layout 1 with 8 partitions/u),
      }),
    );
  });
});

describe("a seed", () => {
  const numbers = (seed: number, concern: string): number[] => {
    const random = seededRandom(seed)(concern);
    return Array.from({ length: 8 }, () => random.nextUint32());
  };

  it("gives the same stream for the same concern", () => expect(numbers(7, "load")).toEqual(numbers(7, "load")));
  it("gives another stream for another concern or seed", () => {
    expect(numbers(7, "load")).not.toEqual(numbers(7, "faults"));
    expect(numbers(7, "load")).not.toEqual(numbers(8, "load"));
  });
});

describe("the machine's own randomness", () => {
  it("gives whole numbers below 2^32 that use every bit, and not the same ones twice", () => {
    const draw = (): number[] => Array.from({ length: 600 }, () => systemRandom("tokens").nextUint32());
    const [one, other] = [draw(), draw()];
    expect(one).not.toEqual(other);
    for (const number of one) expect(Number.isInteger(number) && number >= 0 && number < 2 ** 32).toBe(true);
    expect(one.reduce((bits, number) => (bits | number) >>> 0, 0)).toBe(2 ** 32 - 1);
  });
});
