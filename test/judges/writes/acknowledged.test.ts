import { describe, expect, it } from "vitest";
import type { Call, HistoryEvent } from "../../../src/check/history.ts";
import type { Judgement, Trial } from "../../../src/check/judgement.ts";
import type { Observation } from "../../../src/check/observed/observation.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { judgeAcknowledged } from "../../../src/judges/writes/acknowledged.ts";
import {
  call,
  dump,
  entry,
  faultFrom,
  job,
  mode,
  node,
  phase,
  registered,
  seenAt,
  stall,
  storeCall,
  trialOf,
  view,
} from "../../check/trials.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { complete, register, reserve, Stage } from "../../simulate/judges/stage.ts";

const version = (sequence: number, epoch = "e1") => ({ epoch, sequence });
const reserved = call({
  op: "reserve_job",
  node: "n1",
  job: "a",
  from: 1,
  to: 2,
  reply: "reserved",
  version: version(2),
});
const completed = (sequence: number) =>
  call({ op: "complete_job", node: "n1", job: "a", from: 3, to: 4, reply: "completed", version: version(sequence) });
const first = [entry(1, registered()), entry(2, job("reserved", "a", 1)), entry(3, job("completed", "a", 0))];
const empty = dump(0, [], "e2");
const kept = dump(0, [[node(3), []]], "e2");
const follows = [view(1, 3), view(20, 0, 0, "e2")];

const judgedIn = (trial: Trial): Judgement => judgeRecorded(judgeAcknowledged, trial);

describe("D4 in a recorded run", () => {
  it("holds when what Redis lost is named by an epoch change, and counts it", () => {
    const judged = judgedIn(
      trialOf({ history: [...follows, reserved, completed(3)], observations: [...first, empty] }),
    );
    expect(judged).toMatchObject({ verdict: "held", exercised: 2 });
    expect(judged.measures).toContainEqual({ name: "lost_with_a_named_epoch_change", value: 2 });
  });

  it("counts nothing as lost where the new epoch found it", () => {
    const judged = judgedIn(trialOf({ history: [...follows, reserved], observations: [...first, kept] }));
    expect(judged.measures).toContainEqual({ name: "lost_with_a_named_epoch_change", value: 0 });
  });

  it("is violated by an acknowledged write that is gone without an epoch change", () => {
    const other = [entry(1, registered()), entry(2, job("reserved", "b", 1))];
    const judged = judgedIn(trialOf({ history: [reserved], observations: other }));
    expect(judged.violations[0]?.[0]).toBe(
      "reserve_job of a on node n1 was acknowledged at e1:2 and is not in the store, allowed only after an epoch change",
    );
    const looked = [...first.slice(0, 1), seenAt(5, dump(1, [[node(1), []]]))];
    expect(judgedIn(trialOf({ history: [reserved], observations: looked })).violations[0]?.[0]).toBe(
      "reserve_job of a on node n1 was acknowledged at e1:2, which the store never had",
    );
  });

  it("is violated by a version that tells of another write", () => {
    const other = [entry(1, registered()), entry(2, job("reserved", "b", 1))];
    expect(judgedIn(trialOf({ history: [...follows, reserved], observations: [...other, empty] })).verdict).toBe(
      "violated",
    );
  });

  it("leaves open what Redis may have lost before anybody saw it, with its share", () => {
    const observations = [...first.slice(0, 1), seenAt(10, empty)];
    const early = { ...reserved, version: version(1), op: "register_node", reply: "registered" } as const;
    const judged = judgedIn(trialOf({ history: [...follows, early, reserved], observations }));
    expect(judged).toMatchObject({ verdict: "unknown", exercised: 1, cause: "unobserved" });
    expect(judged.reason).toContain("1 of 2 (50.0 %)");
  });

  describe("without a version in the reply", () => {
    const { version: _, ...bare } = reserved;
    const observations = [dump(0, []), ...first, seenAt(600, dump(3, [[node(3), []]]))];
    const verdict = (...history: readonly HistoryEvent[]) => judgedIn(trialOf({ history, observations })).verdict;

    it("is explained by a change of its kind, for its node and job, while it was in flight", () => {
      expect(verdict(bare)).toBe("not_exercised");
      for (const wrong of [{ job: "b" }, { node: "n2" }, { reply: "already", job: "b" }, { from: 300, to: 301 }]) {
        expect([wrong, verdict({ ...bare, ...wrong })]).toEqual([wrong, "violated"]);
      }
    });

    it("is explained only once by each change, whichever of the two has no version", () => {
      expect(verdict(bare, { ...bare, id: 9_001, from: 1.5 })).toBe("violated");
      expect(verdict(reserved, { ...bare, id: 9_002 })).toBe("violated");
    });

    it("is explained by what already was so", () => {
      const { version: __, ...done } = completed(3);
      const again = { ...done, id: 9_003, from: 30, to: 40 };
      expect(verdict(bare, done, again)).toBe("not_exercised");
      const beat = call({ op: "heartbeat", node: "n1", incarnation: "e1:1", from: 30, to: 31, reply: "renewed" });
      expect(verdict(beat)).toBe("not_exercised");
      expect(verdict({ ...beat, incarnation: "e1:9" })).toBe("violated");
    });

    it("is open where an epoch ended before the observer had looked again", () => {
      const left = [entry(1, registered()), seenAt(50, empty)];
      const register = call({
        ...{ op: "register_node", node: "n1", from: 0, to: 1, reply: "registered" },
        version: version(1),
      });
      const judged = judgedIn(trialOf({ history: [...follows, register, bare], observations: left }));
      expect(judged).toMatchObject({ verdict: "unknown", exercised: 1 });
      const later = { ...bare, from: 60, to: 61 };
      const looked = [...left, seenAt(700, dump(0, [], "e2"))];
      expect(judgedIn(trialOf({ history: [later], observations: looked })).verdict).toBe("violated");
    });
  });

  it("is violated by a version of an epoch that the store never had, also of a heartbeat, or of what already is", () => {
    const observations = [...first, seenAt(50, dump(3, [[node(3), []]]))];
    const elsewhere = { version: version(2, "made-up") };
    for (const reported of [
      { ...reserved, ...elsewhere },
      { ...reserved, ...elsewhere, reply: "already" },
      { ...reserved, ...elsewhere, op: "heartbeat", reply: "renewed" } as const,
    ]) {
      const { violations } = judgedIn(trialOf({ history: [reported], observations }));
      expect(violations[0]?.[0]).toContain("was acknowledged at made-up:2, which the store never had");
    }
  });

  it("knows a repeated completion, which is answered with a later version", () => {
    const later = [...first, entry(4, registered("n2", "e1:4"))];
    expect(judgedIn(trialOf({ history: [...follows, completed(4)], observations: [...later, empty] })).verdict).toBe(
      "held",
    );
  });

  it("is violated by an instance that goes on in the epoch whose writes are lost", () => {
    const history = [view(1, 3), reserved];
    const judged = judgedIn(trialOf({ history, observations: [...first, empty] }));
    expect(judged.violations[0]?.[0]).toContain(
      "instance 0 never left epoch e1 of partition 0, of which 1 acknowledged",
    );
  });

  it("is unknown where the machine kept an instance from the store until the end, and the instance knows that it is degraded", () => {
    const observations = [...first, { ...empty, at: 50 }];
    const verdict = (...more: readonly HistoryEvent[]) =>
      judgedIn(trialOf({ history: [view(1, 3), reserved, ...ends, ...more], observations })).verdict;
    // Healed at 100, with 500 ms for it.
    const ends = [phase("healed", 100), phase("end", 900)];
    const away = mode(40, "normal", "l2_only");
    const late = storeCall(200, 230, { outcome: "deadline" });
    expect(verdict(away, stall(300, 300))).toBe("unknown");
    expect(verdict(away, late, stall(205, 20))).toBe("unknown");
    expect(verdict(away, late, { ...stall(205, 20), waited: 0, ran: 0 })).toBe("unknown");
    expect(verdict(away, stall(300, 299))).toBe("violated");
    expect(verdict(away, late)).toBe("violated");
    expect(verdict(away, late, stall(205, 20), storeCall(400, 430, { outcome: "deadline" }))).toBe("violated");
    expect(verdict(stall(300, 300))).toBe("violated");
    expect(verdict(away, mode(700, "l2_only", "normal"), stall(300, 300))).toBe("violated");
  });

  it("is not exercised where no epoch ended after an acknowledged write, nor by what was not acknowledged", () => {
    expect(judgedIn(trialOf({ history: [reserved], observations: first })).verdict).toBe("not_exercised");
    const open = { ...reserved, outcome: "info", reply: "deadline" } as const;
    expect(judgedIn(trialOf({ history: [open], observations: [...first, empty] })).verdict).toBe("not_exercised");
  });

  describe("an acknowledged heartbeat", () => {
    const beat = call({
      ...({ op: "heartbeat", node: "n1", incarnation: "e1:1", seq: 4 } as const),
      ...{ from: 300, to: 310, reply: "renewed" },
    });
    const seen = (at: number, seq: number, parts: Parameters<typeof node>[1] = {}, epoch = "e1") => {
      const one = seenAt(at, dump(1, [[node(1, parts), []]], epoch));
      return { ...one, nodes: one.nodes.map((held) => ({ ...held, heartbeat_seq: seq })) };
    };
    const look = (at: number, took: number) => ({ kind: "observer_read", at, took, partition: 0 }) as const;
    const judged = (history: readonly HistoryEvent[], ...observations: readonly Observation[]) =>
      judgedIn(trialOf({ history, observations: [dump(0, []), entry(1, registered()), ...observations] }));

    it("is in the store when it is looked at next, with a version or without", () => {
      for (const reported of [beat, { ...beat, version: version(1) }, { ...beat, reply: "already" }]) {
        const right = judged([reported], seen(600, 4));
        expect(right.violations).toEqual([]);
        expect(right.measures).toContainEqual({ name: "heartbeats_compared", value: 1 });
        expect(judged([reported], seen(600, 3)).violations[0]?.[0]).toBe(
          `heartbeat 4 of node n1 was answered ${reported.reply} and is not in the store, which had 3 for its last`,
        );
      }
    });

    it("is held against a look that began after its answer, not against one that was in flight", () => {
      expect(judged([beat, look(330, 25)], seen(329, 3)).violations).toEqual([]);
      expect(judged([beat, look(330, 15)], seen(329, 3)).violations).toHaveLength(1);
      expect(judged([beat], seen(500, 3)).violations).toEqual([]);
    });

    it("may be lost with an epoch, and says nothing of another life", () => {
      expect(judged([beat], seenAt(400, dump(0, [], "e2")), seen(700, 3, {}, "e2")).violations).toEqual([]);
      expect(judged([beat], seen(600, -1, { incarnation: "e1:2" })).violations).toEqual([]);
    });
  });
});

describe("D4 in a recorded run, of an epoch that was left", () => {
  const held = [entry(1, registered()), seenAt(10, entry(2, job("reserved", "a", 1)))];
  const observations = [...held, dump(0, [], "e2")];
  const follows = [view(1, 2), view(20, 0, 0, "e2")];
  const reserved = (from: number, parts: Partial<Call> = {}) =>
    call({
      ...{ op: "reserve_job", node: "n1", job: "a", from, to: from + 1, reply: "reserved" },
      version: { epoch: "e1", sequence: 2 },
      ...parts,
    });
  const judged = (...history: readonly HistoryEvent[]) => judgedIn(trialOf({ history, observations, instances: 2 }));

  it("is violated where an instance acknowledges in it after its view had gone on", () => {
    expect(judged(...follows, reserved(30)).violations[0]?.[0]).toBe(
      "reserve_job of a on node n1 was acknowledged at e1:2 by instance 0, which had left that epoch, allowed is only to say that it may be lost",
    );
  });

  it.each([
    ["before it had gone on", [reserved(10)]],
    ["and says that it may be lost", [reserved(30, { outcome: "info", reply: "readonly" })]],
    ["though another instance has gone on", [reserved(30, { instance: 1 })]],
    ["in a new life", [...faultFrom(22, 25, { name: "instance_crash", link: "process" }), reserved(30)]],
  ] as const)("holds where an instance answers %s", (_, history) => {
    expect(judged(...follows, ...history).violations).toEqual([]);
  });
});

/** Version 1: registered. */
function begun(): Stage {
  const stage = new Stage(inSimulation(judgeAcknowledged));
  stage.run(1, register());
  return stage;
}

describe("D4 in a simulated run", () => {
  const reported = (
    stage: Stage,
    op: "reserve_job" | "complete_job" | "register_node",
    reply: string,
    sequence: number,
    job = "a",
  ) => {
    const version = { ...stage.version(), sequence };
    stage.returned({ op, job, from: 5, to: 6, reply, version });
  };

  function written(): Stage {
    const stage = begun();
    stage.run(2, reserve("a"));
    stage.run(3, complete("a"));
    reported(stage, "register_node", "registered", 1);
    reported(stage, "reserve_job", "reserved", 2);
    reported(stage, "complete_job", "completed", 3);
    return stage;
  }

  it("is not exercised where no epoch was left", () => {
    expect(written().finish()).toMatchObject({ verdict: "not_exercised", violations: [] });
  });

  it("holds where another server takes over all of it, or less, and everybody goes on to its epoch", () => {
    const stage = written();
    const before = stage.version();
    stage.view(6, before);
    const lagging = { ...stage.state(), meta: { ...(stage.state().meta as never as object), sequence: 2 } };
    stage.promote(7, 2, lagging as never);
    stage.run(8, reserve("b"), { server: 2 });
    stage.view(9, stage.version(2));
    const judged = stage.finish();
    expect(judged).toMatchObject({ verdict: "held", exercised: 3 });
    expect(judged.measures[1]).toEqual({ name: "lost_with_a_named_epoch_change", value: 1 });
  });

  it("is violated where an instance stays in an epoch of which writes are lost", () => {
    const stage = written();
    stage.view(6, stage.version(), 1);
    const lagging = { ...stage.state(), meta: { ...(stage.state().meta as never as object), sequence: 2 } };
    stage.promote(7, 2, lagging as never);
    stage.run(8, reserve("b"), { server: 2 });
    expect(stage.finish().violations[0]?.[0]).toMatch(/instance 1 never left epoch .* of which 1 acknowledged writes/);
  });

  it.each([
    ["a version that is another job's", "reserve_job", "reserved", 2, "b"],
    ["a version that the store has not reached", "reserve_job", "reserved", 9, "a"],
    ["a completion that never was", "complete_job", "completed", 3, "b"],
  ] as const)("is violated where a client is answered %s", (_, op, reply, sequence, job) => {
    const stage = written();
    reported(stage, op, reply, sequence, job);
    expect(stage.finish().violations[0]?.[0]).toMatch(
      /was acknowledged at .*(is not in the store|which the store never had)/,
    );
  });

  it("takes a completion that is reported again at a later version, also of another job's completion", () => {
    const stage = written();
    stage.run(7, reserve("b"));
    stage.run(7, complete("b"));
    reported(stage, "complete_job", "completed", 5, "a");
    expect(stage.finish().violations).toEqual([]);
  });
});

describe("D4 in a simulated run, of an epoch that was left", () => {
  /** Instance 0 has followed server 1, and then server 2. */
  function moved(): Stage {
    const stage = begun();
    stage.says(11, { kind: "resynced", partition: 0, version: stage.version(), nodes: 1, pages: 1, took: 1 });
    stage.promote(20, 2, stage.state());
    stage.run(21, { kind: "changes_since", since: { epoch: 1, sequence: 1 }, limit: 0 }, { server: 2 });
    stage.says(22, { kind: "resynced", partition: 0, version: stage.version(2), nodes: 1, pages: 1, took: 1 });
    return stage;
  }

  function placed(stage: Stage, parts: Partial<Call> = {}): void {
    stage.run(30, reserve("b"));
    const reported = { reply: "reserved", version: stage.version(), job: "b" };
    stage.returned({ op: "reserve_job", from: 29, to: 31, ...reported, ...parts });
  }

  it("is violated where an instance acknowledges there what is never named", () => {
    const stage = moved();
    placed(stage);
    expect(stage.finish().violations[0]?.[0]).toMatch(
      /^reserve_job of b on node n was acknowledged at .* by instance 0, which had left that epoch/,
    );
  });

  it.each([
    ["says that it may be lost", { outcome: "info", reply: "readonly" }],
    ["is another, which follows the former primary still", { instance: 1 }],
  ] as const)("holds where the instance %s", (_, parts) => {
    const stage = moved();
    placed(stage, parts);
    expect(stage.finish().violations).toEqual([]);
  });

  it("claims nothing of a new life, which has left nothing", () => {
    const stage = moved();
    stage.instance(25, "crashed");
    stage.instance(26, "started");
    placed(stage);
    expect(stage.finish().violations).toEqual([]);
  });
});
