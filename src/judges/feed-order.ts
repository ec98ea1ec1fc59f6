/**
 * F1: the feed delivers every change once, in order, from any version it accepts to resume from; a view goes only forward, never takes up an epoch
 * that it has left, and is what the feed says up to its version; and so is the store.
 */
import { type Millis, type NodeContent, type Version, versionText } from "../check/history.ts";
import { inMs, type Judgement } from "../check/judgement.ts";
import type { Changed, FeedRead, JudgeEvent, PartitionSeen, Sampled, ViewMoved } from "./event.ts";
import { Findings } from "./findings.ts";
import { contentOf, differenceOf } from "./held-node.ts";
import type { Case, Judge } from "./judge.ts";
import type { EpochLine, HeldNode, Places } from "./truth.ts";

/** The versions of one partition that an instance has followed, in this life. */
interface Course {
  view: Version | null;
  readonly left: Set<string>;
}

export function judgeFeedOrder(theCase: Case): Judge {
  return new FeedOrder(theCase);
}

class FeedOrder implements Judge {
  readonly property = "F1";
  readonly hears = ["feed_read", "change", "view", "sample", "partition", "instance"] as const;
  readonly #case: Case;
  readonly #findings: Findings;
  readonly #courses: readonly (readonly Course[])[];
  #taken = 0;
  #delivered = 0;
  #compared = 0;
  #views = 0;

  constructor(theCase: Case) {
    this.#case = theCase;
    this.#findings = new Findings("F1", theCase.onViolation);
    const course = (): Course => ({ view: null, left: new Set() });
    this.#courses = Array.from({ length: theCase.instances }, () => Array.from({ length: theCase.partitions }, course));
  }

  on(event: JudgeEvent): void {
    switch (event.kind) {
      case "feed_read":
        this.#answered(event);
        break;
      case "change":
        this.#changed(event);
        break;
      case "view":
        this.#moved(event);
        break;
      case "sample":
        if (event.nodes !== undefined) this.#look(event, event.nodes);
        break;
      case "partition":
        this.#lookAtStore(event);
        break;
      case "instance":
        if (event.state === "crashed") this.#forget(event.instance);
        break;
      default:
        break;
    }
  }

  finish(): Judgement {
    return this.#findings.conclude({
      exercised: this.#delivered + (this.#compared === 0 ? 0 : this.#taken),
      judged: this.#views,
      measures: [
        { name: "views_compared", value: this.#compared },
        { name: "changes_delivered", value: this.#delivered },
      ],
    });
  }

  #forget(instance: number): void {
    for (const course of this.#courses[instance] ?? []) {
      course.view = null;
      course.left.clear();
    }
  }

  #answered({ at, entries, instance, limit, line, since }: FeedRead): void {
    if (entries !== null) this.#delivered += entries.length;
    const wrong = entries === null ? this.#wrongRefusal(line, since) : wrongEntries(line, since, limit, entries);
    if (wrong === null) return;
    this.#findings.violate(() => [
      `the feed of partition ${line.partition} answered what is not so for ${versionText(since)}: ${wrong}`,
      `asked by instance ${instance}, at ${inMs(at)}; the store was at ${line.epoch}:${line.last}`,
    ]);
  }

  /** The jobs that a change says had lost their places are those that had them. */
  #changed({ at, entry, line }: Changed): void {
    const { announced, kind, node, orphaned, sequence } = entry;
    if (announced === undefined || orphaned === undefined) return;
    const named = new Set(announced);
    const isSame = announced.length === orphaned.length && orphaned.every((job) => named.has(job));
    if (isSame) return;
    this.#findings.violate(() => [
      `the feed says of ${kind} of node ${node} that ${listText(announced)} lost their places, allowed is what had them: ${listText(orphaned)}`,
      `change ${line.epoch}:${sequence} of partition ${line.partition}, seen at ${inMs(at)}`,
    ]);
  }

  #wrongRefusal(line: EpochLine, { epoch, sequence }: Version): string | null {
    const isKept = epoch === line.epoch && sequence <= line.last && line.last - sequence <= this.#case.terms.feedMax;
    return isKept ? "a refusal, although it has all that follows" : null;
  }

  #moved({ at, instance, partition, version }: ViewMoved): void {
    const course = this.#courses[instance]?.[partition];
    if (course === undefined) return;
    const before = course.view;
    const isSame = before?.epoch === version.epoch;
    if (before !== null && (isSame ? version.sequence < before.sequence : course.left.has(version.epoch))) {
      this.#findings.violate(() => [
        `the view of instance ${instance} went from ${versionText(before)} to ${versionText(version)}, allowed only forward`,
        `partition ${partition}, at ${inMs(at)}`,
      ]);
    }
    if (before !== null && isSame) this.#taken += Math.max(0, version.sequence - before.sequence);
    if (before !== null && !isSame) course.left.add(before.epoch);
    course.view = version;
    this.#isKnown(instance, version, at);
  }

  /** Whether the store was there, as far as is known. */
  #isKnown(instance: number, view: Version, at: Millis): void {
    this.#views += 1;
    const standing = this.#case.truth.standing(view, Number.NEGATIVE_INFINITY, at);
    if (standing === "unseen") this.#findings.unseen();
    if (standing !== "never") return;
    this.#findings.violate(() => [
      `the view of instance ${instance} was at ${versionText(view)}, which the store never had`,
      `seen at ${inMs(at)}`,
    ]);
  }

  /** All that the instance shows, against what the feed says up to its versions. */
  #look({ at, instance, views }: Sampled, nodes: readonly NodeContent[]): void {
    this.#compared += 1;
    const who = `the view of instance ${instance} at ${inMs(at)}`;
    const shown = new Map(nodes.map((node) => [node.node, node]));
    if (shown.size < nodes.length) this.#findings.violate(() => [`${who} has a node twice, allowed is once`]);
    const known = new Set<string>();
    let isWhole = true;
    for (const [partition, view] of views.entries()) {
      for (const line of this.#case.truth.of(partition)) for (const node of line.nodes) known.add(node);
      const line = view === null ? undefined : this.#case.truth.line(view.epoch);
      if (view === null) continue;
      this.#isKnown(instance, view, at);
      if (line === undefined) isWhole = false;
      else if (view.sequence <= line.last) this.#compare(who, line, view, shown);
    }
    for (const { version } of nodes) {
      const line = this.#case.truth.line(version.epoch);
      if (line !== undefined && version.sequence > line.last) this.#isKnown(instance, version, at);
    }
    // A node may be of a partition whose feed was not observed.
    for (const { node } of isWhole ? nodes : []) {
      if (!known.has(node)) this.#findings.violate(() => [`${who} has node ${node}, which is in no feed`]);
    }
  }

  #compare(who: string, line: EpochLine, view: Version, shown: ReadonlyMap<string, NodeContent>): void {
    for (const node of line.nodes) {
      const differs = differenceAt(line, view, node, shown.get(node));
      if (differs === null) continue;
      this.#findings.violate(() => [
        `${who} is not what the feed says up to ${versionText(view)}`,
        `partition ${line.partition}, node ${node}: ${differs}`,
      ]);
    }
  }

  /** It is read in one step, so no record is ahead of the version, and no node is there of which the feed says nothing. */
  #lookAtStore({ at, dangling = [], line, nodes, only, sequence }: PartitionSeen): void {
    const where = `partition ${line.partition}, at ${versionText({ epoch: line.epoch, sequence })}`;
    const store = `the store, looked at ${inMs(at)},`;
    for (const node of only ?? new Set([...line.nodes, ...nodes.keys()])) {
      const shown = nodes.get(node);
      const differs =
        differenceFrom(line.at(node, sequence), shown && contentOf(node, shown.record)) ??
        (shown && differenceOfPlaces(line.places(node, sequence), shown.places));
      if (!differs) continue;
      this.#findings.violate(() => [`${store} is not what the feed says`, `${where}, node ${node}: ${differs}`]);
    }
    for (const node of dangling) {
      this.#findings.violate(() => [`${store} has node ${node} among its nodes and no record of it`, where]);
    }
  }
}

/** Says why a feed read is wrong; null: it is right. It owes the next changes, as made: all, or as many as asked. */
function wrongEntries(
  line: EpochLine,
  since: Version,
  limit: number,
  entries: NonNullable<FeedRead["entries"]>,
): string | null {
  if (since.epoch !== line.epoch) return "changes of another epoch, allowed is a refusal";
  let expected = since.sequence;
  for (const { isAsMade, sequence } of entries) {
    expected += 1;
    if (sequence !== expected) return `change ${sequence}, allowed ${expected}`;
    if (!isAsMade) return `change ${sequence} is another than was made`;
  }
  const owed = Math.min(limit, line.last - since.sequence);
  return entries.length === owed ? null : `${entries.length} changes, allowed ${owed}`;
}

/** A record that was read by itself may be ahead of the view: then it is what the feed says at its own version. */
function differenceAt(line: EpochLine, view: Version, id: string, shown: NodeContent | undefined): string | null {
  const isAhead = shown?.version.epoch === line.epoch && shown.version.sequence > view.sequence;
  if (isAhead && shown.version.sequence > line.last) return null;
  return differenceFrom(line.at(id, isAhead ? shown.version.sequence : view.sequence), shown);
}

function differenceFrom(expected: HeldNode | null | undefined, shown: NodeContent | undefined): string | null {
  if (expected === undefined) return null;
  if (shown === undefined) return expected === null ? null : "is not there";
  return expected === null ? "is there, and should not be" : differenceOf(expected, shown);
}

function differenceOfPlaces(expected: Places | undefined, shown: Places): string | null {
  if (expected === undefined || (expected.size === shown.size && [...shown.keys()].every((job) => expected.has(job))))
    return null;
  return `has places for ${listText([...shown.keys()])}, allowed ${listText([...expected.keys()])}`;
}

function listText(jobs: readonly string[]): string {
  return jobs.length === 0 ? "no jobs" : jobs.join(", ");
}
