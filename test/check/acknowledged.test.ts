import { describe, expect, it } from "vitest";
import { judgeAcknowledged } from "../../src/check/acknowledged.ts";
import type { HistoryEvent } from "../../src/check/history.ts";
import { call, dump, entry, job, mode, node, phase, registered, stall, storeCall, trialOf, view } from "./trials.ts";

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
    const judged = judgeAcknowledged(trialOf({ history: [reserved], observations: first.slice(0, 1) }));
    expect(judged.violations[0]?.[0]).toBe(
      "reserve_job of a on node n1 was acknowledged at e1:2 and is not in the store, allowed only after an epoch change",
    );
  });

  it("is violated by a version that tells of another write", () => {
    const other = [entry(1, registered()), entry(2, job("reserved", "b", 1))];
    expect(
      judgeAcknowledged(trialOf({ history: [...follows, reserved], observations: [...other, empty] })).verdict,
    ).toBe("violated");
  });

  it("lets a new epoch explain what Redis lost before anybody saw it", () => {
    const judged = judgeAcknowledged(
      trialOf({ history: [...follows, reserved], observations: [...first.slice(0, 1), empty] }),
    );
    expect(judged).toMatchObject({ verdict: "held", exercised: 1 });
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
});
