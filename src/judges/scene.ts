/** The observed state of the instances of a run, as of the event that is heard now: their modes and views, and the faults on them. */
import type { Millis, Version } from "../check/history.ts";
import type { FaultStep, JudgeEvent, JudgeEventKind, ModeChanged, Reach, ViewMoved } from "./event.ts";
import { OwnPlaces } from "./selection/own-places.ts";

/** A part that several judges of a run use. It hears each event once, before any of them. */
export interface Part {
  readonly hears: readonly JudgeEventKind[];
  on(event: JudgeEvent): void;
}

/** The known state of one instance. */
interface Standing {
  mode: string;
  /** Since when it has been in `normal`; null: it is not. */
  normalSince: Millis | null;
  /** Faults that are in force on it. */
  faults: number;
  /** When the last one ended. */
  healedAt: Millis;
  /** The same of those that were what the plan declares. */
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
  readonly isControl: boolean;
}

export class Scene implements Part {
  readonly hears = ["view", "mode", "fault", "instance", "phase", "reach"] as const;
  readonly #isControl: boolean;
  #endedAt: Millis = Number.POSITIVE_INFINITY;
  #givenUpAt: Millis = Number.POSITIVE_INFINITY;
  /** The pending reservations that each instance knows of and its view does not show. */
  readonly places: OwnPlaces;
  readonly #standings: readonly Standing[];
  /** By what makes them, in the order in which they were first asked for: one may use those before it. */
  readonly #parts = new Map<unknown, Part>();

  constructor({ instances, isControl, partitions }: Circumstances) {
    this.#isControl = isControl;
    this.#standings = Array.from({ length: instances }, () => ({
      mode: "normal",
      normalSince: Number.NEGATIVE_INFINITY,
      faults: 0,
      healedAt: Number.NEGATIVE_INFINITY,
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
        if (event.name === "quiet") this.#givenUpAt = event.at;
        break;
      default:
        break;
    }
  }

  mode(instance: number): string {
    return this.#standings[instance]?.mode ?? "normal";
  }

  /** Since when it has been in `normal`; null: it is not. */
  normalSince(instance: number): Millis | null {
    return this.#standings[instance]?.normalSince ?? null;
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

  /** Whether some fault was in force on the instance at some moment since. */
  wasTroubled(instance: number, since: Millis): boolean {
    const standing = this.#standings[instance];
    return standing !== undefined && (standing.faults > 0 || standing.healedAt >= since);
  }

  /** Whether what has been in flight on the instance since then exercises a claim about faults: one met it that was what the plan declares. */
  wasMet(instance: number, since: Millis): boolean {
    const standing = this.#standings[instance];
    return this.#isControl || (standing !== undefined && (standing.declared > 0 || standing.declaredUntil >= since));
  }

  /** When the run ended; infinity: it goes on, or nothing says that it ended. */
  get endedAt(): Millis {
    return this.#endedAt;
  }

  /** Until when clients waited for answers; infinity: nothing says that they stopped. */
  get givenUpAt(): Millis {
    return Math.min(this.#givenUpAt, this.#endedAt);
  }

  isTroubled(instance: number): boolean {
    return (this.#standings[instance]?.faults ?? 0) > 0;
  }

  healedAt(instance: number): Millis {
    return this.#standings[instance]?.healedAt ?? Number.NEGATIVE_INFINITY;
  }

  #reborn(instance: number): void {
    const standing = this.#standings[instance];
    if (standing === undefined) return;
    standing.mode = "local_only";
    standing.normalSince = null;
    standing.views = standing.views.map(() => null);
    for (const epochs of standing.lived) epochs.length = 0;
  }

  /** It follows no more, whatever mode it was in. */
  #closing(instance: number): void {
    const standing = this.#standings[instance];
    if (standing !== undefined) standing.normalSince = null;
  }

  #reach({ at, instance, isReached, partition }: Reach): void {
    const own = this.#standings[instance]?.reachableSince;
    if (own !== undefined) own[partition] = isReached ? at : Number.POSITIVE_INFINITY;
  }

  #fault({ at, instance, lack = null, step }: FaultStep): void {
    for (const [index, standing] of this.#standings.entries()) {
      if (instance !== null && instance !== index) continue;
      const change = step === "inject" ? 1 : -1;
      standing.faults += change;
      if (step === "heal") standing.healedAt = at;
      if (lack !== null) continue;
      standing.declared += change;
      if (step === "heal") standing.declaredUntil = at;
    }
  }

  #changed({ at, instance, to }: ModeChanged): void {
    const standing = this.#standings[instance];
    if (standing === undefined) return;
    standing.mode = to;
    standing.normalSince = to === "normal" ? at : null;
  }

  #moved({ instance, partition, version }: ViewMoved): void {
    const standing = this.#standings[instance];
    if (standing === undefined) return;
    standing.views = standing.views.with(partition, version);
    const lived = standing.lived[partition];
    if (lived !== undefined && !lived.includes(version.epoch)) lived.push(version.epoch);
  }
}
