/** Claims about a sweep that meets keys of another type: nodes that cannot be swept keep no others from it, however many they are. */

import { documentedSettings } from "../../../check/documented-settings.ts";
import type { Millis } from "../../../check/history.ts";
import type { SweepReply } from "../../../protocol/replies.ts";
import type { RedisStore } from "../../../redis/store.ts";
import { isFailure } from "../../../scheduler/ports.ts";
import { type ContractCheck, found } from "../check.ts";
import { callTimeout, inWords } from "../world.ts";

const limit = documentedSettings.sweepLimit;
const day: Millis = 86_400_000;
/** More than a sweep takes at once, and half as many behind them. */
const [brokenCount, soundCount] = [limit + limit / 2, limit / 2];
/** Calls of one sweep: the first one only asks. */
const mostCalls = 5;

async function register(store: RedisStore, node: string, ttl: Millis): Promise<void> {
  const asked = { partition: 0, node, registration: node, expected: null, max_jobs: 1, ttl };
  const answer = await store.registerNode({ ...asked, pools: [], languages: [], services: [] }, callTimeout);
  if (isFailure(answer)) throw new Error(`the check could not begin: register_node answered ${inWords(answer)}`);
}

const numbered = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${name}${index}`);

/** A sweep as docs/protocol.md has a caller make it. @returns what each call answered, until one says that nothing more is due */
async function sweep(store: RedisStore): Promise<readonly SweepReply[] | string> {
  const replies: SweepReply[] = [];
  let [candidates, offset]: [readonly string[], number] = [[], 0];
  while (replies.length < mostCalls) {
    const request = { partition: 0, retention: day, limit, jobLimit: 1_000, gap: day, grace: 0, offset, candidates };
    const answer = await store.sweep(request, callTimeout);
    if (isFailure(answer)) return `a sweep was answered ${inWords(answer)}, allowed is what it swept and what failed`;
    replies.push(answer);
    if (answer.due.length === 0) break;
    offset += answer.failed.length;
    candidates = answer.due;
  }
  return replies;
}

export const sweepChecks: readonly ContractCheck[] = [
  {
    id: "sweep-past-broken",
    property: "J4",
    claim:
      "nodes with a key of another type are named by a sweep, and keep no others from it, more of them than it takes",
    async run(world) {
      const store = await world.store();
      const broken = numbered("broken", brokenCount);
      const sound = numbered("sound", soundCount);
      for (const node of broken) {
        await register(store, node, 1);
        await world.redis.execute("SET", `lp:{p0}:jobs:${node}`, "not ours");
      }
      for (const node of sound) await register(store, node, 2);
      await new Promise((resolve) => setTimeout(resolve, 5));
      const replies = await sweep(store);
      if (typeof replies === "string") return found(1, [replies]);
      const expired = replies.flatMap((reply) => reply.expired);
      const failed = replies.flatMap((reply) => reply.failed);
      const wrong = [
        ...(expired.length === sound.length ? [] : [`${expired.length} of ${sound.length} nodes that are due expired`]),
        ...(new Set(failed.map(({ node }) => node)).size === broken.length
          ? []
          : [`${failed.length} of ${broken.length} nodes with a key of another type were named`]),
        ...failed
          .filter(({ message, node }) => !message.startsWith(`lp:{p0}:jobs:${node}: WRONGTYPE `))
          .slice(0, 1)
          .map(
            ({ message }) =>
              `a node that failed came with ${JSON.stringify(message)}, allowed is its key and WRONGTYPE`,
          ),
      ];
      return found(broken.length + sound.length, wrong.length > 0 ? wrong : null);
    },
  },
];
