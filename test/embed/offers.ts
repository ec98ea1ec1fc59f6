/** Offers and requests of the tests. */

import type { Answer, RegisterReply } from "../../src/protocol/replies.ts";
import type { DispatchRequest } from "../../src/scheduler/selection/dispatch.ts";
import type { RegisterRequest } from "../../src/scheduler/writing/writes.ts";

export function offer(node: string): RegisterRequest {
  return { node, max_jobs: 10, pools: ["p"], languages: [{ source: "de", target: "en" }], services: [] };
}

export function jobFor(job: string): DispatchRequest {
  return { job, pool: "p", source: "de", target: "en", services: [] };
}

export const idle = { cpu: 0, gpu: 0, memory: 0, load: 0, latency_ms: 0, error_rate: 0 };

/** Whether the call had an answer of the store, not a failure. */
export function wasAnswered(answer: Answer<RegisterReply>): boolean {
  return answer.kind !== "failed";
}
