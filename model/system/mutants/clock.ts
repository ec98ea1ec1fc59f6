/** Mutants of the sweep in a scope with a clock: each forgets for what time deadlines count for nothing. */
import { step } from "../../partition/partition.ts";
import type { LastSweep, Partition } from "../../partition/state.ts";
import type { PartitionRule } from "../store.ts";
import type { Mutant } from "./mutant.ts";

export const clockMutants: Readonly<Record<string, Mutant>> = {
  "gap-unnoticed": {
    means: "a sweep goes by deadlines that no sweep has watched pass",
    replaces: { step: sweeping((found, at) => found && { ...found, at }) },
  },
  "first-sweep-trusted": {
    means: "the first sweep of an epoch goes by the deadlines that another server has stored",
    replaces: { step: sweeping((found, at) => found ?? { at, heldUntil: at }) },
  },
  "hold-forgotten": {
    means: "only the sweep that notices a gap leaves everything as it is",
    replaces: { step: swept((done) => ({ ...done, heldUntil: done.at })) },
  },
  "hold-renewed": {
    means: "a sweep that leaves everything as it is does not count as one",
    replaces: { step: swept((done, found) => (done.at < done.heldUntil ? found : done)) },
  },
};

/** A sweep finds another last one. */
function sweeping(changed: (found: LastSweep | null, at: number) => LastSweep | null): PartitionRule {
  return (partition, command) => {
    const isMet = command.kind === "sweep" && partition.meta?.server === partition.server;
    return step(isMet ? withSwept(partition, changed(partition.meta?.swept ?? null, command.at)) : partition, command);
  };
}

/** A sweep leaves something else behind. */
function swept(changed: (done: LastSweep, found: LastSweep | null) => LastSweep | null): PartitionRule {
  return (partition, command) => {
    const done = step(partition, command);
    const last = done.state.meta?.swept ?? null;
    if (command.kind !== "sweep" || last === null) return done;
    return { ...done, state: withSwept(done.state, changed(last, partition.meta?.swept ?? null)) };
  };
}

function withSwept<State extends Partition>(partition: State, swept: LastSweep | null): State {
  return partition.meta === null ? partition : { ...partition, meta: { ...partition.meta, swept } };
}
