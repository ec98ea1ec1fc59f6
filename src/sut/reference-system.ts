/** The reference scheduler behind the line protocol. It only translates the format: every answer is the scheduler's own. */

import type { Answer } from "../protocol/replies.ts";
import type { Version } from "../protocol/version.ts";
import { AddressError } from "../redis/errors.ts";
import { createRedisFeed } from "../redis/feed.ts";
import { PrefixError } from "../redis/scripts/keys.ts";
import { createRedisStore } from "../redis/store.ts";
import { systemClock, systemRandom } from "../redis/system.ts";
import type { Scheduler } from "../scheduler/api.ts";
import { InvalidInputError, LayoutError, SettingsError } from "../scheduler/errors.ts";
import { isFailure } from "../scheduler/ports.ts";
import { createScheduler } from "../scheduler/scheduler.ts";
import type { Settings } from "../scheduler/settings.ts";
import { type Ask, type ErrorCode, type Op, ops, type SentReply } from "./protocol.ts";
import { OpError, type System } from "./serve.ts";

/** It claims every property of docs/properties.md; the harness decides which of them can be observed from outside. */
const claims = [
  ...[
    "J1",
    "J2",
    "J3",
    "J4",
    "J5",
    "V1",
    "V2",
    "V3",
    "V4",
    "N1",
    "N2",
    "N3",
    "N4",
    "O1",
    "S1",
    "S2",
    "S3",
    "S4",
    "H1",
    "P1",
    "D1",
    "D2",
    "D3",
    "D4",
  ],
  ...["L1", "F1", "C1", "C2", "K1", "K2", "K3", "K4", "K7", "B1", "B2", "B3"],
];

/** @throws OpError for settings, a namespace or a store that it cannot be started with */
export async function openReference(asked: Ask<"init">): Promise<System> {
  const { feed_max: feedMax = 100_000, instance, namespace: prefix, redis: url } = asked;
  // The scheduler checks names and ranges itself.
  const settings: Partial<Settings> = { ...asked.settings };
  const partitions = settings.partitions ?? 8;
  const name = `i${instance}`;
  return await inWords(async () => {
    const store = createRedisStore({ url, name, prefix, partitions, feedMax });
    const feed = createRedisFeed({
      url: asked.redis_feed ?? url,
      name,
      prefix,
      partitions,
      onRenewed: store.onRenewed,
    });
    const ports = { clock: systemClock, store, feed, random: systemRandom };
    const scheduler = createScheduler(ports, { ...settings, partitions });
    await store.connect();
    await scheduler.start();
    return systemOf(scheduler, partitions);
  });
}

function systemOf(scheduler: Scheduler, partitions: number): System {
  const performers = performersOf(scheduler, partitions);
  return {
    about: { name: "lockproof reference", version: "1", capabilities: { ops: [...ops], properties: claims } },
    perform: (request) => {
      const perform = performers[request.op] as (request: Ask) => Promise<never>;
      return inWords(() => perform(request));
    },
    close: () => scheduler.close(),
  };
}

type Performers = {
  readonly [O in Exclude<Op, "init" | "shutdown">]: (request: Ask<O>) => Promise<SentReply<O>>;
};

function performersOf(scheduler: Scheduler, partitions: number): Performers {
  return {
    async register_node({ op: _, ...request }) {
      const { incarnation, kind, version } = succeeded(await scheduler.registerNode(request));
      return { incarnation, outcome: kind, version };
    },
    async heartbeat({ op: _, ...request }) {
      return outcomeOf(await scheduler.heartbeat(request));
    },
    async offline_node({ incarnation, node }) {
      return outcomeOf(await scheduler.offlineNode(node, incarnation));
    },
    async reserve_job({ job, lease_ms, node }) {
      return outcomeOf(await scheduler.reserveJob(node, job, { lease: lease_ms }));
    },
    async complete_job({ job, node }) {
      return outcomeOf(await scheduler.completeJob(node, job));
    },
    async release_job({ job, node }) {
      return outcomeOf(await scheduler.releaseJob(node, job));
    },
    async get_node({ node }) {
      const { age_ms, found, mode, node: content, source, stale } = await scheduler.getNode(node);
      const age = Number.isFinite(age_ms) ? age_ms : null;
      if (content === undefined) return { found, source, age_ms: age, stale, mode };
      const { current_jobs, max_jobs, status, version } = content;
      const known = { status, version, current_jobs, max_jobs, content: copyOf(content) };
      return { found, ...known, source, age_ms: age, stale, mode };
    },
    async select_nodes({ op: _, ...wanted }) {
      const { mode, nodes } = scheduler.selectNodes(wanted);
      return { nodes: nodes.map(({ node }) => node), mode, contents: nodes.map(copyOf) };
    },
    async put_config({ config, expected }) {
      const { config: stored, kind } = succeeded(await scheduler.putConfig(config, expected));
      return { outcome: kind, version: stored };
    },
    async status({ contents }) {
      const { connected, mode, view } = scheduler.status();
      const known = view.flatMap((version, partition): [string, Version][] =>
        version.epoch === "" ? [] : [[String(partition), version]],
      );
      const all = Array.from({ length: partitions }, (_, partition) => scheduler.nodes(partition)).flat();
      const whole = contents === true ? { contents: all.map(copyOf) } : {};
      return { mode, connected, view: Object.fromEntries(known), ...whole };
    },
  };
}

type Content = NonNullable<SentReply<"get_node">["content"]>;

/** The protocol's lists are plain ones. */
function copyOf(node: ReturnType<Scheduler["nodes"]>[number]): Content {
  const { languages, pools, services, ...rest } = node;
  return { ...rest, languages: [...languages], pools: [...pools], services: [...services] };
}

function outcomeOf<Kind extends string>(
  answer: Answer<{ readonly kind: Kind; readonly version: Version }>,
): { outcome: Kind; version: Version } {
  const { kind, version } = succeeded(answer);
  return { outcome: kind, version };
}

/** @throws OpError for a failure, under its own cause */
function succeeded<Reply extends { readonly kind: string }>(answer: Answer<Reply>): Reply {
  if (isFailure(answer)) throw new OpError(answer.cause satisfies ErrorCode, answer.applied === "no", answer.message);
  return answer;
}

const mistakes = [InvalidInputError, SettingsError, AddressError, PrefixError];

/** Errors that the scheduler throws for the caller's mistakes become refusals of the protocol; any other error is its own fault. */
async function inWords<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof LayoutError) throw new OpError("layout_mismatch", true, error.message);
    const isMistake = mistakes.some((mistake) => error instanceof mistake);
    if (isMistake && error instanceof Error) throw new OpError("invalid", true, error.message);
    throw error;
  }
}
