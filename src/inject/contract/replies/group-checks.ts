/** Claims about groups: which calls go to the server as one, and what becomes of each of them. */
import type { ContractCheck } from "../check.ts";
import { Comparisons } from "../comparisons.ts";
import { callTimeout, registered, wire } from "../world.ts";
import { at, callsOf, itemsIn, outcomes, partitions, storeOn } from "./group-calls.ts";
import { type Said, ScriptedRedis } from "./scripted-redis.ts";

const reserved = (count: number): Said => [
  "grouped",
  "ab:9",
  Array.from({ length: count }, () => ["reserved", "ab:9"]),
];

export const groupChecks: readonly ContractCheck[] = [
  {
    id: "one-call-a-turn",
    property: "L1",
    claim:
      "heartbeats, reserves and ends of jobs of one turn go to their partition as one call, and each has its own answer",
    async run(world) {
      const compare = new Comparisons();
      await using redis = await ScriptedRedis.open();
      const store = await storeOn(world, redis);
      redis.asked.length = 0;
      const refused = { error: "LPARG complete_job job: found x, allowed y" };
      redis.first.push([
        "grouped",
        "ab:5",
        [["renewed", "ab:2", "lost"], ["full", "ab:3"], refused, ["unknown", "ab:4"]],
      ]);
      const { beat, complete, release, reserve } = callsOf(store);
      const answers = await Promise.all([beat(), reserve(), complete(), release()]);
      const own = [
        ["renewed", at(2)],
        ["full", at(3)],
        ["invalid", "no"],
        ["unknown", at(4)],
      ];
      compare.same("the answers", outcomes(answers), own);
      compare.same("the jobs that the store does not know", "unknown_jobs" in answers[0] && answers[0].unknown_jobs, [
        "lost",
      ]);
      const space = (name: string) => `lp:{p0}:${name}`;
      const [node, jobs, done] = [space("node:n"), space("jobs:n"), space("done:n")];
      const [expiry, leases] = [space("expiry"), space("leases")];
      const keys = [expiry, leases, node, jobs, leases, node, jobs, done, leases, node, jobs, done, leases, node, jobs];
      const common = ["", String(partitions), String(wire.feedMax)];
      const items = [
        ...["heartbeat", "13", "n", "ab:1", "1", "0", "1", "1", "500", "", "", "", "", "", ""],
        ...[
          "reserve_job",
          "4",
          "n",
          "j",
          "1",
          "2",
          "complete_job",
          "4",
          "n",
          "j",
          "1",
          "2",
          "release_job",
          "2",
          "n",
          "j",
        ],
      ];
      const sent = [String(keys.length + 2), space("meta"), space("feed"), ...keys, ...common, ...items];
      compare.same(
        "what was sent",
        redis.asked.map((asked) => asked.slice(2)),
        [sent],
      );
      return compare.found;
    },
  },
  {
    id: "calls-apart",
    property: "L1",
    claim:
      "a call by itself is one of its own script, and calls of other turns, partitions and kinds are no part of a group; none is larger than allowed",
    async run(world) {
      const compare = new Comparisons();
      await using redis = await ScriptedRedis.open();
      const store = await storeOn(world, redis);
      const sentBy = async (said: readonly Said[], calls: () => readonly Promise<object>[]) => {
        redis.asked.length = 0;
        redis.first.push(...said);
        const answers = outcomes(await Promise.all(calls()));
        return {
          answers: answers.length,
          failed: answers.filter(([, applied]) => applied === "unknown"),
          sent: redis.asked.map(itemsIn),
        };
      };
      const alone: Said = ["reserved", "ab:1"];
      const { beat, leave, reserve } = callsOf(store);
      compare.same("one call", (await sentBy([alone], () => [reserve()])).sent, [["n"]]);
      const elsewhere = callsOf(store, "n", 1);
      const apart = await sentBy([["offline", "ab:1"], alone, alone], () => [leave(), reserve(), elsewhere.reserve()]);
      compare.same("other kinds and partitions", apart, { answers: 3, failed: [], sent: [["n"], ["n"], ["n"]] });
      // The name of the last partition begins like that of the other one.
      const furthest = callsOf(store, "n", partitions - 1);
      const pair = ["reserve_job", "reserve_job"];
      const groups = await sentBy([reserved(2), reserved(2)], () =>
        [elsewhere, furthest, elsewhere, furthest].map((one) => one.reserve()),
      );
      compare.same("groups of two partitions", groups, { answers: 4, failed: [], sent: [pair, pair] });
      const many = (count: number) => Array.from({ length: count }, () => "reserve_job");
      const full = await sentBy([reserved(32), reserved(2)], () => many(34).map(() => reserve()));
      compare.same("thirty-four", full, { answers: 34, failed: [], sent: [many(32), many(2)] });
      const jobs = (count: number) => Array.from({ length: count }, (_, index) => `j${index}`);
      const renewed: Said = ["renewed", "ab:1"];
      const two: Said = ["grouped", "ab:1", [renewed, renewed]];
      await sentBy([renewed, two, renewed], () => [beat(jobs(150)), beat(jobs(106)), beat(jobs(1)), beat(jobs(257))]);
      const args = redis.asked.map((asked) => asked.length - 3 - Number(asked[2]));
      const sizes = [16 + 257, 3 + 2 * (2 + 13) + 256, 16 + 1];
      compare.same("the arguments of calls with many jobs", args, sizes);
      await reserve().then(() => {}); // the turn is over
      const turns = await sentBy([alone, alone], () => [
        reserve(),
        new Promise<object>((resolve) => setImmediate(() => resolve(reserve()))),
      ]);
      compare.same("two turns", turns.sent, [["n"], ["n"]]);
      const next = () => new Promise<object>((resolve) => setImmediate(() => resolve(reserve())));
      const following = await sentBy([alone, alone], () => [next(), next()]);
      compare.same("a turn and the next", following.sent, [["n"], ["n"]]);
      const later = async (): Promise<object> => {
        await null;
        await null;
        return await reserve();
      };
      const continued = await sentBy([reserved(2)], () => [reserve(), later()]);
      compare.same("a turn with what continues in it", continued.sent, [pair]);
      return compare.found;
    },
  },
  {
    id: "group-unanswered",
    property: "L1",
    claim: "a group that fails as a whole fails for each of its calls, and what it says of one is no answer to another",
    async run(world) {
      const compare = new Comparisons();
      await using redis = await ScriptedRedis.open();
      const store = await storeOn(world, redis);
      const { complete, reserve } = callsOf(store);
      const both = async () => outcomes(await Promise.all([reserve(), complete()]));
      const twice = (outcome: readonly unknown[]) => [outcome, outcome];
      const whole: readonly (readonly [string, Said, readonly unknown[]])[] = [
        ["an error", { error: "NOPERM this user has no permissions to run the 'evalsha' command" }, ["denied", "no"]],
        ["another layout", ["layout_mismatch", "ab:1", "1", "8"], ["layout_mismatch", "no"]],
        ["one reply less", ["grouped", "ab:1", [["reserved", "ab:1"]]], ["protocol", "unknown"]],
        [
          "one reply more",
          [
            "grouped",
            "ab:1",
            [
              ["reserved", "ab:1"],
              ["completed", "ab:1"],
              ["full", "ab:1"],
            ],
          ],
          ["protocol", "unknown"],
        ],
        ["no replies", ["grouped", "ab:1"], ["protocol", "unknown"]],
        ["another word", ["reserved", "ab:1"], ["protocol", "unknown"]],
      ];
      for (const [what, said, outcome] of whole) {
        redis.first.push(said);
        compare.same(what, await both(), twice(outcome));
      }
      redis.first.push([
        "grouped",
        "ab:1",
        [
          ["completed", "ab:1"],
          ["reserved", "ab:1"],
        ],
      ]);
      compare.same("replies of each other", await both(), twice(["protocol", "unknown"]));
      redis.silentTo = "evalsha";
      const quick = callsOf(store, "n", 0, 60);
      compare.same(
        "no answer",
        outcomes(await Promise.all([quick.reserve(), quick.complete()])),
        twice(["deadline", "unknown"]),
      );
      return compare.found;
    },
  },
  {
    id: "group-on-a-server",
    property: "V1",
    claim: "the calls of a group are made in their order, each as if it were alone",
    async run(world) {
      const compare = new Comparisons();
      const store = await world.store();
      await registered(store, "n1", 2);
      const place = (job: string) => ({ partition: 0, node: "n1", job });
      const take = (job: string, lease = 60_000) => store.reserveJob({ ...place(job), lease, seen: 9 }, callTimeout);
      const end = (job: string) => store.completeJob({ ...place(job), doneFor: 60_000, doneMax: 10 }, callTimeout);
      const answers = await Promise.all([
        take("a"),
        take("b"),
        take("c"),
        take("d", 0),
        end("a"),
        take("a"),
        take("c"),
        end("z"),
      ]);
      const kinds = answers.map((answer) => (answer.kind === "failed" ? answer.cause : answer.kind));
      const allowed = ["reserved", "reserved", "full", "invalid", "completed", "finished", "reserved", "unknown"];
      compare.same("the answers", kinds, allowed);
      const sequences = answers.flatMap((answer) => ("version" in answer ? [answer.version.sequence] : []));
      const [first = 0] = sequences;
      compare.same(
        "the versions",
        sequences,
        [0, 1, 1, 2, 2, 3, 3].map((more) => first + more),
      );
      const { epoch = "" } = answers.flatMap((answer) => ("version" in answer ? [answer.version] : []))[0] ?? {};
      const since = { partition: 0, since: { epoch, sequence: 0 }, limit: 100 };
      const changes = await store.changesSince(since, callTimeout);
      compare.same("the version that is stored", "version" in changes && changes.version, {
        epoch,
        sequence: first + 3,
      });
      compare.same("the changes in the feed", "entries" in changes && changes.entries.length, first + 3);
      return compare.found;
    },
  },
];
