/** The claim that an instance forgets what has ended. */
import type { InstanceCheck } from "../instance/check.ts";
import { pair } from "../instance/scripted-log.ts";
import type { Stage } from "../instance/stage.ts";
import { keptBytes, within } from "./held.ts";

const rounds = 8;
const turns = 50;
const atOnce = 20;
/** Bytes that may be left of an operation of each kind: an entry of a map and its key take more. */
const allowed = 50;

/** Signals of clients, which last longer than their calls. A thousand listeners of one are slow. */
const signals = Array.from({ length: 100 }, () => new AbortController().signal);

/** Answers and how many there were of each: of operations that are refused an instance has nothing to keep. */
type Answers = Map<string, number>;

/** One operation of each kind, with names that never come again. @returns their answers */
function operations({ scheduler }: Stage, seq: number): readonly Promise<string>[] {
  const metrics = { cpu: 0.5 };
  const signal = signals[seq % signals.length];
  if (signal === undefined) throw new RangeError("no signal");
  const jobs = ["completed", "released", "dispatched", "running"].map((kind) => `${kind}-${seq}`);
  const [completed = "", released = "", job = "", running = ""] = jobs;
  const read = async (node: string, options: { readonly signal?: AbortSignal }) => {
    const { found } = await scheduler.getNode(node, options);
    return found ? "found" : "not found";
  };
  const both = async (first: Promise<{ readonly kind: string }>, then: () => Promise<{ readonly kind: string }>) =>
    `${(await first).kind}, ${(await then()).kind}`;
  const beat = scheduler.heartbeat({ node: "n", incarnation: "a:1", seq, metrics, running: [running] }, { signal });
  const placed = scheduler.dispatch({ job, ...pair, pool: "p", services: [] }, { signal });
  return [
    read(`unknown-${seq}`, { signal }),
    read("n", {}),
    beat.then(({ kind }) => kind),
    both(scheduler.reserveJob("n", completed, { signal }), () => scheduler.completeJob("n", completed)),
    both(scheduler.reserveJob("n", released), () => scheduler.releaseJob("n", released)),
    both(placed, () => scheduler.completeJob("n", job)),
  ];
}

/** The answers to so many operations of each kind. */
function expected(count: number): Answers {
  const [twice, once] = [["reserved, completed"], ["not found", "found", "renewed", "dispatched, completed"]];
  return new Map([...once.map((each) => [each, count] as const), ...twice.map((each) => [each, 2 * count] as const)]);
}

async function round(stage: Stage, before: number, answers: Answers): Promise<void> {
  const { clock, feed, store } = stage;
  const log = store.log(0);
  for (let turn = 0; turn < turns; turn += 1) {
    const first = before + turn * atOnce + 1;
    const asked = Array.from({ length: atOnce }, (_, index) => operations(stage, first + index));
    for (const answer of await clock.until(Promise.all(asked.flat())))
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
    feed.wake(0, log.version);
    await clock.advance(20);
    // The check's own records are no memory of the instance.
    stage.forget();
    log.entries = [];
  }
}

export const instanceMemoryChecks: readonly InstanceCheck[] = [
  {
    id: "memory-of-an-instance",
    property: "K5",
    claim: "an instance keeps nothing of reads, writes and dispatches that have ended, beyond its caches",
    isAlone: true,
    async perform(makeStage, compare) {
      const stage = makeStage({ maxEntries: 50, maxCalls: 1_000 });
      await stage.start();
      const offer = { max_jobs: 1_000, pools: ["p"], languages: [pair], services: [] };
      await stage.clock.until(stage.scheduler.registerNode({ node: "n", ...offer }));
      await stage.clock.advance(20);
      const each = turns * atOnce;
      const answers: Answers = new Map();
      const grown = await keptBytes(rounds, (number) => round(stage, number * each, answers));
      compare.same("the answers", [...answers].sort(), [...expected((rounds + 1) * each)].sort());
      const made = rounds * each;
      compare.same(`the memory after ${made} operations of each kind`, within(grown, made * allowed), "bounded");
    },
  },
];
