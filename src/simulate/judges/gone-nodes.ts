/**
 * N2: a caught-up instance in `normal` never selects a node later than the staleness bound after its offline or expiry; and no instance ever selects
 * one that its own view has seen go.
 */

import type { NodeRecord } from "../../../model/partition/command.ts";
import { type Call, type NodeContent, versionText } from "../../check/history.ts";
import { conclude, inMs, type Judgement } from "../../check/judgement.ts";
import { properties } from "../../check/properties.ts";
import { suits } from "../../check/suitable.ts";
import type { Millis } from "../../scheduler/ports.ts";
import type { SimEvent, Stepped } from "../trace/events.ts";
import { isVersion } from "./content.ts";
import { type Case, type OnlineJudge, Stories } from "./judge.ts";
import type { Scene } from "./scene.ts";
import type { EpochLine } from "./truth.ts";

/** That a node went, and where the changes of its partition tell of it; 0: it was gone when the epoch began. */
interface Went {
  readonly line: EpochLine;
  readonly sequence: number;
  readonly at: Millis;
}

/** A node that has gone, and until when. */
interface Going {
  readonly at: Millis;
  readonly server: number;
  /** As it was before; undefined: it was not there. */
  readonly offer: NodeRecord | undefined;
  until: Millis;
}

export function judgeGoneNodes(theCase: Case, scene: Scene): OnlineJudge {
  return new GoneNodes(theCase, scene);
}

class GoneNodes implements OnlineJudge {
  readonly property = "N2";
  readonly hears = ["stepped.but_polls", "returned"] as const;
  readonly #case: Case;
  readonly #scene: Scene;
  readonly #stories = new Stories();
  readonly #goings: Going[] = [];
  /** Node -> the last of its goings, while it is away. */
  readonly #away = new Map<string, Going>();
  /** By instance: the first going that no selection of it has come after. */
  readonly #next: number[];
  #followed = 0;
  #latest: Millis = 0;

  constructor(theCase: Case, scene: Scene) {
    this.#case = theCase;
    this.#scene = scene;
    this.#next = Array.from({ length: theCase.instances }, () => 0);
  }

  on(event: SimEvent): void {
    if (event.kind === "stepped") this.#step(event);
    else if (event.kind === "returned" && event.call.op === "select_nodes") this.#returned(event.call);
  }

  finish(): Judgement {
    const { premise } = properties.N2;
    const { staleness } = this.#case;
    return conclude({
      property: "N2",
      premise,
      exercised: this.#followed,
      violations: this.#stories.all,
      measures: [{ name: "selected_after_going_ms_max", value: this.#latest, threshold: staleness }],
    });
  }

  #step({ at, before, changes, server }: Stepped): void {
    for (const change of changes) {
      if (change.kind === "registered") {
        const going = this.#away.get(change.node);
        if (going !== undefined) going.until = at;
        this.#away.delete(change.node);
      } else if (change.kind === "offline" || change.kind === "expired") {
        const offer = before.nodes.get(change.node);
        const going = { at, server, offer, until: Number.POSITIVE_INFINITY };
        this.#goings.push(going);
        this.#away.set(change.node, going);
      }
    }
  }

  #returned(call: Call): void {
    const { instance, reply, selected = [] } = call;
    if (reply === "normal") this.#follow(call);
    for (const node of selected) {
      const went = this.#wentAt(instance, node);
      if (went !== null) this.#judge(call, node, went);
    }
  }

  #judge(call: Call, node: NodeContent, went: Went): void {
    const { from, instance, reply } = call;
    const view = this.#scene.view(instance, went.line.partition);
    const { at, line, sequence } = went;
    if (view?.epoch === line.epoch && view.sequence >= sequence) {
      this.#stories.add(() => [
        `instance ${instance} selected node ${node.node}, of whose going it knew, allowed only one that is online in its view`,
        `selected at ${inMs(from)} as of version ${versionText(node.version)}, its view was at ${versionText(view)}; it went at ${inMs(at)}, sequence ${sequence}`,
      ]);
    }
    if (reply !== "normal") return;
    const { presence, readableSince, whereabouts } = this.#scene;
    const late = presence.ran(instance, Math.max(at, whereabouts.movedAt(instance), readableSince), from);
    this.#latest = Math.max(this.#latest, late);
    if (late > this.#case.staleness) this.#tell(call, node, at, late);
  }

  /** What was selected while a node that had gone, and would have suited, was away for longer than the bound could have been wrong. */
  #follow({ asked, from, instance }: Call): void {
    let next = this.#next[instance] ?? 0;
    for (let going = this.#goings[next]; going !== undefined; going = this.#goings[next]) {
      if (going.at + this.#case.staleness >= from) break;
      const { offer, server, until } = going;
      const couldBeMet = until > from && this.#scene.whereabouts.serverOf(instance) === server;
      if (couldBeMet && (asked === undefined || offer === undefined || suits(offer, asked))) this.#followed += 1;
      next += 1;
    }
    this.#next[instance] = next;
  }

  /** When the node first went after it was as it was shown, in the epoch that the instance ought to follow; null: it has not. */
  #wentAt(instance: number, { node, version }: NodeContent): Went | null {
    const shown = this.#scene.truth.line(version.epoch);
    if (shown === undefined) return null; // V2 tells of it
    const line = this.#scene.followedBy(instance, shown.partition);
    if (line === undefined) return null;
    if (line === shown) return firstGoing(line, node, version.sequence);
    const found = line.modelBase.get(node);
    if (found !== undefined && isVersion(found.version, version)) return firstGoing(line, node, 0);
    // By the time the epoch began the node was another: gone, or what it is now.
    const wasGone = found === undefined || found.status !== "online";
    return wasGone ? { line, sequence: 0, at: line.begunAt } : null;
  }

  #tell({ from, instance }: Call, { node, version }: NodeContent, went: Millis, late: Millis): void {
    const bound = inMs(this.#case.staleness);
    this.#stories.add(() => [
      `instance ${instance} selected node ${node} ${inMs(late)} after it had gone, allowed ${bound}`,
      `selected at ${inMs(from)} in normal as of version ${versionText(version)}; it went at ${inMs(went)}, counting only while the instance ran`,
    ]);
  }
}

function firstGoing(line: EpochLine, node: string, after: number): Went | null {
  for (let told = line.next(node, after); told !== undefined; told = line.next(node, told.sequence)) {
    const { at, change, sequence } = told;
    const { kind } = change;
    if (kind === "offline" || kind === "expired" || kind === "removed") return { line, sequence, at };
  }
  return null;
}
