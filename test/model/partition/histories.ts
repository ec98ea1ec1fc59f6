/** Random lives of one partition: commands that make sense often enough, and what may befall the store between them. */
import fc from "fast-check";
import type { Command, Version } from "../../../model/partition/command.ts";
import {
  changeServer,
  emptyPartition,
  loseData,
  type Partition,
  type PartitionStep,
  step,
} from "../../../model/partition/partition.ts";
import { command, enZh, metrics, zhEn } from "./commands.ts";

/** A command, with an incarnation and a time that depend on what came before it. */
interface Attempt {
  readonly kind: "attempt";
  readonly passes: number;
  readonly life: "current" | "former" | "never";
  readonly command: Command;
}
export type Move = Attempt | { readonly kind: "another server" | "all data lost" };

export interface Played {
  readonly before: Partition;
  readonly command: Command;
  readonly step: PartitionStep;
}

/** Mostly one node and few jobs: what is asked of one thing often meets what was asked of it before. */
const node = fc.constantFrom("n", "n", "n", "m");
const job = fc.constantFrom("a", "b", "c");
const millis = fc.integer({ min: 1, max: 30 });
const ttl = fc.integer({ min: 20, max: 100 });
const membership = fc.record({ pools: fc.subarray(["p", "q"]), languages: fc.subarray([enZh, zhEn]) });

const commands: readonly fc.WeightedArbitrary<Command>[] = [
  {
    weight: 2,
    arbitrary: fc
      .record({
        node,
        registration: fc.constantFrom("t1", "t2", "t3", "t4"),
        maxJobs: fc.integer({ min: 0, max: 3 }),
        ttl,
        joins: membership,
      })
      .map(({ joins, ...said }) => command("register_node", { ...said, ...joins })),
  },
  {
    weight: 4,
    arbitrary: fc
      .record({
        node,
        seq: fc.nat(6),
        ttl,
        lease: millis,
        healthMilli: fc.constantFrom(0, 490, 500, 550, 1000),
        running: fc.subarray(["a", "b", "c"]),
        cpu: fc.constantFrom(...Array<number>(9).fill(0.5), -1),
      })
      .map(({ cpu, ...said }) => command("heartbeat", { ...said, metrics: { ...metrics, cpu } })),
  },
  {
    weight: 1,
    arbitrary: fc.record({ node, retention: millis }).map((said) => command("offline_node", said)),
  },
  { weight: 6, arbitrary: fc.record({ node, job, lease: millis }).map((said) => command("reserve_job", said)) },
  {
    weight: 4,
    arbitrary: fc
      .record({ node, job, doneFor: millis, doneMax: fc.integer({ min: 1, max: 3 }) })
      .map((said) => command("complete_job", said)),
  },
  { weight: 2, arbitrary: fc.record({ node, job }).map((said) => command("release_job", said)) },
  {
    weight: 5,
    arbitrary: fc
      .record({
        retention: millis,
        limit: fc.integer({ min: 2, max: 3 }),
        jobLimit: fc.integer({ min: 1, max: 3 }),
        offset: fc.constantFrom(0, 0, 0, 1, 2),
        candidates: fc.subarray(["n", "m"]),
      })
      .map((said) => command("sweep", said)),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ epoch: fc.integer({ min: 1, max: 2 }), sequence: fc.nat(12) })
      .map((since) => command("changes_since", { since, limit: 5 })),
  },
  { weight: 2, arbitrary: fc.nat(4).map((after) => command("read_orphans", { after, limit: 2 })) },
  {
    weight: 2,
    arbitrary: fc
      .record({ order: fc.integer({ min: 1, max: 4 }), epoch: fc.integer({ min: 1, max: 2 }), sequence: fc.nat(12) })
      .map(({ order, ...version }) => command("ack_orphans", { losses: [{ order, version }] })),
  },
  { weight: 1, arbitrary: fc.constant(command("snapshot", { records: ["n", "x"] })) },
];

const attempt: fc.Arbitrary<Move> = fc
  .record({
    passes: fc.constantFrom(0, 0, 1, 1, 4, 9, -3),
    life: fc.constantFrom("current", "current", "current", "current", "former", "never"),
    feedMax: fc.integer({ min: 1, max: 6 }),
    partitions: fc.constantFrom(...Array<number>(29).fill(4), 5),
    next: fc.oneof(...commands),
  })
  .map(({ passes, life, next, ...call }) => ({ kind: "attempt", passes, life, command: { ...next, ...call } }));

const mishap: fc.Arbitrary<Move> = fc.constantFrom(
  { kind: "another server" },
  { kind: "another server" },
  { kind: "all data lost" },
);

/** Without it most of a history would speak of a node that there is not yet. */
const firstLife: Move = {
  kind: "attempt",
  passes: 0,
  life: "current",
  command: command("register_node", { registration: "t0", ttl: 50, pools: ["p", "q"], languages: [enZh, zhEn] }),
};

export function histories(): fc.Arbitrary<readonly Move[]> {
  const move = fc.oneof({ weight: 30, arbitrary: attempt }, { weight: 1, arbitrary: mishap });
  return fc.array(move, { maxLength: 60, size: "max" }).map((moves) => [firstLife, ...moves]);
}

/** Every step of the history, in order. The clock starts at 1000 and may go back a little. */
export function play(moves: readonly Move[]): readonly Played[] {
  let partition = emptyPartition;
  let at = 1000;
  const incarnations = new Map<string, Version>();
  return moves.flatMap((move): readonly Played[] => {
    if (move.kind === "another server") partition = changeServer(partition);
    if (move.kind === "all data lost") partition = loseData(partition);
    if (move.kind !== "attempt") return [];
    at += move.passes;
    const next = placed(move, at, partition, incarnations);
    const taken = { before: partition, command: next, step: step(partition, next) };
    remember(incarnations, partition, next);
    partition = taken.step.state;
    return [taken];
  });
}

/** The life that a new one ends stays known as the former one. */
function remember(former: Map<string, Version>, before: Partition, next: Command): void {
  if (next.kind !== "register_node") return;
  const incarnation = before.nodes.get(next.node)?.incarnation;
  if (incarnation !== undefined) former.set(next.node, incarnation);
}

function placed(
  { command: next, life }: Attempt,
  at: number,
  partition: Partition,
  former: ReadonlyMap<string, Version>,
): Command {
  const never: Version = { epoch: 0, sequence: 0 };
  if (next.kind === "register_node") {
    const stored = partition.nodes.get(next.node)?.incarnation ?? null;
    const expected = { current: stored, former: former.get(next.node) ?? null, never }[life];
    return { ...next, at, expected };
  }
  if (next.kind !== "heartbeat" && next.kind !== "offline_node") return { ...next, at };
  const current = partition.nodes.get(next.node)?.incarnation ?? never;
  const lives = { current, former: former.get(next.node) ?? never, never };
  return { ...next, at, incarnation: lives[life] };
}
