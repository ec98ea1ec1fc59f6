/**
 * V2: a cache shows only what the store once held, whole, and never goes back: neither behind what clients have been shown, nor behind what the
 * instance itself had followed by the time it was asked. What it shows is the node that was asked for, and as old as it says.
 *
 * What is past to an instance is what it has left, not what began first: in a split that follows a failover at once, both sides begin an epoch of
 * the same past, and whoever followed one goes on in the other, whichever began sooner. So places are ordered by the epochs that an instance has
 * lived in, and what it shows has to be a place in one of those.
 */
import { isTooOld, oldestConfirmed, tooOldStory, youngerStory } from "../../check/answer-age.ts";
import { contradictionIn, contradictionStory } from "../../check/answer-sense.ts";
import { type Call, type NodeContent, type ReadAnswer, versionText } from "../../check/history.ts";
import { conclude, inMs, type Judgement } from "../../check/judgement.ts";
import { properties } from "../../check/properties.ts";
import type { Millis, Version } from "../../scheduler/ports.ts";
import type { Said, SimEvent } from "../trace/events.ts";
import { differenceFrom, isVersion } from "./content.ts";
import { type Case, type OnlineJudge, Stories } from "./judge.ts";
import type { Scene } from "./scene.ts";
import type { EpochLine } from "./truth.ts";

/** A place in the life of an instance: which of its epochs, and a sequence of it. */
interface Place {
  /** Of all that it has lived in, from 0. */
  readonly turn: number;
  readonly line: EpochLine;
  readonly sequence: number;
}

/** The earliest place from which a client may have been answered, and when it was. */
interface Shown {
  readonly at: Millis;
  readonly place: Place;
  readonly version: Version;
}

/** How far an instance had followed, and from when on. */
interface Followed {
  readonly at: Millis;
  readonly place: Place;
}

export function judgeCacheTruth(theCase: Case, scene: Scene): OnlineJudge {
  return new CacheTruth(theCase, scene);
}

/** Of the ticks in which time is counted. */
const rounding: Millis = 0.1;

const caches: ReadonlySet<string> = new Set(["l1", "l2", "selection"]);

class CacheTruth implements OnlineJudge {
  readonly property = "V2";
  readonly hears = ["returned", "instance", "scheduler.view_advanced", "scheduler.resynced"] as const;
  readonly #case: Case;
  readonly #scene: Scene;
  readonly #stories = new Stories();
  /** By instance: node -> what clients were shown of it, each later than the one before. */
  readonly #shown: readonly Map<string, Shown[]>[];
  /** By instance: partition -> its views, each later than the one before. */
  readonly #followed: readonly Map<number, Followed[]>[];
  #fromCache = 0;

  constructor(theCase: Case, scene: Scene) {
    const { instances } = theCase;
    this.#case = theCase;
    this.#scene = scene;
    this.#shown = Array.from({ length: instances }, () => new Map<string, Shown[]>());
    this.#followed = Array.from({ length: instances }, () => new Map<number, Followed[]>());
  }

  on(event: SimEvent): void {
    if (event.kind === "returned") {
      this.#returned(event.call);
    } else if (event.kind === "scheduler") {
      this.#moved(event);
    } else if (event.kind === "instance" && event.state === "crashed") {
      // A new life has new caches.
      this.#shown[event.instance]?.clear();
      this.#followed[event.instance]?.clear();
    }
  }

  finish(): Judgement {
    const { premise } = properties.V2;
    return conclude({ property: "V2", premise, exercised: this.#fromCache, violations: this.#stories.all });
  }

  #moved({ at, instance, what }: Said): void {
    if (what.kind !== "view_advanced" && what.kind !== "resynced") return;
    const own = this.#followed[instance];
    const line = this.#scene.truth.line(what.version.epoch);
    if (own === undefined || line === undefined) return;
    const views = own.get(what.partition) ?? [];
    if (views.length === 0) own.set(what.partition, views);
    const turn = this.#scene.lived(instance, what.partition).indexOf(line);
    const place = { turn, line, sequence: what.version.sequence };
    const last = views.at(-1);
    // F1 tells of one that goes back.
    if (last === undefined || isLater(place, last.place)) views.push({ at, place });
  }

  #returned(call: Call): void {
    if (call.to === null) return;
    const contradiction = contradictionIn(call);
    if (contradiction !== null) this.#stories.add(() => contradictionStory(call, contradiction));
    if (call.read !== undefined) this.#lookAtAge(call, call.to, call.read);
    if (call.read?.node) this.#look(call, call.to, call.read.node, call.read.source);
    else if (call.selected !== undefined)
      for (const node of call.selected) this.#look(call, call.to, node, "selection");
  }

  /** Of what an instance does not follow now it may have heard from elsewhere, and whoever stands still is late with what was true. */
  #lookAtAge(call: Call, to: Millis, read: ReadAnswer): void {
    const { presence, truth } = this.#scene;
    const { from, instance } = call;
    if (presence.stood(instance, from, to)) return;
    const { budget, settings } = this.#case;
    const oldest = oldestConfirmed(read, to - from, settings, budget);
    if (isTooOld(read, oldest)) this.#stories.add(() => tooOldStory(call, read, oldest));
    if (read.node === null || read.age_ms < 0) return;
    const { node, version } = read.node;
    const line = truth.line(version.epoch);
    if (line === undefined || this.#scene.followedBy(instance, line.partition) !== line) return;
    const changed = line.next(node, version.sequence)?.at ?? Number.POSITIVE_INFINITY;
    if (changed < from - read.age_ms - rounding) this.#stories.add(() => youngerStory(call, read, changed));
  }

  #look(call: Call, to: Millis, shown: NodeContent, source: string): void {
    if (caches.has(source)) this.#fromCache += 1;
    const { truth } = this.#scene;
    const { epoch, sequence } = shown.version;
    const line = truth.line(epoch);
    const told = line?.entry(sequence);
    const why = whyNot(line, told, shown);
    if (line === undefined || why !== null) {
      this.#stories.add(() => [
        `instance ${call.instance} showed node ${shown.node} at ${versionText(shown.version)} as the store never held it`,
        `${why}; ${howTold(call, source)}`,
      ]);
      return;
    }
    this.#follow(call, to, shown, line, source);
  }

  /** What is asked for after an answer was given must not be answered from further back. */
  #follow(call: Call, to: Millis, { node, version }: NodeContent, line: EpochLine, source: string): void {
    const own = this.#shown[call.instance];
    if (own === undefined) return;
    const answers = own.get(node) ?? [];
    if (answers.length === 0) own.set(node, answers);
    const before = answers.findLast(({ at }) => at < call.from);
    const view = this.#followed[call.instance]?.get(line.partition)?.findLast(({ at }) => at < call.from);
    const lived = this.#scene.lived(call.instance, line.partition);
    const place = placeOf(lived, line, node, version, before?.place ?? null);
    if (place === null) {
      this.#stories.add(() => [
        `instance ${call.instance} showed node ${node} at ${versionText(version)} ${before === undefined ? "and had followed no epoch in which it was so" : `after it had shown ${versionText(before.version)}`}`,
        `${howTold(call, source)}; ${before === undefined ? `it had followed ${lived.map(({ epoch }) => epoch).join(", ") || "none"}` : `the newer one was answered at ${inMs(before.at)}`}`,
      ]);
      return;
    }
    if (view !== undefined && placeOf(lived, line, node, version, view.place) === null) {
      const { at, place: known } = view;
      this.#stories.add(() => [
        `instance ${call.instance} showed node ${node} at ${versionText(version)} although its view had come to ${known.line.epoch}:${known.sequence}, where the node was another`,
        `${howTold(call, source)}; the view had come there at ${inMs(at)}`,
      ]);
    }
    const last = answers.at(-1);
    if (last === undefined || isLater(place, last.place)) answers.push({ at: to, place, version });
  }
}

/** null: the store held just this. */
function whyNot(line: EpochLine | undefined, told: ReturnType<EpochLine["entry"]>, shown: NodeContent): string | null {
  if (line === undefined) return "there has never been such an epoch";
  if (told === undefined) return `the store has not come further than ${line.last} in it`;
  if (told.node !== shown.node || told.modelRecord === null) return "no change of this node had that version";
  return differenceFrom(told.modelRecord, shown);
}

/**
 * The first place at or after `low` at which the node was at `version`: in the version's own epoch until its next change, and in every other one
 * that began with it until its first change there. null: the instance has been in none, so what it shows is none of its own past.
 */
function placeOf(
  lived: readonly EpochLine[],
  own: EpochLine,
  node: string,
  version: Version,
  low: Place | null,
): Place | null {
  for (let turn = low?.turn ?? 0; turn < lived.length; turn += 1) {
    const line = lived[turn] as EpochLine;
    const from = line === own ? version.sequence : 0;
    if (line !== own && !begins(line, node, version)) continue;
    if (low === null || turn !== low.turn) return { turn, line, sequence: from };
    const until = line.next(node, from)?.sequence ?? Number.POSITIVE_INFINITY;
    if (until > low.sequence) return { turn, line, sequence: Math.max(from, low.sequence) };
  }
  return null;
}

function begins(line: EpochLine, node: string, version: Version): boolean {
  const found = line.modelBase.get(node);
  return found !== undefined && isVersion(found.version, version);
}

function isLater(one: Place, other: Place): boolean {
  return one.turn === other.turn ? one.sequence > other.sequence : one.turn > other.turn;
}

function howTold({ from, read, to }: Call, source: string): string {
  const how = read === undefined ? "in a selection" : `from ${source}, stale: ${read.stale}, mode ${read.mode}`;
  return `asked at ${inMs(from)}, answered at ${inMs(to ?? from)} ${how}`;
}
