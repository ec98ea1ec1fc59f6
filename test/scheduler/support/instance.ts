/** An instance under test, with everything around it. */
import { seededRandom } from "../../../src/load/plan/seeded-random.ts";
import type { SchedulerEvent } from "../../../src/scheduler/events.ts";
import { createScheduler, type Scheduler } from "../../../src/scheduler/scheduler.ts";
import type { Settings } from "../../../src/scheduler/settings.ts";
import type { RegisterRequest } from "../../../src/scheduler/writing/writes.ts";
import type { ModelServer } from "./model-server.ts";
import { english, ModelFeed, ModelStore } from "./model-store.ts";

export interface Instance {
  readonly scheduler: Scheduler;
  readonly store: ModelStore;
  readonly feed: ModelFeed;
  readonly events: readonly SchedulerEvent[];
  count(kind: SchedulerEvent["kind"]): number;
}

export function instanceOn(
  server: ModelServer,
  settings: Partial<Settings> = {},
  seed = 1,
  create = createScheduler,
): Instance {
  const { clock } = server;
  const store = new ModelStore(server);
  const feed = new ModelFeed(server);
  const events: SchedulerEvent[] = [];
  const ports = { clock, store, feed, random: seededRandom(seed) };
  const scheduler = create(ports, { partitions: server.partitions, ...settings }, (event) => events.push(event));
  const count = (kind: SchedulerEvent["kind"]) => events.filter((event) => event.kind === kind).length;
  return { scheduler, store, feed, events, count };
}

export async function startedOn(
  server: ModelServer,
  settings: Partial<Settings> = {},
  seed = 1,
  create = createScheduler,
): Promise<Instance> {
  const instance = instanceOn(server, settings, seed, create);
  await server.clock.until(instance.scheduler.start());
  return instance;
}

export function offer(node: string, more: Partial<RegisterRequest> = {}): RegisterRequest {
  return { node, max_jobs: 2, pools: ["p"], languages: [english], services: [], ...more };
}

/** The incarnation of a node that an instance sees; "none" where it sees none. */
export function incarnationOf(scheduler: Pick<Scheduler, "nodes" | "status">, node: string): string {
  const seen = scheduler.status().view.flatMap((_, partition) => scheduler.nodes(partition));
  return seen.find((one) => one.node === node)?.incarnation ?? "none";
}

export const wanted = { pool: "p", ...english, services: [], count: 10 };

export const idle = { cpu: 0, gpu: 0, memory: 0, load: 0, latency_ms: 0, error_rate: 0 };
