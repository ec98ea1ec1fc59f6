/** Claims about the pauses of a client: before it connects again, before it looks for another primary again, and until it gives up an attempt. */
import { connect } from "node:net";
import { Worker } from "node:worker_threads";
import type { Millis } from "../../../check/history.ts";
import { loopback } from "../../../lab/process/port.ts";
import type { RedisModules } from "../../../mutants/redis-clients.ts";
import { type ContractCheck, found } from "../check.ts";
import { Comparisons } from "../comparisons.ts";
import { until } from "../embedded/embedded.ts";
import { ScriptedRedis } from "../replies/scripted-redis.ts";
import { callTimeout, wire } from "../world.ts";

/** Documented: the pauses before attempts double, from and to these. */
const pauses: readonly Millis[] = [20, 40, 80, 160, 200, 200, 200];
/** Documented: between two looks for another primary. */
const mostBetweenLooks: Millis = 2_000;

/** Attempts to connect that failed: the number of each, and what was drawn for the pause after it. */
class Attempts {
  readonly numbers: number[] = [];
  readonly draws: number[] = [];

  readonly reconnectAfter = (attempt: number, drawn = Number.NaN): Millis => {
    this.numbers.push(attempt);
    this.draws.push(drawn);
    return 1;
  };
}

/** The pauses between the looks that writes begin, where a write is refused each millisecond from `from` to `end`. */
function betweenLooks(renewal: InstanceType<RedisModules["Renewal"]>, clock: { now: Millis }, lasts: Millis) {
  const refused = new Error("READONLY You can't write against a read only replica.");
  const times: Millis[] = [];
  for (const end = clock.now + lasts; clock.now < end; clock.now += 1) if (renewal.met(refused)) times.push(clock.now);
  return times.map((at, index) => at - (times[index - 1] ?? clock.now - lasts));
}

/** At once, then after half to all of a pause that doubles, up to the longest. */
function isPaced([first, ...others]: readonly Millis[]): boolean {
  const isWithin = (pause: Millis, index: number): boolean => {
    const most = Math.min(100 * 2 ** index, mostBetweenLooks);
    return pause >= most / 2 && pause <= most + 1;
  };
  return first === 0 && others.length >= 6 && others.every(isWithin);
}

/** A server whose thread waits from the moment at which it listens: it takes no connection from its queue, which holds two. */
const blocked = `
const { parentPort } = require("node:worker_threads");
const server = require("node:net").createServer();
server.listen({ host: "${loopback}", port: 0, backlog: 1 }, () => {
  parentPort.postMessage(server.address().port);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
});`;

/** Begins more connections than the queue of such a server holds; the last of them shows that it is full. */
function filled(port: number): { isFull(): boolean } & Disposable {
  const sockets = Array.from({ length: 8 }, () => connect(port, loopback).on("error", () => {}));
  return {
    isFull: () => sockets.at(-1)?.connecting === true,
    [Symbol.dispose]() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

export const pauseChecks: readonly ContractCheck[] = [
  {
    id: "reconnects-spread",
    property: "D3",
    claim:
      "attempts to connect are counted from 1 since the last connection; the pauses after them double, and half of each is drawn",
    async run({ keep, modules, relay }) {
      const compare = new Comparisons();
      const { reconnectAfter } = modules.connectionDefaults;
      const [least, most] = [0, 1].map((drawn) => pauses.map((_, index) => reconnectAfter(index + 1, drawn)));
      compare.same("the longest pauses", most, pauses);
      compare.same(
        "the shortest pauses",
        least,
        pauses.map((pause) => pause / 2),
      );
      const attempts = new Attempts();
      const place = { url: relay.url, ...wire, silence: callTimeout };
      const store = keep(modules.createRedisStore({ ...place, reconnectAfter: attempts.reconnectAfter }));
      await store.connect();
      const count = 20;
      for (const time of ["once", "again"]) {
        attempts.numbers.length = 0;
        relay.sendAway();
        await until(() => attempts.numbers.length >= count);
        const numbers = attempts.numbers.slice(0, count);
        compare.same(
          `${time}: attempts`,
          numbers,
          Array.from(numbers, (_, index) => index + 1),
        );
        compare.same(`${time}: as many as that`, numbers.length, count);
        relay.serve();
        compare.same(`${time}: connected again`, await until(() => store.standing() === 1), true);
      }
      const ofCluster = new Attempts();
      const node = await ScriptedRedis.open();
      node.info = "cluster_enabled:1";
      const topology = modules.topologyOf({ cluster: [{ host: loopback, port: node.port }] });
      const cluster = keep(
        modules.createRedisStore({ ...place, topology, reconnectAfter: ofCluster.reconnectAfter } as never),
      );
      await cluster.connect();
      await node[Symbol.asyncDispose]();
      await until(() => ofCluster.numbers.length >= 5);
      compare.same("attempts in a Cluster", ofCluster.numbers.slice(0, 5), [1, 2, 3, 4, 5]);
      const draws = [...attempts.draws, ...ofCluster.draws];
      compare.same(
        "draws beyond their range",
        draws.filter((drawn) => !(drawn >= 0 && drawn < 1)),
        [],
      );
      compare.same("draws that differ", new Set(draws).size, draws.length);
      return compare.found;
    },
  },
  {
    id: "looks-paced",
    property: "D3",
    claim:
      "the first refused write looks for another primary at once, later ones ever more rarely, at most 2 s apart, and anew after a demotion is over",
    async run({ modules }) {
      const clock = { now: 1_000 };
      const topology = modules.topologyOf({ cluster: [{ host: loopback, port: 1 }] });
      const tuning = { silence: callTimeout, reconnectAfter: () => 1, name: "store" };
      const renewal = new modules.Renewal({ topology, tuning, renew() {}, now: () => clock.now });
      const compare = new Comparisons();
      const others = ["LOADING", "MASTERDOWN", "ERR not READONLY"].filter((text) => renewal.met(new Error(text)));
      compare.same("other errors that begin a look", others, []);
      for (const demotion of ["first", "second"]) {
        const found = betweenLooks(renewal, clock, 12_000);
        compare.same(`${demotion} demotion: pauses of ${found.join(", ")} ms are as allowed`, isPaced(found), true);
        clock.now += 3 * mostBetweenLooks;
      }
      return compare.found;
    },
  },
  {
    id: "connects-in-time",
    property: "D3",
    claim:
      "an attempt to connect that is not answered at all is given up after the silence that was given, and made again",
    async run({ keep, modules }) {
      const thread = new Worker(blocked, { eval: true });
      try {
        const port = await new Promise<number>((resolve) => {
          thread.once("message", resolve);
        });
        using queue = filled(port);
        const url = `redis://${loopback}:${port}`;
        const [calls, channels] = [new Attempts(), new Attempts()];
        const store = keep(
          modules.createRedisStore({ url, ...wire, silence: 60, reconnectAfter: calls.reconnectAfter }),
        );
        const { partitions, prefix } = wire;
        const { reconnectAfter } = channels;
        const feed = keep(modules.createRedisFeed({ url, prefix, partitions, silence: 60, reconnectAfter }));
        feed.start({ woken() {}, connected() {}, disconnected() {} });
        void store.connect();
        const isGivenUp = await until(() => calls.numbers.length > 0 && channels.numbers.length > 0);
        return found(
          queue.isFull() ? 1 : 0,
          isGivenUp ? null : [`attempts went on for ${callTimeout} ms, allowed 60 ms`],
        );
      } finally {
        await thread.terminate();
      }
    },
  },
];
