/** Claims about what runs on the server: one clock, unique epochs, replies of one type, only declared commands. */
import { isLockCommand } from "../../../check/locks/words.ts";
import { createConnection } from "../../../redis/connection/connection.ts";
import type { RedisStore } from "../../../redis/store.ts";
import { Recorder } from "../../observe/recorder.ts";
import { ServerWatch } from "../../observe/server-watch.ts";
import { type ContractCheck, found } from "../check.ts";
import { answeredAgain, callTimeout, inWords, register, registered, reserve } from "../world.ts";

const job = (name: string) => ({ partition: 0, node: "n1", job: name });
const done = { doneFor: 60_000, doneMax: 100 };

async function epochOf(store: RedisStore): Promise<string> {
  const answer = await store.changesSince({ partition: 0, since: { epoch: "", sequence: 0 }, limit: 0 }, callTimeout);
  return "version" in answer ? answer.version.epoch : inWords(answer);
}

export const scriptChecks: readonly ContractCheck[] = [
  {
    id: "one-clock",
    property: "F1",
    claim: "the feed reports exactly the lease that the store holds",
    async run(world) {
      const store = await world.store();
      await registered(store);
      const jobs = Array.from({ length: 8_000 }, (_, index) => `j${index}`);
      for (let at = 0; at < jobs.length; at += 100) {
        await Promise.all(jobs.slice(at, at + 100).map((name) => reserve(store, name)));
      }
      const changes = await store.changesSince(
        { partition: 0, since: { epoch: await epochOf(store), sequence: 0 }, limit: 10_000 },
        callTimeout,
      );
      const leases = await heldLeases(world.redis.url);
      const entries = changes.kind === "changes" ? changes.entries.map(({ change }) => change) : [];
      const reserved = entries.filter((change) => change.kind === "reserved");
      const wrong = reserved.filter((change) => leases.get(change.job) !== change.lease_until_ms);
      const [first] = wrong;
      const explanation = first && [
        `the feed says that the lease of ${first.job} ends at ${first.lease_until_ms}, the store ${leases.get(first.job)}; allowed is one time (${wrong.length} of ${reserved.length})`,
      ];
      return found(reserved.length, explanation ?? null);
    },
  },
  {
    id: "epochs-unique",
    property: "V1",
    claim: "an epoch that begins after a loss has never existed before",
    async run(world) {
      const store = await world.store();
      const epochs: string[] = [];
      for (let times = 0; times < 20; times += 1) {
        await world.redis.execute("FLUSHALL");
        epochs.push(await epochOf(store));
      }
      const unique = new Set(epochs.filter((epoch) => /^[0-9a-f]{16}$/u.test(epoch))).size;
      const explanation = [
        `${epochs.length} losses of everything began ${unique} epochs, allowed one of 16 hex digits each: the last was ${epochs.at(-1)}`,
      ];
      return found(epochs.length, unique === epochs.length ? null : explanation);
    },
  },
  {
    id: "restart-kept",
    property: "D4",
    claim: "a server that returns with saved data begins a new epoch",
    async run(world) {
      const store = await world.store();
      await registered(store);
      const before = await epochOf(store);
      await world.redis.restart({ keepData: true });
      await answeredAgain(store, callTimeout);
      const after = await epochOf(store);
      return found(1, after !== before ? null : [`epoch ${before} went on after a restart, allowed is a new one`]);
    },
  },
  {
    id: "outcomes",
    property: "K2",
    claim: "every outcome of a job's scripts is an answer, both times",
    async run(world) {
      const store = await world.store();
      await registered(store, "n1", 1);
      const answers = {
        reserved: await reserve(store, "j1"),
        already: await reserve(store, "j1"),
        full: await reserve(store, "j2"),
        not_online: await store.reserveJob({ ...job("j1"), node: "missing", lease: 1_000, seen: 0 }, callTimeout),
        completed: await store.completeJob({ ...job("j1"), ...done }, callTimeout),
        "completed ": await store.completeJob({ ...job("j1"), ...done }, callTimeout),
        unknown: await store.completeJob({ ...job("never"), ...done }, callTimeout),
        finished: await reserve(store, "j1"),
        "unknown ": await store.releaseJob(job("never"), callTimeout),
      };
      const wrong = Object.entries(answers).filter(([wanted, { kind }]) => kind !== wanted.trim());
      const explanations = wrong.map(([wanted, answer]) => [
        `the answer was ${inWords(answer)}, allowed ${wanted.trim()}`,
      ]);
      return found(Object.keys(answers).length, ...explanations);
    },
  },
  {
    id: "late-reserve",
    property: "J3",
    claim: "a reserve from before its job was finished is refused, also when the node has forgotten that job",
    async run(world) {
      const store = await world.store();
      await registered(store, "n1", 1);
      const first = { ...job("j1"), lease: 60_000 };
      const last = { doneFor: 60_000, doneMax: 1 };
      const asked = async (seen: number) => (await store.reserveJob({ ...first, seen }, callTimeout)).kind;
      const answers: string[] = [await asked(0)];
      await store.completeJob({ ...job("j1"), ...last }, callTimeout);
      answers.push(await asked(0));
      await store.reserveJob({ ...job("j2"), lease: 60_000, seen: 1 }, callTimeout);
      await store.completeJob({ ...job("j2"), ...last }, callTimeout);
      answers.push(await asked(0), await asked(1));
      const allowed = ["reserved", "finished", "finished_unknown", "reserved"];
      const isRight = answers.every((answer, index) => answer === allowed[index]);
      return found(2, isRight ? null : [`the answers were ${answers.join(", ")}, allowed ${allowed.join(", ")}`]);
    },
  },
  {
    id: "kept-losses",
    property: "O1",
    claim: "a loss of jobs is kept past the end of its epoch, until it is acknowledged by its own version",
    async run(world) {
      const store = await world.store();
      const node = await register(store, "n1", 1);
      await reserve(store, "j1");
      const incarnation = "incarnation" in node && node.incarnation !== null ? node.incarnation : "";
      await store.offlineNode({ partition: 0, node: "n1", incarnation, retention: 60_000 }, callTimeout);
      await world.redis.restart({ keepData: true });
      await answeredAgain(store, callTimeout);
      const kept = async () => {
        const page = await store.readOrphans({ partition: 0, after: 0, limit: 10 }, callTimeout);
        return page.kind === "orphans" ? page.losses : [];
      };
      const [loss] = await kept();
      if (loss?.node !== "n1" || loss.because !== "offline" || loss.jobs.join(" ") !== "j1")
        return found(1, [`kept was ${JSON.stringify(loss)}, allowed the loss of j1 as n1 went offline`]);
      const { order, version } = loss;
      const other = { ...version, sequence: version.sequence + 1 };
      await store.ackOrphans({ partition: 0, losses: [{ order, version: other }] }, callTimeout);
      const left = [(await kept()).length];
      await store.ackOrphans({ partition: 0, losses: [{ order, version }] }, callTimeout);
      left.push((await kept()).length);
      return found(
        2,
        left.join() === "1,0" ? null : [`kept after each acknowledgement: ${left.join(", ")}, allowed 1, 0`],
      );
    },
  },
  {
    id: "commands",
    property: "K4",
    claim: "no command locks, waits, or needs more than the least rights",
    async run(world) {
      const recorder = new Recorder();
      recorder.begin();
      await using watch = await ServerWatch.open(world.redis.url, recorder);
      const store = await world.store({ name: "i0" });
      await registered(store);
      for (const name of ["j1", "j2", "j3"]) await reserve(store, name);
      await watch.report();
      const seen = recorder.events.filter((event) => event.kind === "commands" && event.instance === 0);
      const wrong = seen.flatMap((event) => {
        if (event.kind !== "commands" || (event.declared && !isLockCommand(event.command))) return [];
        return [[`${event.command} was sent ${event.count} times, allowed only declared commands that do not wait`]];
      });
      return found(seen.length, ...wrong);
    },
  },
];

/** The deadline of each reserved job of n1, as the store holds it. */
async function heldLeases(url: string): Promise<ReadonlyMap<string, number>> {
  const client = createConnection(
    { url, silence: callTimeout, reconnectAfter: () => 10, name: "contract" },
    "commands",
  );
  await client.connect();
  const flat = await client.zrange("lp:{p0}:jobs:n1", "0", "-1", "WITHSCORES");
  client.disconnect();
  const leases = new Map<string, number>();
  for (let at = 0; at < flat.length; at += 2) leases.set(flat[at] ?? "", Number(flat[at + 1]));
  return leases;
}
