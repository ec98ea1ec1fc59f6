/** The steps that call every operation that a system claims, without faults. */
import { unknownMetrics } from "../../../scheduler/ports.ts";
import type { Ask } from "../../../sut/protocol.ts";
import { askServed, expectOutcome, linesOf, outcomeOf, type Running, type Step, StepError } from "./step.ts";

const within = 5_000;
const offer = { max_jobs: 2, pools: ["check"], languages: [{ source: "en", target: "de" }], services: [] };

async function register({ talk }: Running, node: string): Promise<string> {
  const said = await askServed(talk, { op: "register_node", node, registration: `${node}-1`, ...offer }, within);
  expectOutcome(said, ["registered"]);
  const again = await askServed(talk, { op: "register_node", node, registration: `${node}-1`, ...offer }, within);
  expectOutcome(again, ["already"]);
  return said.kind === "answered" ? (said.reply.incarnation ?? "") : "";
}

const jobs: Step = {
  name: "jobs: reserve, repeat, full, complete, finished, unknown",
  section: "Operations",
  async run(bench) {
    const running = await bench.start(0);
    const { talk } = running;
    const node = "check-jobs";
    await register(running, node);
    const reserve = (job: string, on = node) => askServed(talk, { op: "reserve_job", node: on, job }, within);
    const complete = (job: string) => askServed(talk, { op: "complete_job", node, job }, within);
    expectOutcome(await reserve("check-a"), ["reserved"]);
    expectOutcome(await reserve("check-a"), ["already"]);
    expectOutcome(await reserve("check-b"), ["reserved"]);
    expectOutcome(await reserve("check-c"), ["full"]);
    expectOutcome(await reserve("check-d", "check-no-such-node"), ["not_online"]);
    expectOutcome(await complete("check-a"), ["completed"]);
    expectOutcome(await complete("check-a"), ["completed"]);
    expectOutcome(await reserve("check-a"), ["finished"]);
    expectOutcome(await complete("check-never"), ["unknown"]);
    expectOutcome(await reserve("check-c"), ["reserved"]);
    expectOutcome(await complete("check-b"), ["completed"]);
    expectOutcome(await complete("check-c"), ["completed"]);
    return "every outcome as documented";
  },
};

const nodes: Step = {
  name: "nodes: heartbeat, get_node, release, offline",
  section: "Operations",
  async run(bench) {
    const running = await bench.start(0);
    const { talk } = running;
    const seen: string[] = [];
    const node = "check-nodes";
    const incarnation = await register(running, node);
    const beat = (seq: number) =>
      askServed(talk, { op: "heartbeat", node, seq, incarnation, metrics: unknownMetrics, running: [] }, within);
    if (running.has("heartbeat")) {
      expectOutcome(await beat(5), ["renewed"]);
      expectOutcome(await beat(5), ["already"]);
      expectOutcome(await beat(4), ["stale"]);
      seen.push("heartbeat");
    }
    if (running.has("get_node")) {
      const until = performance.now() + within;
      for (;;) {
        const said = await askServed(talk, { op: "get_node", node }, within);
        expectOutcome(said, ["ok"]);
        if (said.kind === "answered" && said.reply.found) break;
        if (performance.now() > until) throw new StepError("found: false", `true within ${within} ms`, linesOf(said));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      seen.push("get_node");
    }
    if (running.has("release_job")) {
      expectOutcome(await askServed(talk, { op: "reserve_job", node, job: "check-r" }, within), ["reserved"]);
      expectOutcome(await askServed(talk, { op: "release_job", node, job: "check-r" }, within), ["completed"]);
      expectOutcome(await askServed(talk, { op: "release_job", node, job: "check-r" }, within), ["unknown"]);
      seen.push("release_job");
    }
    if (running.has("offline_node")) {
      expectOutcome(await askServed(talk, { op: "offline_node", node, incarnation }, within), ["offline"]);
      expectOutcome(await askServed(talk, { op: "offline_node", node, incarnation }, within), ["already"]);
      expectOutcome(await askServed(talk, { op: "reserve_job", node, job: "check-o" }, within), ["not_online"]);
      seen.push("offline_node");
    }
    return seen.length === 0 ? "none of them is claimed" : seen.join(", ");
  },
};

/** Two processes under one id, and messages of the one that was replaced. */
const incarnations: Step = {
  name: "incarnations: what is replaced can neither renew, replace nor end what followed",
  section: "Operations",
  async run(bench) {
    const running = await bench.start(0);
    if (!running.has("heartbeat")) return "heartbeat is not claimed";
    const { talk } = running;
    const node = "check-twice";
    const former = await register(running, node);
    const replace = (registration: string) =>
      askServed(talk, { op: "register_node", node, registration, expected: former, ...offer }, within);
    expectOutcome(await replace("check-twice-2"), ["registered"]);
    expectOutcome(await replace("check-twice-3"), ["conflict"]);
    const beat = { node, incarnation: former, seq: 9, metrics: unknownMetrics, running: [] };
    expectOutcome(await askServed(talk, { op: "heartbeat", ...beat }, within), ["superseded"]);
    if (running.has("offline_node"))
      expectOutcome(await askServed(talk, { op: "offline_node", node, incarnation: former }, within), ["superseded"]);
    expectOutcome(await askServed(talk, { op: "reserve_job", node, job: "check-t" }, within), ["reserved"]);
    return "all of them refused";
  },
};

const selection: Step = {
  name: "selection: select_nodes, status, put_config",
  section: "Operations",
  async run(bench) {
    const running = await bench.start(0);
    const { talk } = running;
    const seen: string[] = [];
    const node = "check-selection";
    await register(running, node);
    if (running.has("select_nodes")) {
      const ask: Ask<"select_nodes"> = {
        ...{ op: "select_nodes", pool: "check", source: "en", target: "de" },
        ...{ services: [], count: 3 },
      };
      const until = performance.now() + within;
      for (;;) {
        const said = await askServed(talk, ask, within);
        expectOutcome(said, ["ok"]);
        if (said.kind === "answered" && said.reply.nodes.includes(node)) break;
        if (performance.now() > until)
          throw new StepError("a selection without the node", `node ${node} within ${within} ms`, linesOf(said));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      seen.push("select_nodes");
    }
    const status = await askServed(talk, { op: "status", contents: true }, within);
    if (status.kind === "answered") seen.push("status");
    else if (running.has("status")) throw new StepError(outcomeOf(status), "mode and view", linesOf(status));
    if (running.has("put_config")) {
      const config = { enabled: false, pool_count: 0, hash_seed: 1, fallback_scan_all_pools: false, pools: [] };
      const said = await askServed(talk, { op: "put_config", config, expected: null }, within);
      expectOutcome(said, ["stored", "already", "conflict"]);
      seen.push("put_config");
    }
    return seen.length === 0 ? "none of them is claimed" : seen.join(", ");
  },
};

export const operationSteps: readonly Step[] = [jobs, nodes, incarnations, selection];
