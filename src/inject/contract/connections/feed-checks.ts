/** Claims about a subscription: what it hears, what it reports, and that one which was refused is asked for again. */
import { waitFor } from "../../../lab/process/wait.ts";
import { type ContractCheck, found } from "../check.ts";
import { Comparisons } from "../comparisons.ts";
import { type ContractWorld, callTimeout, endsWithin, wire } from "../world.ts";

interface Heard {
  readonly reports: string[];
  readonly reasons: string[];
  readonly wakes: unknown[];
  close(): Promise<void>;
}

/** Silent for longer than a busy machine keeps an answer. */
const patient = { silence: callTimeout, pingEvery: callTimeout / 2 };

function listen({ keep, modules, relay }: ContractWorld, partitions = 1): Heard {
  const heard = { reports: [] as string[], reasons: [] as string[], wakes: [] as unknown[] };
  const feed = keep(modules.createRedisFeed({ url: relay.url, prefix: wire.prefix, partitions, ...patient }));
  feed.start({
    connected() {
      heard.reports.push("connected");
    },
    disconnected(reason) {
      heard.reports.push("disconnected");
      heard.reasons.push(reason);
    },
    woken(tag, version) {
      heard.wakes.push([tag, version]);
    },
  });
  return { ...heard, close: () => feed.close() };
}

/** @returns false where it takes longer than any effect does */
async function until(condition: () => boolean): Promise<boolean> {
  return (await waitFor(() => (condition() ? true : undefined), endsWithin)) === true;
}

const noVersions = ["", "ab", "ab:", "xyz:1", "ab:1.5", "ab:-1"];

export const feedChecks: readonly ContractCheck[] = [
  {
    id: "channels",
    property: "V4",
    claim: "a version wakes the partition on whose channel it is published, or the configuration; nothing else wakes",
    async run(world) {
      const compare = new Comparisons();
      const tags = ["cfg", 0, 1, 2] as const;
      const heard = listen(world, 3);
      await until(() => heard.reports.length > 0);
      const publish = (tag: (typeof tags)[number], message: string) =>
        world.redis.ask("PUBLISH", `${wire.prefix}{${tag === "cfg" ? tag : `p${tag}`}}:feed`, message);
      for (const [index, tag] of tags.entries()) {
        for (const message of noVersions) await publish(tag, message);
        compare.same(`${tag}: subscribers of its channel`, await publish(tag, `ab:${index}`), ":1");
      }
      await until(() => heard.wakes.length >= tags.length);
      const allowed = tags.map((tag, sequence) => [tag, { epoch: "ab", sequence }]);
      // A subscription that broke meanwhile may have missed some.
      if (heard.reports.length > 1) return found(0);
      compare.same("what it was woken by", heard.wakes, allowed);
      return compare.found;
    },
  },
  {
    id: "subscriptions-reported",
    property: "M1",
    claim: "each subscription is reported once it stands, and once when it is lost; an attempt that fails is not",
    async run(world) {
      const { relay } = world;
      const compare = new Comparisons();
      const heard = listen(world);
      if (!(await until(() => heard.reports.length > 0))) return found(0);
      const before = relay.arrivals.length;
      relay.sendAway();
      const isTried = await until(() => relay.arrivals.length >= before + 3);
      relay.serve();
      await until(() => heard.reports.filter((report) => report === "connected").length > 1);
      compare.same("further attempts", isTried, true);
      compare.same("what it reported", heard.reports, ["connected", "disconnected", "connected"]);
      compare.same(
        "whether it gave reasons",
        heard.reasons.map((reason) => reason.length > 0),
        [true],
      );
      return compare.found;
    },
  },
  {
    id: "subscription-refused",
    property: "V4",
    claim: "a subscription that the server refuses is not taken for one, and asked for until it is granted",
    async run(world) {
      const { redis, relay } = world;
      const compare = new Comparisons();
      await redis.execute("ACL", "SETUSER", "default", "-subscribe");
      const heard = listen(world);
      compare.same("attempts", await until(() => relay.arrivals.length >= 3), true);
      compare.same("what it reported while it was refused", heard.reports, []);
      await redis.execute("ACL", "SETUSER", "default", "+subscribe");
      await until(() => heard.reports.length > 0);
      compare.same("what it reported then", heard.reports, ["connected"]);
      return compare.found;
    },
  },
  {
    id: "feed-closed",
    property: "K6",
    claim: "a feed that is closed ends its connection, makes no other, and hears nothing more",
    async run(world) {
      const { redis, relay } = world;
      const compare = new Comparisons();
      const subscribers = async () => (await redis.ask("CLIENT", "LIST", "TYPE", "pubsub")).includes("addr=");
      const heard = listen(world);
      if (!(await until(() => heard.reports.length > 0))) return found(0);
      compare.same("subscribers", await subscribers(), true);
      await heard.close();
      const isGone = await waitFor(async () => ((await subscribers()) ? undefined : true), endsWithin);
      compare.same("no subscriber after close", isGone, true);
      const before = relay.arrivals.length;
      // Longer than the first pauses before an attempt.
      await new Promise((resolve) => setTimeout(resolve, 150));
      compare.same("connections that were made after close", relay.arrivals.length - before, 0);
      return compare.found;
    },
  },
];
