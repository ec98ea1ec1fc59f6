/** Claims about single calls: whether they happened, and when they end. */
import type { Millis } from "../../check/history.ts";
import { waitFor } from "../../lab/process/wait.ts";
import type { RedisStore } from "../../redis/store.ts";
import { type ContractCheck, found, quickest, shortTolerance } from "./check.ts";
import {
  answeredAgain,
  type ContractWorld,
  callTimeout,
  endsWithin,
  holds,
  inWords,
  registered,
  reserve,
} from "./world.ts";

/** @returns how long it took, on a connection that had answered until then */
async function pausedReserve(world: ContractWorld, store: RedisStore, deadline: Millis): Promise<Millis> {
  await world.redis.pause();
  const startedAt = performance.now();
  await reserve(store, "j1", deadline);
  const took = performance.now() - startedAt;
  world.redis.resume();
  await answeredAgain(store, callTimeout);
  return took;
}

export const callChecks: readonly ContractCheck[] = [
  {
    id: "script-flush",
    property: "D3",
    claim: "a script that the server has forgotten is sent again",
    async run(world) {
      const store = await world.store();
      await registered(store);
      await world.redis.execute("SCRIPT", "FLUSH");
      const answer = await reserve(store, "j1");
      const isRight = answer.kind === "reserved";
      return found(
        1,
        isRight ? null : [`after SCRIPT FLUSH reserve_job answered ${inWords(answer)}, allowed reserved`],
      );
    },
  },
  {
    id: "reply-lost",
    property: "L1",
    claim: "a call whose reply is lost is never reported as not executed",
    async run(world) {
      const store = await world.store();
      await registered(store);
      const lost = world.relay.loseNextReply();
      const answer = await reserve(store, "j1");
      await lost;
      const hasRun = await holds(world, "j1");
      const isDenied = answer.kind === "failed" && answer.applied === "no";
      const explanation = [
        `reserve_job answered ${inWords(answer)}, and Redis holds the job: allowed is applied: unknown`,
      ];
      return found(hasRun ? 1 : 0, hasRun && isDenied ? explanation : null);
    },
  },
  {
    id: "run-late",
    property: "L1",
    claim: "a call that timed out is never reported as not executed",
    async run(world) {
      const store = await world.store();
      await registered(store);
      await world.redis.pause();
      const answer = await reserve(store, "j1", 40);
      world.redis.resume();
      const hasRun = await waitFor(async () => ((await holds(world, "j1")) ? true : undefined), endsWithin);
      const isDenied = answer.kind === "failed" && answer.applied === "no";
      const explanation = [`reserve_job answered ${inWords(answer)}, and then ran: allowed is applied: unknown`];
      return found(hasRun === true ? 1 : 0, hasRun === true && isDenied ? explanation : null);
    },
  },
  {
    id: "deadline",
    property: "K3",
    claim: "a call ends by its deadline, though the server is paused",
    async run(world) {
      const store = await world.store();
      await registered(store);
      const took = await quickest(3, () => pausedReserve(world, store, 40));
      const allowed = 40 + shortTolerance;
      const explanation = [`reserve_job ended after ${Math.round(took)} ms at the soonest, allowed ${allowed} ms`];
      return found(1, took <= allowed ? null : explanation);
    },
  },
  {
    id: "bounded",
    property: "K3",
    claim: "a call beyond the allowed number in flight fails at once, unsent",
    async run(world) {
      const store = await world.store({ mostInFlight: 10 });
      await registered(store);
      await world.redis.pause();
      const startedAt = performance.now();
      const calls = Array.from({ length: 50 }, async (_, index) => {
        const answer = await reserve(store, `j${index}`, 200);
        return { answer, took: performance.now() - startedAt };
      });
      const ended = await Promise.all(calls);
      world.redis.resume();
      const refused = ended.filter(({ answer }) => answer.kind === "failed" && answer.cause === "overloaded");
      const sent = ended.length - refused.length;
      const took = Math.min(...refused.map((one) => one.took));
      const late = [`the calls beyond ${sent} failed after ${Math.round(took)} ms, allowed ${shortTolerance} ms`];
      return found(
        ended.length,
        sent <= 10 ? null : [`${sent} calls were in flight at once, allowed 10`],
        refused.length === 0 || took <= shortTolerance ? null : late,
      );
    },
  },
  {
    id: "not-later",
    property: "J3",
    claim: "a call without a connection fails at once and is never made later",
    async run(world) {
      const store = await world.store();
      await registered(store);
      await world.relay.refuse();
      await waitFor(() => (store.standing() === 0 ? true : undefined), endsWithin);
      const answers: Awaited<ReturnType<typeof reserve>>[] = [];
      const took = await quickest(3, async () => {
        const startedAt = performance.now();
        answers.push(await reserve(store, "j1", 250));
        return performance.now() - startedAt;
      });
      await world.relay.accept();
      const isBack = await answeredAgain(store, callTimeout);
      const isLater = isBack === true && (await holds(world, "j1"));
      const made = `reserve_job was made without a connection and answered ${answers.map(inWords).join(", ")}`;
      const late = [`${made} after ${Math.round(took)} ms at the soonest, allowed ${shortTolerance} ms`];
      return found(
        isBack === true ? answers.length : 0,
        isLater ? [`${made}; Redis holds the job, allowed is nothing after a failure`] : null,
        took <= shortTolerance ? null : late,
      );
    },
  },
  {
    id: "sent-once",
    property: "J3",
    claim: "the client never repeats a call whose connection broke",
    async run(world) {
      const store = await world.store();
      const direct = await world.direct();
      await registered(direct);
      const lost = world.relay.loseNextReply();
      const answer = reserve(store, "j1", 200);
      await lost;
      await world.relay.refuse();
      await answer;
      // Another client ends the job; a reservation that arrived now would give it a place again.
      const released = await direct.releaseJob({ partition: 0, node: "n1", job: "j1" }, callTimeout);
      await world.relay.accept();
      const isBack = await answeredAgain(store, callTimeout);
      const isAgain = await holds(world, "j1");
      const explanation = [
        `j1 was reserved again after the reconnect, allowed only by the caller's own retry (${inWords(await answer)})`,
      ];
      return found(released.kind === "completed" && isBack === true ? 1 : 0, isAgain ? explanation : null);
    },
  },
  {
    id: "readonly",
    property: "D4",
    claim: "a write refused by a read-only server is not acknowledged",
    async run(world) {
      const store = await world.store();
      await registered(store);
      await world.redis.execute("REPLICAOF", "127.0.0.1", "1");
      const answer = await reserve(store, "j1");
      await world.redis.execute("REPLICAOF", "NO", "ONE");
      const isRight = answer.kind === "failed" && answer.cause === "readonly" && answer.applied === "no";
      const isThere = await holds(world, "j1");
      const explanation = [
        `a replica was asked to reserve j1, and the answer was ${inWords(answer)}, allowed readonly, applied: no`,
      ];
      return found(isThere ? 0 : 1, isRight ? null : explanation);
    },
  },
];
