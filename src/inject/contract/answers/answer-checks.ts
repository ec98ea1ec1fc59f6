/** Claims about what an answer says, field by field, where more than one reply of the store goes into it, or none. */
import { documentedSettings } from "../../../check/documented-settings.ts";
import type { HeartbeatReply, ReserveReply } from "../../../protocol/replies.ts";
import type { InstanceCheck } from "../instance/check.ts";
import { pair } from "../instance/scripted-log.ts";
import { failed, replyWith } from "../instance/scripted-store.ts";
import { ended, type MakeStage, type Stage } from "../instance/stage.ts";

const partition = 0;
const wish = { ...pair, pool: "p", services: [], job: "j" };
const reason = Object.assign(new Error("enough"), { name: "Enough" });

/** It has nodes of these names, the first one the healthiest. */
async function withNodes(makeStage: MakeStage, ...nodes: readonly string[]): Promise<Stage> {
  const stage = makeStage();
  for (const [index, node] of nodes.entries())
    stage.store.log(partition).register(node, { max_jobs: 9, health_milli: 1_000 - 100 * index });
  await stage.start();
  return stage;
}

function asked({ store }: Stage): readonly unknown[] {
  const nodes = store.requests("reserveJob").map(({ node }) => node);
  store.asked = [];
  return nodes;
}

/** How many jobs a heartbeat of so many chunks names. */
const inChunks = (chunks: number): readonly string[] =>
  Array.from({ length: 500 * (chunks - 1) + 1 }, (_, index) => `j${index}`);

export const answerChecks: readonly InstanceCheck[] = [
  {
    id: "dispatch-answered",
    property: "S5",
    claim: "a dispatch answers what the node has answered, at its version, and names the nodes that it has asked",
    async perform(makeStage, compare) {
      const version = { epoch: "a", sequence: 7 };
      const node = "n1";
      const kinds: readonly (readonly [ReserveReply, object])[] = [
        [
          { kind: "reserved", version },
          { kind: "dispatched", node, version, outcome: "reserved" },
        ],
        [
          { kind: "already", version },
          { kind: "dispatched", node, version, outcome: "already" },
        ],
        [
          { kind: "finished", version },
          { kind: "finished", node },
        ],
        [
          { kind: "finished_unknown", version, finished: 3 },
          { kind: "finished_unknown", node },
        ],
        [
          { kind: "full", version },
          { kind: "no_node", tried: ["n1", "n2"] },
        ],
        [
          { kind: "not_online", version },
          { kind: "no_node", tried: ["n1", "n2"] },
        ],
      ];
      for (const [reply, allowed] of kinds) {
        const stage = await withNodes(makeStage, "n1", "n2");
        stage.store.scripts.reserveJob = replyWith(reply);
        compare.same(reply.kind, await stage.clock.until(stage.scheduler.dispatch(wish)), allowed);
      }
      const stage = await withNodes(makeStage, "n1", "n2");
      const failure = failed("denied", "no");
      stage.store.scripts.reserveJob = replyWith(failure);
      const answer = await stage.clock.until(stage.scheduler.dispatch(wish));
      compare.same("a failure", [answer, asked(stage)], [{ ...failure, node }, [node]]);
    },
  },
  {
    id: "dispatch-again",
    property: "S5",
    claim:
      "the node where a job may have its place counts among the attempts, and stays in doubt until it has answered",
    async perform(makeStage, compare) {
      const stage = await withNodes(makeStage, "n1", "n2");
      const { clock, scheduler, store } = stage;
      const dispatch = () => clock.until(scheduler.dispatch(wish, { attempts: 1 }));
      const { version } = store.log(partition);
      await dispatch();
      store.scripts.reserveJob = replyWith({ kind: "full", version });
      stage.store.asked = [];
      compare.same(
        "full, where it was",
        [await dispatch(), asked(stage)],
        [{ kind: "no_node", tried: ["n1"] }, ["n1"]],
      );
      const former = await withNodes(makeStage, "n1", "n2");
      await former.clock.until(former.scheduler.dispatch(wish));
      asked(former);
      former.store.scripts.reserveJob = replyWith({ kind: "full", version });
      const none = await former.clock.until(former.scheduler.dispatch(wish));
      const tried = ["n1", "n2"];
      compare.same("full, though the view shows room", [none, asked(former)], [{ kind: "no_node", tried }, tried]);
      const refused = await withNodes(makeStage, "n1", "n2");
      refused.store.scripts.reserveJob = replyWith(failed("denied", "no"));
      await refused.clock.until(refused.scheduler.dispatch(wish));
      asked(refused);
      refused.store.log(partition).add({ kind: "health", node: "n1", health_milli: 100 });
      refused.feed.wake(partition, refused.store.log(partition).version);
      await refused.clock.advance(5);
      await refused.clock.until(refused.scheduler.dispatch(wish));
      compare.same("after a reserve that was not made", asked(refused), ["n2"]);
      const other = await withNodes(makeStage, "n1");
      const again = () => other.clock.until(other.scheduler.dispatch(wish));
      other.store.scripts.reserveJob = replyWith(failed("deadline"));
      const doubt = { ...failed("deadline"), node: "n1" };
      compare.same("without an answer", [await again(), asked(other)], [doubt, ["n1", "n1"]]);
      other.store.scripts.reserveJob = replyWith(failed("busy", "no"));
      const still = { ...failed("busy"), node: "n1" };
      compare.same("refused for now, in doubt still", [await again(), asked(other)], [still, ["n1"]]);
    },
  },
  {
    id: "dispatch-joined",
    property: "L1",
    claim: "a dispatch of a job that is being dispatched joins it, and has its answer",
    async perform(makeStage, compare) {
      const stage = await withNodes(makeStage, "n1", "n2");
      const { clock, scheduler } = stage;
      const both = [scheduler.dispatch(wish), scheduler.dispatch({ ...wish, pool: "p" })];
      const [one, other] = await clock.until(Promise.all(both));
      compare.same("both answers", other, one);
      compare.same("the nodes that were asked", asked(stage), ["n1"]);
    },
  },
  {
    id: "chunks-answered",
    property: "J5",
    claim:
      "a heartbeat in several calls is renewed where each was, at the version of the last; after a failure it is in doubt",
    async perform(makeStage, compare) {
      const at = (sequence: number) => ({ epoch: "a", sequence });
      const renewed = (sequence: number, ...unknown_jobs: string[]): HeartbeatReply => ({
        ...{ kind: "renewed", version: at(sequence), unknown_jobs },
      });
      const of = (kind: "already" | "stale" | "not_online", sequence: number): HeartbeatReply => ({
        ...{ kind, version: at(sequence) },
      });
      const late = failed("deadline");
      const refused = failed("busy", "no");
      type Given = ReturnType<typeof failed> | HeartbeatReply;
      const cases: readonly (readonly [replies: readonly Given[], allowed: object, calls: number])[] = [
        [[renewed(1, "j1"), renewed(2, "j501")], renewed(2, "j1", "j501"), 2],
        [[renewed(1), of("already", 2)], of("already", 2), 2],
        [[of("stale", 1), of("stale", 2)], of("stale", 2), 2],
        [[of("stale", 1), renewed(2)], of("already", 2), 2],
        [[of("not_online", 1), renewed(2)], of("not_online", 1), 1],
        [[refused, renewed(2)], refused, 1],
        [[renewed(1), refused], { ...refused, applied: "unknown" }, 2],
        [[renewed(1), late], late, 2],
      ];
      for (const [replies, allowed, calls] of cases) {
        const stage = await withNodes(makeStage, "n1");
        const { clock, scheduler, store } = stage;
        store.scripts.heartbeat = (_, { request }) => replies[Number(request["chunk"])] ?? late;
        const beat = { node: "n1", incarnation: "a:1", seq: 1, metrics: {}, running: inChunks(2) };
        const what = replies.map((reply) => reply.kind).join(", ");
        compare.same(what, await clock.until(scheduler.heartbeat(beat)), allowed);
        const sizes = store
          .requests("heartbeat")
          .map(({ chunk, running }) => [chunk, String(running).split(",").length]);
        const each = [
          [0, 500],
          [1, 1],
        ];
        compare.same(`${what}: the calls`, sizes, each.slice(0, calls));
      }
      const { clock, scheduler, store } = await withNodes(makeStage, "n1");
      const whole = inChunks(2).slice(0, 500);
      await clock.until(scheduler.heartbeat({ node: "n1", incarnation: "a:1", seq: 0, metrics: {}, running: whole }));
      compare.same("calls for as many jobs as one names", store.requests("heartbeat").length, 1);
    },
  },
  {
    id: "aborted-reads",
    property: "D1",
    claim: "a read that is aborted ends at once, with the reason of its signal",
    async perform(makeStage, compare) {
      for (const node of ["n1", "missing"]) {
        const stage = await withNodes(makeStage, "n1");
        const { clock, scheduler, store } = stage;
        compare.same(
          `${node}: aborted before`,
          await stage.outcome(scheduler.getNode(node, { signal: AbortSignal.abort(reason) })),
          "Enough",
        );
        compare.same(`${node}: what was sent`, store.asked, []);
        for (const call of ["changesSince", "snapshot"] as const)
          store.scripts[call] = async <Reply>(usual: () => Reply): Promise<Reply> => {
            await clock.sleep(20);
            return usual();
          };
        const abort = new AbortController();
        const from = clock.now();
        const reading = ended(scheduler.getNode(node, { signal: abort.signal }));
        await clock.advance(3);
        abort.abort(reason);
        compare.same(`${node}: aborted meanwhile`, [await clock.until(reading), clock.now() - from], ["Enough", 3]);
      }
    },
  },
  {
    id: "reads-in-time",
    property: "D1",
    claim: "a read that Redis does not answer is answered from the view at readDeadline, and at once while degraded",
    async perform(makeStage, compare) {
      for (const readDeadline of [documentedSettings.readDeadline, 10]) {
        for (const [node, source] of [
          ["n1", "l2"],
          ["missing", "none"],
        ] as const) {
          const stage = makeStage(readDeadline === 10 ? { readDeadline } : {});
          const { clock, scheduler, store } = stage;
          store.log(partition).register("n1");
          await stage.start();
          for (const call of ["changesSince", "snapshot"] as const)
            store.scripts[call] = async () => {
              await clock.sleep(1_000);
              return failed("deadline");
            };
          const read = async () => {
            const from = clock.now();
            const { age_ms: _, node: __, ...answer } = await clock.until(scheduler.getNode(node));
            return { ...answer, took: clock.now() - from };
          };
          const answer = { found: node === "n1", source, stale: true };
          const first = { ...answer, took: readDeadline };
          compare.same(`${node}, ${readDeadline} ms: without an answer`, await read(), { ...first, mode: "normal" });
          await clock.advance(20);
          compare.same(`${node}: while degraded`, await read(), { ...answer, took: 0, mode: "l2_only" });
        }
      }
    },
  },
];
