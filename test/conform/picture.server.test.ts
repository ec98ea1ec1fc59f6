import { describe, expect, it } from "vitest";
import type { CallMove, Move, Plan } from "../../src/conform/plan/plan.ts";
import { runConform } from "../../src/conform/run.ts";
import type { Timeline } from "../../src/evidence/timeline.ts";
import { timelineLines } from "../../src/report/timeline/words.ts";

async function pictureOf(mutant: string, moves: Plan["moves"]): Promise<Timeline> {
  const plan = { feedMax: 1_000, moves };
  const options = { runs: 1, seed: 0, mutant, plan, signal: new AbortController().signal };
  const { violations } = await runConform({ ...options, now: () => performance.now() });
  const [timeline] = violations.flatMap((violation) => violation.timeline ?? []);
  if (timeline === undefined) throw new TypeError(`${mutant}: no picture of ${JSON.stringify(violations)}`);
  return timeline;
}

const wordsOf = (timeline: Timeline): readonly string[] =>
  timelineLines(timeline)
    .filter((line) => /^ ?\d/.test(line))
    .map((line) => line.trim());

const register: CallMove = {
  do: "register_node",
  delivery: "delivered",
  node: 0,
  token: "new",
  expected: "right",
  maxJobs: 1,
  pools: [],
  languages: [],
  ttl: 15_000,
};
const reserve = (job: number): CallMove => ({
  do: "reserve_job",
  delivery: "delivered",
  node: 0,
  job,
  lease: 15_000,
  seen: "all",
});
const send = (client: number, name: number, job: number, knows: "all" | "heard" = "all"): Move => {
  return { do: "send", client, name, knows, call: reserve(job) };
};

describe("the picture of a plan that departs from the model", () => {
  it("shows where the two part, and what each holds", async () => {
    const timeline = await pictureOf("capacity-checked-after", [register, reserve(0), reserve(1)]);
    expect(wordsOf(timeline)).toEqual([
      '1  client calls register_node node n0 token "new" expected "right" maxJobs 1 pools [] languages [] ttl 15000',
      '2  client calls reserve_job node n0 job 0 lease 15000 seen "all"',
      '3  BROKEN  client calls reserve_job node n0 job 1 lease 15000 seen "all": reply › kind is "reserved", the model has "full"',
    ]);
    const last = new Map(timeline.events.at(-1)?.holds.map(({ lane, lines }) => [lane, lines]));
    expect(last.get("store")).toContain(
      '  n0: online, life e1:1, 2 of 1 jobs {j0, "j{p1}"}, heartbeat -1, changed at e1:3',
    );
    expect(last.get("model")).toContain("  n0: online, life e1:1, 1 of 1 jobs {j0}, heartbeat -1, changed at e1:2");
    expect(timeline).toMatchObject({ property: "J2", broken: 2, pointOfNoReturn: { kind: "parted", at: 2 } });
  });

  it("shows a lost reply, and the call that was made again", async () => {
    const timeline = await pictureOf("register-not-idempotent", [{ ...register, delivery: "reply_lost" }]);
    expect(timeline.messages.map(({ words, fate }) => [words, fate])).toEqual([
      ["register_node n0", "arrived"],
      ["registered", "lost"],
      ["register_node n0", "arrived"],
      ["conflict", "arrived"],
    ]);
    expect(timeline.broken).toBe(1);
    expect(timeline.lanes.map(({ name }) => name)).toEqual(["client", "Redis", "model"]);
  });

  it("shows several clients: late, repeated and lost requests, answers on a connection that was left", async () => {
    const timeline = await pictureOf("capacity-checked-after", [
      register,
      send(0, 1, 0),
      send(1, 2, 1),
      send(0, 3, 2, "heard"),
      { do: "drop", name: 3 },
      { do: "deliver", name: 2, answer: "late" },
      { do: "duplicate", name: 1 },
      { do: "reconnect", client: 1 },
      { do: "answer", name: 2 },
      { do: "answer", name: 9 },
      { do: "wait", by: 5 },
      { do: "deliver", name: 1, answer: "lost" },
    ]);
    expect(wordsOf(timeline).slice(1)).toEqual([
      '2  client 0 calls reserve_job node n0 job 0 lease 15000 seen "all"',
      '3  client 1 calls reserve_job node n0 job 1 lease 15000 seen "all"',
      '4  client 0 calls reserve_job node n0 job 2 lease 15000 seen "all", knowing what it has heard',
      '5  network loses "reserve_job n0, job 2"',
      "6  Redis runs reserve_job n0, job 1",
      '7  network has "reserve_job n0, job 0" twice on its way',
      "8  client 1 has another connection, and hears nothing more of the old one",
      "9  client 1 is answered on a connection that it has left",
      "10  Redis has its clock go on by 5 ms",
      '11  BROKEN  Redis runs reserve_job n0, job 0, and the answer is lost: reply › kind is "reserved", the model has "full"',
    ]);
    const byWords = Map.groupBy(timeline.messages, ({ words }) => words);
    expect(byWords.get("reserve_job n0, job 2")?.map(({ fate }) => fate)).toEqual(["lost"]);
    expect(byWords.get("reserve_job n0, job 0")?.map(({ fate, ended }) => [fate, ended])).toEqual([
      ["on_its_way", null],
      ["arrived", 10],
    ]);
    expect(byWords.get("reserved")?.map(({ to, fate }) => [to, fate])).toEqual([
      ["client 1", "lost"],
      ["client 0", "lost"],
    ]);
  });
});
