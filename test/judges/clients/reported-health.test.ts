/** S3 by the metrics that nodes report: a health that they do not change, or the wrong way round, is found. */
import { describe, expect, it } from "vitest";
import type { Call, HistoryEvent } from "../../../src/check/history.ts";
import { call, faultFrom, mode, node } from "../../check/trials.ts";
import { judgeAnswers } from "./answers-only.ts";

const offer = { max_jobs: 2, pools: ["p"], languages: [{ source: "en", target: "de" }], services: [] };
const asked = { pool: "p", source: "en", target: "de", services: [], count: 4 };
const names = ["cpu", "gpu", "memory", "error_rate"];
const metrics = (value: number | null) => Object.fromEntries(names.map((name) => [name, value]));
const [idle, spent] = [metrics(0.1), metrics(0.9)];

const registers = (name: string, from = 0): Call =>
  call({ op: "register_node", node: name, from, to: from + 1, incarnation: `e1:${name}`, offer, reply: "registered" });
const beat = (name: string, from: number, reported: Call["metrics"], given: Partial<Call> = {}): Call =>
  call({
    ...{ op: "heartbeat", node: name, from, to: from + 1, incarnation: `e1:${name}`, seq: from, running: [] },
    ...{ reply: "renewed", metrics: reported },
    ...given,
  });
const selects = (from: number, name: string, health_milli: number, given: Partial<Call> = {}): Call => {
  const selected = [node(1, { ...offer, node: name, incarnation: `e1:${name}`, health_milli })];
  return call({ op: "select_nodes", from, to: from + 1, reply: "normal", asked, selected, ...given });
};

const judged = (...history: readonly HistoryEvent[]) =>
  judgeAnswers("S3", [registers("n1"), registers("n2"), ...history]);
const found = (...history: readonly HistoryEvent[]): string =>
  judged(...history)
    .violations.map(([first = ""]) => first)
    .join("; ");

describe("the health of a node", () => {
  const both = [beat("n1", 10, idle), beat("n2", 20, spent)];

  it.each([
    [500, 500],
    [100, 900],
  ])("is not %i where all metrics are good, and %i where all are bad", (good, bad) => {
    const words = `node n1 was shown with health ${good} while all its metrics were good, allowed more than the ${bad} of node n2`;
    expect(found(...both, selects(400, "n1", good), selects(410, "n2", bad))).toContain(words);
    expect(found(...both, selects(400, "n2", bad), selects(410, "n1", good))).toContain(words);
  });

  it("is that of the metrics, however they are weighted", () => {
    expect(judged(...both, selects(400, "n1", 501), selects(410, "n2", 500))).toMatchObject({
      verdict: "held",
      exercised: 1,
    });
  });

  it("is found to be that of other metrics of the same node", () => {
    const changed = [beat("n1", 10, idle), selects(400, "n1", 500), beat("n1", 500, spent), selects(900, "n1", 500)];
    expect(found(...changed)).toContain("of node n1 while all were bad");
  });

  it.each<readonly [string, readonly HistoryEvent[]]>([
    ["no heartbeat of one of them", [beat("n1", 10, idle)]],
    ["a metric of one that is not known", [beat("n1", 10, idle), beat("n2", 20, { ...spent, cpu: null })]],
    ["metrics that were not recorded", [beat("n1", 10, idle), beat("n2", 20, undefined)]],
    ["metrics in between", [beat("n1", 10, metrics(0.5)), beat("n2", 20, spent)]],
    ["a metric that is not like the others", [beat("n1", 10, { ...idle, cpu: 0.9 }), beat("n2", 20, spent)]],
    ["another heartbeat within the staleness bound", [...both, beat("n1", 200, spent)]],
    ["a later one without an answer", [...both, beat("n1", 30, spent, { to: null, outcome: "info" })]],
    ["a later one of unknown outcome", [...both, beat("n1", 30, spent, { outcome: "info", reply: "deadline" })]],
    ["one that was refused", [beat("n1", 10, idle, { reply: "superseded" }), beat("n2", 20, spent)]],
    ["a registration since", [...both, { ...registers("n1", 50), incarnation: "e1:50" }]],
    [
      "a loss of data since",
      [...both, ...faultFrom(50, 60, { name: "redis_restart", instance: null, link: "server" })],
    ],
    ["a fault on the instance", [...both, ...faultFrom(150, 160)]],
    ["a moment in another mode", [...both, mode(200, "normal", "l2_only"), mode(210, "l2_only", "normal")]],
  ])("is not judged by %s", (_, history) => {
    expect(found(...history, selects(400, "n1", 500), selects(410, "n2", 500))).toBe("");
  });

  it("is judged by the last of the heartbeats, not by one that came late", () => {
    const late = beat("n1", 60, spent, { seq: 1, reply: "stale" });
    expect(found(...both, late, selects(400, "n1", 500), selects(410, "n2", 500))).not.toBe("");
    const failed = beat("n1", 60, spent, { outcome: "fail", reply: "disconnected" });
    expect(found(...both, failed, selects(400, "n1", 500), selects(410, "n2", 500))).not.toBe("");
  });
});
