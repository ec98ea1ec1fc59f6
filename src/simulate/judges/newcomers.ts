/**
 * N3: a node that registers is visible within the bound, a miss mark notwithstanding; and at once where the view of the instance has it, since a
 * change from the feed removes the mark. Visible is also what is found: no answer leaves out a node that its own view has (left-out.ts).
 */
import { type Call, versionText } from "../../check/history.ts";
import { conclude, inMs, type Judgement } from "../../check/judgement.ts";
import { properties } from "../../check/properties.ts";
import type { Millis } from "../../scheduler/ports.ts";
import { toPort } from "../servers/protocol-values.ts";
import type { Said, SimEvent, Stepped } from "../trace/events.ts";
import { type Case, type OnlineJudge, Stories } from "./judge.ts";
import { LeftOut } from "./left-out.ts";
import type { Scene } from "./scene.ts";
import type { EpochLine } from "./truth.ts";

/** A registration that an instance does not show yet, though it had looked the node up in vain just before. */
interface Arrival {
  readonly line: EpochLine;
  readonly sequence: number;
  readonly incarnation: string;
  readonly at: Millis;
  /** When the view of the instance had it; infinity: it does not yet. */
  knownAt: Millis;
}

/** What one instance knows of nodes that it was asked for. */
interface Lookups {
  /** Node -> when it was last looked up in vain. */
  readonly missed: Map<string, Millis>;
  readonly expected: Map<string, Arrival>;
}

export function judgeNewcomers(theCase: Case, scene: Scene): OnlineJudge {
  return new Newcomers(theCase, scene);
}

class Newcomers implements OnlineJudge {
  readonly property = "N3";
  readonly hears = [
    ...LeftOut.hears,
    "stepped.but_polls",
    "instance",
    "scheduler.view_advanced",
    "scheduler.resynced",
  ] as const;
  readonly #case: Case;
  readonly #scene: Scene;
  readonly #stories = new Stories();
  readonly #leftOut: LeftOut;
  readonly #lookups: readonly Lookups[];
  #judged = 0;
  #slowest: Millis = 0;

  constructor(theCase: Case, scene: Scene) {
    this.#case = theCase;
    this.#scene = scene;
    this.#leftOut = new LeftOut(theCase, scene, this.#stories);
    this.#lookups = Array.from({ length: theCase.instances }, () => ({ missed: new Map(), expected: new Map() }));
  }

  on(event: SimEvent): void {
    this.#leftOut.on(event);
    if (event.kind === "returned") {
      if (event.call.op === "get_node") this.#returned(event.call);
    } else if (event.kind === "instance") {
      if (event.state === "crashed") this.#forget(event.instance);
    } else if (event.kind === "scheduler") {
      this.#learned(event);
    } else if (event.kind === "stepped") {
      for (const change of event.changes) {
        if (change.kind === "registered") this.#arrived(event, change.node, toPort(change.incarnation));
        else if (change.kind === "removed") this.#left(change.node);
      }
    }
  }

  finish(): Judgement {
    const { premise } = properties.N3;
    const shown = this.#judged === 0 ? [] : [{ name: "time_to_visible_ms_max", value: this.#slowest }];
    const measures = [...shown, { name: "looked_for_in_answers", value: this.#leftOut.looked }];
    return conclude({
      property: "N3",
      premise,
      exercised: this.#judged,
      violations: this.#stories.all,
      measures,
    });
  }

  #arrived({ at, partition, server }: Stepped, node: string, incarnation: ReturnType<typeof toPort>): void {
    const line = this.#scene.truth.current(server, partition);
    if (line === undefined) return;
    for (const [instance, { expected, missed }] of this.#lookups.entries()) {
      // An earlier life that was waited for is over.
      expected.delete(node);
      const isMarked = at - (missed.get(node) ?? Number.NEGATIVE_INFINITY) < this.#case.settings.missTtl;
      if (!isMarked || this.#scene.whereabouts.serverOf(instance) !== server) continue;
      const told = { line, sequence: incarnation.sequence, incarnation: versionText(incarnation), at };
      expected.set(node, { ...told, knownAt: Number.POSITIVE_INFINITY });
    }
  }

  #learned({ at, instance, what }: Said): void {
    if (what.kind !== "view_advanced" && what.kind !== "resynced") return;
    for (const arrival of this.#lookups[instance]?.expected.values() ?? []) {
      const isIn = what.version.epoch === arrival.line.epoch && what.version.sequence >= arrival.sequence;
      if (isIn) arrival.knownAt = Math.min(arrival.knownAt, at);
    }
  }

  #left(node: string): void {
    for (const { expected } of this.#lookups) expected.delete(node);
  }

  #forget(instance: number): void {
    this.#lookups[instance]?.missed.clear();
    this.#lookups[instance]?.expected.clear();
  }

  #returned(call: Call): void {
    const { from, instance, node = "", read, to } = call;
    const own = this.#lookups[instance];
    if (own === undefined || read === undefined || to === null) return;
    if (!read.found && (read.source === "redis" || read.source === "miss")) own.missed.set(node, to);
    const arrival = own.expected.get(node);
    // In a degraded mode, or where the store did not answer in time, what is not known is not claimed.
    if (arrival === undefined || from < arrival.at || read.mode !== "normal" || read.stale) return;
    if (this.#scene.followedBy(instance, arrival.line.partition) !== arrival.line) {
      own.expected.delete(node); // lost with its server, or found by another epoch
      return;
    }
    const waited = this.#scene.presence.ran(instance, Math.max(arrival.at, this.#scene.readableSince), from);
    if (isShown(call, arrival)) {
      this.#slowest = Math.max(this.#slowest, this.#scene.presence.ran(instance, arrival.at, to));
    } else if (waited > this.#case.staleness || from > arrival.knownAt) {
      this.#tell(call, arrival, waited);
    } else {
      return;
    }
    this.#judged += 1;
    own.expected.delete(node);
  }

  #tell({ from, instance, node, read }: Call, { at, incarnation, knownAt }: Arrival, waited: Millis): void {
    const bound = inMs(this.#case.staleness);
    const allowed = from > knownAt ? `none once its view had it, at ${inMs(knownAt)}` : bound;
    this.#stories.add(() => [
      `instance ${instance} did not show node ${node} ${inMs(waited)} after it had registered, allowed ${allowed}`,
      `asked at ${inMs(from)}, answered from ${read?.source ?? "nowhere"}, found: ${read?.found ?? false}; registered as ${incarnation} at ${inMs(at)}`,
    ]);
  }
}

function isShown({ read }: Call, { incarnation, line, sequence }: Arrival): boolean {
  const node = read?.node;
  if (!node) return false;
  return node.incarnation === incarnation || (node.version.epoch === line.epoch && node.version.sequence > sequence);
}
