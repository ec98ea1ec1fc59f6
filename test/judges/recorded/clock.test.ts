import { describe, expect, it } from "vitest";
import type { HistoryEvent } from "../../../src/check/history.ts";
import { RecordedClock } from "../../../src/judges/recorded/clock.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { judgeHeldDeadlines } from "../../../src/judges/time/held-deadlines.ts";
import { call, entry, faultFrom, gone, registered, seenAt, trialOf } from "../../check/trials.ts";

function jumpAt(at: number, ahead: number | undefined, from: number | null = at): readonly HistoryEvent[] {
  const place = { fault: 0, name: "clock_jump", instance: null, link: "server" } as const;
  const seen = { ...place, kind: "in_force", at: at + 5, from, to: at + 5, met: 2, seen_by: "hop" } as const;
  return [...faultFrom(at, at + 5, { ...place, cuts_off: false }), ahead === undefined ? seen : { ...seen, ahead }];
}

describe("the servers' clock in a recorded run", () => {
  it("is that of the run until it jumps, and as far ahead afterwards as the jump made it", () => {
    const clock = new RecordedClock(jumpAt(1_000, 60_000));
    expect([clock.aheadFrom(0, 999), clock.aheadFrom(999, 1_001), clock.aheadFrom(1_001, 2_000)]).toEqual([
      ...[0, undefined, 60_000],
    ]);
  });

  it("is not known after a jump that was not seen, or of which the history does not say how far it went", () => {
    for (const history of [jumpAt(1_000, undefined), jumpAt(1_000, 60_000, null)]) {
      expect(new RecordedClock(history).aheadFrom(1_001, 2_000)).toBeUndefined();
    }
  });

  const beats = [
    call({ op: "heartbeat", node: "n1", from: 900, to: 901, reply: "renewed" }),
    call({ op: "heartbeat", node: "n1", from: 1_100, to: 1_101, reply: "renewed" }),
  ];
  const judged = (...observations: Parameters<typeof trialOf>[0]["observations"] & object) =>
    judgeRecorded(
      judgeHeldDeadlines,
      trialOf({
        terms: { sweepInterval: 100 },
        history: [...jumpAt(1_000, 3_600_000), ...beats],
        observations: [entry(1, registered()), ...observations],
      }),
    );

  it("exercises N4, which is violated where a node expires by the jump, and not where it had expired before", () => {
    expect(judged()).toMatchObject({ verdict: "held", exercised: 1 });
    expect(judged(seenAt(1_020, entry(2, gone("expired")))).violations[0]?.[0]).toContain(
      "the server's clock had jumped",
    );
  });
});
