import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import type { Ask, SentReply } from "../../src/sut/protocol.ts";
import { OpError, type System, serve } from "../../src/sut/serve.ts";
import { settled } from "./talk.ts";

const init = { op: "init", protocol: 1, instance: 0, redis: "redis://h:1", namespace: "lp:", settings: {} };

/** Answers reserve_job by what the job is called. */
function system(slow: Promise<void>): System & { isClosed: boolean } {
  const perform = async (request: Ask): Promise<SentReply<"reserve_job">> => {
    const job = "job" in request ? request.job : "";
    if (job === "slow") await slow;
    if (job === "refused") throw new OpError("readonly", true, "no writes here");
    if (job === "broken") throw new Error("our own bug");
    return { outcome: "reserved" };
  };
  return {
    isClosed: false,
    about: { name: "s", version: "1", capabilities: { ops: [], properties: [] } },
    perform: perform as unknown as System["perform"],
    async close() {
      this.isClosed = true;
    },
  };
}

function begin() {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const replies: Record<string, unknown>[] = [];
  output.on("data", (chunk: Buffer) => {
    for (const line of chunk.toString().split("\n")) if (line !== "") replies.push(JSON.parse(line));
  });
  const slow = Promise.withResolvers<void>();
  const served = system(slow.promise);
  const over = serve({ input, output, open: async () => served });
  const send = async (...lines: (object | string)[]): Promise<void> => {
    for (const line of lines) input.write(`${typeof line === "string" ? line : JSON.stringify(line)}\n`);
    await settled();
  };
  return { input, over, replies, send, served, slow };
}

const reserve = (id: number, job: string) => ({ id, op: "reserve_job", node: "n", job });

describe("a system behind the line protocol", () => {
  it("answers each request when it is done, in any order", async () => {
    const { replies, send, slow } = begin();
    await send({ id: 1, ...init });
    await send(reserve(2, "slow"), reserve(3, "quick"));
    expect(replies.map(({ id }) => id)).toEqual([1, 3]);
    slow.resolve();
    await settled();
    expect(replies.at(-1)).toEqual({ id: 2, ok: true, outcome: "reserved" });
  });

  it("takes a reading that is no number for one that is not known, and goes on with the heartbeat", async () => {
    const { replies, send, served } = begin();
    const asked: Ask[] = [];
    served.perform = (async (request: Ask) => {
      asked.push(request);
      return {};
    }) as unknown as System["perform"];
    await send({ id: 1, ...init });
    const readings = '"cpu":1e999,"gpu":"NaN","memory":null,"load":-1,"latency_ms":2';
    await send(`{"id":2,"op":"heartbeat","node":"n","incarnation":"e:1","seq":1,"running":[],"metrics":{${readings}}}`);
    expect(replies.at(-1)).toEqual({ id: 2, ok: true });
    const metrics = { cpu: null, gpu: null, memory: null, load: -1, latency_ms: 2, error_rate: null };
    expect(asked).toEqual([expect.objectContaining({ op: "heartbeat", metrics })]);
  });

  it("says of an error whether it is definite; a fault of its own never is", async () => {
    const { replies, send } = begin();
    await send({ id: 1, ...init });
    await send(reserve(2, "refused"), reserve(3, "broken"));
    expect(replies.slice(1)).toEqual([
      { id: 2, error: { code: "readonly", message: "no writes here", definite: true } },
      { id: 3, error: { code: "internal", message: "our own bug", definite: false } },
    ]);
  });

  it.each([
    ["not JSON", "hello", { id: null, error: { code: "invalid", definite: true } }],
    ["no id", { op: "status" }, { id: null, error: { code: "invalid", definite: true } }],
    ["no such operation", { id: 5, op: "fly" }, { id: 5, error: { code: "unsupported", definite: true } }],
    ["a field missing", { id: 6, op: "reserve_job", node: "n" }, { id: 6, error: { code: "invalid", definite: true } }],
    ["another protocol", { id: 7, ...init, protocol: 2 }, { id: 7, error: { code: "invalid", definite: true } }],
    ["shutdown before init", { id: 9, op: "shutdown" }, { id: 9, error: { code: "not_ready", definite: true } }],
    ["before init", { id: 8, op: "status" }, { id: 8, error: { code: "not_ready", definite: true } }],
  ])("refuses a request that is %s", async (_, request, refusal) => {
    const { replies, send } = begin();
    await send(request);
    expect(replies).toMatchObject([refusal]);
  });

  it("ends after shutdown, and closes the system", async () => {
    const { over, replies, send, served } = begin();
    await send({ id: 1, ...init });
    await send({ id: 2, op: "shutdown" });
    await over;
    expect(replies.at(-1)).toEqual({ id: 2, ok: true });
    expect(served.isClosed).toBe(true);
  });

  it("ends with its input: the harness is gone", async () => {
    const { input, over, send, served } = begin();
    await send({ id: 1, ...init });
    input.end();
    await over;
    expect(served.isClosed).toBe(true);
  });
});
