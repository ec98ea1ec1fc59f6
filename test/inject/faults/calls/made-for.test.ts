import { describe, expect, it } from "vitest";
import { requestOf } from "../../../../src/inject/faults/calls/made-for.ts";
import { InFlight } from "../../../../src/inject/instances/in-flight.ts";
import type { Ask } from "../../../../src/sut/protocol.ts";

const metrics = { cpu: 0.4375, gpu: null, memory: null, load: null, latency_ms: null, error_rate: null };

function inFlight(...asks: readonly Ask[]): InFlight {
  const all = new InFlight();
  for (const ask of asks) all.add(ask);
  return all;
}

const reserve = (node: string, job: string): Ask => ({ op: "reserve_job", node, job });
const complete = (node: string, job: string): Ask => ({ op: "complete_job", node, job });
const read = (node: string): Ask => ({ op: "get_node", node });
const beat = (node: string, running: readonly string[] = []): Ask => ({
  ...{ op: "heartbeat", node, incarnation: "i-77", seq: 4, metrics, running: [...running] },
});
const register = (node: string): Ask => ({
  ...{ op: "register_node", node, max_jobs: 3, pools: ["pool-a"], languages: [], services: [], registration: "r-5" },
});

/** The request that the commands were made for, in words. */
function madeFor(asks: readonly Ask[], ...commands: readonly string[]): string {
  const call = { commands: commands.map((command) => command.split(" ")), requests: [] };
  const found = requestOf(call, inFlight(...asks));
  return found === null ? "none" : [found.op, found.node, found.job].filter((word) => word !== "").join(" ");
}

describe("a call was made for the request of which it carries most", () => {
  it.each<[string, readonly Ask[], string, string]>([
    ["node and job", [reserve("n1", "j1"), reserve("n1", "j2")], "FCALL f 1 n1 j2", "reserve_job n1 j2"],
    ["the job alone", [complete("n1", "j1")], "DEL own:job:j1", "complete_job n1 j1"],
    ["an id within a text", [reserve("n1", "j1")], 'SET x {"node":"n1","job":"j1"}', "reserve_job n1 j1"],
    ["no part of a longer id", [reserve("n1", "j1")], "EVAL x 1 n1 j12", "none"],
    ["no end of a longer id", [reserve("n1", "j1")], "EVAL x 1 n1 aj1", "none"],
    ["an id after one that contains it", [reserve("n1", "j1")], "EVAL x 1 j12,j1", "reserve_job n1 j1"],
    ["the node without the job", [reserve("n1", "j1")], "EVAL x 1 n1", "none"],
    ["nothing in flight", [], "EVAL x 1 n1 j1", "none"],
    ["an incarnation", [beat("n1"), read("n1")], "EVALSHA x 1 n1 i-77", "heartbeat n1"],
    ["a metric", [beat("n1")], "HMGET n1 0.4375", "heartbeat n1"],
    ["jobs that run", [beat("n1", ["j1"]), complete("n1", "j1")], "EVALSHA x 1 n1 i-77 j1", "heartbeat n1"],
    ["an offer", [register("n1"), beat("n1")], "EVALSHA x 1 n1 pool-a", "register_node n1"],
    ["a node that is written", [beat("n1")], "SET alive:n1 1 PX 500", "heartbeat n1"],
    ["a node that may be read only", [beat("n1")], "EVALSHA x 1 n1", "none"],
    ["the same of two operations", [reserve("n1", "j1"), complete("n1", "j1")], "EVAL x 1 n1 j1", "none"],
    ["the same of one operation", [reserve("n1", "j1"), reserve("n1", "j1")], "EVAL x 1 n1 j1", "reserve_job n1 j1"],
    [
      "ids that contain each other",
      [reserve("a", "a-b"), reserve("a", "a-b-c")],
      "EVAL x 1 a a-b-c",
      "reserve_job a a-b-c",
    ],
  ])("%s", (_, asks, command, found) => {
    expect(madeFor(asks, command)).toBe(found);
  });

  it("in whichever command of a transaction it is carried", () => {
    expect(madeFor([reserve("n1", "j1")], "INCR version", "ZADD own:n1 5 j1")).toBe("reserve_job n1 j1");
  });

  it("only until that is answered", () => {
    const all = new InFlight();
    const answered = all.add(reserve("n1", "j1"));
    const call = { commands: [["SET", "j1", "n1"]], requests: [] };
    expect(requestOf(call, all)).toMatchObject({ op: "reserve_job" });
    answered();
    expect(requestOf(call, all)).toBeNull();
  });
});
