/** Claims about the end of calls and of a store: what a failure says of its time, and what close waits for. */
import { createServer, type Socket } from "node:net";
import type { Millis } from "../../../check/history.ts";
import { loopback } from "../../../lab/process/port.ts";
import { waitFor } from "../../../lab/process/wait.ts";
import { close, listen, portOf } from "../../network/loopback.ts";
import type { ContractCheck } from "../check.ts";
import { Comparisons } from "../comparisons.ts";
import { callTimeout, endsWithin, inWords, registered, reserve, wire } from "../world.ts";

const pause = (duration: Millis) => new Promise((resolve) => setTimeout(resolve, duration));

type Ended = Readonly<{ kind: string; applied?: string; cause?: string; after?: Millis }>;

/** `after` is what it took, and at least `least`. */
function lasted({ after = Number.NaN }: Ended, least: Millis, took: Millis): string {
  if (after < least) return `${after} ms, less than ${least} ms`;
  return after <= took ? "as long as it took" : `${after} ms, more than ${took} ms`;
}

async function timed(call: () => Promise<Ended>): Promise<readonly [answer: Ended, took: Millis]> {
  const startedAt = performance.now();
  return [await call(), performance.now() - startedAt];
}

const patient = { silence: callTimeout };

export const endingChecks: readonly ContractCheck[] = [
  {
    id: "failures-timed",
    property: "M1",
    claim: "a failure says how long its call took, and 0 where it was not sent; each call is reported with its outcome",
    async run({ keep, modules, redis, relay }) {
      const compare = new Comparisons();
      const calls: { readonly outcome: string; readonly took: Millis }[] = [];
      const onCall = (call: (typeof calls)[number]) => calls.push(call);
      const store = keep(modules.createRedisStore({ url: relay.url, ...wire, ...patient, onCall }));
      await store.connect();
      await registered(store);
      await redis.pause();
      const [late, tookLate] = await timed(() => reserve(store, "j1", 40));
      // A timer may fire a millisecond early.
      compare.same("a call given up after 40 ms", lasted(late, 35, tookLate), "as long as it took");
      const breaking = timed(() => reserve(store, "j2"));
      await pause(40);
      await relay.refuse();
      const [broken, tookBroken] = await breaking;
      compare.same("a call cut off after 40 ms", lasted(broken, 35, tookBroken), "as long as it took");
      await waitFor(() => (store.standing() === 0 ? true : undefined), endsWithin);
      const refused: Ended = await reserve(store, "j3");
      compare.same("a call that was not sent", [refused.cause, refused.after], ["disconnected", 0]);
      const outcomes = calls.map(({ outcome }) => outcome);
      compare.same("outcomes", outcomes, ["answered", "deadline", "disconnected", "disconnected"]);
      const isLong = calls.map(({ took }) => took >= 35);
      compare.same("which took long", isLong.slice(1), [true, true, false]);
      return compare.found;
    },
  },
  {
    id: "close-waits",
    property: "K6",
    claim: "a store that is closed takes no more calls, and waits for the answers that are due, each by its deadline",
    async run(world) {
      const compare = new Comparisons();
      const prepared = async (deadline: Millis) => {
        const store = world.keep(world.modules.createRedisStore({ url: world.relay.url, ...wire, ...patient }));
        await store.connect();
        await world.redis.pause();
        const call = reserve(store, "j1", deadline);
        const state = { isClosed: false };
        const closing = store.close().then(() => {
          state.isClosed = true;
        });
        return { call, closing, state, store };
      };
      await registered(await world.direct());
      const due = await prepared(callTimeout);
      await pause(40);
      const refused: Ended = await reserve(due.store, "j2");
      compare.same("a call while it closes", [refused.cause, refused.applied], ["closed", "no"]);
      compare.same("closed before the answer came", due.state.isClosed, false);
      world.redis.resume();
      await due.closing;
      compare.same("the answer that was due", inWords(await due.call), "reserved");
      const never = await prepared(40);
      // Far less than the silence after which its connection is given up.
      const soon = { ...endsWithin, timeout: callTimeout / 2 };
      const isClosed = await waitFor(() => (never.state.isClosed ? true : undefined), soon);
      world.redis.resume();
      compare.same("closed once the deadline of the last call is over", isClosed, true);
      const late: Ended = await never.call;
      compare.same("that call", [late.cause, late.applied], ["deadline", "unknown"]);
      return compare.found;
    },
  },
  {
    id: "closed-though-silent",
    property: "K6",
    claim: "a store that is closed leaves no connection to a server that neither answers nor ends it",
    async run({ keep, modules }) {
      const compare = new Comparisons();
      const sockets: Socket[] = [];
      const server = createServer({ allowHalfOpen: true }, (socket) => {
        sockets.push(socket.on("error", () => {}).resume());
        socket.once("data", () => socket.write("+OK\r\n")); // to the name of the connection
      });
      await listen(server);
      const url = `redis://${loopback}:${portOf(server)}`;
      const store = keep(modules.createRedisStore({ url, ...wire, silence: 10 * callTimeout }));
      void store.connect();
      const stands = await waitFor(() => (store.standing() === 1 ? true : undefined), endsWithin);
      compare.same("connected", stands, true);
      await store.close();
      const { client } = store;
      const isGone = async () => ("stream" in client && client.stream.destroyed ? true : undefined);
      compare.same("its connection is gone", await waitFor(isGone, endsWithin), true);
      await close(server, () => sockets.map((socket) => socket.destroy()));
      return compare.found;
    },
  },
];
