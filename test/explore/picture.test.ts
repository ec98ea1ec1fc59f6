import { describe, expect, it } from "vitest";
import { modelMutants } from "../../scenarios/mutants/model.ts";
import type { Timeline } from "../../src/evidence/timeline.ts";
import { type ExploreOptions, runExplore } from "../../src/explore/run.ts";
import { timelineLines } from "../../src/report/timeline/words.ts";

type Asked = Pick<ExploreOptions, "model" | "mutant" | "scope" | "pointOfNoReturnStates" | "table">;

async function timelines(options: Asked) {
  const { counterexamples, violations } = await runExplore({
    ...options,
    signal: new AbortController().signal,
    now: () => 0,
  });
  const pictures = violations.map(({ timeline }) => {
    if (timeline === undefined) throw new TypeError("a violation without a picture");
    return timeline;
  });
  return { counterexamples, pictures };
}

type Drawn = ReturnType<typeof timelines>;
const drawn = new Map<string, Drawn>();

/** A mutant in its own scope, explored once. */
function drawnMutant(id: string): Drawn {
  const scope = modelMutants.find((each) => each.id === id)?.scope ?? {};
  const known = drawn.get(id) ?? timelines({ model: "system", mutant: id, scope, pointOfNoReturnStates: 50_000 });
  drawn.set(id, known);
  return known;
}

const spoilt = new URL("./spoilt-models.ts", import.meta.url).href;
const chosen = [
  "capacity-in-cache",
  "cache-replaced",
  "finished-forgotten",
  "wake-ups-trusted",
  "epoch-kept",
  "published-first",
];

/** The messages in flight in the last state: those that have not ended. */
function inFlight({ messages }: Timeline): readonly string[] {
  return messages.filter(({ ended }) => ended === null).map(({ words }) => words);
}

/** Fields of the `system` model that hold messages in flight beside its network. */
const beside = /\.(isWoken: false -> true|change: none -> |page\.version: none -> )/;
const besideNoMore = /\.(isWoken: true -> false|change: .* -> none|page\.version: .* -> none)$/;

describe("the picture of a counterexample", () => {
  it.each(chosen)("%s: an event a step, and no message ends before it began", async (id) => {
    const { pictures, counterexamples } = await drawnMutant(id);
    expect(pictures.length).toBe(counterexamples.length);
    expect(pictures.length).toBeGreaterThan(0);
    for (const [index, picture] of pictures.entries()) {
      const { steps = [], loop = [] } = counterexamples[index] ?? {};
      expect(picture.events).toHaveLength(steps.length + loop.length);
      expect(picture.messages.length).toBeGreaterThan(0);
      for (const { sent, ended, from, to, fate } of picture.messages) {
        expect(sent).toBeLessThanOrEqual(ended ?? sent);
        expect(fate === "on_its_way").toBe(ended === null);
        for (const lane of [from, to]) expect(picture.lanes.map((each) => each.id)).toContain(lane);
      }
    }
  });

  it.each(chosen)("%s: whatever is in flight is sent once and ends once", async (id) => {
    const { pictures, counterexamples } = await drawnMutant(id);
    for (const [index, picture] of pictures.entries()) {
      // By the changes of fields that the explorer reports, which no model view has seen.
      const { steps = [], loop = [] } = counterexamples[index] ?? {};
      const changes = [...steps, ...loop].flatMap((step) => step.changes);
      const added = changes.filter((change) => change.startsWith("net: +") || beside.test(change)).length;
      const gone = changes.filter((change) => change.startsWith("net: -") || besideNoMore.test(change)).length;
      const posted = picture.messages.filter(({ sent, ended, fate }) => sent !== ended && fate !== "repeated");
      expect(posted).toHaveLength(added);
      expect(posted.filter(({ ended }) => ended !== null)).toHaveLength(gone);
    }
  });

  it("shows a capacity that only the cache knows", async () => {
    const { pictures } = await drawnMutant("capacity-in-cache");
    const lines = timelineLines(pictures[0] as Timeline);
    const events = lines.filter((line) => /^\d/.test(line));
    expect(events).toEqual([
      "1  node 0 begins life 1 and registers",
      '2  store takes "register, life 1"',
      "3  instance 0 asks for everything: a page is in flight to it",
      "4  instance 0 takes the page, and is at 1:1 now",
      "5  client of job 0 chooses node 0, which instance 0 shows as online, life 1:1, 0 jobs",
      "6  client of job 1 chooses node 0, which instance 0 shows as online, life 1:1, 0 jobs",
      '7  store takes "reserve job 0 on node 0"',
      '8  BROKEN  store takes "reserve job 1 on node 0"',
    ]);
    expect(lines).toContain("    -> client of job 1 to store: reserve job 1 on node 0 (arrives at 8)");
    expect(lines).toContain("                 node 0: online, life 1:1, jobs {0, 1}, changed at 1:3");
    expect(inFlight(pictures[0] as Timeline)).toEqual(["wake-up"]);
    expect(pictures[0]?.pointOfNoReturn.kind).toBe("open");
  });

  it("has the point of no return, where it was requested", async () => {
    const { pictures } = await drawnMutant("cache-replaced");
    const stale = pictures.find(({ property }) => property === "V2");
    expect(stale?.pointOfNoReturn).toMatchObject({ kind: "inevitable", after: (stale?.events.length ?? 0) - 2 });
    const asked = { model: "job-store", mutant: "stale", scope: "N=1,I=1" };
    expect((await timelines(asked)).pictures[0]?.pointOfNoReturn).toMatchObject({ kind: "not_computed" });
    expect((await timelines({ ...asked, pointOfNoReturnStates: 1 })).pictures[0]?.pointOfNoReturn).toMatchObject({
      kind: "open",
    });
  });

  it("marks a late message, a lost one and a repeated one", async () => {
    const stale = await timelines({ model: "job-store", mutant: "stale", scope: "N=1,I=1" });
    expect(stale.pictures[0]?.messages.map(({ fate }) => fate)).toEqual(["late", "arrived"]);
    expect(stale.pictures[0]?.events.at(-1)?.words).toContain("which takes its cache back");
    const repeated = await drawnMutant("finished-forgotten");
    expect(repeated.pictures[0]?.messages.map(({ fate }) => fate)).toContain("repeated");
    const lost = await drawnMutant("wake-ups-trusted");
    const gap = lost.pictures.find(({ property }) => property === "V4");
    expect(gap?.messages.filter(({ fate }) => fate === "lost").map(({ words }) => words)).toEqual(["wake-up"]);
    expect(gap?.loop).toEqual({ kind: "rest" });
  });

  it("draws the loop of a lasso, and a model without a view of its own", async () => {
    const { pictures } = await timelines({ model: "ring", scope: "S=3", table: spoilt, pointOfNoReturnStates: 1_000 });
    expect(pictures[0]).toMatchObject({
      loop: { kind: "round", from: 0 },
      broken: null,
      lanes: [{ name: "at" }],
      before: [{ lane: "at", lines: ["at 0"] }],
    });
    expect(pictures[0]?.events.map(({ words, holds }) => [words, holds[0]?.lines])).toEqual([
      ["turn(1)", ["at 1"]],
      ["turn(2)", ["at 2"]],
      ["turn(0)", ["at 0"]],
    ]);
  });
});
