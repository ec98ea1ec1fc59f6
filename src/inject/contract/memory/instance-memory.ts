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

/** One operation of each kind, with names that never come again. */
function operations({ scheduler }: Stage, seq: number): readonly Promise<unknown>[] {
  const metrics = { cpu: 0.5 };
  const signal = signals[seq % signals.length];
  if (signal === undefined) throw new RangeError("no signal");
  const jobs = ["completed", "released", "dispatched", "running"].map((kind) => `${kind}-${seq}`);
  const [completed = "", released = "", job = "", running = ""] = jobs;
  return [
    scheduler.getNode(`unknown-${seq}`, { signal }),
    scheduler.getNode("n"),
    scheduler.heartbeat({ node: "n", incarnation: "a:1", seq, metrics, running: [running] }, { signal }),
    scheduler.reserveJob("n", completed, { signal }).then(() => scheduler.completeJob("n", completed)),
    scheduler.reserveJob("n", released).then(() => scheduler.releaseJob("n", released)),
    scheduler
      .dispatch({ job, ...pair, pool: "p", services: [] }, { signal })
      .then(() => scheduler.completeJob("n", job)),
  ];
}

async function round(stage: Stage, before: number): Promise<void> {
  const { clock, feed, store } = stage;
  const log = store.log(0);
  for (let turn = 0; turn < turns; turn += 1) {
    const first = before + turn * atOnce + 1;
    const asked = Array.from({ length: atOnce }, (_, index) => operations(stage, first + index));
    await clock.until(Promise.all(asked.flat()));
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
      const grown = await keptBytes(rounds, (number) => round(stage, number * turns * atOnce));
      const made = rounds * turns * atOnce;
      compare.same(`the memory after ${made} operations of each kind`, within(grown, made * allowed), "bounded");
    },
  },
];
