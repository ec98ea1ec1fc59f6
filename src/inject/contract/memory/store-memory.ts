/** Claims about what the client of Redis keeps: nothing of calls that have ended, and only so many of the texts that it has read. */
import { isDeepStrictEqual } from "node:util";
import type { RedisStore } from "../../../redis/store.ts";
import type { ContractCheck } from "../check.ts";
import { Comparisons } from "../comparisons.ts";
import { outcomes, storeOn } from "../replies/group-calls.ts";
import { type Said, ScriptedRedis } from "../replies/scripted-redis.ts";
import { callTimeout } from "../world.ts";
import { keptBytes, within } from "./held.ts";

const rounds = 5;
const turns = 400;
/** Bytes that may be left of each turn of five calls: an entry of a map takes more. */
const allowed = 100;

const partition = 0;
const refusal = { error: "LPARG complete_job job: found x, allowed y" };
const grouped: Said = ["grouped", "ab:9", [["reserved", "ab:8"], refusal, ["completed", "ab:9"]]];

/** Makes a group of three, one of which is refused, and then two calls by themselves, one of which is refused. @returns whether they were answered so */
async function fiveCalls(store: RedisStore, redis: ScriptedRedis, number: number): Promise<boolean> {
  const [node, job] = ["n", `job-${number}`];
  const lost = `job-${number}-lost`;
  redis.first.push(grouped);
  const answers: object[] = await Promise.all([
    store.reserveJob({ partition, node, job, lease: 1, seen: 0 }, callTimeout),
    store.completeJob({ partition, node, job: lost, doneFor: 1, doneMax: 1 }, callTimeout),
    store.releaseJob({ partition, node, job }, callTimeout),
  ]);
  redis.first.push(["reserved", "ab:9"], refusal);
  answers.push(await store.reserveJob({ partition, node, job, lease: 1, seen: 0 }, callTimeout));
  answers.push(await store.completeJob({ partition, node, job: lost, doneFor: 1, doneMax: 1 }, callTimeout));
  redis.asked.length = 0;
  redis.heard.length = 0;
  const kinds = outcomes(answers).map(([kind]) => kind);
  return isDeepStrictEqual(kinds, ["reserved", "invalid", "completed", "reserved", "invalid"]);
}

const textsAtOnce = 250;
const textLength = 1_000;
const replies = 40;
/** Bytes that remembered texts may take, with what was made of them; those that are read here take twice as much, and more. */
const mostOfTexts = 8_000_000;

/** Changes of nodes whose pools no other node has. */
function manyTexts(first: number): Said {
  const lists = ["max_jobs", "1", "health_milli", "1", "languages", "[]", "services", "[]", "finished", "0"];
  return Array.from({ length: textsAtOnce }, (_, index) => {
    const pool = `${first + index}-`.padEnd(textLength, "p");
    const fields = ["incarnation", "ab:1", ...lists, "pools", JSON.stringify([pool])];
    return [String(index + 1), "kind", "registered", "node", "n", ...fields, "orphaned", "[]"];
  });
}

export const storeMemoryChecks: readonly ContractCheck[] = [
  {
    id: "memory-of-calls",
    property: "K5",
    claim: "the store keeps nothing of calls that have ended, by themselves or in a group, answered or refused",
    isAlone: true,
    async run(world) {
      const compare = new Comparisons();
      await using redis = await ScriptedRedis.open();
      const store = await storeOn(world, redis);
      let answered = 0;
      const grown = await keptBytes(rounds, async (round) => {
        for (let turn = 0; turn < turns; turn += 1)
          answered += (await fiveCalls(store, redis, round * turns + turn)) ? 1 : 0;
      });
      // A client that makes no calls has nothing to keep.
      compare.same("turns that were answered as the server said", answered, (rounds + 1) * turns);
      const made = rounds * turns;
      compare.same(`the memory after ${5 * made} calls`, within(grown, made * allowed), "bounded");
      return compare.found;
    },
  },
  {
    id: "memory-of-texts",
    property: "K5",
    claim: "the store remembers a bounded length of the texts that it has read",
    isAlone: true,
    async run(world) {
      const compare = new Comparisons();
      await using redis = await ScriptedRedis.open();
      const store = await storeOn(world, redis);
      let read = 0;
      const since = { partition, since: { epoch: "ab", sequence: 0 }, limit: textsAtOnce };
      const grown = await keptBytes(replies, async (round) => {
        redis.first.push(["changes", "ab:9", manyTexts(round * textsAtOnce)]);
        const reply = await store.changesSince(since, callTimeout);
        read += reply.kind === "changes" ? reply.entries.length : 0;
        redis.asked.length = 0;
      });
      compare.same("the changes that were read", read, (replies + 1) * textsAtOnce);
      compare.same(`the memory after ${read} lists`, within(grown, mostOfTexts), "bounded");
      return compare.found;
    },
  },
];
