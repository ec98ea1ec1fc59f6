/** How far each instance's view was behind the store: how many changes of all partitions it had not taken in. For pictures; V3 and V4 judge. */
import type { Millis, Version } from "../history.ts";
import type { Trial } from "../judgement.ts";
import { type Observation, partitionsOf } from "./observation.ts";
import { type ViewSight, Views } from "./views.ts";

export type BehindPoint = readonly [at: Millis, changes: number];

/** The sequences of one epoch that were seen, rising, and the place of each. */
interface Epoch {
  readonly sequences: number[];
  readonly places: number[];
}

/** Places of one partition's versions in the order in which the observer saw them, whatever their epochs: a new epoch is a change too. */
class Places {
  readonly #epochs = new Map<string, Epoch>();
  /** When the store was first seen at each place. */
  readonly sights: readonly BehindPoint[];

  constructor(observations: readonly Observation[], partition: number) {
    const sights: BehindPoint[] = [];
    for (const one of observations) {
      if (one.partition !== partition) continue;
      const version = one.kind === "entry" ? one : one.version;
      if (version !== null && this.#take(version, sights.length + 1)) sights.push([one.at, sights.length + 1]);
    }
    this.sights = sights;
  }

  /** @returns whether it was new: a dump tells of a version whose entry was read before it */
  #take({ epoch, sequence }: Version, place: number): boolean {
    const { places, sequences } = this.#epochs.get(epoch) ?? { sequences: [], places: [] };
    if (sequence <= (sequences.at(-1) ?? -1)) return false;
    sequences.push(sequence);
    places.push(place);
    this.#epochs.set(epoch, { sequences, places });
    return true;
  }

  /** That of the version, else of the last before it that was seen in its epoch: a view may be a look ahead of the observer. 0: of none. */
  of({ epoch, sequence }: Version): number {
    const { places, sequences } = this.#epochs.get(epoch) ?? { sequences: [], places: [] };
    let low = 0;
    let high = sequences.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sequences[middle] ?? 0) <= sequence) low = middle + 1;
      else high = middle;
    }
    return places[low - 1] ?? 0;
  }
}

/** One point a moment at which it changed, from the start of the load on; what came before counts as of then. */
export function behindOf(trial: Trial): readonly (readonly BehindPoint[])[] {
  const { history, instances, observations } = trial;
  const views = new Views(history, observations);
  const partitions = partitionsOf(observations);
  const places = new Map(partitions.map((partition) => [partition, new Places(observations, partition)]));
  return Array.from({ length: instances }, (_, instance) => {
    const steps = partitions.flatMap((partition) => {
      const own = places.get(partition);
      if (own === undefined) return [];
      const sights = views.of(instance, partition);
      // Never seen to hold anything, as in a run without a look at views: there is nothing to tell.
      return sights.length === 0 ? [] : stepsOf(partition, own, sights);
    });
    return summed(steps);
  });
}

interface Step {
  readonly at: Millis;
  readonly partition: number;
  readonly behind: number;
}

function stepsOf(partition: number, places: Places, sights: readonly ViewSight[]): readonly Step[] {
  const moves = [
    ...places.sights.map(([at, store]) => ({ at, store, view: null })),
    ...sights.map(({ at, view }) => ({ at, store: null, view: places.of(view) })),
  ].sort((a, b) => a.at - b.at);
  let store = 0;
  let held = 0;
  return moves.map(({ at, store: next, view }) => {
    store = Math.max(store, next ?? 0);
    held = view ?? held;
    return { at: Math.max(0, at), partition, behind: Math.max(0, store - held) };
  });
}

function summed(steps: readonly Step[]): readonly BehindPoint[] {
  const points: [Millis, number][] = [];
  const behind = new Map<number, number>();
  let sum = 0;
  for (const step of [...steps].sort((a, b) => a.at - b.at)) {
    sum += step.behind - (behind.get(step.partition) ?? 0);
    behind.set(step.partition, step.behind);
    const last = points.at(-1);
    if (last !== undefined && last[0] === step.at) last[1] = sum;
    else if (last?.[1] !== sum) points.push([step.at, sum]);
  }
  return points;
}
