/**
 * A second, slow way to decide V2 over a short history: every answer is tried at every place at which its node was so, until all of them fit the order
 * in which they were given. It shares nothing with the judge.
 */
import type { NodeContent } from "../../src/check/history.ts";

/** One epoch: when it began, and by sequence, from 0 on, what each node was. */
export interface PlayedEpoch {
  readonly epoch: string;
  readonly begun: number;
  readonly states: readonly ReadonlyMap<string, NodeContent>[];
}

/** A node that a client was shown, asked for at `from`; or a view that was there at `to`, of which `content` is null. */
export interface Item {
  readonly from: number;
  readonly to: number;
  readonly content: NodeContent | null;
  /** The place of a view's epoch, and its sequence; absent for a node. */
  readonly view?: Place;
}

type Place = readonly [epoch: number, sequence: number];

export function isExplained(epochs: readonly PlayedEpoch[], items: readonly Item[]): boolean {
  const nodes = new Set(items.flatMap(({ content }) => content?.node ?? []));
  return [...nodes].every((node) => {
    const own = items.filter(({ content }) => content === null || content.node === node);
    return canBePlaced(
      own,
      own.map((item) => placesOf(epochs, item)),
      [],
    );
  });
}

function placesOf(epochs: readonly PlayedEpoch[], { content, to, view }: Item): readonly Place[] {
  if (content === null) return view === undefined ? [] : [view];
  const text = JSON.stringify(content);
  return epochs.flatMap(({ begun, states }, epoch) =>
    states.flatMap((state, sequence): Place[] =>
      begun <= to && JSON.stringify(state.get(content.node)) === text ? [[epoch, sequence]] : [],
    ),
  );
}

function canBePlaced(items: readonly Item[], places: readonly (readonly Place[])[], chosen: readonly Place[]): boolean {
  const next = chosen.length;
  if (next === items.length) return true;
  return (places[next] ?? []).some((place) => {
    const fits = chosen.every((other, index) => {
      const [one, two] = [items[index], items[next]];
      if (one === undefined || two === undefined) return false;
      if (two.content !== null && one.to < two.from && isBefore(place, other)) return false;
      return one.content === null || two.to >= one.from || !isBefore(other, place);
    });
    return fits && canBePlaced(items, places, [...chosen, place]);
  });
}

function isBefore(one: Place, other: Place): boolean {
  return one[0] === other[0] ? one[1] < other[1] : one[0] < other[0];
}
