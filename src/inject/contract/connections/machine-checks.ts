/** Claims about the ports for time and randomness. */
import { getEventListeners } from "node:events";
import { waitFor } from "../../../lab/process/wait.ts";
import type { ContractCheck } from "../check.ts";
import { Comparisons } from "../comparisons.ts";
import { callTimeout, endsWithin, registered, reserve, wire } from "../world.ts";

const day = 86_400_000;

export const machineChecks: readonly ContractCheck[] = [
  {
    id: "sleeps-end",
    property: "K6",
    claim: "a sleep lasts as long as it was asked for, or until its signal aborts, and keeps no listener",
    async run({ modules: { systemClock: clock } }) {
      const compare = new Comparisons();
      const abort = new AbortController();
      const listeners = () => getEventListeners(abort.signal, "abort").length;
      const from = clock.now();
      await clock.sleep(30, abort.signal);
      // A timer may fire a millisecond early.
      compare.same("a sleep of 30 ms lasted at least 28 ms", clock.now() - from >= 28, true);
      compare.same("listeners after it", listeners(), 0);
      let ended = 0;
      const sleep = () =>
        clock.sleep(day, abort.signal).then(() => {
          ended += 1;
        });
      void sleep();
      compare.same("listeners of a sleep", listeners(), 1);
      abort.abort();
      await waitFor(() => (ended === 1 ? true : undefined), endsWithin);
      compare.same("a sleep that was aborted has ended", ended, 1);
      void sleep();
      await waitFor(() => (ended === 2 ? true : undefined), { ...endsWithin, timeout: callTimeout / 2 });
      compare.same("a sleep after the abort has ended", ended, 2);
      return compare.found;
    },
  },
  {
    id: "draws-differ",
    property: "N3",
    claim: "what is drawn, as for the token of a registration, does not come again, and is from the whole range",
    async run({ modules: { systemRandom } }) {
      const compare = new Comparisons();
      const tokens = 1_000;
      const sources = ["one", "other"].map((concern) => systemRandom(concern));
      const drawn = Array.from({ length: tokens }, (_, index) => {
        const random = sources[index % 2] as (typeof sources)[number];
        return [1, 2, 3, 4].map(() => random.nextUint32());
      });
      compare.same("different ones of 1000 tokens", new Set(drawn.map((token) => token.join())).size, tokens);
      const sixteenths = new Set(drawn.flat().map((number) => Math.floor(number / 2 ** 28)));
      compare.same(
        "sixteenths of the range",
        [...sixteenths].sort((a, b) => a - b),
        [...Array(16).keys()],
      );
      return compare.found;
    },
  },
  {
    id: "answers-before-timers",
    property: "D5",
    claim: "after a pause of the process, an answer that has arrived counts before a timeout or a sleep that is over",
    async run({ keep, modules, redis }) {
      const compare = new Comparisons();
      const store = keep(modules.createRedisStore({ url: redis.url, ...wire, silence: callTimeout }));
      await store.connect();
      await registered(store);
      const answers: string[] = [];
      const orders: string[] = [];
      // Does nothing for longer than the timers, while the server answers what it has been sent.
      const stopped = async (): Promise<void> => {
        await new Promise((resolve) => setImmediate(resolve));
        redis.resume();
        for (const until = performance.now() + 30; performance.now() < until; );
      };
      // A busy machine may keep the server from answering during one of the pauses, and not during all.
      for (
        let times = 0;
        times < 5 && !(answers.includes("reserved") && orders.includes("answer, sleep"));
        times += 1
      ) {
        await redis.pause();
        const call = reserve(store, `a${times}`, 15);
        await stopped();
        answers.push((await call).kind);
        const order: string[] = [];
        await redis.pause();
        const sleep = modules.systemClock.sleep(15, new AbortController().signal).then(() => order.push("sleep"));
        const other = reserve(store, `b${times}`).then(() => order.push("answer"));
        await stopped();
        await Promise.all([sleep, other]);
        orders.push(order.join(", "));
      }
      compare.same(`one of ${answers.join()} is an answer`, answers.includes("reserved"), true);
      compare.same(`the answer comes first in one of ${orders.join("; ")}`, orders.includes("answer, sleep"), true);
      return compare.found;
    },
  },
];
