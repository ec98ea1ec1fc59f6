import { describe, expect, it } from "vitest";
import { type CallMark, CallMarks, callMarks } from "../../src/check/call-marks.ts";
import type { Call } from "../../src/check/history.ts";
import { node as content, call as recorded } from "./trials.ts";

const usual = { pool: "p", source: "en", target: "de", services: ["translate"] };
const node = content(1, { health_milli: 500 });
const selected = [node];
const version = { epoch: "e1", sequence: 9 };

const call = (parts: Partial<Call> & Pick<Call, "op">): Call => recorded({ from: 1, to: 2, ...parts });
const select = (parts: Partial<Call>): Call => call({ op: "select_nodes", asked: usual, selected, ...parts });
const dispatch = (parts: Partial<Call>): Call =>
  call({ op: "dispatch", reply: "reserved", node: "n1", job: "j1", asked: usual, ...parts });
const beat = (parts: Partial<Call>): Call => call({ op: "heartbeat", reply: "renewed", ...parts });
const metrics = { cpu: 0, gpu: 0, memory: 0, load: 0, latency_ms: 0, error_rate: 0 };
const jobs = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `j${index}`);
const register = call({ op: "register_node", reply: "registered", node: "n1" });
const withoutPool = { source: "en", target: "de", services: [] };

/** Calls that meet a corner, and the same without what it takes. */
const cases: Readonly<Record<CallMark, readonly [met: readonly Call[], notMet: readonly Call[]]>> = {
  selected_without_pool: [[select({ asked: withoutPool })], [select({ asked: withoutPool, selected: [] })]],
  selected_by_configuration: [
    [select({ asked: withoutPool, searched: ["p"] })],
    [select({ asked: withoutPool, searched: [] }), select({ searched: ["p"] })],
  ],
  searched_several_pools: [[select({ searched: ["p", "q"] })], [select({ searched: ["p"] })]],
  selected_by_services: [[select({ asked: { ...usual, services: ["a", "b"] } })], [select({})]],
  selected_hyphenated: [[select({ asked: { ...usual, target: "zh-Hant" } })], [select({})]],
  selected_none: [[select({ selected: [] })], [select({})]],
  selected_one: [[select({ asked: { ...usual, count: 1 } })], [select({ asked: { ...usual, count: 4 } })]],
  selected_at_most: [[select({ asked: { ...usual, count: 1_000 } })], [select({ asked: { ...usual, count: 64 } })]],
  lowest_health_selected: [[select({ selected: [{ ...node, health_milli: 0 }] })], [select({})]],
  highest_health_selected: [[select({ selected: [{ ...node, health_milli: 1_000 }] })], [select({})]],
  dispatched_without_pool: [[dispatch({ asked: withoutPool })], [dispatch({})]],
  dispatch_found_none: [[dispatch({ reply: "no_node" })], [dispatch({})]],
  leased_as_asked: [
    [dispatch({ asked: { ...usual, lease: 5 } }), dispatch({ op: "reserve_job", asked: undefined, lease: 5 })],
    [dispatch({}), dispatch({ asked: { ...usual, lease: 5 }, reply: "no_node" })],
  ],
  attempts_as_asked: [[dispatch({ asked: { ...usual, attempts: 1 } })], [dispatch({})]],
  aborted_before: [
    [
      dispatch({ outcome: "fail", reply: "threw AbortError: aborted", from: 5, to: 5, aborted: 5 }),
      // An instance in a process of its own is asked later.
      dispatch({ outcome: "fail", reply: "threw AbortError: aborted", from: 5, to: 5, aborted: 4.5 }),
    ],
    [dispatch({ outcome: "fail", reply: "threw AbortError: aborted", from: 5, to: 6, aborted: 6 })],
  ],
  aborted_during: [[dispatch({ outcome: "info", reply: "aborted", aborted: 7 })], [dispatch({ aborted: 7 })]],
  impossible_metric_sent: [
    [beat({ metrics: { ...metrics, cpu: null } }), beat({ metrics: { ...metrics, load: -1 } })],
    [beat({ metrics }), beat({ metrics: { ...metrics, cpu: null }, reply: "stale" })],
  ],
  long_list_named: [[beat({ running: jobs(501) })], [beat({ running: jobs(500) })]],
  registration_conflict: [[call({ op: "register_node", reply: "conflict" })], [register]],
  configuration_stored: [
    [call({ op: "put_config", reply: "stored", version })],
    [call({ op: "put_config", reply: "conflict", version })],
  ],
  tenth_configuration: [
    [call({ op: "put_config", reply: "stored", version: { ...version, sequence: 10 } })],
    [call({ op: "put_config", reply: "stored", version })],
  ],
  shortest_id: [[dispatch({ job: "j" })], [dispatch({})]],
  longest_id: [[dispatch({ node: "é".repeat(128) })], [dispatch({ node: "x".repeat(255) })]],
  id_of_wide_characters: [[dispatch({ job: "結" })], [dispatch({ job: "a\tb" })]],
  finished_job_forgotten: [
    [dispatch({ op: "complete_job", reply: "completed" }), dispatch({})],
    [dispatch({ op: "release_job", reply: "completed" }), dispatch({})],
  ],
};

function counted(calls: readonly Call[]): CallMarks["counts"] {
  const met = new CallMarks();
  for (const one of calls) met.add(one);
  return met.counts;
}

describe("corners of what clients ask for", () => {
  it.each(callMarks)("%s is counted where it is met, and not where it is nearly met", (mark) => {
    const [met, notMet] = cases[mark];
    expect(counted(met)[mark]).toBeGreaterThan(0);
    expect(counted(notMet)[mark]).toBe(0);
  });

  it("are not met before the load begins", () => {
    expect(counted([select({ from: -1, to: 0, selected: [] })]).selected_none).toBe(0);
  });
});
