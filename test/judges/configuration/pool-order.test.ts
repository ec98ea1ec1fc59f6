import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Configuration, ConfiguredPool, Wish } from "../../../src/check/history.ts";
import { prescribedPools } from "../../../src/judges/configuration/pool-order.ts";
import { PoolPlan } from "../../../src/scheduler/selection/phase3.ts";

const wish: Wish = { source: "en", target: "de", services: ["a"] };
const pool = (id: string, parts: Partial<ConfiguredPool> = {}): ConfiguredPool => {
  return { id, required_services: ["a"], language_pairs: [], ...parts };
};

function configuration(pools: readonly ConfiguredPool[], parts: Partial<Configuration> = {}): Configuration {
  return { enabled: true, hash_seed: 7, fallback_scan_all_pools: false, pools, ...parts };
}

describe("the pools that have to be searched", () => {
  const three = ["p", "q", "r"].map((id) => pool(id));

  it("are the one that is named, whatever is in force", () => {
    expect(prescribedPools({ ...wish, pool: "x" }, configuration(three))).toEqual(["x"]);
  });

  it("are any without a configuration, or under one that is disabled", () => {
    expect(prescribedPools(wish, null)).toBeNull();
    expect(prescribedPools(wish, configuration(three, { enabled: false }))).toBeNull();
  });

  it("are one that fits, and with the fallback all others after it, those that fit first", () => {
    const pools = [
      pool("other pair", { language_pairs: [{ source: "en", target: "fr" }] }),
      pool("no service", { required_services: [] }),
      pool("pair", { language_pairs: [{ source: "en", target: "de" }] }),
      pool("any pair"),
    ];
    const fallback = prescribedPools(wish, configuration(pools, { fallback_scan_all_pools: true }));
    expect(new Set(fallback?.slice(0, 2))).toEqual(new Set(["pair", "any pair"]));
    expect(new Set(fallback)).toEqual(new Set(pools.map(({ id }) => id)));
    expect(prescribedPools(wish, configuration(pools))).toEqual(fallback?.slice(0, 1));
  });

  it("are none where none fits, and all with the fallback", () => {
    const pools = [pool("p", { required_services: ["b"] })];
    expect(prescribedPools(wish, configuration(pools))).toEqual([]);
    expect(prescribedPools(wish, configuration(pools, { fallback_scan_all_pools: true }))).toEqual(["p"]);
  });

  it("depend on the key, else on the job, else on the pair, and on the seed", () => {
    const by = (parts: Partial<Wish>, job: string | null = null, hash_seed = 7) =>
      prescribedPools({ ...wish, ...parts }, configuration(three, { hash_seed }), job)?.join();
    const keys = Array.from({ length: 40 }, (_, index) => `key-${index}`);
    expect(new Set(keys.map((key) => by({ key })))).toEqual(new Set(["p", "q", "r"]));
    expect(keys.map((key) => by({ key }, "job"))).toEqual(keys.map((key) => by({ key })));
    expect(keys.map((key) => by({}, key))).toEqual(keys.map((key) => by({ key })));
    expect(by({})).toBe(by({ key: "en:de" }));
    expect(keys.some((key) => by({ key }) !== by({ key }, null, 8))).toBe(true);
  });

  it("are those that the scheduler searches, for any configuration", () => {
    const id = fc.string({ unit: "binary", minLength: 1, maxLength: 6 });
    const services = fc.uniqueArray(fc.constantFrom("a", "b", "c"));
    const pairs = fc.array(fc.constantFrom({ source: "en", target: "de" }, { source: "a-b", target: "c" }));
    const pools = fc.uniqueArray(fc.record({ id, required_services: services, language_pairs: pairs }), {
      selector: (one) => one.id,
    });
    const any = fc.record({
      hash_seed: fc.integer({ min: 0, max: 0xffff_ffff }),
      fallback_scan_all_pools: fc.boolean(),
      pools,
      key: fc.option(id, { nil: undefined }),
      services,
    });
    fc.assert(
      fc.property(any, ({ key, services: wanted, ...content }) => {
        const version = { epoch: "e", sequence: 1 };
        const named = content.pools.map((one) => ({ ...one, name: "" }));
        const stored = { ...content, enabled: true, version, pool_count: named.length, pools: named };
        const request = { ...wish, services: wanted, ...(key !== undefined && { key }) };
        const plan = new PoolPlan(stored);
        const first = plan.choose(request);
        const searched = [...(first === null ? [] : [first]), ...plan.others(request, first)];
        expect(prescribedPools(request, stored)).toEqual(searched);
      }),
    );
  });
});
