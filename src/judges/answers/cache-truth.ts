/**
 * V2: a cache shows only what the store once held, whole, and never goes back: neither behind what clients have been shown, nor behind what the instance
 * itself had followed when it was asked. What it shows is the node that was asked for, and as old as it says.
 *
 * The past of an instance is the epochs that it has abandoned, not those that began first: in a split that follows a
 * failover at once, both sides begin an epoch of the same past, and an instance that followed one goes on in the other,
 * whichever began sooner (`Truth.lived`).
 */
import { whyNonsense } from "../../check/content.ts";
import { type Call, type Millis, type NodeContent, type ReadAnswer, versionText } from "../../check/history.ts";
import { inMs, type Judgement } from "../../check/judgement.ts";
import type { JudgeEvent, ViewMoved } from "../event.ts";
import { Findings } from "../findings.ts";
import { differenceOf } from "../held-node.ts";
import type { Case, Judge } from "../judge.ts";
import type { EpochLine } from "../truth.ts";
import { explainTooOld, explainYounger, isTooOld, oldestConfirmed } from "./age.ts";
import { isAfter, isVersion, type Place, placeOf } from "./place.ts";
import { contradictionIn, explainContradiction } from "./sense.ts";

/** One node as one answer showed it. */
interface Shown {
  readonly call: Call;
  readonly to: Millis;
  readonly node: NodeContent;
  /** The source of a read's answer; `selection` for a selection, which is always from the view. */
  readonly source: string;
}

/** The earliest place from which an instance may have answered, or at which its view was, and when. */
interface Known {
  readonly at: Millis;
  readonly place: Place;
  /** null: its view was there. */
  readonly shown: Shown | null;
}

/** Where an answer comes from when it does not come from Redis. */
const caches: ReadonlySet<string> = new Set(["l1", "l2", "selection"]);

export function judgeCacheTruth(theCase: Case): Judge {
  return new CacheTruth(theCase);
}

class CacheTruth implements Judge {
  readonly property = "V2";
  readonly hears = ["returned", "view"] as const;
  readonly #case: Case;
  readonly #findings = new Findings("V2");
  /** By instance: node -> what clients were shown of it, each later than the one before. */
  readonly #shown: readonly Map<string, Known[]>[];
  /** By instance: partition -> its views, each later than the one before. */
  readonly #followed: readonly Map<number, Known[]>[];
  #fromCaches = 0;
  #compared = 0;

  constructor(theCase: Case) {
    this.#case = theCase;
    this.#shown = Array.from({ length: theCase.instances }, () => new Map<string, Known[]>());
    this.#followed = Array.from({ length: theCase.instances }, () => new Map<number, Known[]>());
  }

  on(event: JudgeEvent): void {
    if (event.kind === "returned") this.#returned(event.call);
    else if (event.kind === "view") this.#moved(event);
  }

  finish(): Judgement {
    return this.#findings.conclude({ exercised: this.#fromCaches, judged: this.#compared });
  }

  #moved({ at, instance, partition, version }: ViewMoved): void {
    const { truth } = this.#case;
    const line = truth.line(version.epoch);
    const own = this.#followed[instance];
    if (own === undefined || line === undefined) return;
    const place = { line, sequence: version.sequence };
    // F1 judges one that goes back.
    note(own, partition, { at, place, shown: null }, truth.lived(instance, partition));
  }

  #returned(call: Call): void {
    const { read, selected = [], to } = call;
    if (to === null) return;
    const contradiction = contradictionIn(call);
    if (contradiction !== null) this.#findings.violate(() => explainContradiction(call, contradiction), [call.id]);
    if (read?.node) this.#compare({ call, to, node: read.node, source: read.source });
    else for (const node of selected) this.#compare({ call, to, node, source: "selection" });
    if (read !== undefined) this.#compareAge(call, to, read);
  }

  /** An instance that did not run all the while answers late with what was true. */
  #compareAge(call: Call, to: Millis, read: ReadAnswer): void {
    const { bounds, terms, timing, truth } = this.#case;
    const { from, id, instance } = call;
    if (timing.wasStopped(instance, from, to)) return;
    const oldest = oldestConfirmed(read, to - from, terms, bounds.budget);
    if (isTooOld(read, oldest)) {
      // A cache looks at the age as it answers. A request that is joined may have been delayed long before.
      const isKept = read.source === "l1" || read.source === "miss";
      const kept = timing.kept(instance, isKept ? from : from - Math.max(oldest, read.age_ms), to);
      if (isTooOld(read, oldest + kept)) this.#findings.violate(() => explainTooOld(call, read, oldest), [id]);
    }
    if (read.node === null || read.age_ms < 0) return;
    const { node, version } = read.node;
    const line = truth.line(version.epoch);
    // An epoch that the instance does not follow to the end may have reached it from another server.
    const isTheLast = line !== undefined && truth.followedBy(instance, line.partition, Infinity)?.epoch === line.epoch;
    const changed = isTheLast ? (line.next(node, version.sequence)?.at ?? Infinity) : Infinity;
    if (changed < from - read.age_ms - timing.rounding)
      this.#findings.violate(() => explainYounger(call, read, changed), [id]);
  }

  #compare(shown: Shown): void {
    const { node } = shown;
    this.#compared += 1;
    const line = this.#case.truth.line(node.version.epoch);
    const found = whyNonsense(node) ?? this.#find(shown, line);
    if (found === "unseen") {
      this.#findings.unseen();
      return;
    }
    if (caches.has(shown.source)) this.#fromCaches += 1;
    if (found === "held") {
      // Where an epoch that was not seen belongs is not known.
      if (line !== undefined) this.#order(shown, line);
      return;
    }
    this.#findings.violate(
      () => [
        `instance ${shown.call.instance} showed node ${node.node} at ${versionText(node.version)} as the store never held it`,
        `${found}; ${howAnswered(shown)}`,
      ],
      [shown.call.id],
    );
  }

  /** @returns why the store did not hold it, in words, where it is known that it did not */
  #find({ node, to }: Shown, line: EpochLine | undefined): "held" | "unseen" | string {
    const { truth } = this.#case;
    const { version } = node;
    const entry = line?.entry(version.sequence);
    const record = entry === undefined ? this.#foundAtABeginning(node) : entry.node === node.node ? entry.record : null;
    if (record) return differenceOf(record, node) ?? "held";
    if (record === null) return "no change of this node had that version";
    if (entry !== undefined) return "unseen";
    const standing = truth.standing(version, Number.NEGATIVE_INFINITY, to);
    if (standing === "never")
      return `the store never had that version: ${line === undefined ? "no such epoch" : `it came to ${line.last}`}`;
    // Sequences are from 1 on.
    return version.sequence === 0 ? "no change has that version" : "unseen";
  }

  /** With what an epoch began is known also where the epoch before it was not seen. */
  #foundAtABeginning({ node, version }: NodeContent) {
    const { partitions, truth } = this.#case;
    for (let partition = 0; partition < partitions; partition += 1) {
      for (const { base } of truth.of(partition)) {
        const found = base.get(node);
        if (found !== undefined && isVersion(found.version, version)) return found;
      }
    }
    return undefined;
  }

  /** Requires that a call made after an answer was given is not answered from further back. */
  #order(shown: Shown, own: EpochLine): void {
    const { call, node, to } = shown;
    const { from, instance } = call;
    const { timing, truth } = this.#case;
    const lived = truth.lived(instance, own.partition);
    const answers = this.#shown[instance];
    const answer = answers?.get(node.node)?.findLast(({ at }) => at < from);
    // Views and calls may be timed in different processes.
    const asked = from - timing.grain;
    const view = this.#followed[instance]?.get(own.partition)?.findLast(({ at }) => at < asked);
    const isViewLater = answer === undefined || (view !== undefined && isAfter(view.place, answer.place, lived));
    const least = isViewLater ? view : answer;
    const sight = { node: node.node, version: node.version, own, to };
    const place = placeOf(sight, lived, least?.place);
    if (place !== null) {
      if (answers !== undefined) note(answers, node.node, { at: to, place, shown }, lived);
      return;
    }
    const before = placeOf(sight, lived, undefined) === null ? undefined : least;
    const calls = before?.shown ? [before.shown.call.id, call.id] : [call.id];
    this.#findings.violate(() => backStory(shown, before, lived), calls);
  }
}

/** Keeps it where it is later than what is known. */
function note<Key>(all: Map<Key, Known[]>, key: Key, known: Known, lived: readonly EpochLine[]): void {
  const own = all.get(key);
  if (own === undefined) {
    all.set(key, [known]);
    return;
  }
  const last = own[own.length - 1] as Known;
  if (isAfter(known.place, last.place, lived)) own.push(known);
}

/** @param least what it came before; undefined: there is no place for it at all */
function backStory(shown: Shown, least: Known | undefined, lived: readonly EpochLine[]): readonly string[] {
  const { call, node } = shown;
  const what = `instance ${call.instance} showed node ${node.node} at ${versionText(node.version)}`;
  if (least === undefined) {
    const epochs = lived.map(({ epoch }) => epoch).join(", ") || "none";
    return [`${what} and had followed no epoch in which it was so`, `${howAnswered(shown)}; it had followed ${epochs}`];
  }
  if (least.shown === null) {
    const { line, sequence } = least.place;
    return [
      `${what} although its view had come to ${line.epoch}:${sequence}, where the node was another`,
      `${howAnswered(shown)}; the view had come there at ${inMs(least.at)}`,
    ];
  }
  return [
    `${what} after it had shown ${versionText(least.shown.node.version)}`,
    `${howAnswered(shown)}; the newer one was ${howAnswered(least.shown)}`,
  ];
}

function howAnswered({ call: { from, read }, source, to }: Shown): string {
  const how = read === undefined ? "in a selection" : `from ${source}, stale: ${read.stale}, mode ${read.mode}`;
  return `asked at ${inMs(from)}, answered at ${inMs(to)} ${how}`;
}
