import { rmSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { properties } from "../../src/check/properties.ts";
import { exitCodeOf } from "../../src/check/verdict.ts";
import { checkTrial } from "../../src/history/trial/judge.ts";
import { watchedProperties } from "../../src/watch/audit/sums.ts";
import { SmallStore } from "./small-store.ts";
import { away, every, type Outcome, type Step, watched } from "./watched.ts";

const folders: string[] = [];
afterEach(() => {
  for (const dir of folders.splice(0)) rmSync(dir, { recursive: true, force: true });
});

async function watch(...args: Parameters<typeof watched>): Promise<Outcome> {
  const outcome = await watched(...args);
  folders.push(outcome.dir);
  return outcome;
}

/** A store in the middle of its life. */
function grown(): SmallStore {
  const store = new SmallStore();
  for (const id of ["n1", "n2", "n3", "silent"]) store.register(id);
  store.reserve("n3", "old");
  return store;
}

/** Steps that meet the premise of every property, over and over. */
const work: readonly Step[] = [
  ...every(300, 9_500, (store) => {
    for (const id of ["n1", "n2", "n3"]) store.heartbeat(id);
  }),
  ...every(400, 9_500, (store, at) => {
    store.reserve("n1", `a${at}`);
    store.reserve("n1", `b${at}`);
    store.complete("n1", `a${at}`);
    store.complete("n1", `b${at}`);
  }),
  { at: 1_000, act: (store) => store.register("n4") },
];

function verdicts({ judgements }: Outcome): Readonly<Record<string, string>> {
  return Object.fromEntries(judgements.map(({ property, verdict }) => [property, verdict]));
}

function all(verdict: string): Readonly<Record<string, string>> {
  return Object.fromEntries(watchedProperties.map((property) => [property, verdict]));
}

describe("a watch of a store that is right", () => {
  it("holds every property, each of which it has met", async () => {
    const outcome = await watch(grown(), work);
    expect(verdicts(outcome)).toEqual(all("held"));
    expect(outcome.events.map(({ kind }) => kind)).toEqual(["following"]);
    for (const { exercised } of outcome.judgements) expect(exercised).toBeGreaterThan(0);
  });

  it.each([
    ["there is no store", Object.assign(new SmallStore(), { epoch: null })],
    ["nothing happens", new SmallStore()],
    ["nothing happens to the nodes", grown()],
  ])("holds nothing where %s", async (_, store) => {
    const outcome = await watch(store, []);
    expect(verdicts(outcome)).toEqual(all("not_exercised"));
    expect(exitCodeOf(outcome.verdict)).toBe(2);
  });

  it("says nothing of nodes whose keys it cannot read", async () => {
    const store = grown();
    for (const id of ["n1", "n2", "n3", "silent"]) store.node(id).isUnreadable = true;
    const outcome = await watch(store, work);
    expect(Object.values(verdicts(outcome))).not.toContain("held");
    expect(outcome.verdict).toBe("unknown");
    expect(outcome.judgements[0]?.reason).toContain("cannot be read");
  });

  it("leaves open what the feed had lost before it was read, with its share", async () => {
    const store = grown();
    store.feedMax = 4;
    const outcome = await watch(store, [
      ...work,
      ...every(3_100, 9_000, (each, at) => {
        for (let job = 0; job < 4; job += 1) {
          each.reserve("n2", `c${at}-${job}`);
          each.complete("n2", `c${at}-${job}`);
        }
      }),
    ]);
    expect(outcome.counts.changes_missed).toBeGreaterThan(7);
    expect(new Set(Object.values(verdicts(outcome)))).toEqual(new Set(["unknown"]));
    expect(outcome.judgements[0]?.reason).toMatch(/\d+ of \d+ \([\d.]+ %\) changes were not read/);
  });

  it("does not reach a node before its turn, and says that it has not looked at all of them", async () => {
    const store = new SmallStore();
    for (let node = 0; node < 500; node += 1) store.register(`m${String(node).padStart(3, "0")}`);
    const outcome = await watch(
      store,
      every(400, 9_000, (each, at) => each.register(`late${at}`)),
      { rate: 60 },
    );
    expect(outcome.verdict).not.toBe("held");
    expect(outcome.judgements.find(({ property }) => property === "V1")?.reason).toContain("had been looked at");
  });
});

/** After the first second. */
function wrongly(act: (store: SmallStore) => void, at = 3_050): readonly Step[] {
  return [{ at, act }];
}

function renamed(store: SmallStore, id: string, change: object): void {
  const node = store.node(id);
  node.content = { ...node.content, ...change };
}

const lies: readonly (readonly [property: (typeof watchedProperties)[number], what: string, steps: readonly Step[]])[] =
  [
    ["J1", "a count that is not that of the jobs", wrongly((store) => renamed(store, "n3", { current_jobs: 2 }))],
    [
      "J1",
      "a change that counts down blindly",
      wrongly((store) => store.commit({ kind: "completed", node: "n2", job: "no", current_jobs: -1 })),
    ],
    [
      "J2",
      "a place beyond the capacity",
      wrongly((store) => {
        for (const job of ["x", "y", "z"]) store.reserve("n2", job);
      }),
    ],
    [
      "J4",
      "a lapsed job that stays",
      wrongly((store) => {
        store.lapse("n3", "old");
        store.node("n3").jobs.set("old", store.serverMs);
      }),
    ],
    [
      "J4",
      "an index of leases that does not follow",
      wrongly((store) => Object.assign(store.node("n3"), { lease: null })),
    ],
    [
      "V1",
      "a version that goes back",
      wrongly((store) => {
        store.sequence -= 20;
        store.feed = store.feed.slice(0, -20);
      }),
    ],
    [
      "V1",
      "an epoch that comes back",
      [
        { at: 2_050, act: (store) => store.begin("e2") },
        { at: 4_050, act: (store) => store.begin("e1") },
      ],
    ],
    [
      "V1",
      "an epoch that outlives its server",
      [{ at: 2_050, act: (store) => Object.assign(store, { isCurrent: false }) }],
    ],
    [
      "F1",
      "a change that is not in the feed",
      wrongly((store) => store.commit({ kind: "expired", node: "n2" }, false)),
    ],
    [
      "F1",
      "a change that is missing in the middle of the feed",
      wrongly((store) => {
        store.commit({ kind: "health", node: "n2", health_milli: 100 }, false);
        store.commit({ kind: "health", node: "n2", health_milli: 500 });
      }),
    ],
    [
      "F1",
      "an entry that is not as documented",
      wrongly((store) => {
        store.sequence += 1;
        store.feed.push({ sequence: store.sequence, change: null });
      }),
    ],
    ["F1", "a record that the feed says nothing of", wrongly((store) => renamed(store, "n3", { max_jobs: 9 }))],
    ["F1", "a member without a record", wrongly((store) => store.members.add("ghost"))],
    ["F1", "a record that is gone without a change", wrongly((store) => store.nodes.delete("silent"))],
    ["P1", "a feed that cannot be followed", wrongly((store) => store.commit({ kind: "expired", node: "n2" }, false))],
    [
      "N4",
      "a node that expires before its time",
      [{ at: 2_000, act: (store) => store.heartbeat("n4", 30_000) }, ...wrongly((store) => store.expire("n4"), 4_050)],
    ],
    ["N4", "a place that lapses before its time", wrongly((store) => store.lapse("n3", "old"))],
    [
      "N4",
      "an expiry while the store holds back",
      [
        { at: 2_000, act: (store) => Object.assign(store, { heldUntil: store.serverMs + 60_000 }) },
        ...wrongly((store) => store.expire("n2"), 4_050),
      ],
    ],
    [
      "N4",
      "an index of expiry that is before the record",
      every(100, 9_000, (store) => Object.assign(store.node("n2"), { expiry: store.serverMs - 1 })),
    ],
  ];

describe("a watch of a store that lies", () => {
  /** n4 gets no more heartbeats from the work than its own. */
  it.each(lies)("finds %s: %s", async (property, _, steps) => {
    const outcome = await watch(grown(), [...work, ...steps]);
    expect(verdicts(outcome)[property]).toBe("violated");
    expect(exitCodeOf(outcome.verdict)).toBe(1);
    const found = outcome.events.find((event) => event.kind === "violation" && event.property === property);
    if (found?.kind !== "violation") throw new Error("it was not reported");
    const first = steps.at(0)?.at ?? 0;
    expect(found.at).toBeGreaterThanOrEqual(first);
    expect(found.at - (steps.length > 5 ? first : (steps.at(-1)?.at ?? 0))).toBeLessThan(2_000);
    expect(found.history).not.toBeNull();
    const check = checkTrial(found.history ?? "", () => 0);
    expect(check.verdict).toBe("violated");
  });

  it("knows every property by its name", () => {
    expect(watchedProperties.every((property) => property in properties)).toBe(true);
    expect(new Set(lies.map(([property]) => property))).toEqual(new Set(watchedProperties));
  });

  it("reports what stays wrong once, and counts it", async () => {
    const outcome = await watch(grown(), [...work, ...wrongly((store) => renamed(store, "n3", { current_jobs: 2 }))]);
    const reported = outcome.events.filter((event) => event.kind === "violation" && event.property === "J1");
    expect(reported).toHaveLength(1);
    expect(outcome.judgements.find(({ property }) => property === "J1")?.violations.at(-1)?.[0]).toMatch(
      /^and \d+ more/,
    );
  });

  it("finds what was wrong before it began", async () => {
    const store = grown();
    renamed(store, "n3", { current_jobs: 2 });
    const outcome = await watch(store, []);
    expect(verdicts(outcome)["J1"]).toBe("violated");
    expect(outcome.events.some((event) => event.kind === "violation" && event.at < 1_000)).toBe(true);
  });
});

describe("a watch of a store that changes hands", () => {
  it("leaves open how an epoch ended that it did not see end", async () => {
    const outcome = await watch(grown(), [...work, { at: 2_050, act: (store) => store.begin("e2") }]);
    expect(outcome.judgements.map(({ verdict }) => verdict)).not.toContain("violated");
    expect(outcome.verdict).toBe("unknown");
    expect(outcome.judgements[0]?.reason).toContain("the end of 1 epochs was not seen");
  });

  it("leaves nothing open where it saw all of it", async () => {
    const outcome = await watch(grown(), [
      ...work.filter(({ at }) => at < 2_000 || at > 3_000),
      { at: 2_050, act: (store) => Object.assign(store, { isCurrent: false }) },
      { at: 2_950, act: (store) => store.begin("e2") },
    ]);
    expect(verdicts(outcome)).toEqual(all("held"));
  });

  it("does not blame the scripts for what the server has lost", async () => {
    const outcome = await watch(grown(), [
      ...work.filter(({ at }) => at < 2_000 || at > 3_000),
      {
        at: 2_050,
        act: (store) => {
          store.isCurrent = false;
          store.sequence -= 2;
          store.feed = store.feed.slice(0, -2);
        },
      },
      { at: 2_950, act: (store) => store.begin("e2") },
    ]);
    expect(outcome.judgements.map(({ verdict }) => verdict)).not.toContain("violated");
    expect(outcome.verdict).toBe("unknown");
  });

  it("goes on after the store was away, says so and counts it", async () => {
    const outcome = await watch(grown(), [
      ...work,
      { at: 2_050, act: (store) => Object.assign(store, { failure: away() }) },
      { at: 4_050, act: (store) => Object.assign(store, { failure: null }) },
    ]);
    expect(outcome.events.map(({ kind }) => kind)).toEqual(["following", "away", "back"]);
    expect(outcome.counts.absences).toBe(1);
    expect(verdicts(outcome)).toEqual(all("held"));
  });

  it("holds nothing where the store is away at the end", async () => {
    const outcome = await watch(grown(), [
      ...work,
      { at: 9_050, act: (store) => Object.assign(store, { failure: away() }) },
    ]);
    expect(verdicts(outcome)).toEqual(all("unknown"));
    expect(outcome.judgements[0]?.reason).toContain("did not answer at the end");
  });

  it("is broken where the store is lost for good, but for what was violated before", async () => {
    const lost = { at: 3_950, act: (store: SmallStore) => Object.assign(store, { failure: away() }) };
    const outcome = await watch(grown(), [...work, lost], { lasts: 200_000 });
    expect(outcome.verdict).toBe("broken");
    expect(outcome.lost).toContain("has not answered");
    const never = await watch(Object.assign(grown(), { failure: away() }), [], { lasts: 200_000 });
    expect(never.verdict).toBe("broken");
    const wrong = wrongly((store) => store.commit({ kind: "expired", node: "n2" }, false));
    expect((await watch(grown(), [...work, ...wrong, lost], { lasts: 200_000 })).verdict).toBe("violated");
  });
});

describe("what a watch keeps", () => {
  it("is bounded by the changes to be kept, and by the nodes", async () => {
    const coming = every(10, 9_000, (store, at) => {
      store.register(`pod${at}`);
      store.reserve(`pod${at}`, `j${at}`);
      store.complete(`pod${at}`, `j${at}`);
      store.remove(`pod${at}`);
    });
    const wrong = wrongly((store) => store.commit({ kind: "expired", node: "n2" }, false), 8_050);
    const outcome = await watch(grown(), [...coming, ...wrong], { keep: 50 });
    expect(outcome.counts.nodes).toBeLessThan(10);
    const found = outcome.events.find((event) => event.kind === "violation" && event.property === "V1");
    const check = checkTrial((found?.kind === "violation" && found.history) || "", () => 0);
    expect(check.verdict).toBe("violated");
    expect(check.run?.isComplete).toBe(true);
  });
});
