/**
 * What the events and ports of the judges are made from: what the store held, which instances ran, in which mode and with which views, and to which server
 * each goes. It hears each event before any judge does, and does for it work in proportion to what the event has changed.
 */
import type { Version } from "../../check/history.ts";
import type { Millis } from "../../protocol/time.ts";
import type { Plan } from "../plan/plan.ts";
import type { Listener } from "../trace/bus.ts";
import type { FaultDone, Said, SimEvent } from "../trace/events.ts";
import { Presence } from "./presence.ts";
import { type EpochLine, Truth } from "./truth.ts";
import { Whereabouts } from "./whereabouts.ts";

/** What it holds of one instance. */
interface Standing {
  mode: string;
  /** Whether the last fault that began on it cuts it off. */
  isCutOff: boolean;
  /** By partition; null where it holds nothing. Another list after every change, so that a reference to it stays as it was. */
  views: readonly (Version | null)[];
  /** By partition: the epochs that it has followed in this life, each once, in the order in which it took them up. */
  readonly lived: EpochLine[][];
}

export class Scene implements Listener {
  readonly hears = [
    ...(["stepped", "instance", "server", "fault"] as const),
    ...(["scheduler.mode_changed", "scheduler.view_advanced", "scheduler.resynced"] as const),
  ] as const;
  readonly truth: Truth;
  readonly presence: Presence;
  readonly whereabouts: Whereabouts;
  /** The epoch that has begun with the step that is heard now. */
  begun: EpochLine | null = null;
  /** The server's clock less the run's, as it was when a script last ran. */
  serverClock = Number.NaN;
  readonly #standings: readonly Standing[];
  readonly #faults: Plan["faults"];
  /** Faults in force under which the store does not say what has changed, though it answers: the feed's own keys are not what they should be. */
  #unreadable = 0;
  #readableSince: Millis = Number.NEGATIVE_INFINITY;

  constructor({ plan, instances, partitions }: { plan: Plan; instances: number; partitions: number }) {
    this.#faults = plan.faults;
    this.truth = new Truth(partitions);
    this.presence = new Presence(instances);
    this.whereabouts = new Whereabouts(plan.faults, instances);
    this.#standings = Array.from({ length: instances }, () => ({
      mode: "normal",
      isCutOff: false,
      views: Array.from({ length: partitions }, () => null),
      lived: Array.from({ length: partitions }, () => []),
    }));
  }

  on(event: SimEvent): void {
    switch (event.kind) {
      case "stepped":
        this.whereabouts.on(event);
        this.begun = this.truth.on(event);
        this.serverClock = event.command.at - Math.floor(event.at);
        break;
      case "instance":
        this.presence.on(event);
        if (event.state === "started" || event.state === "crashed") this.#reborn(event.instance);
        break;
      case "server":
        this.whereabouts.on(event);
        break;
      case "fault":
        this.whereabouts.on(event);
        this.#fault(event);
        break;
      case "scheduler":
        this.#said(event);
        break;
      default:
        break;
    }
  }

  mode(instance: number): string {
    return this.#standings[instance]?.mode ?? "normal";
  }

  view(instance: number, partition: number): Version | null {
    return this.#standings[instance]?.views[partition] ?? null;
  }

  /**
   * The epochs of a partition that an instance has followed in this life, by its own word, in the order in which it took them up. That order
   * alone says what is past to it: two servers may begin an epoch side by side, and neither epoch is then the later one.
   */
  lived(instance: number, partition: number): readonly EpochLine[] {
    return this.#standings[instance]?.lived[partition] ?? [];
  }

  /** What it ought to follow: the epoch of the server that it goes to. */
  followedBy(instance: number, partition: number): EpochLine | undefined {
    const server = this.whereabouts.serverOf(instance);
    return server === null ? undefined : this.truth.current(server, partition);
  }

  /** Since when the store has answered what has changed; infinity: it does not, and then no instance can follow. */
  get readableSince(): Millis {
    return this.#unreadable > 0 ? Number.POSITIVE_INFINITY : this.#readableSince;
  }

  /** Whether the last fault that began on it cuts it off. */
  isCutOff(instance: number): boolean {
    return this.#standings[instance]?.isCutOff === true;
  }

  #reborn(instance: number): void {
    const standing = this.#standings[instance];
    if (standing === undefined) return;
    standing.mode = "local_only";
    standing.views = standing.views.map(() => null);
    for (const lines of standing.lived) lines.length = 0;
  }

  #fault({ at, cutsOff, fault, instance, step }: FaultDone): void {
    const done = this.#faults[fault];
    if (done?.kind === "wrong_type" && done.key !== "expiry") {
      this.#unreadable += step === "inject" ? 1 : -1;
      this.#readableSince = at;
    }
    for (const [index, standing] of this.#standings.entries()) {
      if (instance !== null && instance !== index) continue;
      if (step === "inject") standing.isCutOff = cutsOff;
    }
  }

  #said({ instance, what }: Said): void {
    const standing = this.#standings[instance];
    if (standing === undefined) return;
    if (what.kind === "mode_changed") {
      standing.mode = what.to;
    } else if (what.kind === "view_advanced" || what.kind === "resynced") {
      standing.views = standing.views.with(what.partition, what.version);
      const lived = standing.lived[what.partition];
      const line = this.truth.line(what.version.epoch);
      if (lived !== undefined && line !== undefined && !lived.includes(line)) lived.push(line);
    }
  }
}
