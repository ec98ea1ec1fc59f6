/**
 * F1: the feed delivers every change once, in order, from any version it accepts to resume from; a view goes only forward, never takes up an epoch
 * that it has left, and is what the feed says up to its version.
 */
import { versionText } from "../../check/history.ts";
import { conclude, inMs, type Judgement } from "../../check/judgement.ts";
import { properties } from "../../check/properties.ts";
import type { NodeState, Version } from "../../scheduler/ports.ts";
import { toPort } from "../servers/protocol-values.ts";
import type { Sighted, SimEvent, Stepped } from "../trace/events.ts";
import { differenceFrom } from "./content.ts";
import { type Case, type OnlineJudge, Stories } from "./judge.ts";
import type { Scene } from "./scene.ts";
import type { EpochLine } from "./truth.ts";

/** What an instance has followed of one partition, in this life. */
interface Course {
  view: Version | null;
  readonly left: Set<string>;
}

export function judgeFeedOrder(theCase: Case, scene: Scene): OnlineJudge {
  return new FeedOrder(theCase, scene);
}

class FeedOrder implements OnlineJudge {
  readonly property = "F1";
  readonly hears = ["stepped", "instance", "sighted", "scheduler.view_advanced", "scheduler.resynced"] as const;
  readonly #scene: Scene;
  readonly #stories = new Stories();
  readonly #feedMax: number;
  readonly #courses: readonly (readonly Course[])[];
  #delivered = 0;
  #compared = 0;

  constructor({ instances, partitions, plan }: Case, scene: Scene) {
    this.#scene = scene;
    this.#feedMax = plan.scenario.topology.feedMax;
    const course = (): Course => ({ view: null, left: new Set() });
    this.#courses = Array.from({ length: instances }, () => Array.from({ length: partitions }, course));
  }

  on(event: SimEvent): void {
    switch (event.kind) {
      case "stepped":
        if (event.command.kind === "changes_since") this.#step(event, event.command);
        break;
      case "instance":
        if (event.state === "crashed") this.#forget(event.instance);
        break;
      case "sighted":
        for (const [partition, view] of event.views.entries()) this.#look(event, partition, view);
        break;
      case "scheduler":
        if (event.what.kind === "view_advanced" || event.what.kind === "resynced") {
          this.#moved(event.instance, event.what.partition, event.what.version, event.at);
        }
        break;
      default:
        break;
    }
  }

  finish(): Judgement {
    const { premise } = properties.F1;
    const measures = [{ name: "views_compared", value: this.#compared }];
    return conclude({ property: "F1", premise, exercised: this.#delivered, violations: this.#stories.all, measures });
  }

  #forget(instance: number): void {
    for (const course of this.#courses[instance] ?? []) {
      course.view = null;
      course.left.clear();
    }
  }

  #step(event: Stepped, { limit, since }: Extract<Stepped["command"], { kind: "changes_since" }>): void {
    const { at, instance, partition, reply, request, server } = event;
    const line = this.#scene.truth.current(server, partition);
    if (line === undefined) return;
    const from = toPort(since);
    const why = reply.kind === "changes" ? this.#wrongEntries(line, from, limit, reply.entries) : null;
    const refused = reply.kind === "resync" ? this.#wrongRefusal(line, from) : null;
    if (reply.kind === "changes") this.#delivered += reply.entries.length;
    const wrong = why ?? refused;
    if (wrong === null) return;
    this.#stories.add(() => [
      `the feed of partition ${partition} answered what is not so for ${versionText(from)}: ${wrong}`,
      `request ${request} of instance ${instance} at ${inMs(at)}; the store was at ${line.epoch}:${line.last}`,
    ]);
  }

  /** What follows at once, in order, as it was told; all of it, or as much as was asked for. */
  #wrongEntries(
    line: EpochLine,
    from: Version,
    limit: number,
    entries: readonly { readonly sequence: number; readonly change: { readonly kind: string } }[],
  ): string | null {
    if (from.epoch !== line.epoch) return `changes of another epoch, allowed is a refusal`;
    let expected = from.sequence;
    for (const { change, sequence } of entries) {
      expected += 1;
      if (sequence !== expected) return `change ${sequence}, allowed ${expected}`;
      if (line.entry(sequence)?.change !== change) return `change ${sequence} is another than was told`;
    }
    const owed = Math.min(limit, line.last - from.sequence);
    return entries.length === owed ? null : `${entries.length} changes, allowed ${owed}`;
  }

  #wrongRefusal(line: EpochLine, { epoch, sequence }: Version): string | null {
    const isKept = epoch === line.epoch && sequence <= line.last && line.last - sequence <= this.#feedMax;
    return isKept ? "a refusal, although it has all that follows" : null;
  }

  #moved(instance: number, partition: number, view: Version, at: number): void {
    const course = this.#courses[instance]?.[partition];
    if (course === undefined) return;
    const before = course.view;
    const isBack = before?.epoch === view.epoch ? view.sequence < before.sequence : course.left.has(view.epoch);
    if (isBack && before !== null) {
      this.#stories.add(() => [
        `the view of instance ${instance} went from ${versionText(before)} to ${versionText(view)}, allowed only forward`,
        `partition ${partition}, at ${inMs(at)}`,
      ]);
    }
    if (before !== null && before.epoch !== view.epoch) course.left.add(before.epoch);
    course.view = view;
  }

  /** All that the instance shows of the partition, against what the feed says up to its version. */
  #look(event: Sighted, partition: number, view: Version): void {
    const line = this.#scene.truth.line(view.epoch);
    if (view.epoch === "") return; // it holds nothing
    this.#compared += 1;
    if (line === undefined || view.sequence > line.last) {
      this.#stories.add(() => [
        `the view of instance ${event.instance} at ${inMs(event.at)} is at ${versionText(view)}, where no feed has ever been`,
        `partition ${partition}`,
      ]);
      return;
    }
    const shown = new Map(event.nodes.map((node) => [node.node, node]));
    for (const node of line.nodes) {
      const differs = differenceAt(line, view, node, shown.get(node));
      if (differs === null) continue;
      this.#stories.add(() => [
        `the view of instance ${event.instance} at ${inMs(event.at)} is not what the feed says up to ${versionText(view)}`,
        `partition ${partition}, node ${node}: ${differs}`,
      ]);
    }
  }
}

/** A record that was read by itself may be ahead of the view: then it is what the feed says at its own version. */
function differenceAt(line: EpochLine, view: Version, id: string, shown: NodeState | undefined): string | null {
  const isAhead = shown?.version.epoch === line.epoch && shown.version.sequence > view.sequence;
  const expected = line.recordAt(id, isAhead ? shown.version.sequence : view.sequence);
  if (shown === undefined) return expected === null ? null : "is not there";
  return expected === null ? "is there, and should not be" : differenceFrom(expected, shown);
}
