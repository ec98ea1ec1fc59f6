/**
 * `node test/inject/sensitivity/speed.ts`: what recording costs the load generator. The same planned load on targets that answer at once, with and without
 * a history being written, interleaved. Prints the figures for docs/benchmarks.md. Not a test: it measures.
 *
 * By the clock it measures the machine's load too. So each operation is also put on a processor of its own: it begins when it is due and the
 * ones before it have used the processor time that they did use, the garbage collector's on their thread included.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { scenario } from "../../../scenarios/declare/declare.ts";
import { ms, seconds } from "../../../scenarios/declare/units.ts";
import { LoadGenerator } from "../../../src/inject/instances/load.ts";
import { HistoryFile } from "../../../src/inject/observe/history-file.ts";
import { HistoryLog } from "../../../src/inject/observe/history-log.ts";
import { Recorder } from "../../../src/inject/observe/recorder.ts";
import type { Ledger } from "../../../src/load/clients/caller.ts";
import { planLoad } from "../../../src/load/plan/plan.ts";
import { seededRandom } from "../../../src/load/plan/seeded-random.ts";
import { promptTarget } from "../instances/prompt-target.ts";

const rounds = 7;
/** Later than without a recorder by more than this, ms: delayed by it. */
const noticeable = 1;
const random = seededRandom(1);
const declared = scenario({
  name: "as-fast-as-can-be",
  why: "A load that is only there to be recorded: about 26,000 operations a second.",
  topology: { instances: 2, nodes: 8, maxJobsPerNode: 4, partitions: 2 },
  load: [
    { kind: "read", every: ms(0.15) },
    { kind: "select", every: ms(0.4) },
    { kind: "heartbeat", every: ms(0.5) },
    { kind: "dispatch", every: ms(1) },
    { kind: "reserve", every: ms(1) },
  ],
  faults: [],
  always: ["D1"],
  duration: seconds(1),
});
/** Without the calls that end a job: after a pause of the machine they may come before the one that places it, and are no calls then. */
const planned = planLoad(declared, random).filter(({ kind }) => kind !== "finish");
const print = (text: string) => process.stdout.write(`${text}\n`);
const ascending = (values: readonly number[]) => values.toSorted((a, b) => a - b);
const median = (values: readonly number[]) => ascending(values)[values.length >> 1] ?? Number.NaN;
const share = (value: number) => `${(value * 100).toFixed(2)} %`;
/** CPU time of this thread, ms. */
const processorTime = () => {
  const { system, user } = process.threadCpuUsage();
  return (system + user) / 1_000;
};

interface Measured {
  /** From when each operation was due to when it was begun, ascending, ms: by the clock, and on a processor of its own. */
  readonly late: readonly number[];
  readonly lateAlone: readonly number[];
  /** Processor time of the thread for each operation, µs. */
  readonly cost: number;
  readonly opsPerSecond: number;
  readonly bytes: number;
}

/** Where it begins when it is due and the ones before it are done. */
function onItsOwn(used: readonly number[]): readonly number[] {
  let free = 0;
  return planned.map(({ at }, index) => {
    const begun = Math.max(at, free);
    free = begun + (used[index + 1] ?? used[index] ?? 0) - (used[index] ?? 0);
    return begun - at;
  });
}

async function measure(path: string | null): Promise<Measured> {
  const log = new HistoryLog();
  const file = path === null ? null : await HistoryFile.open(path, log);
  const recorder = new Recorder(log);
  const late: number[] = [];
  const used: number[] = [];
  let answered = 0;
  const ledger: Ledger = {
    now: () => recorder.now(),
    nextCall() {
      late.push(recorder.now() - (planned[late.length]?.at ?? 0));
      used.push(processorTime());
      return recorder.nextCall();
    },
    begun(id, subject) {
      if (file !== null) recorder.begun(id, subject);
    },
    event(event) {
      if (event.kind === "call") answered += 1;
      if (file !== null) recorder.event(event);
    },
  };
  const schedulers = [promptTarget(), promptTarget()];
  const load = new LoadGenerator({ scenario: declared, actions: planned, schedulers, random, recorder: ledger });
  await load.registerAll({ isOver: false }, () => {});
  [late.length, used.length, answered] = [0, 0, 0];
  recorder.begin();
  await load.run(AbortSignal.timeout(10_000));
  await load.settle(1_000);
  const took = recorder.now();
  await file?.close();
  if (answered !== planned.length || late.length !== planned.length)
    throw new Error(
      `${answered} calls answered and ${late.length} begun of ${planned.length}: they cannot be distinguished`,
    );
  return {
    late: ascending(late),
    lateAlone: ascending(onItsOwn(used)),
    cost: (((used.at(-1) ?? 0) - (used[0] ?? 0)) / planned.length) * 1_000,
    opsPerSecond: (answered / took) * 1_000,
    bytes: path === null ? 0 : statSync(path).size,
  };
}

/** The share of operations that are noticeably later than as many of the other run. */
function shareDelayed(recorded: readonly number[], plain: readonly number[]): number {
  return recorded.filter((late, rank) => late - (plain[rank] ?? 0) > noticeable).length / recorded.length;
}

const folder = mkdtempSync(join(tmpdir(), "lockproof-speed-"));
const path = join(folder, "history.jsonl");
try {
  print(`${planned.length} operations in ${declared.duration / 1_000} s, load ${loadavg()[0]?.toFixed(1)}`);
  for (const where of [null, path]) await measure(where); // what the compiler costs is not the recorder's
  const taken: { readonly alone: number; readonly byClock: number; readonly machine: number }[] = [];
  const costs: { readonly plain: number; readonly recorded: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const plain = await measure(null);
    const recorded = await measure(path);
    const again = await measure(null);
    const alone = shareDelayed(recorded.lateAlone, plain.lateAlone);
    const byClock = shareDelayed(recorded.late, plain.late);
    const machine = shareDelayed(again.late, plain.late);
    taken.push({ alone, byClock, machine });
    costs.push({ plain: plain.cost, recorded: recorded.cost });
    const longest = recorded.lateAlone.at(-1) ?? Number.NaN;
    print(
      `${Math.round(recorded.opsPerSecond)} operations a second, ${(recorded.bytes / 2 ** 20).toFixed(1)} MiB; delayed ${share(alone)} on a processor of its own ` +
        `(longest ${longest.toFixed(1)} ms), ${share(byClock)} by the clock (${share(machine)} without a recorder)`,
    );
  }
  const of = (pick: (one: (typeof taken)[number]) => number) => share(median(taken.map(pick)));
  print(
    `medians: delayed by more than ${noticeable} ms ${of(({ alone }) => alone)} on a processor of its own, ${of(({ byClock }) => byClock)} by the clock ` +
      `(${of(({ machine }) => machine)} without a recorder); an operation takes ${median(costs.map(({ plain }) => plain)).toFixed(1)} µs without, ` +
      `${median(costs.map(({ recorded }) => recorded)).toFixed(1)} µs with`,
  );
  print(`load ${loadavg()[0]?.toFixed(1)}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
