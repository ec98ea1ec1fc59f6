import { describe, expect, it } from "vitest";
import { generatePlans } from "../../src/conform/plan/generate.ts";
import { interleaved, type TrafficEvent } from "../../src/conform/plan/interleave.ts";
import type { CallMove, Move } from "../../src/conform/plan/plan.ts";
import { resolve } from "../../src/conform/plan/resolve.ts";
import { addTraffic, neverMet, noTraffic, Traffic } from "../../src/conform/plan/traffic.ts";
import { emptyWorld, type World } from "../../src/conform/plan/world.ts";

const complete: CallMove = {
  do: "complete_job",
  delivery: "delivered",
  node: 0,
  job: 0,
  doneFor: 60_000,
  doneMax: 100,
};
const sweep: CallMove = {
  do: "sweep",
  delivery: "delivered",
  partition: 0,
  candidates: "none",
  retention: 1,
  limit: 1,
  jobLimit: 1_000,
  offset: 0,
  gap: 86_400_000,
  grace: 0,
};

/** Worlds that differ in their time only: enough to see which one a client knows. */
const worldAt = (at: number): World => ({ ...emptyWorld, at });
const worldOf = (epoch: number, sequence: number): World => {
  const [first, ...others] = emptyWorld.partitions;
  const meta = { epoch, sequence, server: 1, partitions: 2 };
  return { ...emptyWorld, partitions: [{ ...first, meta } as World["partitions"][0], ...others] };
};

function started() {
  const traffic = new Traffic();
  const known: World[] = [];
  const send = (name: number, client: number, { world = worldAt(0), call = complete, knows = "heard" as const } = {}) =>
    traffic.send({ do: "send", client, name, knows, call }, world, (move, knownWorld) => {
      known.push(knownWorld);
      return resolve(move, knownWorld, 8, "t");
    });
  const run = (
    name: number,
    answer: Extract<Move, { do: "deliver" }>["answer"] = "heard",
    { before = worldAt(0), after = worldAt(0) } = {},
  ): number | null => {
    const request = traffic.arrive(name);
    return request ? traffic.executed(request, before, after, answer) : null;
  };
  return { traffic, known, send, run };
}

describe("what is on its way", () => {
  it("is run once for each copy: sent, re-sent by its client, doubled on its way", () => {
    const { traffic, send, run } = started();
    send(1, 0);
    traffic.duplicate(1);
    traffic.retry(1);
    expect([run(1, "lost"), run(1, "lost"), run(1), run(1)]).toEqual([1, 2, 3, null]);
    expect(traffic.counts).toMatchObject({
      sent: 1,
      executed: 3,
      retried: 1,
      duplicated: 1,
      lost_after: 2,
      answered: 1,
    });
  });

  it("is not retried once its client has been answered, and not doubled when nothing is on its way", () => {
    const { traffic, send, run } = started();
    send(1, 0);
    run(1);
    traffic.retry(1);
    traffic.duplicate(1);
    expect(run(1)).toBeNull();
  });

  it("is lost before it is run, and counted only then", () => {
    const { traffic, send, run } = started();
    send(1, 0);
    traffic.drop(1);
    traffic.drop(1);
    expect([run(1), traffic.counts.lost_before]).toEqual([null, 1]);
  });

  it("counts as overtaken when one that was sent later has been run", () => {
    const { traffic, send, run } = started();
    send(1, 0);
    send(2, 1);
    run(2);
    run(1);
    expect(traffic.counts.overtaken).toBe(1);
  });

  it("arrives past a reconnect, and its answer is lost", () => {
    const { traffic, send, run, known } = started();
    send(1, 0);
    traffic.reconnect(0);
    run(1, "heard", { after: worldAt(9) });
    send(2, 0);
    expect(traffic.counts).toMatchObject({ late_past_reconnect: 1, lost_after: 1, answered: 0 });
    expect(known.at(-1)?.partitions).toBe(emptyWorld.partitions);
  });

  it("is distinguished by what happened to the store meanwhile", () => {
    const { traffic, send, run } = started();
    send(1, 0, { world: worldOf(1, 3) });
    traffic.storeChanged("promote");
    traffic.storeChanged("wait");
    send(2, 0, { world: worldOf(1, 3) });
    run(1, "heard", { before: worldOf(1, 3), after: worldOf(2, 0) });
    run(2, "heard", { before: worldOf(2, 0), after: worldOf(2, 0) });
    expect(traffic.counts).toMatchObject({ promote_between: 1, restart_between: 0, epoch_between: 2 });
  });

  it("counts a sweep for the client that asked for it", () => {
    const { traffic, send, run } = started();
    send(1, 2, { call: sweep });
    run(1);
    expect(traffic.counts).toMatchObject({ sweeps_by_client_0: 0, sweeps_by_client_2: 1 });
  });
});

describe("what a client knows", () => {
  it("is what it has received, at its own time; another client's answer adds nothing", () => {
    const { send, run, known } = started();
    const after = worldOf(1, 1);
    send(1, 0);
    run(1, "heard", { after });
    send(2, 0, { world: worldAt(7) });
    send(3, 1, { world: worldAt(7) });
    expect(known.map(({ partitions }) => partitions === after.partitions)).toEqual([false, true, false]);
    expect(known.map(({ at }) => at)).toEqual([0, 7, 7]);
  });

  it("does not go back when a late answer comes after a newer one", () => {
    const { traffic, send, run, known } = started();
    send(1, 0);
    send(2, 0);
    run(1, "late", { after: worldOf(1, 1) });
    const newer = worldOf(1, 2);
    run(2, "heard", { after: newer });
    traffic.answer(1);
    send(3, 0);
    expect(known.at(-1)?.partitions).toBe(newer.partitions);
    expect(traffic.counts).toMatchObject({ answered: 2, answered_late: 1 });
  });

  it("is all that there is when it has just caught up", () => {
    const { traffic, known } = started();
    const world = worldOf(1, 5);
    traffic.send({ do: "send", client: 0, name: 1, knows: "all", call: complete }, world, (move, all) => {
      known.push(all);
      return resolve(move, all, 8, "t");
    });
    expect(known[0]?.partitions).toBe(world.partitions);
  });

  it("counts as stale when the store has gone on by the time the call is run", () => {
    const { traffic, send, run } = started();
    send(1, 0);
    run(1, "heard", { before: worldAt(0), after: worldOf(1, 1) });
    send(2, 0);
    run(2, "heard", { before: worldOf(1, 1), after: worldOf(1, 2) });
    send(3, 1);
    run(3, "heard", { before: worldOf(1, 2), after: worldOf(1, 2) });
    expect(traffic.counts.stale_knowledge).toBe(1);
  });
});

describe("the counts of what calls on their way met", () => {
  it("name what was never met", () => {
    const counts = noTraffic();
    expect(neverMet(counts)).toEqual(Object.keys(counts));
    addTraffic(counts, { ...noTraffic(), sent: 2 });
    expect(neverMet(counts)).not.toContain("sent");
  });
});

describe("an interleaving", () => {
  it("makes moves of choices: of what is on its way, what there is, the rest at the end", () => {
    const send: TrafficEvent = { kind: "send", client: 1, knows: "all", call: complete };
    const moves = interleaved([
      { kind: "deliver", pick: 3, answer: "heard" },
      send,
      send,
      { kind: "duplicate", pick: 1 },
      { kind: "deliver", pick: 0, answer: "late" },
      { kind: "retry", pick: 5 },
      { kind: "answer", pick: 8 },
      { kind: "drop", pick: 1 },
    ]);
    expect(moves.map((move) => [move.do, "name" in move ? move.name : null])).toEqual([
      ["send", 0],
      ["send", 1],
      ["duplicate", 1],
      ["deliver", 0],
      ["retry", 1],
      ["answer", 0],
      ["drop", 1],
      ["deliver", 1],
      ["deliver", 1],
    ]);
  });

  it("names nothing that is not there, in all generated plans", () => {
    for (const { moves } of generatePlans(5, 200, "concurrent")) {
      const inFlight: number[] = [];
      for (const move of moves) {
        if (move.do === "send") inFlight.push(move.name);
        if (move.do === "retry" || move.do === "duplicate") inFlight.push(move.name);
        if (move.do !== "deliver" && move.do !== "drop") continue;
        expect(inFlight).toContain(move.name);
        inFlight.splice(inFlight.indexOf(move.name), 1);
      }
      expect(inFlight).toEqual([]);
    }
  });
});
