/** The nodes of a bench, over 100 pools and 50 language pairs, drawn from the seed. */
import { seededRandom } from "../../load/plan/seeded-random.ts";
import type { LanguagePair } from "../../protocol/node.ts";
import type { Scheduler } from "../../scheduler/scheduler.ts";
import type { RegisterRequest } from "../../scheduler/writing/writes.ts";
import { closedLoop } from "./load.ts";

const pools = 100;
const pairs = 50;
const pairsPerNode = 2;
const maxJobs = 1_000;
/** Less than the calls that an instance allows in flight. */
const width = 200;

export const nodeName = (index: number): string => `node-${index}`;
export const poolName = (index: number): string => `pool-${index % pools}`;
/** Five sources to ten targets. */
export const pairNumber = (index: number): LanguagePair => ({
  source: `s${(index % pairs) % 5}`,
  target: `t${Math.floor((index % pairs) / 5)}`,
});

export interface Population {
  readonly count: number;
  /** By node number. */
  readonly incarnations: readonly string[];
}

function* offers(count: number, seed: number): Generator<RegisterRequest> {
  const random = seededRandom(seed)("population");
  for (let index = 0; index < count; index += 1) {
    const first = random.nextUint32();
    yield {
      node: nodeName(index),
      max_jobs: maxJobs,
      pools: [poolName(random.nextUint32())],
      languages: Array.from({ length: pairsPerNode }, (_, place) => pairNumber(first + place * 7)),
      services: ["translate"],
    };
  }
}

/** Registers them all through `scheduler`. @throws Error for the first that is not registered */
export async function populate(
  scheduler: Scheduler,
  count: number,
  seed: number,
  signal: AbortSignal,
): Promise<Population> {
  const waiting = offers(count, seed);
  const incarnations: string[] = [];
  await closedLoop({
    width,
    count,
    signal,
    async call(index) {
      const offer = waiting.next().value as RegisterRequest;
      const answer = await scheduler.registerNode(offer);
      if (answer.kind !== "registered") throw new Error(`node ${offer.node} was not registered: ${answer.kind}`);
      incarnations[index] = answer.incarnation;
      return true;
    },
  });
  return { count, incarnations };
}

export const metrics = { cpu: 0.42, gpu: 0.3, memory: 0.55, load: 1.2, latency_ms: 12.5, error_rate: 0.01 } as const;
