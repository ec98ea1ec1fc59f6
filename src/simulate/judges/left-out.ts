/**
 * Nodes that an answer leaves out although the instance's own view has them: a lookup that finds nothing; a selection that had room for more, where
 * they are online, suit, and have a free place. Nobody but a judge notices: such a node is never chosen, and every answer that does come is right.
 *
 * Only what cannot be otherwise is told: a node that has changed since the view's version may be known to be what it is now (a page can be ahead
 * of the view), and while the instance has a call for a place under way only it knows how many it counts.
 */
import { type Call, versionText } from "../../check/history.ts";
import { inMs } from "../../check/judgement.ts";
import { suits } from "../../check/suitable.ts";
import type { Version } from "../../scheduler/ports.ts";
import { partitionOf } from "../../scheduler/view/partition-of.ts";
import type { SimEvent } from "../trace/events.ts";
import type { Case, Stories } from "./judge.ts";
import type { Scene } from "./scene.ts";

/** What it was sure of when it was asked. */
interface Glance {
  readonly views: readonly (Version | null)[];
  readonly isSure: boolean;
}

const asksForPlaces: ReadonlySet<string> = new Set(["dispatch", "reserve_job"]);

export class LeftOut {
  static readonly hears = ["called", "returned"] as const;
  readonly #case: Case;
  readonly #scene: Scene;
  readonly #stories: Stories;
  /** By instance: its calls for places that are under way. */
  readonly #calls: readonly Set<number>[];
  readonly #glances = new Map<number, Glance>();
  #looked = 0;

  constructor(theCase: Case, scene: Scene, stories: Stories) {
    this.#case = theCase;
    this.#scene = scene;
    this.#stories = stories;
    this.#calls = Array.from({ length: theCase.instances }, () => new Set<number>());
  }

  /** Nodes that had to be in an answer, and were looked for. */
  get looked(): number {
    return this.#looked;
  }

  on(event: SimEvent): void {
    if (event.kind === "called") {
      const { call, instance, op } = event;
      if (asksForPlaces.has(op)) this.#calls[instance]?.add(call);
      else if (op === "select_nodes" || op === "get_node") this.#glances.set(call, this.#glance(instance));
    } else if (event.kind === "returned") {
      const { call } = event;
      this.#calls[call.instance]?.delete(call.id);
      const glance = this.#glances.get(call.id);
      this.#glances.delete(call.id);
      if (glance === undefined) return;
      if (call.op === "get_node") this.#judgeLookup(call, glance);
      else if (glance.isSure && call.reply === "normal") this.#judgeSelection(call, glance);
    }
  }

  /** It chooses as soon as it is asked; a lookup may take a while, and the view another's place meanwhile. */
  #glance(instance: number): Glance {
    return { views: this.#scene.views(instance), isSure: this.#calls[instance]?.size === 0 };
  }

  #judgeLookup(call: Call, { views }: Glance): void {
    const { instance, node = "", read } = call;
    if (read === undefined) return;
    const partition = partitionOf(node, this.#case.partitions);
    const view = views[partition] ?? null;
    const line = view === null ? undefined : this.#scene.truth.line(view.epoch);
    if (view === null || line === undefined || line.recordAt(node, view.sequence) === null) return;
    if (line.next(node, view.sequence) !== undefined || this.#scene.view(instance, partition)?.epoch !== view.epoch)
      return;
    this.#looked += 1;
    if (!read.found) this.#tellLookup(call, view);
  }

  #judgeSelection(call: Call, { views }: Glance): void {
    const { asked, from, instance, selected } = call;
    if (asked?.count === undefined || selected === undefined || selected.length >= asked.count) return;
    const chosen = new Set(selected.map(({ node }) => node));
    for (const view of views) {
      const line = view === null ? undefined : this.#scene.truth.line(view.epoch);
      if (view === null || line === undefined) continue;
      for (const [node, record] of line.unchangedSince(view.sequence)) {
        if (record.status !== "online" || !suits(record, asked)) continue;
        if (record.currentJobs + this.#scene.places.of(instance, node, from) >= record.maxJobs) continue;
        this.#looked += 1;
        if (!chosen.has(node)) this.#tellSelection(call, node, view);
      }
    }
  }

  #tellLookup({ from, instance, node = "", read }: Call, view: Version): void {
    this.#stories.add(() => [
      `instance ${instance} did not show node ${node}, which its view had, at ${versionText(view)}`,
      `asked at ${inMs(from)}, answered from ${read?.source ?? "nowhere"}, stale: ${read?.stale}, mode ${read?.mode}`,
    ]);
  }

  #tellSelection({ asked, from, instance, selected = [] }: Call, node: string, view: Version): void {
    this.#stories.add(() => [
      `instance ${instance} did not select node ${node}, which suits and has room, though only ${selected.length} of ${asked?.count ?? 0} were found`,
      `asked at ${inMs(from)} for pool ${asked?.pool ?? ""}, ${asked?.source ?? ""} to ${asked?.target ?? ""}; its view had the node, at ${versionText(view)}`,
    ]);
  }
}
