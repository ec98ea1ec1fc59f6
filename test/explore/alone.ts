/** A search in the test's own thread, with wrong parts put in where a test wants them. */
import type { Machine, Model } from "../../model/language/machine.ts";
import type { Tally } from "../../src/explore/properties/checks.ts";
import { retrace } from "../../src/explore/properties/counterexample.ts";
import { type Lasso, type LivenessOptions, refute } from "../../src/explore/properties/liveness.ts";
import { ReferenceInterpreter } from "../../src/explore/properties/reference-interpreter.ts";
import { completeScope } from "../../src/explore/scope.ts";
import { Control } from "../../src/explore/search/control.ts";
import { Graph } from "../../src/explore/search/graph.ts";
import { Search, type SearchFaults } from "../../src/explore/search/search.ts";
import { runShard } from "../../src/explore/search/shard.ts";

export interface AloneOptions {
  readonly isSymmetric?: boolean;
  readonly mostBytes?: number;
  readonly faults?: SearchFaults;
}

export interface Alone {
  readonly unique: number;
  readonly generated: number;
  readonly depth: number;
  readonly stop: number;
  readonly crash: unknown;
  readonly graph: Graph;
  readonly reference: ReferenceInterpreter;
  /** By claim: the steps to the first state that violates it. */
  readonly violated: ReadonlyMap<string, readonly string[]>;
  /** One a property, in the order of the machine. */
  readonly tallies: readonly Tally[];
}

export function explore(build: () => Machine, options: AloneOptions = {}): Alone {
  const { isSymmetric = false, mostBytes = 2 ** 26, faults } = options;
  const search = new Search(build(), build(), {
    model: "test",
    mostBytes,
    isSymmetric,
    self: 0,
    outboxes: [],
    inboxes: [],
    faults,
  });
  const { depth, stop, crash } = runShard(search, new Control(1, 0), () => {});
  const reference = new ReferenceInterpreter("test", build());
  const kept = { memory: search.store.memory, size: search.store.size() };
  const graph = new Graph(reference.expander.packing.words, [kept]);
  const violated = new Map(
    reference.machine.properties.flatMap(({ kind, claim }, index) => {
      const first = search.tallies[index]?.first ?? -1;
      if (kind !== "always" || first < 0) return [];
      return [
        [claim, retrace(graph, reference, graph.pathTo(first), isSymmetric).steps.map((step) => step.action)] as const,
      ];
    }),
  );
  const { size: unique } = kept;
  return {
    unique,
    generated: search.generated() + 1,
    depth,
    stop,
    crash,
    graph,
    reference,
    violated,
    tallies: search.tallies,
  };
}

export function machineOf<T extends Model>(
  model: Pick<T, "scope" | "build">,
  scope: Readonly<Record<string, number>>,
  mutant: string | null = null,
): () => Machine {
  const whole = model as unknown as Model;
  return () => whole.build(completeScope(whole, scope), mutant);
}

/** The lasso that refutes the machine's first `eventually`; null: it holds. */
export function lassoOf(build: () => Machine, options: LivenessOptions = {}): Lasso | null {
  const { graph, reference } = explore(build);
  const property = reference.machine.properties.find((each) => each.kind === "eventually");
  if (property === undefined) throw new TypeError("the machine has no eventually");
  return refute(graph, reference.machine, property, options);
}
