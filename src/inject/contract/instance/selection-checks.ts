/** Claims about selections and reads: they are right after any number of requests of any kind, and share what they ask. */
import type { InstanceCheck } from "./check.ts";
import { pair } from "./scripted-log.ts";
import { failed, replyWith } from "./scripted-store.ts";
import type { Stage } from "./stage.ts";

const partition = 0;
const back = { source: "en", target: "de" } as const;

/** More kinds of requests than an instance keeps candidates for. */
const manyKinds = 20_100;

function chosen({ scheduler }: Stage, wish: object = {}): readonly string[] {
  const wanted = { ...pair, pool: "p", services: [] as readonly string[], count: 10, ...wish };
  return scheduler.selectNodes(wanted).nodes.map(({ node }) => node);
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : String(error));

export const selectionChecks: readonly InstanceCheck[] = [
  {
    id: "kinds-of-requests",
    property: "S2",
    claim:
      "a selection finds what suits it, whatever was asked before and however often, and through each change of a node",
    async perform(makeStage, compare) {
      const stage = makeStage();
      const { clock, feed, store } = stage;
      const log = store.log(partition);
      log.register("a", { health_milli: 900, services: ["s"], languages: [pair, back] });
      log.register("b", { health_milli: 500, services: ["s", "k7"], pools: ["p", "q"] });
      await stage.start();
      const follow = async (): Promise<void> => {
        feed.wake(partition, log.version);
        await clock.advance(5);
      };
      const look = (when: string, allowed: object): void => {
        const found = {
          inPool: chosen(stage),
          otherPool: chosen(stage, { pool: "q" }).toSorted(),
          anyPool: chosen(stage, { pool: undefined }),
          otherPair: chosen(stage, back),
          withService: chosen(stage, { services: ["s"] }),
          withTwo: chosen(stage, { services: ["k7", "s"] }),
          nowhere: chosen(stage, { pool: "r" }),
        };
        compare.same(when, found, { ...found, ...allowed, nowhere: [] });
      };
      const whole = { inPool: ["a", "b"], otherPool: ["b"], anyPool: ["a", "b"], otherPair: ["a"] };
      look("at first", { ...whole, withService: ["a", "b"], withTwo: ["b"] });
      for (let kind = 0; kind < manyKinds; kind += 1) chosen(stage, { services: [`k${kind}`] });
      look("after many kinds of requests", { ...whole, withService: ["a", "b"], withTwo: ["b"] });
      log.add({ kind: "health", node: "b", health_milli: 1_000 });
      await follow();
      look("after a change of health", { ...whole, inPool: ["b", "a"], anyPool: ["b", "a"], withService: ["b", "a"] });
      log.add({ kind: "reserved", node: "b", job: "j", current_jobs: 2, lease_until_ms: 0 });
      log.register("c", { health_milli: 960, services: ["k7", "s"], pools: ["q"], languages: [back] });
      await follow();
      look("with a full one, and a new one", {
        ...{ inPool: ["a"], otherPool: [], anyPool: ["a"], otherPair: ["a"], withService: ["a"], withTwo: [] },
      });
      compare.same("the new one", chosen(stage, { ...back, pool: "q", services: ["s"] }), ["c"]);
      log.add({ kind: "completed", node: "b", job: "j", current_jobs: 1, finished: 1 });
      log.register("a", { pools: ["q"], services: [], health_milli: 800 });
      log.add({ kind: "expired", node: "c", orphaned: [] });
      await follow();
      look("with one that moved, and one that expired", {
        ...{ inPool: ["b"], otherPair: [], withService: ["b"], withTwo: ["b"] },
        ...{ otherPool: ["a", "b"], anyPool: ["a", "b"] },
      });
      log.add({ kind: "removed", node: "b" });
      await follow();
      look("with one that was removed", { inPool: [], otherPool: ["a"], anyPool: ["a"], withService: [], withTwo: [] });
    },
  },
  {
    id: "equals-drawn",
    property: "S3",
    claim: "of nodes that are equal each is the first choice as often, but for chance",
    async perform(makeStage, compare) {
      const stage = makeStage();
      const nodes = ["a", "b", "c", "d"];
      for (const node of nodes) stage.store.log(partition).register(node);
      await stage.start();
      const times = new Map(nodes.map((node) => [node, 0]));
      for (let draw = 0; draw < 400; draw += 1)
        for (const node of chosen(stage, { count: 1 })) times.set(node, (times.get(node) ?? 0) + 1);
      // Fewer than 50 of 400 have a chance of 10^-8.
      for (const [node, count] of times) compare.same(`${node}: ${count} times of 400`, count >= 50, true);
    },
  },
  {
    id: "ended-jobs",
    property: "S5",
    claim: "a dispatch asks first where the job may have its place, and of a job that has ended it chooses anew",
    async perform(makeStage, compare) {
      const stage = makeStage();
      const { clock, feed, scheduler, store } = stage;
      const log = store.log(partition);
      log.register("n1", { max_jobs: 9 });
      log.register("n2", { max_jobs: 9, health_milli: 500 });
      await stage.start();
      const placed = async (): Promise<unknown> => {
        await clock.until(scheduler.dispatch({ ...pair, pool: "p", services: [], job: "j" }));
        await clock.advance(5);
        return store.requests("reserveJob").at(-1)?.["node"];
      };
      compare.same("at first", await placed(), "n1");
      log.add({ kind: "health", node: "n1", health_milli: 100 });
      feed.wake(partition, log.version);
      await clock.advance(5);
      compare.same("while it has its place", await placed(), "n1");
      store.scripts.completeJob = () => ({ kind: "unknown", version: log.version });
      await clock.until(scheduler.completeJob("n1", "j"));
      compare.same("after an end that was none", await placed(), "n1");
      delete store.scripts.completeJob;
      await clock.until(scheduler.completeJob("n1", "j"));
      compare.same("after its end", await placed(), "n2");
      log.add({ kind: "health", node: "n1", health_milli: 1_000 });
      feed.wake(partition, log.version);
      await clock.advance(5);
      await clock.until(scheduler.completeJob("n1", "j"));
      compare.same("after its end elsewhere was repeated", await placed(), "n2");
      await clock.until(scheduler.releaseJob("n2", "j"));
      compare.same("after its release", await placed(), "n1");
      for (const answer of [{ kind: "finished" }, { kind: "finished_unknown", finished: 9 }] as const) {
        store.scripts.reserveJob = () => ({ version: log.version, ...answer });
        compare.same(`${answer.kind}, where it was`, await placed(), "n1");
        log.add({ kind: "health", node: "n1", health_milli: 100 });
        feed.wake(partition, log.version);
        await clock.advance(5);
        delete store.scripts.reserveJob;
        compare.same(`after an answer of ${answer.kind}`, await placed(), "n2");
        await clock.until(scheduler.releaseJob("n2", "j"));
        log.add({ kind: "health", node: "n1", health_milli: 1_000 });
        feed.wake(partition, log.version);
        await clock.advance(5);
        compare.same("for the next answer", await placed(), "n1");
      }
    },
  },
  {
    id: "dispatch-given-up",
    property: "S5",
    claim:
      "a dispatch that is given up between two calls sends no other, and rejects only where the job has no place for certain",
    async perform(makeStage, compare) {
      const reason = Object.assign(new Error("enough"), { name: "Enough" });
      const { version } = makeStage().store.log(partition);
      for (const retryAmbiguous of ["none", "dispatch", "all"] as const)
        for (const [answer, allowed] of [
          [failed("deadline"), "failed unknown n1"],
          [failed("busy", "no"), "failed no n1"],
          [{ kind: "full", version }, "Enough"],
          [{ kind: "reserved", version }, "dispatched n1"],
        ] as const) {
          const abort = new AbortController();
          const stage = makeStage({ retryAmbiguous }, (event) => {
            if (event.kind === "store_call" && event.operation === "reserve_job") abort.abort(reason);
          });
          const { clock, scheduler, store } = stage;
          for (const node of ["n1", "n2"])
            store.log(partition).register(node, { health_milli: node === "n1" ? 900 : 1 });
          await stage.start();
          store.scripts.reserveJob = replyWith(answer);
          const wish = { ...pair, pool: "p", services: [], job: "j" };
          const outcome = await clock
            .until(scheduler.dispatch(wish, { signal: abort.signal }))
            .then((one) =>
              [one.kind, "applied" in one && one.applied, "node" in one && one.node].filter(Boolean).join(" "),
            )
            .catch(nameOf);
          const where = `${retryAmbiguous}: given up after ${answer.kind}`;
          compare.same(where, [outcome, store.requests("reserveJob").length], [allowed, 1]);
        }
    },
  },
  {
    id: "shared-requests",
    property: "C2",
    claim: "reads of one partition share one request for changes, and look-ups of one node one page",
    async perform(makeStage, compare) {
      const stage = makeStage();
      const { clock, scheduler, store } = stage;
      for (const node of ["n1", "n2"]) store.log(partition).register(node);
      await stage.start();
      const reads = ["n1", "n2", "n1"].map((node) => scheduler.getNode(node));
      const answers = await clock.until(Promise.all(reads));
      compare.same(
        "the answers",
        answers.map(({ node, source, stale }) => [node?.node, source, stale]),
        [...["n1", "n2", "n1"].map((node) => [node, "l2", false])],
      );
      compare.same(
        "requests",
        store.asked.map(({ call }) => call),
        ["changesSince"],
      );
      const joined = { kind: "coalesced", operation: "changes_since", partition };
      compare.same("events", stage.events("coalesced"), [joined, joined]);
      stage.forget();
      const lookUps = await clock.until(Promise.all(["x", "x", "x"].map((node) => scheduler.getNode(node))));
      compare.same(
        "of a node that is not there",
        lookUps.map(({ found, source }) => [found, source]),
        [...Array.from({ length: 3 }, () => [false, "redis"])],
      );
      compare.same(
        "pages",
        store.asked.map(({ call }) => call),
        ["snapshot"],
      );
      compare.same("their events", stage.events("coalesced"), [
        ...Array.from({ length: 2 }, () => ({ ...joined, operation: "snapshot" })),
      ]);
    },
  },
  {
    id: "look-ups-overtaken",
    property: "V2",
    claim:
      "a look-up that the view overtakes brings nothing back, and one that is ahead of the view is answered as it says",
    async perform(makeStage, compare) {
      for (const isRemoved of [true, false]) {
        const stage = makeStage();
        const { clock, feed, scheduler, store } = stage;
        const log = store.log(partition);
        await stage.start();
        log.register("n");
        store.scripts.snapshot = async (usual) => {
          const page = usual();
          if (isRemoved) log.add({ kind: "removed", node: "n" });
          feed.wake(partition, log.version);
          await clock.sleep(5);
          if (isRemoved) return page;
          log.add({ kind: "reserved", node: "n", job: "j", current_jobs: 1, lease_until_ms: 0 });
          return usual();
        };
        const asking = scheduler.getNode("n");
        const { found, node, stale } = await clock.until(asking);
        const what = isRemoved ? "removed meanwhile" : "changed after it came into the view";
        compare.same(
          `${what}: the answer`,
          [found, stale, node?.current_jobs],
          [!isRemoved, false, isRemoved ? undefined : 1],
        );
        compare.same(
          `${what}: contradictions, mode`,
          [stage.events("contradiction").length, stage.mode],
          [0, "normal"],
        );
        if (!isRemoved) continue;
        store.asked = [];
        const { source } = await clock.until(scheduler.getNode("n"));
        compare.same(`${what}: asked for again`, [source, store.asked.length], ["miss", 0]);
      }
    },
  },
  {
    id: "pulses",
    property: "D2",
    claim:
      "in normal a read is sent at each pulse, of the partition that waited longest, and no part goes unasked for longer than a poll",
    async perform(makeStage, compare) {
      const stage = makeStage({ partitions: 3, pollInterval: 200, pulseInterval: 15 });
      const { clock, store } = stage;
      await stage.start();
      await clock.advance(1_000);
      const pulses = store.asked.filter(({ call }) => call === "changesSince");
      const order = pulses.slice(0, 9).map(({ request }) => request["partition"]);
      const [first, second, third] = order;
      compare.same("partitions", new Set([first, second, third]).size, 3);
      compare.same("their order", order, [first, second, third, first, second, third, first, second, third]);
      const gaps = store.asked.slice(1).map(({ at }, index) => at - (store.asked[index]?.at ?? 0));
      compare.same("the longest time without a read", Math.max(...gaps) <= 15, true);
      compare.same("reads in a second", store.asked.length >= 66 && store.asked.length <= 75, true);
      const checks = store.asked.filter(({ call }) => call === "checkConfig").map(({ at }) => at);
      const between = checks.slice(1).map((at, index) => at - (checks[index] ?? 0));
      compare.same("looks at the configuration", [checks.length, Math.max(...between) <= 215], [4, true]);
      const slow = makeStage({ pollInterval: 200, pulseInterval: 15 });
      await slow.start();
      slow.store.scripts.changesSince = async (usual) => {
        await slow.clock.sleep(20);
        return usual();
      };
      await slow.clock.advance(300);
      compare.same("with replies slower than a pulse: mode, faults", [slow.mode, slow.events("fault")], ["normal", []]);
      slow.store.scripts.changesSince = replyWith(failed("disconnected"));
      await slow.clock.advance(60);
      compare.same("once it fails", slow.mode, "l2_only");
    },
  },
];
