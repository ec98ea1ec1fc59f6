/**
 * Which epoch of a partition has what another one had. A later epoch has all of an earlier one, but for what a server that took over lacked; an
 * earlier one has nothing of a later one, though both may be alive at a time.
 */
import type { Version } from "../history.ts";
import { epochsOf, type Observation, partitionsOf } from "./observation.ts";

/** A server on which no epoch had begun looked like this when it took over, or came back. */
interface Takeover {
  /** The place of the epoch that it was left in; -1: of none that was seen, as where everything was lost. */
  readonly order: number;
  /** How far it held that epoch. */
  readonly sequence: number;
  /** How many epochs had been seen begin by then. */
  readonly begun: number;
}

interface Line {
  readonly epochs: readonly string[];
  readonly takeovers: readonly Takeover[];
}

export class Succession {
  readonly #lines = new Map<number, Line>();
  readonly #partitions = new Map<string, number>();

  constructor(observations: readonly Observation[]) {
    for (const partition of partitionsOf(observations)) {
      const epochs = [...new Set(epochsOf(observations, partition))];
      for (const epoch of epochs) this.#partitions.set(epoch, partition);
      this.#lines.set(partition, { epochs, takeovers: takeoversIn(observations, partition, epochs) });
    }
  }

  /** null: the epoch was not observed. */
  partitionOf(epoch: string): number | null {
    return this.#partitions.get(epoch) ?? null;
  }

  /** The one epoch that the partition ever had; null: it had others too. */
  onlyOf(partition: number): string | null {
    const { epochs = [] } = this.#lines.get(partition) ?? {};
    return epochs.length === 1 ? (epochs[0] ?? null) : null;
  }

  /** Whether one is earlier than the other, of one partition; false where that is not known. */
  isEarlier(epoch: string, than: string): boolean {
    const { epochs = [] } = this.#lines.get(this.partitionOf(than) ?? -1) ?? {};
    const order = epochs.indexOf(epoch);
    return order >= 0 && order < epochs.indexOf(than);
  }

  /** Whether `epoch` has what was done at `version`. null: not observed. */
  has(epoch: string, version: Version): boolean | null {
    if (epoch === version.epoch) return true;
    const { epochs = [], takeovers = [] } = this.#lines.get(this.partitionOf(epoch) ?? -1) ?? {};
    const [from, to] = [epochs.indexOf(version.epoch), epochs.indexOf(epoch)];
    if (from < 0 || to < 0) return null;
    if (to < from) return false;
    // Each epoch in between began on a server that was left in one before: of all of them it takes one that lacks the version.
    const crossed = takeovers.filter(({ begun }) => begun > from && begun <= to);
    if (crossed.some(({ order, sequence }) => order < from || (order === from && sequence < version.sequence)))
      return false;
    return crossed.some(({ order }) => order === from) ? true : null;
  }
}

function takeoversIn(observations: readonly Observation[], partition: number, epochs: readonly string[]): Takeover[] {
  const seen = new Set<string>();
  const takeovers: Takeover[] = [];
  for (const one of observations) {
    if (one.partition !== partition) continue;
    if (one.kind === "dump" && one.version === null) {
      const { epoch, sequence } = one.left ?? { epoch: "", sequence: -1 };
      takeovers.push({ order: epochs.indexOf(epoch), sequence, begun: seen.size });
    } else {
      const epoch = one.kind === "entry" ? one.epoch : one.version?.epoch;
      if (epoch !== undefined) seen.add(epoch);
    }
  }
  return takeovers;
}
