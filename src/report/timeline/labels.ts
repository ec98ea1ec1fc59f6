/** Places the labels of arrows so that they do not lie on each other, as far as there is room along each arrow. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Label {
  readonly at: Point;
  /** In degrees; never upside down. */
  readonly angle: number;
  /** The baseline, relative to the arrow: above it, or below. */
  readonly baseline: number;
}

/** In CSS pixels of the picture's coordinates. */
const textHeight = 13;
const baselines = [-4, 14] as const;
/** Where along an arrow a label may lie, the first that is free. */
const shares = [0.45, 0.35, 0.55, 0.25, 0.65, 0.75, 0.15] as const;

type Corners = readonly Point[];

export class LabelPlaces {
  readonly #taken: Corners[] = [];

  /** @param first where it lies if nothing is there, as a share of the arrow */
  place(start: Point, tip: Point, width: number, first: number): Label {
    const slope = (Math.atan2(tip.y - start.y, tip.x - start.x) * 180) / Math.PI;
    const angle = slope > 90 ? slope - 180 : slope < -90 ? slope + 180 : slope;
    const candidates = baselines.flatMap((baseline) =>
      [first, ...shares].map((share): Label => ({ at: between(start, tip, share), angle, baseline })),
    );
    const isFree = (label: Label): boolean => {
      const corners = cornersOf(label, width);
      return this.#taken.every((other) => !overlap(corners, other));
    };
    const [preferred] = candidates;
    const label = candidates.find(isFree) ?? preferred ?? { at: start, angle, baseline: baselines[0] };
    this.#taken.push(cornersOf(label, width));
    return label;
  }
}

export function between(from: Point, to: Point, share: number): Point {
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

function cornersOf({ angle, at, baseline }: Label, width: number): Corners {
  const turn = (angle * Math.PI) / 180;
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const [top, bottom] = [baseline - textHeight + 3, baseline + 3];
  const half = width / 2;
  return [
    [-half, top],
    [half, top],
    [half, bottom],
    [-half, bottom],
  ].map(([x = 0, y = 0]) => ({ x: at.x + x * cos - y * sin, y: at.y + x * sin + y * cos }));
}

/** Two rectangles do not overlap where the side of one separates them. */
function overlap(one: Corners, other: Corners): boolean {
  return !isSeparated(one, other) && !isSeparated(other, one);
}

function isSeparated(one: Corners, other: Corners): boolean {
  return one.some((from, index) => {
    const to = one[(index + 1) % one.length] ?? from;
    const along = ({ x, y }: Point): number => (x - from.x) * (to.y - from.y) - (y - from.y) * (to.x - from.x);
    const [inner, outer] = [one.map(along), other.map(along)];
    return Math.max(...inner) <= Math.min(...outer) || Math.max(...outer) <= Math.min(...inner);
  });
}
