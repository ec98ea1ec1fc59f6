/** How far each instance's view of each partition had come, and when. */
import { type HistoryEvent, type Millis, ofKind, type Version, type ViewChange } from "../history.ts";
import { epochsOf, type Observation, partitionsOf } from "./observation.ts";

/** When an instance was first seen to hold a view. */
export interface ViewSight {
  readonly at: Millis;
  readonly view: Version;
}

export class Views {
  readonly #changes: readonly ViewChange[];
  /** The order of each epoch in its partition. */
  readonly #orders = new Map<string, number>();
  readonly #sights = new Map<string, readonly ViewSight[]>();

  constructor(history: readonly HistoryEvent[], observations: readonly Observation[]) {
    this.#changes = [...ofKind(history, "view")].sort((a, b) => a.at - b.at);
    for (const partition of partitionsOf(observations)) {
      for (const [order, epoch] of epochsOf(observations, partition).entries()) this.#orders.set(epoch, order);
    }
  }

  /** The views of one partition, each once, in the order in which they were seen. */
  of(instance: number, partition: number): readonly ViewSight[] {
    const key = `${instance} ${partition}`;
    const known = this.#sights.get(key);
    if (known !== undefined) return known;
    const sights: ViewSight[] = [];
    for (const change of this.#changes) {
      const view = change.instance === instance ? change.views[partition] : null;
      if (!view || isSame(view, sights.at(-1)?.view)) continue;
      sights.push({ at: change.at, view });
    }
    this.#sights.set(key, sights);
    return sights;
  }

  /** null: none had been seen by then. */
  at(instance: number, partition: number, at: Millis): Version | null {
    return this.of(instance, partition).findLast((sight) => sight.at <= at)?.view ?? null;
  }

  /** Whether the view has what the store had at `version`: as far in its epoch, or in a later epoch. */
  reaches(view: Version, { epoch, sequence }: Version): boolean {
    if (view.epoch === epoch) return view.sequence >= sequence;
    return (this.#orders.get(view.epoch) ?? -1) > (this.#orders.get(epoch) ?? Number.POSITIVE_INFINITY);
  }
}

function isSame(a: Version, b: Version | undefined): boolean {
  return b !== undefined && a.epoch === b.epoch && a.sequence === b.sequence;
}
