/** What the instances of a run were seen to do, as of the event that is heard now: their modes and views, and the faults on them. */
import type { Millis, Version } from "../check/history.ts";
import type { FaultStep, JudgeEvent, JudgeEventKind, ModeChanged, Reach, ViewMoved } from "./event.ts";
import { type Shards, worstOf } from "./instances/shards.ts";
import { OwnPlaces } from "./selection/own-places.ts";

/** What several judges of a run use. It hears each event once, before any of them. */
export interface Part {
  readonly hears: readonly JudgeEventKind[];
  on(event: JudgeEvent): void;
}

/** What is known of an instance and one shard. */
interface WithShard {
  mode: string;
  /** Since when it has been in `normal`; null: it is not. */
  normalSince: Millis | null;
  /** Faults that are in force on it. */
  faults: number;
  /** When the last one ended. */
  healedAt: Millis;
}

/** What is known of one instance. */
interface Standing {
  readonly shards: readonly WithShard[];
  /** Faults that are in force on it and are what the plan declares, and when the last one ended. */
  declared: number;
  declaredUntil: Millis;
  /** By partition. Another list after every change, so that one that is kept stays what it was. */
  views: readonly (Version | null)[];
  /** By partition: the epochs that it has followed in this life, each once, in the order in which it took them up. */
  readonly lived: string[][];
  /** By partition. */
  readonly reachableSince: Millis[];
}

interface Circumstances {
  readonly instances: number;
  readonly partitions: number;
  readonly shards: Shards;
  readonly isControl: boolean;
}

export class Scene implements Part {
  readonly hears = ["view", "mode", "fault", "instance", "phase", "reach"] as const;
  readonly #isControl: boolean;
  readonly #shards: Shards;
  #endedAt: Millis = Number.POSITIVE_INFINITY;
  /** What each instance knows of places that its view does not show. */
  readonly places: OwnPlaces;
  readonly #standings: readonly Standing[];
  /** By what makes them, in the order in which they were first asked for: one may use those before it. */
  readonly #parts = new Map<unknown, Part>();

  constructor({ instances, isControl, partitions, shards }: Circumstances) {
    this.#isControl = isControl;
    this.#shards = shards;
    this.#standings = Array.from({ length: instances }, () => ({
      shards: shards.all.map(atFirst),
      declared: 0,
      declaredUntil: Number.NEGATIVE_INFINITY,
      views: Array.from({ length: partitions }, () => null),
      lived: Array.from({ length: partitions }, () => []),
      reachableSince: Array.from({ length: partitions }, () => Number.NEGATIVE_INFINITY),
    }));
    this.places = new OwnPlaces(instances, (instance, partition) => this.view(instance, partition));
  }

  /** All that hear an event before the judges do, in the order in which they have to. */
  get parts(): readonly Part[] {
    return [this, this.places, ...this.#parts.values()];
  }

  /** Before the run begins. @returns the same part for all judges that ask for it */
  part<TheCase, Kind extends Part>(make: (theCase: TheCase) => Kind, theCase: TheCase): Kind {
    const known = this.#parts.get(make);
    if (known !== undefined) return known as Kind;
    const made = make(theCase);
    this.#parts.set(make, made);
    return made;
  }

  on(event: JudgeEvent): void {
    switch (event.kind) {
      case "view":
        this.#moved(event);
        break;
      case "mode":
        this.#changed(event);
        break;
      case "fault":
        this.#fault(event);
        break;
      case "instance":
        if (event.state === "started" || event.state === "crashed") this.#reborn(event.instance);
        if (event.state === "closing") this.#closing(event.instance);
        break;
      case "reach":
        this.#reach(event);
        break;
      case "phase":
        if (event.name === "end") this.#endedAt = event.at;
        break;
      default:
        break;
    }
  }

  /** @param shard absent: the worst of all */
  mode(instance: number, shard?: number): string {
    return worstOf(this.#with(instance, shard).map(({ mode }) => mode));
  }

  /** Since when it has been in `normal`; null: it is not. @param shard absent: with all of them */
  normalSince(instance: number, shard?: number): Millis | null {
    let since = Number.NEGATIVE_INFINITY;
    for (const one of this.#with(instance, shard)) {
      if (one.normalSince === null) return null;
      since = Math.max(since, one.normalSince);
    }
    return this.#standings[instance] === undefined ? null : since;
  }

  /** null: it holds nothing. */
  view(instance: number, partition: number): Version | null {
    return this.#standings[instance]?.views[partition] ?? null;
  }

  /** By partition, as they are now; what is handed out does not change. */
  views(instance: number): readonly (Version | null)[] {
    return this.#standings[instance]?.views ?? [];
  }

  /**
   * The epochs of a partition that an instance has followed in this life, by its own word, in the order in which it took them up. That order
   * alone says what is past to it: two servers may begin an epoch side by side, and neither epoch is then the later one.
   */
  lived(instance: number, partition: number): readonly string[] {
    return this.#standings[instance]?.lived[partition] ?? [];
  }

  /** Since when it can learn what has changed in a partition that it ought to follow; infinity: it cannot. */
  reachableSince(instance: number, partition: number): Millis {
    return this.#standings[instance]?.reachableSince[partition] ?? Number.NEGATIVE_INFINITY;
  }

  /** Whether some fault was in force on the instance at some moment since. @param shard absent: on any */
  wasTroubled(instance: number, since: Millis, shard?: number): boolean {
    return this.#with(instance, shard).some(({ faults, healedAt }) => faults > 0 || healedAt >= since);
  }

  /** Whether what has been under way on the instance since then exercises a claim about faults: one met it that was what the plan declares. */
  wasMet(instance: number, since: Millis): boolean {
    const standing = this.#standings[instance];
    return this.#isControl || (standing !== undefined && (standing.declared > 0 || standing.declaredUntil >= since));
  }

  /** When the run ended; infinity: it goes on, or nothing says that it ended. */
  get endedAt(): Millis {
    return this.#endedAt;
  }

  isTroubled(instance: number, shard?: number): boolean {
    return this.#with(instance, shard).some(({ faults }) => faults > 0);
  }

  healedAt(instance: number, shard?: number): Millis {
    return Math.max(...this.#with(instance, shard).map(({ healedAt }) => healedAt), Number.NEGATIVE_INFINITY);
  }

  #with(instance: number, shard: number | undefined): readonly WithShard[] {
    const all = this.#standings[instance]?.shards ?? [];
    return shard === undefined ? all : all.slice(shard, shard + 1);
  }

  #reborn(instance: number): void {
    const standing = this.#standings[instance];
    if (standing === undefined) return;
    for (const one of standing.shards) Object.assign(one, { mode: "local_only", normalSince: null });
    standing.views = standing.views.map(() => null);
    for (const epochs of standing.lived) epochs.length = 0;
  }

  /** It follows no more, whatever mode it was in. */
  #closing(instance: number): void {
    for (const one of this.#with(instance, undefined)) one.normalSince = null;
  }

  #reach({ at, instance, isReached, partition }: Reach): void {
    const own = this.#standings[instance]?.reachableSince;
    if (own !== undefined) own[partition] = isReached ? at : Number.POSITIVE_INFINITY;
  }

  #fault({ at, instance, lack = null, partitions, step }: FaultStep): void {
    const met = this.#shards.with(partitions);
    const change = step === "inject" ? 1 : -1;
    for (const [index, standing] of this.#standings.entries()) {
      if (instance !== null && instance !== index) continue;
      for (const one of met.flatMap((shard) => standing.shards[shard] ?? [])) {
        one.faults += change;
        if (step === "heal") one.healedAt = at;
      }
      if (lack !== null) continue;
      standing.declared += change;
      if (step === "heal") standing.declaredUntil = at;
    }
  }

  #changed({ at, instance, shard, to }: ModeChanged): void {
    const one = this.#standings[instance]?.shards[shard];
    if (one === undefined) return;
    one.mode = to;
    one.normalSince = to === "normal" ? at : null;
  }

  #moved({ instance, partition, version }: ViewMoved): void {
    const standing = this.#standings[instance];
    if (standing === undefined) return;
    standing.views = standing.views.with(partition, version);
    const lived = standing.lived[partition];
    if (lived !== undefined && !lived.includes(version.epoch)) lived.push(version.epoch);
  }
}

function atFirst(): WithShard {
  const never = Number.NEGATIVE_INFINITY;
  return { mode: "normal", normalSince: never, faults: 0, healedAt: never };
}
