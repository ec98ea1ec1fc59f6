/** Faults of single calls and messages of a scheduler written elsewhere: by what its calls carry, over real sockets to a server that says OK. */
import { createServer, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { scenario } from "../../../../scenarios/declare/declare.ts";
import type { Fault } from "../../../../scenarios/declare/fault-kinds.ts";
import { ms, seconds } from "../../../../scenarios/declare/units.ts";
import { faultWindows } from "../../../../src/check/faults/windows.ts";
import { ofKind } from "../../../../src/check/history.ts";
import { runFaults } from "../../../../src/inject/faults/faults.ts";
import { InFlight } from "../../../../src/inject/instances/in-flight.ts";
import { Hop } from "../../../../src/inject/network/hop.ts";
import { close, listen, portOf } from "../../../../src/inject/network/loopback.ts";
import { MessageReader } from "../../../../src/inject/network/resp.ts";
import { ServerClock } from "../../../../src/inject/network/server-clock.ts";
import { Recorder } from "../../../../src/inject/observe/recorder.ts";
import { judgePair } from "../../../../src/inject/pair.ts";
import type { World } from "../../../../src/inject/world.ts";
import { dump, phase, read, trialOf } from "../../../check/trials.ts";
import { RawClient } from "../raw-client.ts";

const { signal } = new AbortController();
let stack: AsyncDisposableStack;
beforeEach(() => {
  stack = new AsyncDisposableStack();
});
afterEach(async () => {
  await stack.disposeAsync();
});

/** Replies OK to every request, and sends what a test publishes to all connections. */
async function openServer() {
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    const reader = new MessageReader();
    clients.add(client);
    client.on("error", () => {});
    client.on("data", (chunk: Buffer) => {
      for (const _ of reader.read(chunk)) client.write("+OK\r\n");
    });
  });
  await listen(server);
  stack.defer(() =>
    close(server, () => {
      for (const client of clients) client.destroy();
    }),
  );
  return {
    port: portOf(server),
    publish: (bytes: string) => {
      for (const client of clients) client.write(bytes);
    },
  };
}

/** One instance with a hop on each link, and a reservation in flight. */
async function openInstance(fault: Fault, loadEnds: number) {
  const server = await openServer();
  const [commands, feed] = [
    stack.use(await Hop.open(server.port, new ServerClock())),
    stack.use(await Hop.open(server.port, new ServerClock())),
  ];
  const recorder = new Recorder();
  const inFlight = new InFlight();
  inFlight.add({ op: "reserve_job", node: "node-1", job: "job-7" });
  const links = [{ commands: { name: "commands", hops: [commands] }, feed: { name: "feed", hops: [feed] } }];
  const world = { links, recorder, processes: [{ inFlight }], loadEnds } as unknown as World;
  recorder.begin();
  const dial = async (hop: Hop) => stack.use(await RawClient.open(Number(hop.address.split(":")[1])));
  return { server, commands, feed, recorder, dial, ended: runFaults([fault], world, signal) };
}

const chosen = { at: 0, lasts: 150, script: "reserve_job", nth: 2 } as const;
const reserve = ["FCALL", "reserve", "1", "own:{node-1}", "job-7"] as const;

describe("a fault of one call", () => {
  it("meets the call that carries the ids in flight, over all connections of its instance", async () => {
    const { commands, dial, ended, recorder } = await openInstance(
      { kind: "reply_lost", ...chosen, connection: "cut" },
      5_000,
    );
    const [first, second] = [await dial(commands), await dial(commands)];
    for (const client of [first, second]) expect(await client.ask("GET", "node-1")).toBe("+OK\r\n");
    expect(await first.ask(...reserve)).toBe("+OK\r\n");
    second.send(...reserve);
    await second.until(() => second.isClosed);
    await ended;
    expect(first.isClosed).toBe(false);
    expect(ofKind(recorder.events, "lost_reply")).toMatchObject([
      { script: "reserve_job", node: "node-1", job: "job-7", reply: "OK" },
    ]);
    expect(faultWindows(recorder.events, 1)).toMatchObject([{ name: "reply_lost", lack: null }]);
  });

  it.each([
    [1, false],
    [0, true],
  ])("that leaves %i other connections with answers cuts its instance off: %s", async (others, cutsOff) => {
    const { commands, dial, ended, recorder } = await openInstance(
      { kind: "reply_lost", ...chosen, nth: 1, connection: "silent" },
      5_000,
    );
    const client = await dial(commands);
    const rest = await Promise.all(Array.from({ length: others }, () => dial(commands)));
    client.send(...reserve);
    for (const other of rest) expect(await other.ask("PING")).toBe("+OK\r\n");
    await ended;
    expect(faultWindows(recorder.events, 1)).toMatchObject([{ cutsOff, lack: null }]);
  });
});

const declared = (fault: Fault) =>
  scenario({
    name: "hits-nothing",
    why: "A scenario that is only there to be judged by hand.",
    topology: { instances: 1, nodes: 1, maxJobsPerNode: 1, partitions: 1 },
    load: [{ kind: "read", every: ms(10) }],
    faults: [fault],
    always: ["D1"],
    duration: seconds(1),
  });

/** Judges a run in which the fault was declared and the client sent only these commands. */
async function verdictOf(fault: Fault, commands: readonly (readonly string[])[]) {
  const opened = await openInstance(fault, 300);
  const client = await opened.dial(opened.commands);
  for (const command of commands) await client.ask(...command);
  await opened.ended;
  expect(ofKind(opened.recorder.events, "fault")).toEqual([]);
  const pace = { kind: "pace", at: 1_000, planned: 1, made: 1, late_ms_p95: 1, late_ms_max: 1 } as const;
  const ends = [read(10, 11), read(200, 201), pace, phase("healed", 1_000), phase("end", 1_000)];
  const observations = [{ ...dump(0, []), version: null }];
  const missed = ofKind(opened.recorder.events, "fault_missed");
  return judgePair(declared(fault), {
    fault: trialOf({ history: [...missed, ...ends], observations }),
    control: trialOf({ history: ends, observations, side: "control" }),
  });
}

describe("a fault that is declared and hits nothing", () => {
  it.each<[Fault, readonly (readonly string[])[], string]>([
    [
      { kind: "reply_lost", ...chosen, connection: "cut" },
      [
        ["get", "sha1:ab12"],
        ["EVALSHA", "ab", "0"],
        ["GET", "other"],
      ],
      "reply_lost (faults[0], found none to act on among 2 GET, 1 EVALSHA)",
    ],
    [
      { kind: "command_held", ...chosen },
      [["EVAL", "x", "1", "node-1", "job-7"]], // the second one never comes
      "command_held (faults[0], found none to act on among 1 EVAL)",
    ],
    [
      { kind: "command_repeated", ...chosen },
      [],
      "command_repeated (faults[0], found none to act on among no commands at all)",
    ],
    [
      { kind: "wake_up_dropped", at: 0, lasts: 150, nth: 1, count: 5 },
      [["XREAD", "STREAMS", "own:feed", "0"]],
      "wake_up_dropped (faults[0], found none to act on among 1 XREAD)",
    ],
  ])("%j is not exercised, and names what it saw", async (fault, commands, words) => {
    const { reasons, verdict } = await verdictOf(fault, commands);
    expect(verdict).toBe("not_exercised");
    expect(reasons.join("; ")).toContain(words);
  });
});

describe("wake_up_dropped", () => {
  it.each(["commands", "feed"] as const)("finds messages on the connection for %s", async (link) => {
    const fault: Fault = { kind: "wake_up_dropped", at: 0, lasts: 150, nth: 1, count: 1 };
    const instance = await openInstance(fault, 5_000);
    const client = await instance.dial(instance[link]);
    await client.ask("HELLO", "3");
    instance.server.publish(">3\r\n+message\r\n+news\r\n+e:1\r\n>3\r\n+message\r\n+news\r\n+e:2\r\n");
    await client.until(() => client.text.includes("e:2"));
    await instance.ended;
    expect(client.text).not.toContain("e:1");
    expect(ofKind(instance.recorder.events, "lost_wake_up")).toMatchObject([{ instance: 0, version: "e:1" }]);
  });
});
