/** Claims about an instance on a real store: into which another program has written, or which is far away. */
import type { Millis } from "../../../check/history.ts";
import { waitFor } from "../../../lab/process/wait.ts";
import type { ConfigContent } from "../../../protocol/configuration.ts";
import type { PageReply } from "../../../protocol/replies.ts";
import { systemClock, systemRandom } from "../../../redis/system.ts";
import type { NodeAnswer } from "../../../scheduler/reading/reads.ts";
import { createScheduler, type Scheduler } from "../../../scheduler/scheduler.ts";
import { type ContractCheck, found } from "../check.ts";
import { type ContractWorld, callTimeout, register, reserve, wire } from "../world.ts";

const content: ConfigContent = {
  ...{ enabled: true, pool_count: 1, hash_seed: 7, fallback_scan_all_pools: false },
  pools: [{ id: "a", name: "", required_services: [], language_pairs: [] }],
};

/** Half a character, a byte that begins none, an overlong form, and a surrogate: before, between and after the ids of nodes. */
const foreign = `
for _, id in ipairs({ '\\226\\130', '\\255', '\\128', 'm\\192\\128', '\\237\\160\\128' }) do redis.call('ZADD', KEYS[1], '0', id) end
return redis.status_reply('OK')`;
/** A key of another type in the place of a record, and a record without a status that is one of ours. */
const foreignRecords = `
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[1], 'not ours')
redis.call('HSET', KEYS[2], 'status', 'purple')
return redis.status_reply('OK')`;
const spoilt = `
redis.call('HSET', KEYS[1], 'pools', '[{"id":1}]')
return redis.status_reply('OK')`;

/** More than a start takes, on a machine that is busy. */
const startTimeout: Millis = 10_000;

export const wrongContentChecks: readonly ContractCheck[] = [
  {
    id: "foreign-ids",
    property: "V2",
    claim:
      "a cold start ends and has every node, though another program has put ids among theirs that no reader can name",
    async run(world) {
      const store = await world.store();
      const nodes = ["a", "m", "z", "\u00e9", "\u4e2d"];
      for (const node of nodes) await register(store, node);
      await world.redis.execute("EVAL", foreign, "1", `${wire.prefix}{p0}:nodes`);
      const instance = await started(world);
      const shown = instance.scheduler
        .nodes(0)
        .map(({ node }) => node)
        .sort();
      const most = 40;
      return found(
        1,
        instance.isReady ? null : [`an instance was not ready after ${startTimeout} ms, allowed ${startTimeout} ms`],
        instance.pages <= most ? null : [`a cold start asked for ${instance.pages} pages, allowed ${most}`],
        !instance.isReady || shown.join() === nodes.join()
          ? null
          : [`an instance has the nodes ${shown.join(" ")}, allowed ${nodes.join(" ")}`],
      );
    },
  },
  {
    id: "foreign-records",
    property: "V2",
    claim: "a cold start ends without the nodes whose records another program has made unreadable, and names them",
    async run(world) {
      const store = await world.store();
      for (const node of ["a", "m", "z"]) await register(store, node);
      const [a, m] = ["a", "m"].map((node) => `${wire.prefix}{p0}:node:${node}`);
      await world.redis.execute("EVAL", foreignRecords, "2", a ?? "", m ?? "");
      const { isReady, scheduler, unreadable } = await started(world);
      const shown = scheduler.nodes(0).map(({ node }) => node);
      const named = [...new Set(unreadable)].sort();
      const answers = isReady ? [await confirmed(scheduler, "a"), await confirmed(scheduler, "z")] : [];
      return found(
        1,
        isReady ? null : [`an instance was not ready after ${startTimeout} ms, allowed ${startTimeout} ms`],
        !isReady || shown.join() === "z" ? null : [`an instance has the nodes ${shown.join(" ")}, allowed z`],
        !isReady || named.join() === "a,m"
          ? null
          : [`it named ${named.join(" ") || "none"} as unreadable, allowed a m`],
        answers.every(({ found: isFound, stale }, index) => isFound === (index === 1) && !stale)
          ? null
          : [
              "it answered for an unreadable record as for one that is there, or for another as for none, allowed neither",
            ],
      );
    },
  },
  {
    id: "foreign-configuration",
    property: "S4",
    claim: "an instance starts and answers though another program has made the stored configuration unreadable",
    async run(world) {
      const store = await world.store();
      await register(store);
      await store.putConfig({ expected: null, content }, callTimeout);
      await world.redis.execute("EVAL", spoilt, "1", `${wire.prefix}{cfg}:phase3`);
      const { isReady, malformed, scheduler } = await started(world);
      const read = isReady ? await confirmed(scheduler, "n1") : null;
      return found(
        1,
        isReady ? null : [`an instance was not ready after ${startTimeout} ms, allowed ${startTimeout} ms`],
        !isReady || (read?.found === true && !read.stale) ? null : ["a node was not found, or stale, allowed neither"],
        !isReady || (malformed === 1 && scheduler.config() === null)
          ? null
          : [`a configuration is in force, or it was reported ${malformed} times, allowed none, reported once`],
      );
    },
  },
];

/** Bytes a millisecond: some ten changes within a read's timeout. */
const slow = 100;
const changes = 600;
/** An instance that gets on learns something by one of so many requests in a row, on a busy machine too: after a late reply it asks for less. */
const attempts = 12;
/** For all of it: some twenty times what it takes with nothing beside it. */
const longest: Millis = 60_000;

export const lateLinkChecks: readonly ContractCheck[] = [
  {
    id: "slow-link",
    property: "V4",
    claim: "an instance gets on over a link on which all that it missed takes far longer than a read may",
    async run(world) {
      const { relay } = world;
      const direct = await world.direct();
      await register(direct);
      const instance = await started(world);
      const { isReady, scheduler } = instance;
      await relay.refuse();
      for (let index = 0; index < changes / 2; index += 1) {
        await reserve(direct, `j${index}`);
        await direct.releaseJob({ partition: 0, node: "n1", job: `j${index}` }, callTimeout);
      }
      const { version } = (await direct.snapshot(
        { partition: 0, nodes: [], after: "", limit: 0 },
        callTimeout,
      )) as PageReply;
      relay.slowDown(slow);
      await relay.accept();
      const lacks = (): number => version.sequence - (scheduler.status().view[0]?.sequence ?? 0);
      // Half of them is far more than one reply can bring. How soon it comes depends on the machine; that something comes does not.
      let [lacked, asked] = [lacks(), instance.asked];
      const endsOrStands = (): boolean | undefined => {
        const left = lacks();
        if (left <= changes / 2) return true;
        if (left < lacked) [lacked, asked] = [left, instance.asked];
        return instance.asked - asked > attempts ? false : undefined;
      };
      const isOn = await waitFor(endsOrStands, { timeout: longest, interval: 10 });
      const explanation = [
        `an instance lacked ${lacked} of ${changes} changes, and by ${instance.asked - asked} requests learned none, allowed is to lack ${changes / 2} within ${longest} ms, and to learn some by any ${attempts} requests`,
      ];
      return found(isReady ? 1 : 0, isOn === true ? null : explanation);
    },
  },
];

/** On a busy machine a read may be late, and its answer stale: the first that is not, or the last. */
async function confirmed(scheduler: Scheduler, node: string): Promise<NodeAnswer> {
  let answer = await scheduler.getNode(node);
  await waitFor(
    async () => {
      if (answer.stale) answer = await scheduler.getNode(node);
      return answer.stale ? undefined : true;
    },
    { timeout: startTimeout, interval: 50 },
  );
  return answer;
}

interface Started {
  readonly scheduler: Scheduler;
  readonly isReady: boolean;
  readonly pages: number;
  readonly malformed: number;
  /** Requests for changes that have ended. */
  readonly asked: number;
  /** Nodes that were reported as unreadable. */
  readonly unreadable: readonly string[];
}

async function started({ keep, modules, relay }: ContractWorld): Promise<Started> {
  const { partitions, prefix } = wire;
  const store = modules.createRedisStore({ url: relay.url, ...wire });
  const feed = modules.createRedisFeed({ url: relay.url, prefix, partitions });
  let [asked, pages, malformed] = [0, 0, 0];
  const unreadable: string[] = [];
  const ports = { clock: systemClock, store, feed, random: systemRandom };
  const scheduler = createScheduler(ports, { partitions, snapshotPage: 1 }, (event) => {
    if (event.kind === "store_call" && event.operation === "snapshot") pages += 1;
    if (event.kind === "store_call" && event.operation === "changes_since") asked += 1;
    if (event.kind === "config_malformed") malformed += 1;
    if (event.kind === "record_unreadable") unreadable.push(event.node);
  });
  keep(scheduler);
  await store.connect();
  const isReady = await Promise.race([
    scheduler.start().then(() => true),
    new Promise<false>((resolve) => setTimeout(resolve, startTimeout, false)),
  ]);
  return {
    ...{ scheduler, isReady, pages, malformed, unreadable },
    get asked() {
      return asked;
    },
  };
}
