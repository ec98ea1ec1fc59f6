// cspell:ignore blmove blpop redlock setnx
import { describe, expect, it } from "vitest";
import { lockEvidence, lockFreeFolders } from "../../../src/check/locks/lock-free.ts";
import { lockNames } from "../../../src/check/locks/names.ts";
import { type SourceText, UnreadableSource } from "../../../src/check/locks/syntax.ts";
import { sourcesIn } from "../../house/sources.ts";

const sources = lockFreeFolders.flatMap((folder) => sourcesIn(folder, [".ts", ".lua"]));
const file = (text: string, path = "src/redis/x.ts"): SourceText => ({ path, text });

/** The sources with one of them changed by a planted offence; the text that is replaced has to be there. */
function planted(path: string, find: string, replace: string): readonly SourceText[] {
  const changed = sources.map((source) =>
    source.path === path ? { path, text: source.text.replace(find, replace) } : source,
  );
  expect(changed.find((source) => source.path === path)?.text).not.toBe(
    sources.find((source) => source.path === path)?.text,
  );
  return changed;
}

describe("the scheduling path", () => {
  const evidence = lockEvidence(sources);

  it("has no lock, and selection waits for nothing", () => expect(evidence.found).toEqual([]));

  it("was searched: all scripts, all code, and what selection calls", () => {
    expect(evidence.searched.files).toEqual(expect.arrayContaining(["lua/reserve_job.lua", "src/redis/store.ts"]));
    expect(evidence.searched.functions).toEqual(
      expect.arrayContaining([
        "src/scheduler/selection/select.ts selectNodes",
        "src/scheduler/scheduler.ts selectNodes",
      ]),
    );
    expect(evidence.searched.functions.some((name) => name.startsWith("src/scheduler/view/node-index.ts "))).toBe(true);
  });
});

describe("a folder or a beginning that is missing is an offence, not a success:", () => {
  it.each(lockFreeFolders)("%s", (folder) => {
    const { found } = lockEvidence(sources.filter(({ path }) => !path.startsWith(`${folder}/`)));
    expect(found.some((line) => line.startsWith(folder))).toBe(true);
  });

  it("selectNodes under another name", () => {
    const { found } = lockEvidence(sources, [["src/scheduler/selection/select.ts", "chooseNodes"]]);
    expect(found).toEqual(["src/scheduler/selection/select.ts has no chooseNodes: nothing was searched"]);
  });

  it("a source that does not parse", () => expect(() => lockEvidence([file("const = ;")])).toThrow(UnreadableSource));
});

/** A scheduler in four files, so that what is planted does not depend on how ours is written today. */
const small: Readonly<Record<string, string>> = {
  "lua/x.lua": "return 1",
  "src/redis/x.ts": "export const x = 1;",
  "src/scheduler/scheduler.ts": `import { selectNodes, type Wanted } from "./selection/select.ts";
export interface Scheduler { selectNodes(wanted: Wanted): readonly string[]; getNode(node: string): Promise<string> }
export class Instance implements Scheduler {
  readonly #select: (wanted: Wanted) => readonly string[];
  constructor(ports: never) { this.#select = (wanted) => selectNodes(ports, wanted); }
  selectNodes(wanted: Wanted) { this.#check(); return this.#select(wanted); }
  async getNode(node: string) { await null; return node; }
  #check() {}
}`,
  "src/scheduler/selection/select.ts": `import type { View } from "../view/view.ts";
export interface Wanted { readonly pool: string }
export function selectNodes({ view }: { readonly view: View }, wanted: Wanted) {
  const { isFresh } = view;
  return isFresh ? [...matching(view, wanted)] : [];
}
function* matching(view: View, { pool }: Wanted) { for (const node of view.inPool(pool)) if (hasRoom(node)) yield node; }
const hasRoom = (node: string) => node !== "";`,
  "src/scheduler/view/view.ts": `export class View {
  get isFresh() { return true; }
  inPool(pool: string) { return [pool].map((one) => nameOf(one)); }
  async reload() { await null; }
}
function nameOf(one: string) { return one; }`,
};

describe("planted waiting in the selection is found, wherever it is called from:", () => {
  const inSmall = (path = "", find = "", replace = "") =>
    lockEvidence(
      Object.entries(small).map(([name, text]) => {
        expect(name !== path || text.includes(find)).toBe(true);
        return { path: name, text: name === path ? text.replace(find, replace) : text };
      }),
    );

  it("and nothing where nothing was planted, though other calls wait", () => {
    expect(inSmall().found).toEqual([]);
    expect(inSmall().searched.functions.filter((name) => /reload|getNode/.test(name))).toEqual([]);
  });

  it.each([
    ["scheduler.ts", "selectNodes(wanted: Wanted) {", "async selectNodes(wanted: Wanted) {", "an async function"],
    [
      "scheduler.ts",
      "selectNodes(wanted: Wanted): readonly string[];",
      "selectNodes(wanted: Wanted): Promise<string[]>;",
      "a Promise",
    ],
    ["scheduler.ts", "= (wanted) => selectNodes", "= async (wanted) => selectNodes", "an async function"],
    ["scheduler.ts", "#check() {}", "#check() { setTimeout(() => {}, 1); }", "the name setTimeout"],
    ["selection/select.ts", "export function", "export async function", "an async function"],
    ["selection/select.ts", "function* matching", "async function* matching", "an async function"],
    ["selection/select.ts", "const hasRoom = (", "const hasRoom = async (", "an async function"],
    ["view/view.ts", "get isFresh() {", "get isFresh() { queueMicrotask(() => {});", "the name queueMicrotask"],
    ["view/view.ts", "inPool(pool: string) {", "inPool(pool: string) { this.reload();", "an async function"],
    [
      "view/view.ts",
      "function nameOf(one: string) {",
      "function nameOf(one: string) { x.then(() => {});",
      "the name then",
    ],
  ])("%s: %s", (name, find, replace, what) => {
    const { found } = inSmall(`src/scheduler/${name}`, find, replace);
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]).toContain(`src/scheduler/${name}:`);
    expect(found[0]).toContain(what);
  });

  it("in ours", () => {
    const { found } = lockEvidence(
      planted(
        "src/scheduler/selection/select.ts",
        "export function selectNodes(",
        "export async function selectNodes(",
      ),
    );
    expect(found).toHaveLength(1);
  });
});

describe("planted locks are found in scripts:", () => {
  it.each([
    "redis.call('SETNX', KEYS[1], '1')",
    `redis.pcall("set", KEYS[1], ARGV[1], 'PX', 50, 'NX')`,
    "redis.call([[BLPOP]], KEYS[1], 0)",
    "redis.call('WAIT', 1, 0)",
    "local node_lock = KEYS[2]",
    "local args = { 'SET', KEYS[1], '1', 'nx' }",
  ])("%s", (line) => expect(lockNames(file(`--[[ head ]]\n${line}\nreturn 1`, "lua/x.lua"))).toHaveLength(1));

  it("in one of ours", () => {
    const { found } = lockEvidence(
      planted("lua/sweep.lua", "check_call()", "check_call()\nredis.call('SETNX', KEYS[1], 1)"),
    );
    expect(found).toHaveLength(1);
  });

  it.each([
    "-- redis.call('SETNX', KEYS[1], 1) would be a lock",
    "--[==[ SET k v 'NX' ]] ]==]",
    "redis.call('SET', KEYS[1], '1') redis.call('ZADD', KEYS[2], 'NX', 1, 'a')",
    "local clock, blocked = TIME, 'it\\'s a lock'",
  ])("but not in %s", (line) => expect(lockNames(file(line, "lua/x.lua"))).toEqual([]));
});

describe("planted locks are found in code:", () => {
  it.each([
    'import Redlock from "redlock";',
    'import { Mutex } from "async-mutex";',
    'const { default: lockfile } = await import("proper-lockfile");',
    'await client.set(key, token, "PX", 50, "NX");',
    'await client.call("SET", key, token, "nx");',
    "await client.set(key, token, { PX: 50, NX: true });",
    'await send(["SET", key, token, "NX"]);',
    "await client.setnx(key, token);",
    "await client.blpop(key, 0);",
    "await client.watch(key);",
    'await client.call("wait", 1, 0);',
    "const commands = [`BLMOVE`];",
    "const nodeLock = 1;",
    "class RegistryMutex {}",
    "const LOCK_TTL = 1;",
    "await this.#lock.acquire();",
    "Atomics.wait(view, 0, 0);",
    "navigator.locks.request(name, work);",
  ])("%s", (line) => expect(lockNames(file(line)).length).toBeGreaterThan(0));

  it.each([
    "// a lock would be SETNX\n/* mutex */ const clock = 1;",
    'if (node.status === "wait") connect();',
    'const text = "no lock, no await";',
    'settings.set("name", "SET", "value"); places.set("NX", 1);',
    "const blocked = unblocked; const wait = 5; const o = { clocks, deadlock_free: 1 };",
    'await client.zadd(key, "NX", 1, member);',
  ])("but not in %s", (line) => expect(lockNames(file(line))).toEqual([]));

  it("in one of ours", () => {
    const { found } = lockEvidence(
      planted("src/redis/scripts/send.ts", "export async", 'const nodeLock = "x";\nexport async'),
    );
    expect(found).toEqual([expect.stringMatching(/^src\/redis\/scripts\/send\.ts:\d+ the name nodeLock$/)]);
  });
});
