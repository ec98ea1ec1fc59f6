import { describe, expect, it } from "vitest";
import { judgeAcknowledged } from "../../../src/check/acknowledged.ts";
import type { HistoryEvent } from "../../../src/check/history.ts";
import type { Observation } from "../../../src/check/observation.ts";
import {
  call,
  dump,
  entry,
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
} from "../trials.ts";

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

describe("D4", () => {
  it("holds when what Redis lost is named by an epoch change, and counts it", () => {
    const judged = judgeAcknowledged(
      trialOf({ history: [...follows, reserved, completed(3)], observations: [...first, empty] }),
    );
    expect(judged).toMatchObject({ verdict: "held", exercised: 2 });
    expect(judged.measures).toContainEqual({ name: "lost_with_a_named_epoch_change", value: 2 });
  });

  it("counts nothing as lost where the new epoch found it", () => {
    const judged = judgeAcknowledged(trialOf({ history: [...follows, reserved], observations: [...first, kept] }));
    expect(judged.measures).toContainEqual({ name: "lost_with_a_named_epoch_change", value: 0 });
  });

  it("is violated by an acknowledged write that is gone without an epoch change", () => {
    const other = [entry(1, registered()), entry(2, job("reserved", "b", 1))];
    const judged = judgeAcknowledged(trialOf({ history: [reserved], observations: other }));
    expect(judged.violations[0]?.[0]).toBe(
      "reserve_job of a on node n1 was acknowledged at e1:2 and is not in the store, allowed only after an epoch change",
    );
    const looked = [...first.slice(0, 1), seenAt(5, dump(1, [[node(1), []]]))];
    expect(judgeAcknowledged(trialOf({ history: [reserved], observations: looked })).violations[0]?.[0]).toBe(
      "reserve_job of a on node n1 was acknowledged at e1:2, which the store never had",
    );
  });

  it("is violated by a version that tells of another write", () => {
    const other = [entry(1, registered()), entry(2, job("reserved", "b", 1))];
    expect(
      judgeAcknowledged(trialOf({ history: [...follows, reserved], observations: [...other, empty] })).verdict,
    ).toBe("violated");
  });

  it("leaves open what Redis may have lost before anybody saw it, with its share", () => {
    const observations = [...first.slice(0, 1), seenAt(10, empty)];
    const early = { ...reserved, version: version(1), op: "register_node", reply: "registered" } as const;
    const judged = judgeAcknowledged(trialOf({ history: [...follows, early, reserved], observations }));
    expect(judged).toMatchObject({ verdict: "unknown", exercised: 1, cause: "unobserved" });
    expect(judged.reason).toContain("1 of 2 (50.0 %)");
  });

  describe("without a version in the reply", () => {
    const { version: _, ...bare } = reserved;
    const observations = [dump(0, []), ...first, seenAt(600, dump(3, [[node(3), []]]))];
    const verdict = (...history: readonly HistoryEvent[]) =>
      judgeAcknowledged(trialOf({ history, observations })).verdict;

    it("is explained by a change of its kind, for its node and job, while it was under way", () => {
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
      const judged = judgeAcknowledged(trialOf({ history: [...follows, register, bare], observations: left }));
      expect(judged).toMatchObject({ verdict: "unknown", exercised: 1 });
      const later = { ...bare, from: 60, to: 61 };
      const looked = [...left, seenAt(700, dump(0, [], "e2"))];
      expect(judgeAcknowledged(trialOf({ history: [later], observations: looked })).verdict).toBe("violated");
    });
  });

  it("is violated by a version of an epoch that the store never had, also of a heartbeat, or of what already is", () => {
    const observations = [...first, seenAt(50, dump(3, [[node(3), []]]))];
    const elsewhere = { version: version(2, "made-up") };
    for (const told of [
      { ...reserved, ...elsewhere },
      { ...reserved, ...elsewhere, reply: "already" },
      { ...reserved, ...elsewhere, op: "heartbeat", reply: "renewed" } as const,
    ]) {
      const { violations } = judgeAcknowledged(trialOf({ history: [told], observations }));
      expect(violations[0]?.[0]).toContain("was acknowledged at made-up:2, which the store never had");
    }
  });

  it("knows a repeated completion, which is answered with a later version", () => {
    const later = [...first, entry(4, registered("n2", "e1:4"))];
    expect(
      judgeAcknowledged(trialOf({ history: [...follows, completed(4)], observations: [...later, empty] })).verdict,
    ).toBe("held");
  });

  it("is violated by an instance that goes on in the epoch whose writes are lost", () => {
    const history = [view(1, 3), reserved];
    const judged = judgeAcknowledged(trialOf({ history, observations: [...first, empty] }));
    expect(judged.violations[0]?.[0]).toContain(
      "instance 0 never left epoch e1 of partition 0, of which 1 acknowledged",
    );
  });

  it("is unknown where the machine kept an instance from the store until the end, and the instance knows that it is degraded", () => {
    const observations = [...first, { ...empty, at: 50 }];
    const verdict = (...more: readonly HistoryEvent[]) =>
      judgeAcknowledged(trialOf({ history: [view(1, 3), reserved, ...ends, ...more], observations })).verdict;
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
    expect(judgeAcknowledged(trialOf({ history: [reserved], observations: first })).verdict).toBe("not_exercised");
    const open = { ...reserved, outcome: "info", reply: "deadline" } as const;
    expect(judgeAcknowledged(trialOf({ history: [open], observations: [...first, empty] })).verdict).toBe(
      "not_exercised",
    );
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
    const weather = (at: number, took: number) => ({ kind: "weather", at, took, partition: 0 }) as const;
    const judged = (history: readonly HistoryEvent[], ...observations: readonly Observation[]) =>
      judgeAcknowledged(trialOf({ history, observations: [dump(0, []), entry(1, registered()), ...observations] }));

    it("is in the store when it is looked at next, with a version or without", () => {
      for (const told of [beat, { ...beat, version: version(1) }, { ...beat, reply: "already" }]) {
        const right = judged([told], seen(600, 4));
        expect(right.violations).toEqual([]);
        expect(right.measures).toContainEqual({ name: "heartbeats_compared", value: 1 });
        expect(judged([told], seen(600, 3)).violations[0]?.[0]).toBe(
          `heartbeat 4 of node n1 was answered ${told.reply} and is not in the store, which had 3 for its last`,
        );
      }
    });

    it("is held against a look that began after its answer, not against one that was under way", () => {
      expect(judged([beat, weather(330, 25)], seen(329, 3)).violations).toEqual([]);
      expect(judged([beat, weather(330, 15)], seen(329, 3)).violations).toHaveLength(1);
      expect(judged([beat], seen(500, 3)).violations).toEqual([]);
    });

    it("may be lost with an epoch, and says nothing of another life", () => {
      expect(judged([beat], seenAt(400, dump(0, [], "e2")), seen(700, 3, {}, "e2")).violations).toEqual([]);
      expect(judged([beat], seen(600, -1, { incarnation: "e1:2" })).violations).toEqual([]);
    });
  });
});
