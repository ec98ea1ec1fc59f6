/** Claims about what an instance writes: what each request says, and how often it is made. */
import { documentedSettings } from "../../../check/documented-settings.ts";
import type { Store } from "../../../scheduler/ports.ts";
import type { Scheduler } from "../../../scheduler/scheduler.ts";
import type { InstanceCheck } from "./check.ts";
import { pair } from "./scripted-log.ts";
import { failed, replyWith, type ScriptedStore } from "./scripted-store.ts";
import type { Stage } from "./stage.ts";

const partition = 0;
const back = { source: "en", target: "de" } as const;
const offer = { max_jobs: 2, pools: ["p"], languages: [pair], services: ["s"] };
const noNode = "0000000000000000:0";

/** The requests of one kind since the last look. */
function taken(
  store: ScriptedStore,
  call: Exclude<keyof Store, "close">,
): readonly Readonly<Record<string, unknown>>[] {
  const requests = store.requests(call);
  store.asked = [];
  return requests;
}

type Given = Readonly<Record<string, unknown>> & { readonly kind: string };
/** Whatever the promise of a call gives. */
function answered({ clock }: Stage, call: Promise<object>): Promise<Given> {
  return clock.until(call) as Promise<Given>;
}

export const writingChecks: readonly InstanceCheck[] = [
  {
    id: "registration",
    property: "N3",
    claim: "a registration says all that the node offers, and a token of its own, and a retry repeats it",
    async perform(makeStage, compare) {
      const stage = makeStage({ heartbeatTtl: 1_000 });
      const { clock, scheduler, store } = stage;
      await stage.start();
      const first = await clock.until(scheduler.registerNode({ node: "n1", ...offer }));
      compare.same("the answer", first, {
        kind: "registered",
        version: { epoch: "a", sequence: 1 },
        incarnation: "a:1",
      });
      const [sent = {}] = taken(store, "registerNode");
      const { registration: token, ...request } = sent;
      compare.same("the request", request, { partition, node: "n1", ...offer, expected: null, ttl: 1_000 });
      compare.same("its token", /^[0-9a-f]{32}$/u.test(String(token)), true);
      await clock.advance(5);
      const other = { max_jobs: 3, pools: ["q", "q", "b"], languages: [back, pair, back], services: ["t", "s", "t"] };
      const sorted = { max_jobs: 3, pools: ["b", "q"], languages: [pair, back], services: ["s", "t"] };
      await clock.until(scheduler.registerNode({ node: "n1", ...other, registration: "mine" }));
      const [again] = taken(store, "registerNode");
      const mine = { partition, node: "n1", ...sorted, expected: "a:1", ttl: 1_000, registration: "mine" };
      compare.same("the next one", again, mine);
      await clock.advance(5);
      await clock.until(scheduler.registerNode({ node: "n1", ...offer, languages: [], pools: ["q"] }));
      const [third] = taken(store, "registerNode");
      compare.same(
        "another token",
        [third?.["registration"] === token, third?.["registration"] === "mine"],
        [false, false],
      );
    },
  },
  {
    id: "replaced",
    property: "N1",
    claim:
      "a registration replaces the incarnation that its caller names, or else the one that is seen; of a conflict the caller hears, and it is asked once",
    async perform(makeStage, compare) {
      const stage = makeStage({});
      const { scheduler, store } = stage;
      store.log(partition).register("seen");
      await stage.start();
      for (const [what, node, expected, allowed] of [
        ["given", "seen", "b:7", "b:7"],
        ["given as none", "seen", null, null],
        ["seen", "seen", undefined, "a:1"],
        ["not seen", "unknown", undefined, null],
      ] as const) {
        for (const incarnation of ["c:9", null]) {
          const { version } = store.log(partition);
          store.scripts.registerNode = () => ({ kind: "conflict", version, incarnation });
          const answer = await answered(stage, scheduler.registerNode({ node, ...offer, expected }));
          compare.same(`${what}: the answer`, answer, { kind: "conflict", version, incarnation });
          const named = taken(store, "registerNode").map((request) => request["expected"]);
          compare.same(`${what}: the requests`, named, [allowed]);
        }
      }
    },
  },
  {
    id: "incarnations",
    property: "N1",
    claim:
      "a heartbeat is of the incarnation that was given, whatever was registered here or is seen, and never of another one; offline is the one that was given or is seen",
    async perform(makeStage, compare) {
      const stage = makeStage({ lease: 5_000, heartbeatTtl: 1_000 });
      const { scheduler, store } = stage;
      store.log(partition).register("seen");
      await stage.start();
      const beat = { seq: 7, metrics: { cpu: 0.5 }, running: ["j"] };
      const beats = async (what: string, node: string, incarnation: string): Promise<void> => {
        const reply = await answered(stage, scheduler.heartbeat({ node, ...beat, incarnation }));
        const named = taken(store, "heartbeat").map((request) => request["incarnation"]);
        compare.same(what, [reply.kind, named], ["superseded", [incarnation]]);
      };
      store.scripts.heartbeat = () => ({ ...superseded, version: store.log(partition).version });
      await beats("another one is seen", "seen", "mine");
      await beats("none is known", "unknown", "mine");
      await answered(stage, scheduler.registerNode({ node: "new", ...offer }));
      await beats("another one was registered here", "new", "b:1");
      // It has registered again through another instance.
      store.log(partition).register("new");
      await beats("the next one is not seen yet", "new", "a:3");
      stage.feed.wake(partition, store.log(partition).version);
      await stage.clock.advance(5);
      await beats("the next one is seen", "new", "a:3");
      await beats("it is late", "new", "a:2");
      delete store.scripts.heartbeat;
      await answered(stage, scheduler.heartbeat({ node: "seen", ...beat, incarnation: "a:1" }));
      const known = { cpu: 0.5, gpu: null, memory: null, load: null, latency_ms: null, error_rate: null };
      const sender = { partition, node: "seen", incarnation: "a:1", seq: 7, chunk: 0, ttl: 1_000, lease: 5_000 };
      compare.same("the whole request", taken(store, "heartbeat"), [
        { ...sender, health_milli: 500, metrics: known, running: ["j"] },
      ]);
      store.scripts.offlineNode = () => ({ ...superseded, version: store.log(partition).version });
      for (const [node, given, allowed] of [
        ["unknown", undefined, noNode],
        ["seen", undefined, "a:1"],
        ["seen", "mine", "mine"],
      ] as const) {
        const { kind } = await answered(stage, scheduler.offlineNode(node, given));
        const named = taken(store, "offlineNode").map(({ incarnation }) => incarnation);
        compare.same(`${node} offline, given ${given}`, [kind, named], ["superseded", [allowed]]);
      }
    },
  },
  {
    id: "goodbye-asked",
    property: "N4",
    claim: "a goodbye says for how long the node is still known: as the settings have it",
    async perform(makeStage, compare) {
      for (const given of [null, { retention: 5_000, sweepInterval: 1_000 }]) {
        const { retention } = given ?? documentedSettings;
        const stage = makeStage(given ?? {});
        await stage.start();
        await answered(stage, stage.scheduler.offlineNode("n1", "a:1"));
        compare.same("the request", taken(stage.store, "offlineNode"), [
          { partition, node: "n1", incarnation: "a:1", retention },
        ]);
      }
    },
  },
  {
    id: "places-asked",
    property: "J3",
    claim: "a write about a job says all that the settings and its caller have given, and a repetition says the same",
    async perform(makeStage, compare) {
      for (const given of [null, { doneFor: 5_000, doneMax: 7, lease: 9_000 }]) {
        const { doneFor, doneMax, lease } = given ?? documentedSettings;
        const stage = makeStage({ ...given, retryAmbiguous: "all" });
        const { scheduler, store } = stage;
        const log = store.log(partition);
        log.register("n1");
        log.add({ kind: "completed", node: "n1", job: "k", current_jobs: 0, finished: 1 });
        await stage.start();
        for (const call of ["reserveJob", "completeJob", "releaseJob"] as const)
          store.scripts[call] = replyWith(failed("denied"));
        const place = { partition, node: "n1", job: "j" };
        const twice = (request: object) => [request, request];
        await answered(stage, scheduler.reserveJob("n1", "j"));
        compare.same("reserve_job", taken(store, "reserveJob"), twice({ ...place, lease, seen: 1 }));
        await answered(stage, scheduler.reserveJob("n1", "j", { lease: 5 }));
        compare.same("with a lease", taken(store, "reserveJob"), twice({ ...place, lease: 5, seen: 1 }));
        await answered(stage, scheduler.completeJob("n1", "j"));
        compare.same("complete_job", taken(store, "completeJob"), twice({ ...place, doneFor, doneMax }));
        await answered(stage, scheduler.releaseJob("n1", "j"));
        compare.same("release_job", taken(store, "releaseJob"), twice(place));
      }
    },
  },
  {
    id: "answers-passed-on",
    property: "L1",
    claim: "the answer to a write is that of the store, with all that it says",
    async perform(makeStage, compare) {
      for (const [call, ...replies] of repliesOf) {
        for (const reply of replies) {
          const stage = makeStage();
          stage.store.log(partition).register("n1");
          await stage.start();
          const given = { version: stage.store.log(partition).version, ...reply };
          stage.store.scripts[call] = replyWith(given as never);
          compare.same(`${call}, ${reply.kind}`, await answered(stage, calls[call](stage.scheduler)), given);
        }
      }
    },
  },
  {
    id: "repetitions",
    property: "J3",
    claim:
      "a write that may have happened is repeated once where the settings say so, and its outcome stays unknown if that fails",
    async perform(makeStage, compare) {
      for (const retryAmbiguous of ["none", "dispatch", "all"] as const) {
        for (const cause of ["deadline", "closed", "aborted"] as const) {
          for (const applied of ["unknown", "no"] as const) {
            const prepared = async (): Promise<Stage> => {
              const stage = makeStage({ retryAmbiguous });
              stage.store.log(partition).register("n1");
              await stage.start();
              for (const call of ["registerNode", "reserveJob", "completeJob"] as const)
                stage.store.scripts[call] = replyWith(failed(cause, applied));
              return stage;
            };
            const isAmbiguous = cause === "deadline" && applied === "unknown";
            const where = `${retryAmbiguous}, ${cause}, applied ${applied}`;
            const writing = await prepared();
            const { applied: ofWrite } = await answered(writing, writing.scheduler.completeJob("n1", "j"));
            const often = isAmbiguous && retryAmbiguous === "all" ? 2 : 1;
            compare.same(
              `${where}: a write`,
              [ofWrite, writing.store.requests("completeJob").length],
              [applied, often],
            );
            const registering = await prepared();
            await answered(registering, registering.scheduler.registerNode({ node: "n2", ...offer }));
            const tokens = taken(registering.store, "registerNode").map(({ registration }) => registration);
            compare.same(`${where}: a registration`, [tokens.length, new Set(tokens).size], [often, 1]);
            const placing = await prepared();
            const job = { ...pair, job: "d", pool: "p", services: [] };
            const { applied: ofDispatch } = await answered(placing, placing.scheduler.dispatch(job));
            const asked = placing.store.requests("reserveJob").length;
            const most = isAmbiguous && retryAmbiguous !== "none" ? 2 : 1;
            compare.same(`${where}: a dispatch`, [ofDispatch, asked], [applied, most]);
          }
        }
      }
    },
  },
  {
    id: "repetition-fails-otherwise",
    property: "L1",
    claim: "a write that may have happened stays in doubt where its repetition has not happened for certain",
    async perform(makeStage, compare) {
      for (const retryAmbiguous of ["dispatch", "all"] as const) {
        const isRepeated = retryAmbiguous === "all";
        const calls: readonly (readonly [string, (scheduler: Scheduler) => Promise<object>, cause: string])[] = [
          ["a write", (scheduler) => scheduler.reserveJob("n1", "j"), isRepeated ? "busy" : "deadline"],
          ["a dispatch", (scheduler) => scheduler.dispatch({ ...pair, job: "d", pool: "p", services: [] }), "busy"],
        ];
        for (const [what, call, last] of calls) {
          const stage = makeStage({ retryAmbiguous });
          const { scheduler, store } = stage;
          store.log(partition).register("n1");
          await stage.start();
          store.scripts.reserveJob = () =>
            store.requests("reserveJob").length === 1 ? failed("deadline") : failed("busy", "no");
          const { applied, cause } = await answered(stage, call(scheduler));
          compare.same(`${retryAmbiguous}: ${what}`, [cause, applied], [last, "unknown"]);
        }
      }
    },
  },
  {
    id: "doubts-side-by-side",
    property: "J3",
    claim: "of many reserves in doubt each is repeated as it was first asked for, whatever its node has finished since",
    async perform(makeStage, compare) {
      // Joined without their lengths, some of these would be one.
      const places = [
        ["n", "1j"],
        ["n1", "j"],
        ["n1", "k"],
        ["n", "j"],
      ] as const;
      const stage = makeStage({ retryAmbiguous: "none" });
      const { clock, feed, scheduler, store } = stage;
      const log = store.log(partition);
      for (const node of ["n", "n1"]) log.register(node, { max_jobs: 100 });
      await stage.start();
      const finish = async (node: string, finished: number): Promise<void> => {
        log.add({ kind: "completed", node, job: `${node} ${finished}`, current_jobs: 0, finished });
        feed.wake(partition, log.version);
        await clock.advance(5);
      };
      const reserveAll = async () => {
        const asked: unknown[] = [];
        for (const [node, job] of places) {
          await answered(stage, scheduler.reserveJob(node, job));
          asked.push(
            ...taken(store, "reserveJob").map((request) => [request["node"], request["job"], request["seen"]]),
          );
          // A node has finished another one each time.
          await finish(node, log.sequence);
        }
        return asked;
      };
      store.scripts.reserveJob = replyWith(failed("denied"));
      const first = await reserveAll();
      compare.same(
        "nodes and jobs",
        first.map((one) => (one as readonly unknown[]).slice(0, 2)),
        places,
      );
      compare.same("the repetitions", await reserveAll(), first);
      store.scripts.reserveJob = replyWith(failed("denied", "no"));
      compare.same("repetitions that were refused", await reserveAll(), first);
      store.scripts.reserveJob = replyWith({ kind: "full", version: log.version });
      compare.same("once more", await reserveAll(), first);
      const seen = (asked: readonly unknown[]) => asked.map((one) => (one as readonly unknown[])[2]);
      const settled = seen(await reserveAll());
      compare.same(
        "once each was answered: with more than at first",
        settled.map((count, index) => Number(count) > Number(seen(first)[index])),
        places.map(() => true),
      );
    },
  },
];

const superseded = { kind: "superseded", incarnation: "b:2" } as const;

const configuration = { enabled: false, pool_count: 0, hash_seed: 0, fallback_scan_all_pools: false, pools: [] };

const calls = {
  registerNode: (scheduler) => scheduler.registerNode({ node: "n1", ...offer }),
  heartbeat: (scheduler) =>
    scheduler.heartbeat({ node: "n1", incarnation: "a:1", seq: 1, metrics: {}, running: ["j", "k"] }),
  offlineNode: (scheduler) => scheduler.offlineNode("n1", "a:1"),
  reserveJob: (scheduler) => scheduler.reserveJob("n1", "j"),
  completeJob: (scheduler) => scheduler.completeJob("n1", "j"),
  releaseJob: (scheduler) => scheduler.releaseJob("n1", "j"),
  putConfig: (scheduler) => scheduler.putConfig(configuration, null),
} satisfies Record<string, (scheduler: Stage["scheduler"]) => Promise<object>>;

const ofKinds = (...kinds: readonly string[]) => kinds.map((kind) => ({ kind }));
const ended = ofKinds("completed", "unknown");
const other = { epoch: "a", sequence: 9 } as const;

/** Every reply of the store to each write, without its version. */
const repliesOf: readonly (readonly [call: keyof typeof calls, ...replies: readonly Given[]])[] = [
  [
    "registerNode",
    { kind: "registered", incarnation: "a:2" },
    { kind: "already", incarnation: "a:2" },
    ...[superseded, { kind: "conflict", incarnation: "a:3" }, { kind: "conflict", incarnation: null }],
  ],
  [
    "heartbeat",
    { kind: "renewed", unknown_jobs: ["k"] },
    ...[superseded, ...ofKinds("already", "stale", "unknown_node", "not_online")],
  ],
  ["offlineNode", { kind: "offline", orphaned: ["j", "k"] }, superseded, ...ofKinds("already", "unknown_node")],
  [
    "reserveJob",
    ...ofKinds("reserved", "already", "full", "not_online", "finished"),
    { kind: "finished_unknown", finished: 3 },
  ],
  ["completeJob", ...ended],
  ["releaseJob", ...ended],
  [
    "putConfig",
    { kind: "stored", config: other },
    { kind: "already", config: other },
    ...[other, null].map((config) => ({ kind: "conflict", config })),
  ],
];
