import { describe, expect, it } from "vitest";
import type { HistoryEvent } from "../../../src/check/history.ts";
import { judgeMisses } from "../../../src/judges/misses.ts";
import { judgeRecorded } from "../../../src/judges/recorded/run.ts";
import { entry, read, registered, request, seenAt, stall, trialOf } from "../trials.ts";

const absorbedAt = (at: number) =>
  read(at, at, { read: { found: false, source: "miss", stale: false, age_ms: 1, mode: "normal", node: null } });
const absorbed = absorbedAt(50);
const sent = (from: number, outcome = "answered") => request(from, { nodes: ["n1"], outcome });
const late = (from: number, took: number) => request(from, { nodes: ["n1"], to: from + took, deadline: 25 });
const served = (at: number, instance = 0) => ({ kind: "served", at, instance, node: "n1" }) as const;
const judged = (...history: Parameters<typeof trialOf>[0]["history"] & object) =>
  judgeRecorded(judgeMisses, trialOf({ history: [absorbed, ...history] }));
/** With a lookup that a later mark absorbed. */
const judgedAt = (at: number, ...history: readonly HistoryEvent[]) =>
  judgeRecorded(judgeMisses, trialOf({ history: [absorbedAt(at), ...history] }));

describe("C2", () => {
  it("holds for one request a TTL and instance", () => {
    const history = [sent(0), served(1), served(2, 1), sent(1_000), served(1_001)];
    expect(judged(...history)).toMatchObject({ verdict: "held", exercised: 1 });
  });

  it("is violated by an answer from a mark that no request can have left, and open where the server saw fewer", () => {
    const history = [sent(0), served(1)];
    const elsewhere = { ...absorbed, node: "n2" };
    const late = { ...absorbed, from: 1_600, to: 1_600 };
    for (const one of [elsewhere, late]) {
      expect(judged(one, ...history).violations[0]?.[0]).toContain("from a mark, without having asked for the node");
    }
    expect(judged(sent(0), sent(1_000), sent(3_000), served(1_001))).toMatchObject({
      verdict: "unknown",
      cause: "unobserved",
    });
  });

  it("is violated by two within a TTL, where they are sent", () => {
    const { verdict, violations } = judged(sent(0), served(1), sent(990));
    expect(verdict).toBe("violated");
    expect(violations[0]?.[0]).toBe(
      "two requests of instance 0 for the missing node n1 sent 990 ms apart, allowed one in 1000 ms",
    );
  });

  it("is violated by two within a TTL, where they arrive, though only one was reported", () => {
    expect(judged(sent(0), served(1), served(500)).verdict).toBe("violated");
  });

  it.each<readonly [what: string, at: number, history: readonly HistoryEvent[]]>([
    ["the first had failed", 450, [sent(0, "deadline"), served(1), sent(400), served(401)]],
    ["the first was answered when it was no longer waited for", 450, [late(0, 30), served(1), sent(400), served(401)]],
    ["all marks were cleared by a load between them", 50, [sent(0), served(1), request(300), sent(400), served(401)]],
    [
      "the first arrived long after it had been given up",
      1_150,
      [late(0, 30), served(700), sent(1_100), served(1_101)],
    ],
  ])("is not violated when %s", (_what, at, history) => {
    expect(judgedAt(at, ...history).verdict).toBe("held");
  });

  it("is violated by two that arrive after one was given up, of which only one can be that", () => {
    const history = [late(0, 30), served(700), sent(1_100), served(1_101), served(1_500)];
    expect(judgedAt(1_150, ...history).violations[0]?.[0]).toContain("arrived at the server 399 ms apart");
  });

  it("is violated where the first was answered just in time, or only the second one late", () => {
    expect(judged(late(0, 24), served(1), sent(400)).verdict).toBe("violated");
    expect(judged(sent(0), served(1), late(400, 30)).verdict).toBe("violated");
  });

  it("is not violated by a mark of an answer that a paused thread used after the deadline, nor by a request in its place", () => {
    const paused = [late(0, 30), { ...stall(10, 15), instance: 0 }, served(1)];
    expect(judgedAt(50, ...paused)).toMatchObject({ verdict: "held", exercised: 1 });
    expect(judgedAt(450, ...paused, sent(400), served(401)).verdict).toBe("held");
  });

  it("is violated by a mark of an answer after the deadline, where no pause explains it", () => {
    for (const waited of [[], [{ ...stall(10, 3), instance: 0 }], [{ ...stall(10, 15), instance: 1 }]]) {
      expect(judgedAt(50, late(0, 40), ...waited, served(1)).violations[0]?.[0]).toContain("from a mark");
    }
  });

  it("leaves two open whose distance the machine shortened: it kept the instance between its clock and the first request", () => {
    const kept = (since: number, lasted: number, instance = 0) => ({ ...stall(since, lasted), instance });
    const pair = [sent(100), served(101), sent(1_050), served(1_051)];
    for (const one of [kept(27, 73), kept(27, 74)])
      expect(judgedAt(150, ...pair, one)).toMatchObject({ verdict: "unknown", cause: "machine_load", violations: [] });
    for (const one of [kept(27, 30), kept(90, 10), kept(27, 73, 1), kept(101, 73), kept(977, 73)])
      expect(judgedAt(150, ...pair, one).verdict).toBe("violated");
    // Beyond what it was kept for.
    const sooner = [sent(100), served(101), sent(900), served(901)];
    expect(judgedAt(150, ...sooner, kept(27, 73)).verdict).toBe("violated");
  });

  it("is violated in spite of a failure or a load of another instance", () => {
    const other = [request(300, { instance: 1 }), { ...sent(10, "deadline"), instance: 1 }];
    expect(judged(sent(0), served(1), ...other, sent(400)).verdict).toBe("violated");
  });

  it("is not about a node that registered meanwhile", () => {
    const history = [absorbed, sent(0), served(1), sent(700)];
    const observations = [seenAt(400, entry(1, registered()))];
    expect(judgeRecorded(judgeMisses, trialOf({ history, observations })).verdict).toBe("held");
  });

  it("is not exercised where no lookup was absorbed, or none was counted at the server", () => {
    expect(judgeRecorded(judgeMisses, trialOf({ history: [sent(0), served(1)] })).verdict).toBe("not_exercised");
    expect(judged(sent(0)).verdict).toBe("not_exercised");
  });
});
