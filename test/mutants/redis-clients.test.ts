// @module-tag slow
import { posix } from "node:path";
import { describe, expect, it } from "vitest";
import { redisMutants } from "../../scenarios/mutants/redis/registry.ts";
import { contractChecks } from "../../src/inject/contract/registry.ts";
import { contractSubject } from "../../src/inject/contract/subject.ts";
import { loadRedis } from "../../src/mutants/redis-clients.ts";
import { loadLayers } from "../../src/verify/wiring.ts";
import { sourcesIn } from "../house/sources.ts";
import { importsOf } from "../house/syntax.ts";

const everything = [
  ...sourcesIn("src"),
  ...sourcesIn("model"),
  ...sourcesIn("scenarios"),
  ...sourcesIn("lua", [".lua"]),
];
const texts = new Map(everything.map(({ path, text }) => [path, text]));

/** All files that those of a room lead to, types included. */
function reachOf(room: string): ReadonlySet<string> {
  const reached = new Set<string>();
  const follow = (path: string): void => {
    const text = texts.get(path);
    if (reached.has(path) || text === undefined) return;
    reached.add(path);
    const near = importsOf({ path, text }).filter((specifier) => specifier.startsWith("."));
    for (const specifier of near) follow(posix.normalize(posix.join(posix.dirname(path), specifier)));
  };
  for (const path of texts.keys()) if (path.startsWith(`${room}/`)) follow(path);
  return reached;
}

describe("mutants of src/redis, src/embed and lua", () => {
  it("are at least ten, each of another name than any other mutant", () => {
    expect(redisMutants.length).toBeGreaterThanOrEqual(10);
    // A wrong scheduler stands once for each layer that can run it.
    const { mutants } = loadLayers();
    expect(new Set(mutants.map(({ id, layer }) => `${layer} ${id}`)).size).toBe(mutants.length);
    for (const { id } of redisMutants) expect(mutants.filter((one) => one.id === id)).toHaveLength(1);
  });

  it.each(redisMutants)("$id is a change that can be made: its text is in its file exactly once", ({ edits }) => {
    for (const { file, find, replace } of edits) {
      expect(texts.get(file)?.split(find)).toHaveLength(2);
      expect(replace).not.toBe(find);
    }
  });

  it.each(redisMutants)(
    "$id is what a check is there for, and breaks the property of that check",
    ({ check, property }) => {
      expect(contractChecks.find(({ id }) => id === check)).toMatchObject({ property });
    },
  );

  it.each(contractChecks)("the check $id has something that it catches", ({ id }) => {
    expect(redisMutants.map(({ check }) => check)).toContain(id);
    expect(loadLayers().mutants.map(({ scenario }) => scenario)).toContain(contractSubject(id));
  });

  it.each(redisMutants)("$id loads beside the right code, and is gone afterwards", async (mutant) => {
    using loaded = await loadRedis(mutant);
    expect(loaded.modules.loadScripts().name).toBe("lua");
  });

  it("is void where its text is not there, and never turns into the right code unnoticed", async () => {
    const [first] = redisMutants;
    if (first === undefined) throw new Error("there are none");
    const edits = [{ file: "src/redis/scripts/send.ts", find: "no such text", replace: "" }];
    await expect(loadRedis({ ...first, edits })).rejects.toThrow("0 places to change, allowed exactly 1");
  });
});

describe("neither the simulator nor a model can have them:", () => {
  const places = redisMutants.flatMap(({ edits }) => edits.map(({ file }) => file));

  it("they are all in src/redis, src/embed or lua", () => {
    expect(places.filter((file) => !/^(src\/redis|src\/embed|lua)\//u.test(file))).toEqual([]);
  });

  /** Constants with which the simulator models connections. */
  const constants = "src/redis/connection/defaults.ts";
  /** Simulated runs count with them too: whether the counters are right is theirs, and whether each series is there is the contract's. */
  const metrics = ["src/embed/metrics.ts", "src/embed/metric-set.ts"];

  it.each(["src/simulate", "src/explore", "model"])(
    "nothing that %s leads to is there, but constants and metrics",
    (room) => {
      const reached = [...reachOf(room)];
      expect(reached.length).toBeGreaterThan(5);
      expect(reached.filter((path) => /^(src\/redis|lua)\//u.test(path) && path !== constants)).toEqual([]);
      expect(reached.filter((path) => places.includes(path) && !metrics.includes(path))).toEqual([]);
    },
  );

  it("no edit changes those constants", () => expect(places).not.toContain(constants));

  it("which the search would find: inject leads there", () => {
    expect([...reachOf("src/inject")].filter((path) => path.startsWith("src/redis/")).length).toBeGreaterThan(5);
  });
});
