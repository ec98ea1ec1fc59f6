import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findScenario, scenarios } from "../../scenarios/registry.ts";
import type { Wish } from "../../src/check/history.ts";
import { suits } from "../../src/check/suitable.ts";
import { configOf } from "../../src/load/plan/configuration.ts";
import { namesOf } from "../../src/load/plan/names.ts";
import { offerOf } from "../../src/load/plan/offer.ts";
import { type Action, planLoad } from "../../src/load/plan/plan.ts";
import { wanted } from "../../src/load/plan/request.ts";
import { seededRandom } from "../../src/load/plan/seeded-random.ts";

/** How often a job may come. */
const deliveries: Readonly<Record<string, number>> = { deliver_twice: 2, finish_and_return: 2, dispatch_again: 4 };

describe.each(scenarios)("the load of $name", (scenario) => {
  const plan = (seed: number) => planLoad(scenario, seededRandom(seed));

  it("is a function of the seed", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        expect(plan(seed)).toEqual(plan(seed));
        expect(plan(seed)).not.toEqual(plan(seed + 1));
      }),
      { numRuns: 10 },
    );
  });

  it("is in order of time, within the run, and asks for nothing under one job id more often than it is to be delivered", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const actions = plan(seed);
        const moments = actions.map(({ at }) => at);
        expect(moments).toEqual([...moments].sort((a, b) => a - b));
        expect(moments.every((at) => at >= 0 && at < scenario.duration)).toBe(true);
        const placed = actions.flatMap((action) =>
          action.kind === "dispatch" || action.kind === "reserve" ? [action.job] : [],
        );
        const times = Map.groupBy(placed, (job) => job);
        const most = Math.max(1, ...scenario.load.map(({ kind }) => deliveries[kind] ?? 1));
        expect(Math.max(0, ...[...times.values()].map(({ length }) => length))).toBeLessThanOrEqual(most);
      }),
      { numRuns: 10 },
    );
  });

  it("does every kind of load on every instance that is to do it, at the declared rate", () => {
    const loadOf = (job: string) => scenario.load[Number(job.split("-")[1])]?.kind;
    const actions = firstDeliveries(plan(1)).filter(
      (action) => !("job" in action) || loadOf(action.job) !== "finish_and_return",
    );
    // An odd id arrives like any other node; what is delivered several times is placed like any other job.
    const made = {
      ...{ odd_id: "arrive", odd_job: "reserve", deliver_twice: "reserve", dispatch_again: "dispatch" },
      finish_and_return: "fall_silent",
    } as Readonly<Record<string, string>>;
    const loads = scenario.load.map((load) => ({ ...load, made: made[load.kind] ?? load.kind }));
    for (const [kind, own] of Map.groupBy(loads, ({ made }) => made)) {
      for (let instance = 0; instance < scenario.topology.instances; instance += 1) {
        const doing = own.filter(({ instances }) => instances?.includes(instance) !== false);
        const rates = doing.map(({ every, from, until = scenario.duration }) => (until - from) / every);
        const count = actions.filter((action) => action.kind === kind && action.instance === instance).length;
        const expected = rates.reduce((sum, rate) => sum + rate, 0);
        expect(Math.abs(count - expected)).toBeLessThan(Math.max(1, doing.length));
      }
    }
  });

  it("sends heartbeats of every node of the instances that do, each from one instance", () => {
    const senders = new Map<string, Set<number>>();
    for (const action of plan(1)) {
      if (action.kind === "heartbeat")
        senders.set(action.node, (senders.get(action.node) ?? new Set()).add(action.instance));
    }
    const { instances, nodes } = scenario.topology;
    const sending = scenario.load
      .filter(({ kind }) => kind === "heartbeat")
      .flatMap((load) => load.instances ?? Array.from({ length: instances }, (_, instance) => instance));
    const owned = Array.from({ length: nodes }, (_, index) => index).filter((index) =>
      sending.includes(index % instances),
    );
    expect(senders.size).toBe(owned.length);
    expect([...senders.values()].every(({ size }) => size === 1)).toBe(true);
  });

  it("ends jobs after they began, in both ways where there are any", () => {
    const actions = plan(1);
    const begun = new Map(
      firstDeliveries(actions).flatMap((action) =>
        "job" in action && action.kind !== "finish" ? [[action.job, action.at]] : [],
      ),
    );
    const ends = actions.flatMap((action) => (action.kind === "finish" ? [action] : []));
    expect(ends.every(({ at, job }) => at > (begun.get(job) ?? at))).toBe(true);
    expect(new Set(ends.map(({ how }) => how)).size).toBe(begun.size === 0 ? 0 : 2);
  });
});

/** Without those that bring a job that has been brought before. */
function firstDeliveries(actions: readonly Action[]): readonly Action[] {
  const brought = new Set<string>();
  return actions.filter((action) => {
    if (action.kind !== "reserve" && action.kind !== "dispatch") return true;
    const isFirst = !brought.has(action.job);
    brought.add(action.job);
    return isFirst;
  });
}

describe("a job that is delivered twice", () => {
  const scenario = findScenario("delivered-twice");
  if (scenario === undefined) throw new Error("there is no delivered-twice to plan");
  const actions = planLoad(scenario, seededRandom(3));

  it("comes to the next instance, for the same node, after its end, and ends again", () => {
    const byJob = Map.groupBy(
      actions.flatMap((action) => (action.kind === "reserve" || action.kind === "finish" ? [action] : [])),
      ({ job }) => job,
    );
    const whole = [...byJob.values()].filter(({ length }) => length === 4);
    expect(whole.length).toBeGreaterThan(50);
    for (const own of whole) {
      expect(own.map(({ kind }) => kind)).toEqual(["reserve", "finish", "reserve", "finish"]);
      expect(own.map(({ instance }) => instance)).toEqual([0, 0, 1, 1].map((by) => ((own[0]?.instance ?? 0) + by) % 2));
      expect(new Set(own.flatMap((action) => (action.kind === "reserve" ? [action.node] : []))).size).toBe(1);
    }
  });
});

describe("a job that is finished on a node which returns", () => {
  const scenario = findScenario("leases-end");
  if (scenario === undefined) throw new Error("there is no leases-end to plan");
  const actions = planLoad(scenario, seededRandom(3));

  it("ends before the node registers anew, and comes to it again after that", () => {
    const index = scenario.load.findIndex(({ kind }) => kind === "finish_and_return");
    const byName = Map.groupBy(actions, (action) => {
      if ("absence" in action) return action.absence.replace("absence", "job");
      return "job" in action ? action.job : "";
    });
    const whole = [...byName].filter(([name, { length }]) => name.startsWith(`job-${index}-`) && length === 6);
    expect(whole.length).toBeGreaterThan(10);
    for (const [, own] of whole) {
      const kinds = own.map((action) => (action.kind === "finish" ? action.how : action.kind));
      expect(kinds).toEqual(["fall_silent", "reserve", "complete_job", "come_back", "reserve", "release_job"]);
      expect(new Set(own.flatMap((action) => ("node" in action ? [action.node] : []))).size).toBe(1);
    }
  });
});

const names = namesOf({ pools: 64, languages: 60, services: 7 });
const offersOf = (seed: number) => {
  const random = seededRandom(seed)("offers");
  return Array.from({ length: 1_000 }, (_, incarnation) => offerOf(incarnation, names, random));
};

describe("what a node offers", () => {
  const offers = offersOf(1);

  it("always suits the usual request, and is in one to three pools", () => {
    for (const offer of offers) {
      expect(suits(offer, wanted)).toBe(true);
      expect(new Set(offer.pools).size).toBe(offer.pools.length);
    }
    expect(new Set(offers.map(({ pools }) => pools.length))).toEqual(new Set([1, 2, 3]));
  });

  it("changes with each incarnation in the second pool, and every other time in the second pair", () => {
    const second = { ...wanted, pool: "pool-b" };
    const shares = [second, { ...wanted, target: "fr" }].map((wish) => offers.filter((one) => suits(one, wish)).length);
    expect(shares[0]).toBe(offers.length / 2);
    expect(shares[1]).toBeGreaterThan(offers.length / 2 - 1);
  });

  it("covers every pool, pair and service of the run, all pairs at once in some nodes, and no service in all but the first", () => {
    expect(new Set(offers.flatMap(({ pools }) => pools))).toEqual(new Set(names.pools));
    expect(new Set(offers.flatMap(({ languages }) => languages))).toEqual(new Set(names.languages));
    expect(offers.some(({ languages }) => languages.length === 60)).toBe(true);
    const shares = names.services.map((one) => offers.filter(({ services }) => services.includes(one)).length);
    expect(shares[0]).toBe(offers.length);
    for (const share of shares.slice(1)) expect(Math.abs(share / offers.length - 0.5)).toBeLessThan(0.1);
  });
});

describe("the names of a run", () => {
  it("collide where they are joined carelessly, are as long as is allowed, and are not all of one byte a character", () => {
    const pairs = names.languages.map(({ source, target }) => `${source}-${target}`);
    expect(new Set(pairs).size).toBeLessThan(pairs.length);
    for (const ids of [names.pools, names.services]) {
      const lengths = ids.map((name) => Buffer.byteLength(name));
      expect(Math.min(...lengths)).toBe(1);
      expect(Math.max(...lengths)).toBe(256);
      expect(ids.some((name) => Buffer.byteLength(name) > name.length)).toBe(true);
      expect(ids.some((name) => name.split(",").length === 2 && ids.includes(name.split(",")[0] ?? ""))).toBe(true);
    }
  });

  it.each([1, 2, 6])("are as many as the topology says: %i", (count) => {
    const few = namesOf({ pools: count, languages: count, services: count });
    const { languages, pools, services } = few;
    for (const names of [pools, services, languages.map((pair) => JSON.stringify(pair))])
      expect(new Set(names).size).toBe(count);
  });
});

describe("what a selection or a dispatch asks for", () => {
  const steady = findScenario("steady");
  if (steady === undefined) throw new Error("there is no steady load to plan");
  const actions = [1, 2, 3, 4].flatMap((seed) => planLoad(steady, seededRandom(seed)));
  const selected = actions.flatMap((action) => (action.kind === "select" ? [action.wish] : []));
  const dispatched = actions.flatMap((action) => (action.kind === "dispatch" ? [action.wish] : []));

  it("is what every node offers half of the time, and more often for jobs", () => {
    const isUsual = (wish: Wish | undefined): boolean =>
      wish === undefined || (wish.pool === "pool-a" && suits(usual, wish));
    for (const [wishes, least] of [
      [selected, 0.5],
      [dispatched, 0.6],
    ] as const) {
      const share = wishes.filter(isUsual).length / wishes.length;
      expect(share).toBeGreaterThan(least - 0.05);
      expect(share).toBeLessThan(least + 0.15);
    }
  });

  const offers = offersOf(2);
  const usual = { pools: ["pool-a"], languages: [{ source: "en", target: "de" }], services: ["translate"] };
  const suited = (wish: Wish) => offers.filter((offer) => suits(offer, wish)).length / offers.length;
  it.each<[string, (wish: Wish) => boolean]>([
    ["without a pool and a key", ({ key, pool }) => pool === undefined && key === undefined],
    ["without a pool, with a key", ({ key, pool }) => pool === undefined && key !== undefined],
    ["in a pool of the run", ({ pool }) => pool !== undefined && names.pools.includes(pool)],
    ["in a pool without nodes", ({ pool }) => pool === "pool-z"],
    ["without a service", ({ services }) => services.length === 0],
    ["with one that not all have", ({ services }) => services.length === 1 && services[0] !== "translate"],
    ["with two", ({ services }) => services.length === 2],
    ["with one that no node has", ({ services }) => services.includes("no-node-has-this")],
    ["of a hyphenated pair", ({ source, target }) => `${source} ${target}`.includes("-")],
    ["of a pair that no node serves", ({ source }) => source === "tlh"],
    ["that some nodes suit and others do not", (wish) => suited(wish) > 0.1 && suited(wish) < 0.9],
    ["that no node suits", (wish) => suited(wish) === 0],
  ])("is drawn %s, by both", (_, isIt) => {
    for (const wishes of [selected, dispatched])
      expect(wishes.some((wish) => wish !== undefined && isIt(wish))).toBe(true);
  });

  it("is one node, a few, many, or the most that are allowed", () => {
    expect(new Set(selected.map((wish) => wish?.count))).toEqual(new Set([undefined, 1, 4, 64, 1_000]));
    expect(new Set(dispatched.map((wish) => wish?.count))).toEqual(new Set([undefined]));
  });
});

describe("the configurations of a run", () => {
  const few = namesOf({ pools: 6, languages: 8, services: 5 });
  const drawn = Array.from({ length: 60 }, (_, hashSeed) => configOf({ enabled: hashSeed % 4 !== 0, hashSeed }, few));

  it("are functions of their seeds, and differ", () => {
    expect(configOf({ enabled: true, hashSeed: 7 }, few)).toEqual(configOf({ enabled: true, hashSeed: 7 }, few));
    expect(new Set(drawn.map((one) => JSON.stringify(one))).size).toBe(60);
  });

  it("are on and off, with the fallback and without it, of one pool and of several, and of one that has no nodes", () => {
    expect(new Set(drawn.map((one) => `${one.enabled} ${one.fallback_scan_all_pools}`)).size).toBe(4);
    const counts = drawn.map(({ pools }) => pools.length);
    expect(Math.min(...counts)).toBe(1);
    expect(Math.max(...counts)).toBe(7);
    expect(drawn.some(({ pools }) => pools.some(({ id }) => id === "pool-z"))).toBe(true);
    for (const { pool_count, pools } of drawn) expect(new Set(pools.map(({ id }) => id)).size).toBe(pool_count);
  });

  it("have pools that promise all services, some, or few; and any pair, some or all", () => {
    const pools = drawn.flatMap((one) => one.pools);
    expect(new Set(pools.map(({ required_services }) => required_services.length))).toEqual(new Set([1, 2, 3, 4, 5]));
    const lengths = new Set(pools.map(({ language_pairs }) => language_pairs.length));
    for (const length of [0, 1, 8]) expect(lengths).toContain(length);
  });
});

describe("nodes that come and go", () => {
  const scenario = findScenario("node-churn");
  if (scenario === undefined) throw new Error("there is no node-churn to plan");
  const actions = planLoad(scenario, seededRandom(3));

  it("come back from each absence, after it and once, unless the run ends before", () => {
    const left = actions.filter(({ kind }) => kind === "go_offline" || kind === "fall_silent");
    const back = new Map(
      actions.flatMap((action) => (action.kind === "come_back" ? [[action.absence, action] as const] : [])),
    );
    expect(left.length).toBeGreaterThan(0);
    for (const action of left) {
      const load = scenario.load.find(({ kind }) => kind === action.kind);
      const due = action.at + (load?.holds ?? 0);
      const absence = "absence" in action ? action.absence : "";
      if (due < scenario.duration) expect(back.get(absence)).toMatchObject({ at: due, instance: action.instance });
      else expect(back.has(absence)).toBe(false);
    }
  });

  it("are looked up by every instance before they arrive, and after", () => {
    const arrivals = actions.flatMap((action) => (action.kind === "arrive" ? [action] : []));
    expect(arrivals.length).toBeGreaterThan(0);
    for (const { at, node } of arrivals) {
      for (let instance = 0; instance < scenario.topology.instances; instance += 1) {
        const lookups = actions.filter(
          (action) => action.kind === "look_up" && action.node === node && action.instance === instance,
        );
        expect(lookups.some((one) => one.at < at)).toBe(true);
        if (at + 400 < scenario.duration) expect(lookups.some((one) => one.at > at + scenario.staleness)).toBe(true);
      }
    }
  });
});
