/**
 * V4: a gap in the feed is noticed and repaired within the bound. Every change that an instance in `normal` ought to have is waited for, told or
 * not; how long it ran without it is what counts. Where the settings promise less than the scenario's bound, they are held to that.
 */
import { conclude, inMs, type Judgement } from "../../check/judgement.ts";
import { properties } from "../../check/properties.ts";
import type { Millis, Version } from "../../scheduler/ports.ts";
import type { SimEvent, Stepped } from "../trace/events.ts";
import { type Case, type OnlineJudge, Stories } from "./judge.ts";
import type { Scene } from "./scene.ts";
import type { EpochLine, Told } from "./truth.ts";

/** How far one instance is in one partition. */
interface Follower {
  readonly instance: number;
  readonly partition: number;
  line: EpochLine | undefined;
  /** Since when it ought to follow that. */
  movedAt: Millis;
  /** The first that it does not have. */
  next: number;
  /** Those of which no wake-up can have told it. */
  readonly untold: Set<number>;
}

/** Requests one after the other, each within its deadline, from the one that finds the gap to the view that has what was missed. */
const mostRequests = 4;

export function judgeGaps(theCase: Case, scene: Scene): OnlineJudge {
  return new Gaps(theCase, scene);
}

class Gaps implements OnlineJudge {
  readonly property = "V4";
  readonly hears = [
    "stepped.but_polls",
    "server",
    "fault",
    "link",
    "lost",
    "instance",
    "phase",
    "scheduler.mode_changed",
    "scheduler.view_advanced",
    "scheduler.resynced",
  ] as const;
  readonly #bound: Millis;
  readonly #scene: Scene;
  readonly #stories = new Stories();
  /** By instance, then by partition. */
  readonly #followers: readonly (readonly Follower[])[];
  /** By instance: since when it has been in `normal`; null: it is not. Kept here, since the scene is a step ahead. */
  readonly #normalSince: (Millis | null)[];
  readonly #isDeaf: boolean[];
  /** As the scene has it, a step later. */
  #readableSince: Millis = Number.NEGATIVE_INFINITY;
  #repaired = 0;
  #inNormal = 0;
  #slowest: Millis = 0;
  #judged = 0;

  constructor(theCase: Case, scene: Scene) {
    const { instances, partitions, settings, staleness } = theCase;
    const { pollInterval, pulseInterval, readDeadline } = settings;
    this.#bound = Math.min(staleness, pollInterval + pulseInterval + mostRequests * readDeadline);
    this.#scene = scene;
    this.#followers = Array.from({ length: instances }, (_, instance) =>
      Array.from({ length: partitions }, (_, partition) => ({
        instance,
        partition,
        line: undefined,
        movedAt: Number.NEGATIVE_INFINITY,
        next: 1,
        untold: new Set<number>(),
      })),
    );
    this.#normalSince = Array.from({ length: instances }, (_, instance) => scene.normalSince(instance));
    this.#isDeaf = Array.from({ length: instances }, () => false);
  }

  on(event: SimEvent): void {
    switch (event.kind) {
      case "stepped":
        if (event.after.meta !== event.before.meta) this.#stepped(event);
        break;
      case "server":
        this.#moved(event.at);
        break;
      case "fault":
        if (this.#readableSince !== this.#scene.readableSince) this.#unreadable(event.at);
        break;
      case "link":
        if (event.link === "feed") this.#isDeaf[event.instance] = event.state === "down";
        break;
      case "lost":
        if (event.what === "wake_up" && event.version !== null && typeof event.partition === "number") {
          this.#untold(event.instance, event.partition, event.version);
        }
        break;
      case "instance":
        if (event.state === "started" || event.state === "crashed") this.#leave(event.instance, event.at, null);
        break;
      case "phase":
        if (event.name === "end") this.#end(event.at);
        break;
      case "scheduler":
        if (event.what.kind === "mode_changed") {
          this.#leave(event.instance, event.at, event.what.to === "normal" ? event.at : null);
        } else if (event.what.kind === "view_advanced" || event.what.kind === "resynced") {
          this.#reached(event.instance, event.what.partition, event.what.version, event.at);
        }
        break;
      default:
        break;
    }
  }

  finish(): Judgement {
    const { premise } = properties.V4;
    const measures = [
      { name: "changes_waited_for", value: this.#judged },
      { name: "missed_while_in_normal", value: this.#inNormal },
      ...(this.#inNormal === 0
        ? []
        : [{ name: "time_to_repair_ms_max", value: this.#slowest, threshold: this.#bound }]),
    ];
    return conclude({
      property: "V4",
      premise,
      exercised: this.#repaired,
      violations: this.#stories.all,
      measures,
    });
  }

  #stepped({ at, changes, partition, server }: Stepped): void {
    for (const [instance, own] of this.#followers.entries()) {
      const follower = own[partition];
      if (follower === undefined || this.#scene.whereabouts.serverOf(instance) !== server) continue;
      this.#settle(follower, at);
      if (this.#isDeaf[instance] !== true || follower.line === undefined) continue;
      const { last } = follower.line;
      for (let sequence = last - changes.length + 1; sequence <= last; sequence += 1) follower.untold.add(sequence);
    }
  }

  #moved(at: Millis): void {
    for (const own of this.#followers) for (const follower of own) this.#settle(follower, at);
  }

  /** What it ought to follow may be another epoch now: then what it lacked of the former one is gone, or comes with the new. */
  #settle(follower: Follower, at: Millis): void {
    const line = this.#scene.followedBy(follower.instance, follower.partition);
    if (line === follower.line) return;
    this.#look(follower, at);
    follower.line = line;
    follower.movedAt = this.#scene.whereabouts.movedAt(follower.instance);
    follower.next = 1;
    follower.untold.clear();
    const view = this.#scene.view(follower.instance, follower.partition);
    if (view !== null) this.#skip(follower, view);
  }

  #skip(follower: Follower, view: Version): void {
    while (follower.line !== undefined && follower.next <= follower.line.last && this.#has(follower, view)) {
      follower.next += 1;
    }
  }

  #untold(instance: number, partition: number, { epoch, sequence }: Version): void {
    const follower = this.#followers[instance]?.[partition];
    if (follower?.line?.epoch === epoch && sequence >= follower.next) follower.untold.add(sequence);
  }

  /** From now on the store tells nobody what has changed, or does so again. */
  #unreadable(at: Millis): void {
    this.#end(at);
    this.#readableSince = this.#scene.readableSince;
  }

  #leave(instance: number, at: Millis, normalSince: Millis | null): void {
    for (const follower of this.#followers[instance] ?? []) this.#look(follower, at);
    this.#normalSince[instance] = normalSince;
  }

  #end(at: Millis): void {
    for (const own of this.#followers) for (const follower of own) this.#look(follower, at);
  }

  #reached(instance: number, partition: number, view: Version, at: Millis): void {
    const follower = this.#followers[instance]?.[partition];
    if (follower === undefined) return;
    while (follower.line !== undefined && follower.next <= follower.line.last && this.#has(follower, view)) {
      const told = follower.line.entry(follower.next);
      if (told !== undefined) this.#judge(follower, told, at);
      follower.untold.delete(follower.next);
      follower.next += 1;
    }
  }

  /** As far in the epoch, or in one for which the instance has left it. */
  #has({ instance, line, next, partition }: Follower, view: Version): boolean {
    if (view.epoch === line?.epoch) return view.sequence >= next;
    const epochs = this.#scene.lived(instance, partition).map(({ epoch }) => epoch);
    const turn = epochs.indexOf(line?.epoch ?? "");
    return turn >= 0 && epochs.indexOf(view.epoch) > turn;
  }

  /** For how long it has run without a change, in `normal`; null: it is not. */
  #waited({ instance, movedAt }: Follower, told: Told, at: Millis): Millis | null {
    const normalSince = this.#normalSince[instance] ?? null;
    if (normalSince === null || this.#readableSince > at) return null;
    // What came before the load counts from its beginning.
    const since = Math.max(told.at, 0, normalSince, movedAt, this.#readableSince);
    return this.#scene.presence.ran(instance, since, at);
  }

  #judge(follower: Follower, told: Told, at: Millis): void {
    const waited = this.#waited(follower, told, at);
    const isUntold = follower.untold.has(told.sequence) && told.at >= 0;
    if (isUntold) this.#repaired += 1;
    // What it catches up with on its way back to `normal` it has from the first moment on at which it counts.
    if (waited === null) return;
    this.#judged += 1;
    if (isUntold) {
      this.#inNormal += 1;
      this.#slowest = Math.max(this.#slowest, waited);
    }
    if (waited > this.#bound) this.#tell(follower, told, waited, at);
  }

  /** The first that it lacks is the one that it has lacked for longest. */
  #look(follower: Follower, at: Millis): void {
    const told = follower.line?.entry(follower.next);
    if (told === undefined) return;
    const waited = this.#waited(follower, told, at);
    if (waited !== null && waited > this.#bound) this.#tell(follower, told, waited, at);
  }

  #tell(
    { instance, line, partition }: Follower,
    { change, sequence, ...told }: Told,
    waited: Millis,
    at: Millis,
  ): void {
    const bound = inMs(this.#bound);
    this.#stories.add(() => [
      `instance ${instance} was without change ${sequence} of partition ${partition} for ${inMs(waited)}, allowed ${bound}`,
      `${change.kind} of node ${told.node} in epoch ${line?.epoch}, in the store at ${inMs(told.at)}; in normal throughout until ${inMs(at)}, counting only while the instance ran`,
    ]);
  }
}
