/** One thread's part in a search, level by level, in step with the others. What it finds depends on nothing but the model and the number of threads. */
import { type Control, stops } from "./control.ts";
import type { Search } from "./search.ts";
import { OutOfMemory } from "./store.ts";

export interface Progress {
  /** States found so far, by all threads. */
  readonly states: number;
  /** States of the level that are still to be expanded. */
  readonly frontier: number;
  readonly depth: number;
}

export interface Shard {
  /** Levels, the first state's included. */
  readonly depth: number;
  /** The states of each level, of all threads together. */
  readonly levels: readonly number[];
  /** A set of bits of `stops`; none: every reachable state was seen, or a violation ended the search after its level. */
  readonly stop: number;
  /** The error of the model, where it had one. */
  readonly crash: unknown;
}

/** States between two meetings, at most: a few tens of milliseconds. */
const statesPerRound = 2 ** 15;

/** @param onProgress once a round, in every thread */
export function runShard(search: Search, control: Control, onProgress: (progress: Progress) => void): Shard {
  let crash: unknown;
  const guarded = (work: () => void): number => {
    try {
      work();
      return control.isInterrupted ? stops.interrupted : stops.none;
    } catch (error) {
      if (error instanceof OutOfMemory) return stops.full;
      crash ??= error;
      return stops.broken;
    }
  };
  const levels: number[] = [];
  let stop = guarded(() => search.begin());
  for (let depth = 0; ; depth += 1) {
    const level = control.agree(search.nextLevel(), stop);
    if (level.stop !== stops.none || level.sum === 0) return { depth, levels, stop: level.stop, crash };
    levels.push(level.sum);
    let remaining = level.sum;
    while (remaining > 0) {
      stop = guarded(() => search.expandSome(statesPerRound));
      control.meet();
      if (stop === stops.none) stop = guarded(() => search.receive());
      const round = control.agree(search.remaining, stop);
      if (round.stop !== stops.none) return { depth: depth + 1, levels, stop: round.stop, crash };
      remaining = round.sum;
      const { sum: states } = control.agree(search.store.size(), stop);
      onProgress({ states, frontier: remaining, depth: depth + 1 });
    }
    const { sum: violated } = control.agree(search.isViolated ? 1 : 0, stop);
    if (violated > 0) return { depth: depth + 1, levels, stop: stops.none, crash };
  }
}
