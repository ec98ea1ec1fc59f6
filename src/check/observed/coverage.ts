/**
 * How much of the store's past the observer saw. A version that it did not see was either never held, or fell into a time that it could not look
 * at; which of the two is decided from the looks that the history records, never from a percentage.
 */

import { EpochEnds } from "../faults/epoch-ends.ts";
import { type Call, type Millis, ofKind, phaseAt, type Version, versionText } from "../history.ts";
import type { Trial } from "../judgement.ts";
import { Looks } from "./looks.ts";
import type { Observation } from "./observation.ts";

/** `held`: the store came as far. `never`: it did not, and the observer would have seen it. `unseen`: it is not known. */
export type Standing = "held" | "never" | "unseen";

/** An epoch as it was observed. */
interface SeenEpoch {
  readonly partition: number;
  /** The sequence from which on it was followed. */
  readonly base: number;
  last: number;
  readonly entries: Set<number>;
  /** When it was last seen; and when that look began: what came afterwards was not seen. */
  lastAt: Millis;
  followedTo: Millis;
  /** When something else was first seen in its place. */
  until: Millis;
}

/** The part of a whole that was not seen. */
export interface Share {
  readonly unseen: number;
  readonly of: number;
  readonly what: string;
}

type Seen = Pick<Trial, "history" | "observations">;

const known = new WeakMap<Trial, Coverage>();

/** Every judge of a trial asks for it. */
export function coverageOf(trial: Trial): Coverage {
  const found = known.get(trial) ?? new Coverage(trial);
  known.set(trial, found);
  return found;
}

export class Coverage {
  readonly #history: Seen["history"];
  readonly #isEmpty: boolean;
  readonly #epochs = new Map<string, SeenEpoch>();
  /** By partition, when it was last looked at, as far as a look left something behind. */
  readonly #lastAt = new Map<number, Millis>();
  readonly #changes: EpochEnds;
  readonly #hasUnseenPartitions: boolean;
  readonly #isOverlooked: boolean;
  /** undefined: not computed yet. */
  #unseen: Share | null | undefined;

  constructor({ history, observations }: Seen) {
    this.#history = history;
    this.#isEmpty = observations.length === 0;
    this.#isOverlooked = ofKind(history, "overlooked").length > 0;
    this.#follow(observations);
    this.#changes = new EpochEnds({ history, observations });
    this.#hasUnseenPartitions = this.#partitionsInViews().some((partition) => !this.#lastAt.has(partition));
  }

  /** Whether nothing of the store was observed. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /**
   * Returns the standing of a version that the store is said to have had at some moment from `since` to `until`.
   * @param since minus infinity for an answer from a cache: the store may have had it long before
   */
  standing({ epoch: name, sequence }: Version, since: Millis, until: Millis): Standing {
    if (!Number.isSafeInteger(sequence) || sequence < 0) return "never";
    const epoch = this.#epochs.get(name);
    if (epoch === undefined) return this.mayHideEpoch(since, until) ? "unseen" : "never";
    if (sequence <= epoch.last) return "held";
    if (until <= epoch.followedTo || since > this.#endOf(epoch)) return "never";
    return "unseen";
  }

  /** The same of a version in a reply, which the store had while the call was in flight. */
  standingOf({ from, to }: Call, version: Version): Standing {
    return this.standing(version, from, to ?? Number.POSITIVE_INFINITY);
  }

  /** The same of what was shown at `at`, and may have been kept for long by then. */
  standingShown(version: Version, at: Millis): Standing {
    return this.standing(version, Number.NEGATIVE_INFINITY, at);
  }

  /** The last sequence that was observed of the epoch; null: the epoch was not observed. */
  lastOf(epoch: string): number | null {
    return this.#epochs.get(epoch)?.last ?? null;
  }

  /** Whether a change of the partition that was made from `since` to `until` may have gone unseen. null: of any partition */
  mayHideChange(partition: number | null, since: Millis, until: Millis): boolean {
    if (this.#isOverlooked || this.#lookedLastAt(partition) < until) return true;
    return [...this.#epochs.values()].some(
      (epoch) =>
        (partition === null || epoch.partition === partition) &&
        epoch.until < Number.POSITIVE_INFINITY &&
        epoch.followedTo < until &&
        this.#endOf(epoch) >= since,
    );
  }

  /** Whether an epoch may have begun and ended, alive at some moment from `since` to `until`, without a look at it. */
  mayHideEpoch(since: Millis, until: Millis): boolean {
    if (this.#isOverlooked || this.#hasUnseenPartitions || this.#lookedLastAt(null) < until) return true;
    return this.#changes.mayHideEpoch(since, until);
  }

  /** The part of the store that was not seen: versions, else time at the end of the load; null: all was seen. */
  get unseen(): Share | null {
    if (this.#unseen === undefined) this.#unseen = this.#whatWasUnseen();
    return this.#unseen;
  }

  #whatWasUnseen(): Share | null {
    let [of, missing] = [0, 0];
    for (const { base, entries, last } of this.#epochs.values()) {
      of += last - base;
      missing += last - base - entries.size;
    }
    const reported = this.#unseenVersions();
    if (missing + reported > 0) return { unseen: missing + reported, of: of + reported, what: "versions of the store" };
    const quiet = phaseAt(this.#history, "quiet");
    const last = this.#lookedLastAt(null);
    if (last >= quiet || Number.isNaN(quiet)) return null;
    return { unseen: Math.round(quiet - last), of: Math.round(quiet), what: "milliseconds of the load" };
  }

  #lookedLastAt(partition: number | null): Millis {
    if (partition !== null) return this.#lastAt.get(partition) ?? Number.NEGATIVE_INFINITY;
    return this.#lastAt.size === 0 ? Number.NEGATIVE_INFINITY : Math.min(...this.#lastAt.values());
  }

  /** When the epoch was over at the latest. */
  #endOf({ lastAt, until }: SeenEpoch): Millis {
    return Math.max(lastAt, Math.min(until, this.#changes.firstDone(lastAt)));
  }

  #follow(observations: readonly Observation[]): void {
    const current = new Map<number, SeenEpoch>();
    const looks = new Looks(this.#history);
    for (const one of observations) {
      const { at, partition } = one;
      this.#lastAt.set(partition, Math.max(at, this.#lastAt.get(partition) ?? at));
      const version = one.kind === "entry" ? one : one.version;
      const before = current.get(partition);
      const epoch = version === null ? undefined : (this.#epochs.get(version.epoch) ?? this.#begin(one, version));
      if (before !== undefined && before !== epoch) before.until = Math.min(before.until, at);
      if (epoch === undefined || version === null) {
        current.delete(partition);
        continue;
      }
      current.set(partition, epoch);
      if (one.kind === "entry" && one.sequence > epoch.base) epoch.entries.add(one.sequence);
      epoch.last = Math.max(epoch.last, version.sequence);
      epoch.lastAt = Math.max(epoch.lastAt, at);
      epoch.followedTo = Math.max(epoch.followedTo, looks.startOf(one) ?? at);
    }
  }

  /** A dump that comes before the entries tells all that there was until then; an entry that comes first should be the first of its epoch. */
  #begin({ at, kind, partition }: Observation, { epoch, sequence }: Version): SeenEpoch {
    const base = kind === "dump" ? sequence : 0;
    const never = Number.NEGATIVE_INFINITY;
    const seen = { lastAt: at, followedTo: never, until: Number.POSITIVE_INFINITY };
    const begun = { partition, base, last: sequence, entries: new Set<number>(), ...seen };
    this.#epochs.set(epoch, begun);
    return begun;
  }

  #partitionsInViews(): readonly number[] {
    const shown = [...ofKind(this.#history, "view"), ...ofKind(this.#history, "sample")];
    return [...new Set(shown.flatMap(({ views }) => views.flatMap((view, index) => (view === null ? [] : [index]))))];
  }

  /** How many reported versions the observer did not see, though they may have been. */
  #unseenVersions(): number {
    const found = new Set<string>();
    const take = (version: Version, since: Millis, until: Millis): void => {
      if (this.standing(version, since, until) === "unseen") found.add(versionText(version));
    };
    for (const event of this.#history) {
      if (event.kind === "view" || event.kind === "sample") {
        for (const view of event.views) if (view !== null) take(view, Number.NEGATIVE_INFINITY, event.at);
      } else if (event.kind === "call" && event.outcome === "ok" && event.to !== null) {
        // Configurations have a feed of their own, which the observer does not follow.
        if (event.version !== undefined && event.op !== "put_config") take(event.version, event.from, event.to);
        if (event.read?.node) take(event.read.node.version, Number.NEGATIVE_INFINITY, event.to);
        for (const { version } of event.selected ?? []) take(version, Number.NEGATIVE_INFINITY, event.to);
      }
    }
    return found.size;
  }
}
