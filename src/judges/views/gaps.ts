/**
 * V4: a gap in the feed is noticed and repaired within the bound. Every change that an instance in `normal` ought to have is waited for, whether a
 * wake-up has announced it or not; how long it ran without it is what counts. Where the settings promise less than the bound, they are held to that.
 */
import type { Call, Millis, NodeContent, Version } from "../../check/history.ts";
import { inMs, type Judgement } from "../../check/judgement.ts";
import { distributionOf } from "../../check/timing/distribution.ts";
import type { Changed, FeedLinkChanged, JudgeEvent, Reach, ViewMoved, WakeUpLost } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";
import type { EpochLine, LineEntry } from "../truth.ts";

/** A change that an instance does not have, or had not. */
interface Lacked {
  readonly line: EpochLine;
  readonly entry: LineEntry;
  readonly isUnannounced: boolean;
}

/** How far one instance is in one partition. */
interface Follower {
  readonly instance: number;
  readonly partition: number;
  /** The last that the store had. */
  view: Version | null;
  line: EpochLine | undefined;
  /** Since when the instance can learn what has changed there; infinity: it cannot. */
  reachableSince: Millis;
  /** The first that it does not have. */
  next: number;
  /** Those that no wake-up can have announced to it. */
  readonly unannounced: Set<number>;
  /** The first that it did not have of the epoch that it was to follow before, until it is in a later one. */
  former: Lacked | null;
  /** The last answer that showed a node without a change for which it had waited too long. */
  shownWithout: number | null;
}

export function judgeGaps(theCase: Case): Judge {
  return new Gaps(theCase);
}

class Gaps implements Judge {
  readonly property = "V4";
  readonly hears = [
    ...(["change", "epoch", "view", "reach", "feed_link", "lost_wake_up"] as const),
    ...(["mode", "instance", "returned", "phase"] as const),
  ];
  readonly #case: Case;
  readonly #bound: Millis;
  readonly #findings = new Findings("V4");
  /** By instance, then by partition. */
  readonly #followers: readonly (readonly Follower[])[];
  /** By instance: since when it has been in `normal`; null: it is not. Kept here, since the scene is a step ahead. */
  readonly #normalSince: (Millis | null)[];
  /** By instance: no wake-up can reach it. */
  readonly #isDeaf: boolean[];
  /** Calls that were answered with a version. */
  readonly #versioned: Call[] = [];
  /** How long each gap lasted in `normal`. */
  readonly #repairs: Millis[] = [];
  #repaired = 0;
  #judged = 0;
  #hasEnded = false;

  constructor(theCase: Case) {
    const { bounds, instances, partitions, terms } = theCase;
    this.#case = theCase;
    this.#bound = Math.min(bounds.staleness, terms.repair ?? Number.POSITIVE_INFINITY);
    this.#followers = Array.from({ length: instances }, (_, instance) =>
      Array.from({ length: partitions }, (_, partition) => followerOf(instance, partition)),
    );
    this.#normalSince = Array.from({ length: instances }, () => Number.NEGATIVE_INFINITY);
    this.#isDeaf = Array.from({ length: instances }, () => false);
  }

  on(event: JudgeEvent): void {
    switch (event.kind) {
      case "change":
        this.#changed(event);
        break;
      case "epoch":
        for (const own of this.#followers) this.#settle(own[event.line.partition], event.at);
        break;
      case "view":
        this.#moved(event);
        break;
      case "reach":
        this.#reach(event);
        break;
      case "feed_link":
        this.#link(event);
        break;
      case "lost_wake_up":
        this.#unannounced(event);
        break;
      case "mode":
        this.#leave(event.instance, event.at, event.to === "normal" ? event.at : null);
        break;
      case "instance":
        if (event.state === "started" || event.state === "crashed") this.#reborn(event.instance, event.at);
        break;
      case "returned":
        this.#returned(event.call);
        break;
      case "phase":
        if (event.name === "end") this.#end(event.at);
        break;
      default:
        break;
    }
  }

  finish(): Judgement {
    const repairs = distributionOf(this.#repairs);
    return this.#findings.conclude({
      exercised: this.#hasEnded ? this.#repaired : 0,
      judged: Math.max(this.#judged, this.#repaired),
      open: "later by no more than the instance was kept from running",
      measures: [
        { name: "changes_waited_for", value: this.#judged },
        { name: "missed_while_in_normal", value: this.#repairs.length },
        ...(repairs === null
          ? []
          : [
              { name: "time_to_repair_ms_p50", value: repairs.p50 },
              {
                name: "time_to_repair_ms_max",
                value: repairs.max,
                ...(this.#findings.isSettled ? { threshold: this.#bound } : {}),
              },
            ]),
      ],
    });
  }

  #changed({ at, entry: { sequence }, line }: Changed): void {
    for (const [instance, own] of this.#followers.entries()) {
      const follower = own[line.partition];
      this.#settle(follower, at);
      if (follower?.line !== line || this.#isDeaf[instance] !== true) continue;
      // One that it has before anybody saw it in the store was repaired at once.
      if (sequence >= follower.next) follower.unannounced.add(sequence);
      else this.#repaired += 1;
    }
  }

  /** The epoch to follow may have changed: what was lacking of the former one comes with the new one, unless it is lost. */
  #settle(follower: Follower | undefined, at: Millis): void {
    if (follower === undefined) return;
    const { instance, partition, view } = follower;
    const { truth } = this.#case;
    const epoch = truth.followedBy(instance, partition, at)?.epoch;
    if (epoch === follower.line?.epoch) return;
    this.#look(follower, at);
    follower.former ??= lackedBy(follower);
    follower.line = epoch === undefined ? undefined : truth.line(epoch);
    follower.next = 1;
    follower.unannounced.clear();
    if (view !== null) this.#skip(follower, view);
  }

  #skip(follower: Follower, view: Version): void {
    while (follower.line !== undefined && follower.next <= follower.line.last && this.#has(follower, view)) {
      follower.next += 1;
    }
  }

  #link({ instance, isUp }: FeedLinkChanged): void {
    this.#isDeaf[instance] = !isUp;
  }

  #unannounced({ at, instance, version: { epoch, sequence } }: WakeUpLost): void {
    const follower = this.#followers[instance]?.[this.#case.truth.line(epoch)?.partition ?? -1];
    this.#settle(follower, at);
    if (follower?.line?.epoch === epoch && sequence >= follower.next) follower.unannounced.add(sequence);
  }

  #reach({ at, instance, isReached, partition }: Reach): void {
    const follower = this.#followers[instance]?.[partition];
    if (follower === undefined) return;
    this.#look(follower, at);
    follower.reachableSince = isReached ? at : Number.POSITIVE_INFINITY;
  }

  #leave(instance: number, at: Millis, normalSince: Millis | null): void {
    for (const follower of this.#followers[instance] ?? []) this.#look(follower, at);
    this.#normalSince[instance] = normalSince;
  }

  #reborn(instance: number, at: Millis): void {
    this.#leave(instance, at, null);
    for (const follower of this.#followers[instance] ?? []) follower.view = null;
  }

  #end(at: Millis): void {
    this.#hasEnded = true;
    for (const own of this.#followers) for (const follower of own) this.#look(follower, at);
  }

  #moved({ at, instance, partition, version }: ViewMoved): void {
    const follower = this.#followers[instance]?.[partition];
    // One that claims to be where the store never was has not caught up by that.
    if (follower === undefined || this.#case.truth.standing(version, Number.NEGATIVE_INFINITY, at) === "never") return;
    this.#settle(follower, at);
    follower.view = version;
    const { former } = follower;
    const isNow = version.epoch === follower.line?.epoch;
    if (former !== null && (isNow || this.#isPast(follower, former.line, version))) {
      follower.former = null;
      this.#judge(follower, former, at);
    }
    while (follower.line !== undefined && follower.next <= follower.line.last && this.#has(follower, version)) {
      const { line, next, unannounced } = follower;
      const entry = line.entry(next);
      if (entry !== undefined) this.#judge(follower, { line, entry, isUnannounced: unannounced.has(next) }, at);
      unannounced.delete(next);
      follower.next += 1;
    }
  }

  /** As far in the epoch, or in a later one. */
  #has(follower: Follower, view: Version): boolean {
    const { line, next } = follower;
    if (line === undefined) return false;
    return view.epoch === line.epoch ? view.sequence >= next : this.#isPast(follower, line, view);
  }

  /** Whether the view is of an epoch for which the instance has left that one. */
  #isPast({ instance, partition }: Follower, { epoch }: EpochLine, view: Version): boolean {
    const epochs = this.#case.scene.lived(instance, partition);
    const turn = epochs.indexOf(epoch);
    return turn >= 0 && epochs.indexOf(view.epoch) > turn;
  }

  /** Since when it has counted that the instance does not have it; null: it does not count. */
  #since({ instance, partition, reachableSince }: Follower, { at }: LineEntry): Millis | null {
    const normalSince = this.#normalSince[instance] ?? null;
    const { isViewSeen, timing } = this.#case;
    if (normalSince === null || reachableSince === Number.POSITIVE_INFINITY) return null;
    if (!isViewSeen(instance, partition)) return null;
    // A change from before the load counts from the beginning of the load.
    const since = timing.firstPresent(instance, Math.max(at, 0, normalSince, reachableSince));
    return timing.wasAway(instance, since, since + this.#bound) ? null : since;
  }

  #judge(follower: Follower, lacked: Lacked, at: Millis): void {
    const since = this.#since(follower, lacked.entry);
    const isGap = lacked.isUnannounced && lacked.entry.at >= 0;
    if (isGap) this.#repaired += 1;
    // A change that it catches up with on its way back to `normal` is there from the first moment at which it counts.
    if (since !== null) {
      const waited = this.#case.timing.ran(follower.instance, since, at);
      this.#judged += 1;
      if (isGap) this.#repairs.push(waited);
      if (waited > this.#bound) this.#late(follower, lacked, [since, at]);
    }
    follower.shownWithout = null;
  }

  /** The first that it lacks is the one that it has lacked for longest. */
  #look(follower: Follower, at: Millis): void {
    const lacked = follower.former ?? lackedBy(follower);
    const since = lacked && this.#since(follower, lacked.entry);
    if (lacked === null || since === null) return;
    if (this.#case.timing.ran(follower.instance, since, at) > this.#bound) this.#late(follower, lacked, [since, at]);
  }

  #late(follower: Follower, { entry, line }: Lacked, [since, at]: readonly [Millis, Millis]): void {
    const { timing } = this.#case;
    const { instance, partition, shownWithout } = follower;
    const { kind, node, sequence } = entry;
    const waited = timing.ran(instance, since, at);
    const isMaker = ({ version }: Call): boolean => version?.sequence === sequence && version.epoch === line.epoch;
    const maker = shownWithout === null ? undefined : this.#versioned.findLast(isMaker)?.id;
    const calls = shownWithout === null ? [] : [...(maker === undefined ? [] : [maker]), shownWithout];
    const story = (): readonly string[] => [
      `instance ${instance} was without change ${sequence} of partition ${partition} for ${inMs(waited)}, allowed ${inMs(this.#bound)}`,
      `${kind} of node ${node} in epoch ${line.epoch}, seen in the store at ${inMs(entry.at)}; in normal throughout from ${inMs(since)} to ${inMs(at)}, ${timing.waitText(instance, since, at)}`,
    ];
    this.#findings.late(timing.blame(waited - this.#bound, since, at, instance), false, story, calls);
  }

  /** Which call made a change, and which answers show that it is not there. */
  #returned(call: Call): void {
    const { from, id, instance, read, selected = [], version } = call;
    if (version !== undefined) this.#versioned.push(call);
    if (!read?.node && selected.length === 0) return;
    for (const follower of this.#followers[instance] ?? []) {
      const lacked = follower.former ?? lackedBy(follower);
      if (lacked === null || from <= lacked.entry.at + this.#bound) continue;
      const since = this.#since(follower, lacked.entry);
      if (since === null || from <= since + this.#bound) continue;
      const shown = read?.node ? [read.node, ...selected] : selected;
      if (shown.some((node) => isWithout(node, lacked))) follower.shownWithout = id;
    }
  }
}

function followerOf(instance: number, partition: number): Follower {
  return {
    ...{ instance, partition, view: null, line: undefined, reachableSince: Number.NEGATIVE_INFINITY },
    ...{ next: 1, unannounced: new Set(), former: null, shownWithout: null },
  };
}

/** The first that it does not have of the epoch that it is to follow; null: nothing that was seen. */
function lackedBy(follower: Follower): Lacked | null {
  const { line, unannounced } = follower;
  while (line !== undefined && follower.next <= line.last) {
    const entry = line.entry(follower.next);
    if (entry !== undefined) return { line, entry, isUnannounced: unannounced.has(follower.next) };
    follower.next += 1; // it was not observed
  }
  return null;
}

function isWithout({ node, version }: NodeContent, { entry, line }: Lacked): boolean {
  return node === entry.node && version.epoch === line.epoch && version.sequence < entry.sequence;
}
