import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scriptMutants } from "../../scenarios/mutants/scripts/registry.ts";
import { moveText } from "../../src/conform/explain/explanation.ts";
import { generatePlans } from "../../src/conform/plan/generate.ts";
import { type CallMove, type Move, type Plan, planSchema } from "../../src/conform/plan/plan.ts";
import { shrink } from "../../src/conform/plan/shrink.ts";
import { scriptOf, wrongText, wrongTexts } from "../../src/conform/plan/wrong-texts.ts";
import { type Content, firstDifference } from "../../src/conform/store/content.ts";
import { createNames } from "../../src/conform/store/epochs.ts";
import { applyMutant } from "../../src/mutants/scripts.ts";
import { contracts, scriptNames } from "../../src/redis/scripts/contract.ts";
import { loadScripts } from "../../src/redis/scripts/scripts.ts";

describe("generated plans", () => {
  const plans = generatePlans(1, 300);
  const moves = plans.flatMap((plan) => plan.moves);

  it("are the same for the same seed, however many are asked for", () => {
    expect(generatePlans(1, 20)).toEqual(plans.slice(0, 20));
    expect(generatePlans(2, 20)).not.toEqual(plans.slice(0, 20));
  });

  it("are read from a token as they were, with their fields in the same order, since a story shows them in it", () => {
    const concurrent = generatePlans(1, 300, "concurrent");
    const moved = [...plans, ...concurrent].filter(
      (plan) => JSON.stringify(planSchema.parse(plan)) !== JSON.stringify(plan),
    );
    expect(moved).toHaveLength(0);
  });

  it("are bounded in every list when a user provides one", () => {
    const beat = plans.flatMap((plan) => plan.moves).find((move) => move.do === "heartbeat");
    const running = new Array<number>(502).fill(1);
    expect(planSchema.safeParse({ feedMax: 3, moves: [{ ...beat, running: running.slice(1) }] }).success).toBe(true);
    expect(planSchema.safeParse({ feedMax: 3, moves: [{ ...beat, running }] }).success).toBe(false);
  });

  it("hold every kind of move", () => {
    const kinds = planSchema.shape.moves.element.options.map((option) => option.shape.do.value);
    const concurrent = generatePlans(1, 300, "concurrent").flatMap((plan) => plan.moves);
    expect(new Set([...moves, ...concurrent].map((move) => move.do))).toEqual(new Set(kinds));
  });

  it("lose requests and replies, and disagree about the partitions, now and then", () => {
    const calls = moves.filter((move) => "delivery" in move);
    const share = (is: (move: (typeof calls)[number]) => boolean): number => calls.filter(is).length / calls.length;
    expect(share((move) => move.delivery === "reply_lost")).toBeGreaterThan(0.08);
    expect(share((move) => move.delivery === "request_lost")).toBeGreaterThan(0.04);
    expect(share((move) => move.partitions !== undefined)).toBeGreaterThan(0.002);
  });
});

describe("the plans of a hundred runs", () => {
  const some = generatePlans(7, 100);
  const moves = some.flatMap((plan) => plan.moves);

  it("give each argument of each script a text that it must not have, and each script a wrong number of keys", () => {
    const given = new Set(
      moves.flatMap((move) =>
        "instead" in move && move.instead
          ? [`${scriptOf(move.do)} ${move.instead.argument} ${move.instead.which}`]
          : [],
      ),
    );
    for (const script of scriptNames) {
      const all = wrongTexts(script);
      expect(new Set(all.map(({ argument }) => argument))).toEqual(new Set([...contracts[script].args, "keys"]));
      for (const { argument, which } of all) expect(given).toContain(`${script} ${argument} ${which}`);
    }
  });

  it("meet every way in which another program changes our keys", () => {
    const [meddle] = planSchema.shape.moves.element.options.filter((option) => option.shape.do.value === "meddle");
    const ways = meddle !== undefined && "what" in meddle.shape ? meddle.shape.what.options : [];
    const met = moves.flatMap((move) => (move.do === "meddle" ? [move.what] : []));
    expect(ways.length).toBeGreaterThan(10);
    expect(new Set(met)).toEqual(new Set(ways));
  });

  it("run out of past epochs to remember", () => {
    const most = Math.max(...some.map((plan) => plan.moves.filter((move) => move.do === "promote").length));
    expect(most).toBeGreaterThan(16);
  });
});

it("a text of an argument that a script does not have is none", () => {
  expect(wrongText("release_job", { argument: "lease_ms", which: "too_high" })).toBeUndefined();
  expect(wrongText("reserve_job", { argument: "lease_ms", which: "too_high" })).toMatchObject({ text: "86400001" });
});

describe("the first difference", () => {
  const content = (value: Content extends ReadonlyMap<string, infer Value> ? Value : never): Content =>
    new Map([["k", value]]);

  it("is none between equal contents", () => {
    const value = { a: ["1", { b: null }], c: "x" };
    expect(firstDifference(content(value), content(structuredClone(value)))).toBeNull();
  });

  it.each([
    [{ a: "1" }, { a: "2" }, ["k", "a"], "1", "2"],
    [{ a: "1" }, {}, ["k", "a"], "1", undefined],
    [{}, { a: "1" }, ["k", "a"], undefined, "1"],
    [["1", "2"], ["1"], ["k", "1"], "2", undefined],
    [{ a: [] }, { a: {} }, ["k", "a"], [], {}],
    ["1", 1, ["k"], "1", 1],
  ])("between %j and %j is found with its place", (model, store, path, left, right) => {
    expect(firstDifference(content(model), content(store))).toEqual({ path, model: left, store: right });
  });

  it("is a key that only one side has", () => {
    expect(firstDifference(new Map(), content("x"))).toEqual({ path: ["k"], model: undefined, store: "x" });
  });
});

describe("the names of epochs", () => {
  it("are given one to one, in the order in which both sides show them", () => {
    const names = createNames();
    expect(names.bind(0, "aaaa", 1)).toBe(1);
    expect(names.bind(0, "aaaa", 1)).toBe(1);
    expect(names.versionName(0, "aaaa:7")).toBe("e1:7");
    expect(names.versionOf(0, { epoch: 1, sequence: 7 })).toEqual({ epoch: "aaaa", sequence: 7 });
  });

  it("show an id that comes back as what it was, not as the new epoch", () => {
    const names = createNames();
    names.bind(0, "aaaa", 1);
    names.bind(0, "bbbb", 2);
    expect(names.bind(0, "aaaa", 3)).toBe(1);
  });

  it("show a second id for the same epoch as no name at all", () => {
    const names = createNames();
    names.bind(0, "aaaa", 1);
    expect(names.bind(0, "bbbb", 1)).toBeUndefined();
    expect(names.versionName(0, "bbbb:1")).toBe("bbbb:1");
  });

  it("are kept apart for each partition", () => {
    const names = createNames();
    names.bind(0, "aaaa", 1);
    expect(names.versionName(1, "aaaa:1")).toBe("aaaa:1");
  });
});

describe("shrinking", () => {
  const at = (by: number): Move => ({ do: "wait", by });
  const plan = (numbers: readonly number[]): Plan => ({ feedMax: 3, moves: numbers.map(at) });

  it("finds the smallest plan that fails, whatever it has to leave out", async () => {
    const needed = fc.uniqueArray(fc.integer({ min: 0, max: 39 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(needed, async (wanted) => {
        const fails = async ({ moves }: Plan): Promise<boolean> =>
          wanted.every((by) => moves.some((move) => move.do === "wait" && move.by === by));
        const small = await shrink(plan(Array.from({ length: 40 }, (_, by) => by)), fails);
        expect(small.moves).toEqual([...wanted].sort((a, b) => a - b).map(at));
        expect(small.feedMax).toBe(1_000);
      }),
      { numRuns: 50 },
    );
  });

  it("leaves on their way only those calls that fail on it", async () => {
    const call = (job: number): CallMove => ({ do: "release_job", delivery: "delivered", node: 0, job });
    const sent = (name: number): Move => ({ do: "send", client: 2, name, knows: "heard", call: call(name) });
    const deliver = (name: number): Move => ({ do: "deliver", name, answer: "lost" });
    const moves: Move[] = [
      sent(0),
      sent(1),
      at(1),
      { do: "duplicate", name: 1 },
      deliver(1),
      sent(2),
      deliver(0),
      deliver(2),
    ];
    /** Job 1 is sent before the wait and run after it; job 2 is run, whenever that is. */
    const fails = async ({ moves: all }: Plan): Promise<boolean> => {
      const sending = (name: number): number => all.findIndex((move) => move.do === "send" && move.name === name);
      const running = (name: number): number =>
        all.findIndex((move, place) =>
          move.do === "release_job"
            ? move.job === name
            : move.do === "deliver" && move.name === name && sending(name) >= 0 && sending(name) < place,
        );
      const wait = all.findIndex((move) => move.do === "wait");
      return sending(1) >= 0 && sending(1) < wait && wait < running(1) && running(2) >= 0;
    };
    const small = await shrink({ feedMax: 3, moves }, fails);
    expect(small.moves.map((move) => move.do)).toEqual(["send", "wait", "deliver", "release_job"]);
    expect(small.moves[0]).toMatchObject({ client: 0, knows: "all" });
  });

  it("takes items out of groups, and leaves none of a single call", async () => {
    const item = (job: number) => ({ do: "release_job", node: 0, job }) as const;
    const group = (...jobs: readonly number[]): CallMove => ({
      ...{ do: "group", delivery: "delivered", items: jobs.map(item) },
    });
    const sent: Move = { do: "send", client: 0, name: 0, knows: "all", call: group(4, 5, 6) };
    const moves: Move[] = [group(0, 1, 2, 3), sent, { do: "deliver", name: 0, answer: "heard" }];
    const jobsIn = (move: Move): readonly unknown[] => {
      const call = move.do === "send" ? move.call : move;
      return call.do === "group" ? call.items.map((each) => ("job" in each ? each.job : null)) : [];
    };
    /** Jobs 1 and 3 in one group, and job 5 in flight. */
    const fails = async ({ moves: all }: Plan): Promise<boolean> =>
      all.some((move) => [1, 3].every((job) => jobsIn(move).includes(job))) &&
      all.some((move) => move.do === "send" && JSON.stringify(move.call).includes('"job":5'));
    const small = await shrink({ feedMax: 3, moves }, fails);
    const alone = { ...item(5), delivery: "delivered" };
    expect(small.moves).toEqual([group(1, 3), { ...sent, call: alone }]);
  });

  it("makes no more executions than allowed, and keeps what it has", async () => {
    let made = 0;
    const fails = async (): Promise<boolean> => {
      made += 1;
      return false;
    };
    expect(await shrink(plan([1, 2, 3]), fails, 5)).toEqual(plan([1, 2, 3]));
    expect(made).toBeLessThanOrEqual(5);
  });
});

describe("a planted bug", () => {
  it.each(scriptMutants)("$id changes the scripts in one place", (mutant) => {
    expect(applyMutant(mutant).fingerprint).not.toBe(loadScripts().fingerprint);
  });

  it("that no longer applies is void, not silently nothing", () => {
    const stale = { id: "x", why: "", file: "sweep.lua", find: "not in it", replace: "", property: "J1" } as const;
    expect(() => applyMutant(stale)).toThrow(/void/u);
  });
});

describe("a move in words", () => {
  it("leaves out the usual and shows what is hidden", () => {
    const move: Move = { do: "reserve_job", delivery: "reply_lost", node: 2, job: "live", lease: 5, seen: "all" };
    expect(moveText(move)).toBe(
      `reserve_job delivery "reply_lost" node ж\\n}2${"ж".repeat(15)} job "live" lease 5 seen "all"`,
    );
  });
});
