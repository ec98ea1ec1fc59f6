import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { ProcessTarget } from "../../../src/inject/instances/process-target.ts";
import { writeResult } from "../../../src/load/clients/caller.ts";
import { systemClock } from "../../../src/redis/system.ts";
import { SutClient } from "../../../src/sut/client.ts";
import { ops } from "../../../src/sut/protocol.ts";

interface Asked {
  readonly id: number;
  readonly op: string;
  readonly node?: string;
  readonly job?: string;
}

/** A target with a process that answers by `answer`; `asked` has the requests. */
async function targetOf(answer: (asked: Asked) => object) {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const asked: Asked[] = [];
  stdin.on("data", (chunk: Buffer) => {
    for (const line of chunk.toString().split("\n")) {
      if (line === "") continue;
      const request: Asked = JSON.parse(line);
      const about = { ok: true, name: "x", version: "1", capabilities: { ops, properties: [] } };
      if (request.op !== "init") asked.push(request);
      stdout.write(`${JSON.stringify({ id: request.id, ...(request.op === "init" ? about : answer(request)) })}\n`);
    }
  });
  const process = { stdin, stdout, ended: new Promise<string>(() => {}), log: async () => "" };
  const client = new SutClient({ process, name: "instance 0", clock: systemClock });
  await client.init({ instance: 0, redis: "redis://h:1", namespace: "lp:", settings: {} }, 1_000);
  return { target: new ProcessTarget(() => client), asked };
}

const error = (code: string, definite: boolean) => ({ error: { code, message: "m", definite } });
const selected = (...nodes: string[]) => ({ ok: true, nodes, mode: "normal" });
const wanted = { job: "j1", pool: "a", source: "en", target: "de", services: [] };

describe("a scheduler in a process of its own, as clients call it", () => {
  it("answers a write with its outcome, and with a version where it has one", async () => {
    const version = { epoch: "e", sequence: 3 };
    const { target } = await targetOf(({ job }) => ({
      ok: true,
      outcome: "full",
      ...(job === "j1" ? { version } : {}),
    }));
    expect(writeResult(await target.reserveJob("n1", "j1"))).toEqual({ outcome: "ok", reply: "full", version });
    expect(writeResult(await target.reserveJob("n1", "j2"))).toEqual({ outcome: "ok", reply: "full" });
  });

  it.each([
    ["readonly", true, { outcome: "fail", reply: "readonly" }],
    ["deadline", false, { outcome: "info", reply: "deadline" }],
    ["SOMETHING", true, { outcome: "info", reply: "protocol" }],
  ])("reports %s, definite: %s, by what may have happened", async (code, definite, result) => {
    const { target } = await targetOf(() => error(code, definite));
    expect(writeResult(await target.completeJob("n1", "j1"))).toEqual(result);
  });

  it("recognises an unknown node by the outcome, or by the error of that name", async () => {
    const request = {
      node: "n1",
      incarnation: "e1:1",
      seq: 1,
      metrics: { cpu: 0, gpu: 0, memory: 0, load: 0, latency_ms: 0, error_rate: 0 },
      running: [],
    };
    const byError = await targetOf(() => error("unknown_node", true));
    expect(writeResult(await byError.target.heartbeat(request))).toMatchObject({ reply: "unknown_node" });
    const byDefault = await targetOf(() => ({ ok: true }));
    expect(writeResult(await byDefault.target.heartbeat(request))).toMatchObject({ reply: "renewed" });
  });

  it("throws where a read has no answer: a client of a scheduler never sees that", async () => {
    const { target } = await targetOf(() => error("closed", true));
    await expect(target.getNode("n1")).rejects.toThrow("closed");
    await expect(target.selectNodes({ ...wanted, count: 2 })).rejects.toThrow("closed");
  });

  it("does not assume a healthy mode where the reply has none", async () => {
    const { target } = await targetOf(() => ({ ok: true, found: true, source: "l1", age_ms: null, stale: false }));
    const answer = await target.getNode("n1");
    expect(answer).toEqual({
      found: true,
      source: "l1",
      age_ms: Number.POSITIVE_INFINITY,
      stale: false,
      mode: "l2_only",
    });
  });
});

describe("a dispatch over the protocol", () => {
  it("takes the first node that has room", async () => {
    const outcome = (node: string | undefined) => (node === "n3" ? "reserved" : "full");
    const { asked, target } = await targetOf(({ node, op }) =>
      op === "select_nodes" ? selected("n1", "n2", "n3") : { ok: true, outcome: outcome(node) },
    );
    expect(await target.dispatch(wanted)).toEqual({ kind: "dispatched", node: "n3", outcome: "reserved" });
    expect(asked.map(({ node, op }) => node ?? op)).toEqual(["select_nodes", "n1", "n2", "n3"]);
  });

  it("asks first where the job may be already, and nowhere else while that is not known", async () => {
    let isLost = true;
    const { asked, target } = await targetOf(({ op }) => {
      if (op === "select_nodes") return isLost ? selected("n1", "n2") : selected("n2");
      return isLost ? error("disconnected", false) : { ok: true, outcome: "already" };
    });
    expect(await target.dispatch(wanted)).toMatchObject({ kind: "failed", applied: "unknown", node: "n1" });
    isLost = false;
    expect(await target.dispatch(wanted)).toMatchObject({ kind: "dispatched", node: "n1", outcome: "already" });
    expect(asked.flatMap(({ node }) => node ?? [])).toEqual(["n1", "n1"]);
  });

  it("has no place where all are full, and none for a job that has ended", async () => {
    const full = await targetOf(({ op }) => (op === "select_nodes" ? selected("n1") : { ok: true, outcome: "full" }));
    expect(await full.target.dispatch(wanted)).toEqual({ kind: "no_node" });
    const over = await targetOf(({ op }) =>
      op === "select_nodes" ? selected("n1") : { ok: true, outcome: "finished" },
    );
    expect(await over.target.dispatch(wanted)).toEqual({ kind: "finished", node: "n1" });
  });
});
