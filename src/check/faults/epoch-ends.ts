/** Faults that end epochs: a server loses its data or restarts, or another one takes its place. */
import { type HistoryEvent, type Millis, ofKind } from "../history.ts";
import type { Observation } from "../observed/observation.ts";

/** How often each may change who holds a partition's data, at the most. */
const changesOf: Readonly<Record<string, number>> = {
  redis_restart: 1,
  redis_loading: 1,
  flush_all: 1,
  redis_failover: 2,
  redis_split_brain: 2,
  redis_former_primary: 2,
  slot_migration: 2,
};
/** The observer looks every 20 ms; a pause this long is one in which it could not. */
const blindFrom: Millis = 100;

interface EpochEnd {
  readonly changes: number;
  readonly asked: Millis;
  /** Nothing is written in the epoch before from here on. */
  readonly done: Millis;
  readonly healed: Millis;
}

interface Pause {
  readonly from: Millis;
  readonly to: Millis;
}

export class EpochEnds {
  readonly #faults: readonly EpochEnd[];
  /** Times without a look, in which an epoch may have begun and ended. */
  readonly #blind: readonly Pause[];

  constructor({
    history,
    observations,
  }: {
    readonly history: readonly HistoryEvent[];
    readonly observations: readonly Observation[];
  }) {
    this.#faults = epochEndsIn(history);
    this.#blind = this.#faults.length === 0 ? [] : pausesIn(history, observations).filter((one) => this.#isLong(one));
  }

  /** The first moment, not before `since`, from which on a fault has kept an epoch from going on; infinity: none did. */
  firstDone(since: Millis): Millis {
    return Math.min(
      Number.POSITIVE_INFINITY,
      ...this.#faults.flatMap(({ changes, done, healed }) => {
        // With several servers the former one may have gone on until the fault was healed.
        const over = changes > 1 ? healed : done;
        return over >= since ? [over] : [];
      }),
    );
  }

  /** Whether there was time without a look, from `since` to `until`, in which an epoch may have begun and ended. */
  mayHideEpoch(since: Millis, until: Millis): boolean {
    return this.#blind.some(({ from, to }) => from < until && to > since);
  }

  /** An epoch begins with one change, and ends with another one. */
  #isLong({ from, to }: Pause): boolean {
    const met = this.#faults.filter(({ asked, healed }) => asked < to && healed > from);
    return met.reduce((sum, { changes }) => sum + changes, 0) >= 2;
  }
}

function epochEndsIn(history: readonly HistoryEvent[]): readonly EpochEnd[] {
  const steps = ofKind(history, "fault").filter(({ name }) => changesOf[name] !== undefined);
  return [...Map.groupBy(steps, ({ fault }) => fault).values()].flatMap((own): readonly EpochEnd[] => {
    const injected = own.filter(({ step }) => step === "inject");
    const healed = own.filter(({ step }) => step === "heal");
    const [first] = injected;
    if (first === undefined) return [];
    const done = Math.max(...injected.map((step) => step.done));
    return [
      {
        changes: changesOf[first.name] ?? 0,
        asked: Math.min(...injected.map(({ asked }) => asked)),
        done,
        healed: healed.length === 0 ? Number.POSITIVE_INFINITY : Math.max(done, ...healed.map((step) => step.done)),
      },
    ];
  });
}

/** Returns the pauses between looks at each partition by itself, where the history says which one a look was at. */
function pausesIn(history: readonly HistoryEvent[], observations: readonly Observation[]): readonly Pause[] {
  const looks = [
    ...ofKind(history, "observer_read").map(({ at, partition = null }) => ({ at, partition })),
    ...observations.map(({ at, partition }) => ({ at, partition })),
  ].sort((a, b) => a.at - b.at);
  const shared = looks.filter(({ partition }) => partition === null);
  const own = Map.groupBy(looks, ({ partition }) => partition);
  own.delete(null);
  return [...own.values()].flatMap((each) => {
    const times = [...each, ...shared].map(({ at }) => at).sort((a, b) => a - b);
    return times.flatMap((to, index): readonly Pause[] => {
      const from = times[index - 1];
      return from === undefined || to - from < blindFrom ? [] : [{ from, to }];
    });
  });
}
