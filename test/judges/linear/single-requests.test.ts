/** Changes that only one call asked for, which says that it did not make them: it sent one request, and was answered. */
import { describe, expect, it } from "vitest";
import type { Call } from "../../../src/check/history.ts";
import { call, entry, gone, job, registered, seenAt, storeCall } from "../../check/trials.ts";
import { feed, judged } from "./recorded-feed.ts";

function answered(from: number, op: Call["op"], reply: string, sequence: number, parts: Partial<Call> = {}): Call {
  return call({ op, node: "n1", from, to: from + 10, reply, version: { epoch: "e1", sequence }, ...parts });
}

const begin = answered(-8, "heartbeat", "renewed", 1, { incarnation: "e1:1" });
const completed = answered(30, "complete_job", "completed", 3, { job: "a" });
const again = answered(50, "reserve_job", "reserved", 4, { job: "b" });
const reserved = answered(10, "reserve_job", "reserved", 2, { job: "a" });

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
    ["an offline that is answered already", "offline_node", "already", gone("offline"), { incarnation: "e1:1" }],
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
