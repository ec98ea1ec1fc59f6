/** Changes that only one call asked for, which says that it did not make them: it sent one request, and was answered. */
import { describe, expect, it } from "vitest";
import type { Call } from "../../../src/check/history.ts";
import type { Trial } from "../../../src/check/judgement.ts";
import type { Observation } from "../../../src/check/observed/observation.ts";
import { judgeLinearizability } from "../../../src/judges/linear/linearizability.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { call, dump, entry, gone, job, registered, seenAt, storeCall, trialOf } from "../../check/trials.ts";

function answered(from: number, op: Call["op"], reply: string, sequence: number, parts: Partial<Call> = {}): Call {
  return call({ op, node: "n1", from, to: from + 10, reply, version: { epoch: "e1", sequence }, ...parts });
}

const feed: readonly Observation[] = [
  { ...dump(0, []), at: -5 },
  seenAt(-4, entry(1, registered())),
  seenAt(25, entry(2, job("reserved", "a", 1))),
  seenAt(45, entry(3, job("completed", "a", 0))),
  seenAt(65, entry(4, job("reserved", "b", 1))),
];
const begin = answered(-8, "heartbeat", "renewed", 1, { incarnation: "e1:1" });
const completed = answered(30, "complete_job", "completed", 3, { job: "a" });
const again = answered(50, "reserve_job", "reserved", 4, { job: "b" });
const reserved = answered(10, "reserve_job", "reserved", 2, { job: "a" });

const judged = (history: Trial["history"], observations = feed) =>
  judgeRecorded(judgeLinearizability, trialOf({ history, observations, instances: 2 }));

describe("L1", () => {
  it.each([
    ["its only request was answered late, by the instance's own word", { deadline: 10 }],
    ["its only request was lost, though it was answered", { deadline: 30, outcome: "deadline" }],
    ["no request of it is known", { instance: 1, deadline: 10 }],
  ])("lets an answered call explain no change beside its own where %s", (_, parts) => {
    const request = storeCall(10, 20, { script: "reserve_job", ...parts });
    const already = answered(10, "reserve_job", "already", 2, { job: "a" });
    expect(judged([begin, already, completed, again, request]).violations[0]?.[0]).toContain(
      "change e1:2, reserved of job a",
    );
    const ofAnother = call({
      op: "reserve_job",
      node: "n1",
      job: "a",
      from: 9,
      to: 24,
      outcome: "info",
      reply: "deadline",
      instance: 1,
    });
    expect(judged([begin, already, completed, again, request, ofAnother]).violations).toEqual([]);
  });

  it.each([
    [
      "an offline that says that it was so already",
      "offline_node",
      "already",
      gone("offline"),
      { incarnation: "e1:1" },
    ],
    [
      "a registration that names what it began as a conflict",
      "register_node",
      "conflict",
      registered("n1", "e1:5"),
      { incarnation: "e1:5", expected: "e1:1" },
    ],
    [
      "a registration that says that it was made before",
      "register_node",
      "already",
      registered("n1", "e1:5"),
      { incarnation: "e1:5", expected: "e1:1" },
    ],
    ["a release that says that it found no place", "release_job", "unknown", job("released", "b", 0), { job: "b" }],
  ] as const)(
    "is violated by the echo of a change that none but its own single request can have made: %s",
    (_, op, reply, change, parts) => {
      const history = [
        begin,
        reserved,
        completed,
        again,
        answered(70, op, reply, 5, parts),
        storeCall(71, 79, { script: op, deadline: 8 }),
      ];
      expect(judged(history, [...feed, seenAt(85, entry(5, change))]).verdict).toBe("violated");
    },
  );
});
