/** The scheduler as a program embeds it, for the checks of it. */
import type { Millis } from "../../../check/history.ts";
import type * as Embedded from "../../../embed/scheduler.ts";
import { waitFor } from "../../../lab/process/wait.ts";
import { type ContractWorld, callTimeout, endsWithin } from "../world.ts";

type Options = Partial<Embedded.SchedulerOptions>;

export function embeddedModule({ modules }: ContractWorld): Promise<typeof Embedded> {
  return import(/* @vite-ignore */ modules.embedded) as Promise<typeof Embedded>;
}

/** One partition, so that it starts with few calls, each of which a busy machine may delay. */
export const settings = { partitions: 1, readDeadline: 1_000, writeDeadline: 2_000, budget: 2_000, sweepInterval: 100 };

/** It is closed when the check is over. */
export async function embedded(world: ContractWorld, options: Options = {}): Promise<Embedded.EmbeddedScheduler> {
  const { createScheduler } = await embeddedModule(world);
  return world.keep(createScheduler({ redis: world.redis.url, settings, ...options }));
}

export const offer = { max_jobs: 5, pools: ["a"], languages: [{ source: "de", target: "en" }], services: [] };

export async function until(condition: () => boolean | Promise<boolean>): Promise<boolean> {
  return (await waitFor(async () => ((await condition()) ? true : undefined), endsWithin)) === true;
}

/** Resolves when no scheduler is connected any longer. */
export function allClosed({ redis }: ContractWorld): Promise<boolean> {
  return until(async () => !(await redis.ask("CLIENT", "LIST")).includes("name=lockproof-"));
}

/** `ok`, `waiting`, or the name of the error. */
export async function outcome(promise: Promise<unknown>, timeout: Millis = callTimeout): Promise<string> {
  const ended = promise.then(
    () => "ok",
    (error: unknown) => (error instanceof Error ? error.name : String(error)),
  );
  let timer: NodeJS.Timeout | undefined;
  const waiting = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, timeout, "waiting");
  });
  return await Promise.race([ended, waiting]).finally(() => clearTimeout(timer));
}

/** The samples of a metric: its labels but `scheduler`, and the value. */
export async function samples(
  scheduler: Embedded.EmbeddedScheduler,
  name: string,
): Promise<Readonly<Record<string, number>>> {
  const metric = (await scheduler.registry.getMetricsAsJSON()).find((one) => one.name === name);
  const values = (metric?.values ?? []) as readonly {
    readonly labels: Record<string, string>;
    readonly value: number;
  }[];
  return Object.fromEntries(
    values.map(({ labels: { scheduler: _, ...labels }, value }) => [Object.values(labels).join(), value]),
  );
}

/** The error of an abort, or of a callback. */
export const reason = Object.assign(new Error("enough"), { name: "Enough" });
