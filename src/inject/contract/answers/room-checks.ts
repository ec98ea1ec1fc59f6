/** Claims about the instance's own places, the entries that it keeps, and pools of equal weight. */
import type { InstanceCheck } from "../instance/check.ts";
import { pair } from "../instance/scripted-log.ts";
import type { Stage } from "../instance/stage.ts";

const partition = 0;
const wanted = { ...pair, services: [] as readonly string[], count: 10 };

function chosen({ scheduler }: Stage): readonly string[] {
  return scheduler.selectNodes({ ...wanted, pool: "p" }).nodes.map(({ node }) => node);
}

export const roomChecks: readonly InstanceCheck[] = [
  {
    id: "own-places",
    property: "S2",
    claim: "a place of the instance's own counts from its request until the view shows it, or another epoch begins",
    async perform(makeStage, compare) {
      for (const kind of ["reserved", "already"] as const) {
        const stage = makeStage();
        const { clock, feed, scheduler, store } = stage;
        const log = store.log(partition);
        log.register("n", { max_jobs: 1 });
        await stage.start();
        const answer = { kind, version: { epoch: "a", sequence: 2 } } as const;
        store.scripts.changesSince = async (usual) => {
          await clock.sleep(10);
          return usual();
        };
        store.scripts.reserveJob = () => answer;
        const writing = scheduler.reserveJob("n", "j");
        compare.same(`${kind}: in flight`, chosen(stage), []);
        await clock.until(writing);
        compare.same(`${kind}: answered, and not in the view`, chosen(stage), []);
        // The change that the answer announced is lost with its epoch.
        log.begin("b");
        feed.wake(partition, log.version);
        await clock.advance(50);
        compare.same(`${kind}: in another epoch`, [scheduler.status().view, chosen(stage)], [[log.version], ["n"]]);
        store.scripts = {};
        store.scripts.reserveJob = () => ({ kind: "full", version: log.version });
        await clock.until(scheduler.reserveJob("n", "k"));
        compare.same(`${kind}: after a refusal`, chosen(stage), ["n"]);
        delete store.scripts.reserveJob;
        await clock.until(scheduler.reserveJob("n", "k"));
        await clock.advance(10);
        compare.same(`${kind}: in the view`, chosen(stage), []);
        await clock.until(scheduler.releaseJob("n", "k"));
        await clock.advance(10);
        compare.same(`${kind}: free again`, chosen(stage), ["n"]);
      }
    },
  },
  {
    id: "answers-kept",
    property: "K5",
    claim: "L1 and the placements keep maxEntries each, and the one that was set longest ago goes first",
    async perform(makeStage, compare) {
      const stage = makeStage({ maxEntries: 2 });
      const { clock, feed, scheduler, store } = stage;
      const log = store.log(partition);
      for (const node of ["n1", "n2", "n3"]) log.register(node, { max_jobs: 9 });
      await stage.start();
      const source = async (node: string) => (await clock.until(scheduler.getNode(node))).source;
      const sources = async (...nodes: readonly string[]) => {
        const found: string[] = [];
        for (const node of nodes) found.push(await source(node));
        return found;
      };
      compare.same("L1 at first", await sources("n1", "n2", "n1"), ["l2", "l2", "l1"]);
      log.add({ kind: "health", node: "n1", health_milli: 900 });
      feed.wake(partition, log.version);
      await clock.advance(5);
      compare.same("one that changed is the newest", await sources("n3", "n1", "n2"), ["l2", "l1", "l2"]);
      compare.same("the oldest goes", await sources("n3", "n1"), ["l1", "l2"]);
      for (const job of ["a", "b", "c"])
        await clock.until(scheduler.dispatch({ ...pair, pool: "p", services: [], job }));
      await clock.advance(5);
      const nodes = store.requests("reserveJob").map(({ node }) => String(node));
      const [first = ""] = nodes;
      log.add({ kind: "offline", node: first, orphaned: [] });
      feed.wake(partition, log.version);
      await clock.advance(5);
      store.asked = [];
      await clock.until(scheduler.dispatch({ ...pair, pool: "p", services: [], job: "a" }));
      const again = store.requests("reserveJob").map(({ node }) => node);
      compare.same("the oldest placement is forgotten", [again.length, again[0] === first], [1, false]);
    },
  },
  {
    id: "pools-of-equal-weight",
    property: "S1",
    claim: "of pools of equal weight the one that is listed first is searched first",
    async perform(makeStage, compare) {
      // Their hashes are equal.
      const twins = ["costarring", "liquid"] as const;
      for (const listed of [twins, [...twins].reverse()]) {
        for (const fallback of [false, true]) {
          const stage = makeStage();
          const { scheduler, store } = stage;
          store.configVersion = { epoch: "a", sequence: 1 };
          const pools = listed.map((id) => ({ id, name: "", required_services: [], language_pairs: [] }));
          store.config = {
            ...{ enabled: true, pool_count: 2, hash_seed: 7, fallback_scan_all_pools: fallback },
            ...{ pools, version: store.configVersion },
          };
          await stage.start();
          const searched = fallback ? listed : listed.slice(0, 1);
          compare.same(`${listed.join(", ")}, fallback ${fallback}`, scheduler.selectNodes(wanted).pools, searched);
          const [first = ""] = listed;
          stage.store.log(0).register("n", { pools: [first] });
          stage.feed.wake(0, stage.store.log(0).version);
          await stage.clock.advance(5);
          compare.same("where the first has enough", scheduler.selectNodes({ ...wanted, count: 1 }).pools, [first]);
          const second = listed.at(-1) ?? "";
          stage.store.log(0).register("n", { pools: [second] });
          stage.feed.wake(0, stage.store.log(0).version);
          await stage.clock.advance(5);
          compare.same("where the last has", scheduler.selectNodes({ ...wanted, count: 1 }).pools, searched);
          const impossible = scheduler.selectNodes({ ...wanted, services: ["s"] }).pools;
          compare.same("where none fits", impossible, fallback ? listed : []);
        }
      }
    },
  },
];
