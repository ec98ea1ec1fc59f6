/** A client of RESP2 and one of RESP3, as they come, through a hop to a real server: everything passes, and one transaction is chosen. */
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { choiceOf } from "../../../src/inject/faults/calls/choice.ts";
import { InFlight } from "../../../src/inject/instances/in-flight.ts";
import { Hop } from "../../../src/inject/network/hop.ts";
import { ServerClock } from "../../../src/inject/network/server-clock.ts";
import { type Lab, openLab } from "../../../src/lab/lab.ts";
import { waitFor } from "../../../src/lab/process/wait.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(async () => {
  await lab.close();
});

const library = `#!lua name=own
redis.register_function('reserve', function(keys, args) return redis.call('HSET', keys[1], args[1], args[2]) end)
redis.register_function{function_name='peek', callback=function(keys) return redis.call('HGETALL', keys[1]) end, flags={'no-writes'}}`;
const patient = { timeout: 5_000, interval: 2 };

describe.each([2, 3] as const)("a client of RESP%i", (protocol) => {
  async function openClient() {
    const stack = new AsyncDisposableStack();
    const server = stack.use(await lab.redis());
    const hop = stack.use(await Hop.open(server.port, new ServerClock()));
    const dial = async (): Promise<Redis> => {
      const [host, port] = hop.address.split(":");
      const retry = { maxRetriesPerRequest: 0, retryStrategy: () => null, autoResendUnfulfilledCommands: false };
      const client = new Redis({ host: String(host), port: Number(port), protocol, ...retry });
      client.on("error", () => {});
      stack.defer(() => client.disconnect());
      await waitFor(() => (client.status === "ready" ? true : undefined), patient);
      return client;
    };
    return { stack, server, hop, dial };
  }

  it("finds everything as it is", async () => {
    const { dial, hop, stack } = await openClient();
    await using _ = stack;
    const [client, subscriber] = [await dial(), await dial()];
    await client.call("FUNCTION", "LOAD", library);
    expect(await client.eval("return {KEYS[1], ARGV[1]}", 1, "own:node-1", "job-7")).toEqual(["own:node-1", "job-7"]);
    expect(await client.fcall("reserve", 1, "own:node-1", "job-7", "x".repeat(100_000))).toBe(1);
    const peeked: unknown = await client.call("FCALL_RO", "peek", "1", "own:node-1");
    expect(JSON.stringify(peeked)).toContain("x".repeat(100_000));
    expect(await client.pipeline().ping().incr("a").get("a").exec()).toEqual([
      [null, "PONG"],
      [null, 1],
      [null, "1"],
    ]);
    expect(await client.multi().zadd("z", 1.5, "m").zscore("z", "m").exec()).toEqual([
      [null, 1],
      [null, "1.5"],
    ]);
    await expect(client.hset("a", "b", "c")).rejects.toThrow("WRONGTYPE");
    const heard: string[] = [];
    subscriber.on("message", (_channel, text) => heard.push(text));
    await subscriber.subscribe("news", "more");
    await client.publish("news", "e:1");
    expect(await waitFor(() => heard[0], patient)).toBe("e:1");
    expect(hop.commands.since(new Map())).toMatchObject({ EVAL: 1, FCALL: 1, FCALL_RO: 1, MULTI: 1, SUBSCRIBE: 1 });
  });

  it("loses the reply to a transaction that was made for a request in flight, and no other", async () => {
    const { dial, hop, server, stack } = await openClient();
    await using _ = stack;
    const inFlight = new InFlight();
    inFlight.add({ op: "reserve_job", node: "node-1", job: "job-7" });
    const choose = choiceOf("reserve_job", inFlight);
    const [client, other] = [await dial(), await dial()];
    const replies: (readonly string[])[] = [];
    hop.add({
      effect: { kind: "lose_reply", connection: "cut" },
      matches: (call) => choose(call) !== null,
      triggered: (_call, reply) => replies.push(reply),
    });
    const reserve = (job: string) => client.multi().sadd("own:node-1", job).incr("version").exec();
    expect(await reserve("job-8")).toEqual([
      [null, 1],
      [null, 1],
    ]);
    await expect(reserve("job-7")).rejects.toThrow();
    expect(replies).toEqual([["1", "2"]]);
    expect(await server.ask("SISMEMBER", "own:node-1", "job-7")).toBe(":1");
    expect(await other.ping()).toBe("PONG");
  });
});
