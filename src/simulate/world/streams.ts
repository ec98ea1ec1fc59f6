/**
 * The random draws of a run that its plan leaves open: latencies, the order of events at one tick, jitter, ids.
 *
 * With a seed, each concern has a stream of its own. An explicit plan has no seed: its draws are plain (equal latencies, events in the order in which
 * they became due), and those that are not plain are listed one by one. From given times on other seeds may take over, to find out what else may
 * follow a moment.
 */
import { seededRandom } from "../../load/plan/seeded-random.ts";
import type { Millis } from "../../protocol/time.ts";
import type { Random } from "../../scheduler/ports.ts";

export type Streams = (concern: string) => Random;

/** One draw that is not the plain one: the `nth` of a stream, from 0. */
export interface Draw {
  readonly stream: string;
  readonly nth: number;
  /** 0 to 4,294,967,295. */
  readonly value: number;
}

/** Another seed takes over. */
export interface Reseeding {
  readonly from: Millis;
  readonly seed: number;
}

export interface Draws {
  readonly seed: number;
  /** Absent: everything is drawn from the seed; else nothing is. */
  readonly draws?: readonly Draw[] | undefined;
  /** In order of time. */
  readonly reseeded?: readonly Reseeding[] | undefined;
}

/** @param now milliseconds since the start of the load, read at each draw where another seed takes over
 * @param onDraw called for every draw
 */
export function streamsOf(
  { draws, reseeded = [], seed }: Draws,
  now: () => Millis,
  onDraw?: (draw: Draw) => void,
): Streams {
  const first = draws === undefined ? seededRandom(seed) : writtenStreams(draws);
  const streams = reseeded.reduce(
    (before, { from, seed: other }) => inTurn(before, seededRandom(other), () => now() < from),
    first,
  );
  if (onDraw === undefined) return streams;
  return (stream) => {
    const random = streams(stream);
    let nth = 0;
    return {
      nextUint32() {
        const value = random.nextUint32();
        onDraw({ stream, nth, value });
        nth += 1;
        return value;
      },
    };
  };
}

/** Both streams advance at every draw, so that the draws before do not influence those after. */
function inTurn(before: Streams, after: Streams, isBefore: () => boolean): Streams {
  return (stream) => {
    const [one, other] = [before(stream), after(stream)];
    return {
      nextUint32() {
        const [early, late] = [one.nextUint32(), other.nextUint32()];
        return isBefore() ? early : late;
      },
    };
  };
}

function writtenStreams(draws: readonly Draw[]): Streams {
  const byStream = Map.groupBy(draws, ({ stream }) => stream);
  return (stream) => {
    const plain = plainStream(stream);
    const written = new Map(byStream.get(stream)?.map(({ nth, value }) => [nth, value]));
    if (written.size === 0) return plain;
    let nth = 0;
    return {
      nextUint32() {
        const usual = plain.nextUint32();
        const value = written.get(nth) ?? usual;
        nth += 1;
        return value;
      },
    };
  };
}

/** Ids have to differ and jitter has to spread, so those are drawn from one fixed seed. */
const always = 0;
const halfway = 2 ** 31;

function plainStream(stream: string): Random {
  if (stream.startsWith("latency ")) return { nextUint32: () => halfway };
  if (stream === "order") return { nextUint32: () => 0 };
  return seededRandom(always)(stream);
}
