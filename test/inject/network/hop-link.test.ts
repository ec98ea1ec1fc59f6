import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { choiceOf } from "../../../src/inject/faults/calls/choice.ts";
import { InFlight } from "../../../src/inject/instances/in-flight.ts";
import type { Effect, Interceptor } from "../../../src/inject/network/interceptor.ts";
import { encode } from "../../../src/lab/servers/redis-wire.ts";
import { push, resp2Values, resp3Values } from "./resp-values.ts";
import { openWires } from "./wires.ts";

const ids = ["own:{node-1}:jobs", "job-7", "node-1"];

/** How a client asks for one reservation, and how many of its requests are the call itself, from `from` on. */
interface Form {
  readonly requests: readonly (readonly string[])[];
  readonly from: number;
  readonly to: number;
}

function single(...request: readonly string[]): Form {
  return { requests: [request], from: 0, to: 1 };
}

const forms: Readonly<Record<string, Form>> = {
  EVALSHA: single("EVALSHA", "0123abcd", "1", ...ids),
  EVAL: single("eval", "return {KEYS[1], ARGV[1]}", "1", ...ids),
  FCALL: single("FCALL", "reserve", "1", ...ids),
  FCALL_RO: single("FCALL_RO", "peek", "1", ...ids),
  "a plain command": single("ZADD", "own:{node-1}:jobs", "1700", "job-7"),
  "a text within an argument": single("SET", "own:place", '{"node":"node-1","job":"job-7"}'),
  "MULTI and EXEC": {
    requests: [["MULTI"], ["ZADD", "own:{node-1}:jobs", "1700", "job-7"], ["INCR", "own:version"], ["EXEC"]],
    from: 0,
    to: 4,
  },
  "a pipeline": {
    requests: [["PING"], ["GET", "job-8"], ["EVALSHA", "0123abcd", "1", ...ids]],
    from: 2,
    to: 3,
  },
  "a pipeline with MULTI": {
    requests: [["GET", "job-8"], ["WATCH", "own:version"], ["MULTI"], ["SET", "job-7", "node-1"], ["exec"]],
    from: 2,
    to: 5,
  },
};

interface Protocol {
  /** The handshake, and what Redis replies to each of its requests. */
  readonly handshake: readonly (readonly [request: readonly string[], reply: string])[];
  readonly reply: string;
  readonly first: string;
}

const protocols: Readonly<Record<string, Protocol>> = {
  RESP2: {
    handshake: [
      [["AUTH", "user", "secret"], "+OK\r\n"],
      [["CLIENT", "SETNAME", "i0"], "+OK\r\n"],
    ],
    reply: "*2\r\n$8\r\nreserved\r\n:12\r\n",
    first: "reserved",
  },
  RESP3: {
    handshake: [[["HELLO", "3", "AUTH", "user", "secret"], "%2\r\n+server\r\n+redis\r\n+modules\r\n*0\r\n"]],
    reply: "%2\r\n+outcome\r\n=12\r\ntxt:reserved\r\n+at\r\n~2\r\n,1.5\r\n(123456789012345678901\r\n",
    first: "outcome",
  },
};

const cases = Object.keys(protocols).flatMap((protocol) =>
  Object.keys(forms).map((form) => [protocol, form, protocols[protocol] as Protocol, forms[form] as Form] as const),
);

/** Chooses the `nth` call that was made for the reservation of job-7, which is in flight. */
function chooser(effect: Effect, nth = 1) {
  const inFlight = new InFlight();
  inFlight.add({ op: "reserve_job", node: "node-1", job: "job-7" });
  inFlight.add({ op: "get_node", node: "node-1" });
  inFlight.add({ op: "heartbeat", node: "node-2", incarnation: "i2", seq: 1, metrics: noMetrics, running: ["job-8"] });
  const choose = choiceOf("reserve_job", inFlight);
  const met: { readonly subject: unknown; readonly reply: readonly string[] }[] = [];
  let seen = 0;
  const interceptor: Interceptor = {
    effect,
    matches(call) {
      const subject = choose(call);
      if (subject === null) return false;
      seen += 1;
      return seen === nth;
    },
    triggered: (call, reply) => met.push({ subject: choose(call), reply }),
  };
  return { interceptor, met };
}

const noMetrics = { cpu: null, gpu: null, memory: null, load: null, latency_ms: null, error_rate: null };

function bytesOf(requests: readonly (readonly string[])[]): string {
  return requests.map(encode).join("");
}

/** Returns the replies of Redis to the requests of a form: queued after MULTI, `last` for the last one. */
function repliesTo(requests: Form["requests"], last: string): readonly string[] {
  let isQueueing = false;
  return requests.map(([name = ""], index) => {
    const upper = name.toUpperCase();
    if (upper === "MULTI") isQueueing = true;
    if (index === requests.length - 1) return last;
    return isQueueing && upper !== "MULTI" ? "+QUEUED\r\n" : "+OK\r\n";
  });
}

/** Runs a form through a hop, with requests and replies cut at one place each. */
function run(
  [requestCut, replyCut]: readonly [number, number],
  { handshake, reply }: Protocol,
  form: Form,
  effect: Effect,
) {
  const { interceptor, met } = chooser(effect);
  const wires = openWires([interceptor]);
  const { client, redis } = wires;
  for (const [request, answer] of handshake) {
    client.sends(encode(request), [requestCut]);
    redis.sends(answer, [replyCut]);
  }
  const greeted = handshake.map(([, answer]) => answer).join("");
  const asked = handshake.map(([request]) => encode(request)).join("");
  client.sends(bytesOf(form.requests), [requestCut]);
  const sent = redis.text.slice(asked.length);
  const replies = repliesTo(form.requests, reply);
  return { ...wires, interceptor, met, greeted, sent, replies, replyCut };
}

const lengthOf = (form: Form): number => bytesOf(form.requests).length;
/** Every place, for the requests as well as for the replies. */
function* cutsOf({ reply }: Protocol, form: Form): Generator<readonly [number, number]> {
  const replies = repliesTo(form.requests, reply).join("").length;
  for (let at = 0; at <= Math.max(lengthOf(form), replies); at += 1) yield [at, at % (replies + 1)];
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe.each(cases)("over %s, a call as %s that was made for a request in flight", (_, __, protocol, form) => {
  const wasMet = { subject: expect.objectContaining({ node: "node-1", job: "job-7" }) };

  it("gets no reply", () => {
    for (const connection of ["cut", "silent"] as const) {
      for (const cuts of cutsOf(protocol, form)) {
        const ran = run(cuts, protocol, form, { kind: "lose_reply", connection });
        expect(ran.sent).toBe(bytesOf(form.requests));
        expect(ran.met).toEqual([]);
        ran.redis.sends(ran.replies.join(""), [ran.replyCut]);
        expect(ran.client.text).toBe(ran.greeted + ran.replies.slice(0, -1).join(""));
        expect(ran.met).toEqual([{ ...wasMet, reply: expect.arrayContaining([protocol.first]) }]);
        expect(ran.client.destroyed).toBe(connection === "cut");
        ran.link.release(ran.interceptor);
        expect(ran.client.destroyed).toBe(true);
      }
    }
  });

  it("is made twice, and gets one reply", () => {
    for (const cuts of cutsOf(protocol, form)) {
      const ran = run(cuts, protocol, form, { kind: "repeat" });
      const again = form.requests.slice(form.from, form.to);
      expect(ran.sent).toBe(bytesOf([...form.requests, ...again]));
      expect(ran.met).toEqual([{ ...wasMet, reply: [] }]);
      const second = repliesTo(again, "-ERR this is the second reply\r\n").join("");
      ran.redis.sends(`${ran.replies.join("")}${second}+PONG\r\n`, [ran.replyCut]);
      expect(ran.client.text).toBe(`${ran.greeted}${ran.replies.join("")}+PONG\r\n`);
    }
  });

  it("comes late, and in order", () => {
    for (const cuts of cutsOf(protocol, form)) {
      const ran = run(cuts, protocol, form, { kind: "delay", by: 120 });
      expect(ran.sent).toBe(bytesOf(form.requests.slice(0, -1)));
      ran.client.sends(encode(["PING"]));
      vi.advanceTimersByTime(119);
      expect(ran.redis.text.endsWith(bytesOf(form.requests.slice(0, -1)))).toBe(true);
      vi.advanceTimersByTime(1);
      expect(ran.redis.text.endsWith(bytesOf([...form.requests, ["PING"]]))).toBe(true);
      ran.redis.sends(ran.replies.join(""), [ran.replyCut]);
      expect(ran.client.text).toBe(ran.greeted + ran.replies.join(""));
    }
  });

  it("is held, and made when its connection has long been cut", () => {
    for (const cuts of cutsOf(protocol, form)) {
      const ran = run(cuts, protocol, form, { kind: "hold" });
      expect(ran.sent).toBe(bytesOf(form.requests.slice(0, -1)));
      expect([ran.client.destroyed, ran.redis.destroyed]).toEqual([true, false]);
      ran.link.release(ran.interceptor);
      expect(ran.redis.text.endsWith(bytesOf(form.requests))).toBe(true);
      ran.redis.sends(protocol.reply);
      expect(ran.redis.destroyed).toBe(true);
    }
  });
});

describe("a hop on which nothing is chosen", () => {
  it.each([
    ["RESP2", resp2Values, false],
    ["RESP3", resp3Values, true],
  ] as const)(
    "passes every byte of %s on, however they were cut, and whatever comes beside",
    (_, values, hasPushes) => {
      const requests = fc.array(fc.array(fc.string({ unit: "binary" }), { maxLength: 4 }), { maxLength: 5 });
      const replies = fc.array(values, { maxLength: 6 });
      const chunks = fc.array(fc.nat(30));
      fc.assert(
        fc.property(requests, replies, chunks, chunks, (asked, answered, askedCuts, answeredCuts) => {
          const { interceptor, met } = chooser({ kind: "repeat" });
          const { client, redis } = openWires([interceptor], [() => false]);
          const sent = Buffer.from(bytesOf(asked));
          client.sends(sent, askedCuts);
          expect(Buffer.from(redis.text, "latin1").equals(sent)).toBe(true);
          const beside = hasPushes ? [push("message", "news", "a:1"), push("invalidate", "key")] : [];
          const back = Buffer.from([...beside, ...answered, ...beside].map(({ bytes }) => bytes).join(""));
          redis.sends(back, answeredCuts);
          expect(Buffer.from(client.text, "latin1").equals(back)).toBe(true);
          expect(met).toEqual([]);
        }),
        { numRuns: 500 },
      );
    },
  );

  it.each(["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "*1\r\n+PING\r\nand more", "*1\r\n$x\r\n", "\u0016\u0003\u0001 TLS"])(
    "passes %j on",
    (bytes) => {
      const { client, redis } = openWires();
      for (const letter of bytes) client.sends(letter);
      client.sends("\n");
      expect(redis.text).toBe(`${bytes}\n`);
      for (const letter of "HTTP/1.1 400\r\n\r\n") redis.sends(letter);
      expect(client.text).toBe("HTTP/1.1 400\r\n\r\n");
    },
  );
});

describe("replies keep their calls", () => {
  const lose: Effect = { kind: "lose_reply", connection: "silent" };
  const reserve = encode(forms["EVALSHA"]?.requests[0] ?? []);

  it.each([
    [
      "messages of RESP3",
      [encode(["SUBSCRIBE", "a", "b"])],
      [push("subscribe", "a", "1"), push("subscribe", "b", "2")],
    ],
    ["an invalidation", [], [push("invalidate", "key")]],
    ["a line that is empty", ["\r\n", "*0\r\n"], []],
    ["CLIENT REPLY SKIP", [encode(["CLIENT", "REPLY", "SKIP"]), encode(["SET", "a", "b"])], []],
    ["CLIENT REPLY OFF and ON", [encode(["client", "reply", "off"]), encode(["SET", "a", "b"])], []],
  ])("beside %s", (what, before, beside) => {
    const { interceptor, met } = chooser(lose);
    const { client, redis } = openWires([interceptor]);
    for (const request of before) client.sends(request);
    const isOff = what.includes("OFF");
    if (isOff) client.sends(encode(["CLIENT", "REPLY", "ON"]));
    client.sends(encode(["PING"]) + reserve);
    const passed = `${beside.map(({ bytes }) => bytes).join("")}${isOff ? "+OK\r\n" : ""}+PONG\r\n`;
    redis.sends(`${passed}*1\r\n$8\r\nreserved\r\n`);
    expect(client.text).toBe(passed);
    expect(met).toMatchObject([{ reply: ["reserved"] }]);
  });

  it("beside subscriptions of RESP2, confirmed or refused", () => {
    const { interceptor, met } = chooser(lose);
    const { client, redis } = openWires([interceptor]);
    client.sends(encode(["SUBSCRIBE", "a", "b"]) + encode(["PSUBSCRIBE", "c"]) + encode(["PING"]) + reserve);
    const confirmed = ["a", "b"].map((name, index) => `*3\r\n$9\r\nsubscribe\r\n$1\r\n${name}\r\n:${index + 1}\r\n`);
    const message = "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$3\r\ne:1\r\n";
    const passed = `${confirmed[0]}${message}${confirmed[1]}-NOPERM no\r\n${message}*2\r\n$4\r\npong\r\n$0\r\n\r\n`;
    redis.sends(`${passed}*1\r\n$8\r\nreserved\r\n${message}`);
    expect(client.text).toBe(passed);
    expect(met).toMatchObject([{ reply: ["reserved"] }]);
  });

  it("on every connection of an instance, each by itself", () => {
    const { interceptor, met } = chooser(lose, 2);
    const wires = [openWires([interceptor]), openWires([interceptor])] as const;
    for (const { client } of wires) client.sends(encode(["PING"]) + reserve);
    for (const { redis } of wires) redis.sends("+PONG\r\n*1\r\n$8\r\nreserved\r\n");
    expect(wires.map(({ client }) => client.text)).toEqual(["+PONG\r\n*1\r\n$8\r\nreserved\r\n", "+PONG\r\n"]);
    expect(met).toHaveLength(1);
  });
});

describe("a hop drops", () => {
  it.each([
    ["RESP2", (text: string) => `*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$3\r\n${text}\r\n`],
    ["RESP2, by pattern", (text: string) => `*4\r\n$8\r\npmessage\r\n$1\r\n*\r\n$1\r\na\r\n$3\r\n${text}\r\n`],
    ["RESP3", (text: string) => push("message", "a", text).bytes],
    ["RESP3, of a shard", (text: string) => push("smessage", "a", text).bytes],
    ["RESP3, an invalidation", (text: string) => push("invalidate", text).bytes],
  ])("single messages of %s, wherever they were cut", (_, message) => {
    const bytes = ["e:1", "e:2", "e:3"].map(message);
    for (let cut = 0; cut < bytes.join("").length; cut += 1) {
      const { client, redis } = openWires([], [(parts) => parts.at(-1) === "e:2"]);
      client.sends(encode(["PSUBSCRIBE", "*"]));
      redis.sends(bytes.join(""), [cut]);
      expect(client.text).toBe(`${bytes[0]}${bytes[2]}`);
    }
  });

  it("no reply, though it looks like a message", () => {
    const { client, redis } = openWires([], [() => true]);
    client.sends(encode(["LRANGE", "list", "0", "2"]));
    redis.sends("*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$3\r\ne:2\r\n");
    expect(client.text).toContain("message");
  });
});

describe("a hop tells", () => {
  it("which errors Redis answers, those within a transaction too", () => {
    const { client, errors, redis } = openWires();
    client.sends(encode(["GET", "a"]) + bytesOf([["MULTI"], ["GET", "a"], ["EXEC"]]));
    redis.sends("-LOADING it loads\r\n+OK\r\n+QUEUED\r\n*1\r\n-WRONGTYPE no\r\n");
    expect(errors).toEqual(["LOADING it loads", "WRONGTYPE no"]);
  });

  it("that Redis closes a connection, unless its client or the harness asks for that", () => {
    for (const [requests, isReported] of [
      [[["SET", "own", "1"]], true],
      [[["PING"], ["QUIT"]], false],
      [[["ECHO", "12:xx"]], false],
    ] as const) {
      const { client, closed, redis } = openWires();
      client.sends(bytesOf(requests));
      redis.destroy();
      expect(closed).toEqual(isReported ? ["closed"] : []);
    }
  });

  it("how often each command came, without those of the harness", () => {
    const { client, counts } = openWires();
    const before = counts.snapshot();
    client.sends(bytesOf([["get", "a"], ["GET", "b"], ["MULTI"], ["SET", "a", "b"], ["EXEC"]]));
    expect(counts.since(before)).toEqual({ GET: 2, MULTI: 1, SET: 1, EXEC: 1 });
    const probe = openWires();
    probe.client.sends(encode(["ECHO", "0:"]));
    expect(probe.counts.since(new Map())).toEqual({});
  });
});
