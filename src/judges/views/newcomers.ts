/**
 * N3: a node that registers is visible within the bound, a miss mark notwithstanding; and at once where the view of the instance has it, since a
 * change from the feed removes the mark.
 */
import { type Call, type Millis, versionText } from "../../check/history.ts";
import { inMs, type Judgement } from "../../check/judgement.ts";
import type { Changed, JudgeEvent, ViewMoved } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";
import type { EpochLine } from "../truth.ts";

/** A registration of a node that an instance had looked up in vain just before. */
interface Arrival {
  line: EpochLine;
  sequence: number;
  readonly incarnation: string;
  at: Millis;
  /** When the view of the instance had it; infinity: it does not yet. */
  knownAt: Millis;
  isJudged: boolean;
}

/** The knowledge of one instance about nodes that it was asked for. */
interface Lookups {
  /** Node -> when it was last looked up in vain. */
  readonly missed: Map<string, Millis>;
  readonly expected: Map<string, Arrival>;
  /** Those that its view was not seen to have. */
  readonly unknown: Set<Arrival>;
}

/** A lookup that was answered as confirmed. */
type Confirmed = Call & { readonly to: Millis; readonly read: NonNullable<Call["read"]> };

export function judgeNewcomers(theCase: Case): Judge {
  return new Newcomers(theCase);
}

class Newcomers implements Judge {
  readonly property = "N3";
  readonly hears = ["change", "view", "returned", "instance"] as const;
  readonly operations = ["get_node"] as const;
  readonly #case: Case;
  readonly #findings = new Findings("N3");
  readonly #lookups: readonly Lookups[];
  #judged = 0;
  #hasShown = false;
  #slowest: Millis = 0;

  constructor(theCase: Case) {
    this.#case = theCase;
    const lookups = (): Lookups => ({ missed: new Map(), expected: new Map(), unknown: new Set() });
    this.#lookups = Array.from({ length: theCase.instances }, lookups);
  }

  on(event: JudgeEvent): void {
    switch (event.kind) {
      case "change":
        if (event.entry.kind === "registered") this.#arrived(event);
        else if (event.entry.kind === "removed") for (const own of this.#lookups) noLongerExpect(own, event.entry.node);
        break;
      case "view":
        this.#moved(event);
        break;
      case "returned":
        this.#returned(event.call);
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
      exercised: this.#judged,
      open: "later by no more than the instance was kept from running",
      measures: this.#hasShown ? [{ name: "time_to_visible_ms_max", value: this.#slowest }] : [],
    });
  }

  #arrived({ at, entry: { node, record, sequence, since }, line }: Changed): void {
    for (const [instance, own] of this.#lookups.entries()) {
      const { expected, missed, unknown } = own;
      // An earlier life that was waited for is over.
      noLongerExpect(own, node);
      const isMarked = at - (missed.get(node) ?? Number.NEGATIVE_INFINITY) < this.#case.terms.missTtl;
      if (!isMarked || !record || this.#epochOf(instance, line.partition, since) !== line.epoch) continue;
      const { incarnation } = record;
      const arrival = { line, sequence, incarnation, at, knownAt: Number.POSITIVE_INFINITY, isJudged: false };
      expected.set(node, arrival);
      unknown.add(arrival);
    }
  }

  #moved({ at, instance, version }: ViewMoved): void {
    const unknown = this.#lookups[instance]?.unknown;
    if (unknown === undefined || unknown.size === 0) return;
    for (const arrival of unknown) {
      if (version.epoch !== arrival.line.epoch || version.sequence < arrival.sequence) continue;
      arrival.knownAt = at;
      unknown.delete(arrival);
    }
  }

  #forget(instance: number): void {
    this.#lookups[instance]?.missed.clear();
    this.#lookups[instance]?.expected.clear();
    this.#lookups[instance]?.unknown.clear();
  }

  #epochOf(instance: number, partition: number, at: Millis): string | undefined {
    return this.#case.truth.followedBy(instance, partition, at)?.epoch;
  }

  #returned(call: Call): void {
    const { from, instance, node = "", read, to } = call;
    const own = this.#lookups[instance];
    if (own === undefined || read === undefined || to === null || this.#case.timing.wasAway(instance, from, to)) return;
    const arrival = own.expected.get(node);
    if (!read.found && (read.source === "redis" || read.source === "miss")) own.missed.set(node, to);
    // In a degraded mode, or where the store did not answer in time, what is not known is not claimed.
    if (arrival === undefined || from < arrival.at || read.mode !== "normal" || read.stale) return;
    if (!this.#isStillThere(own, call, arrival, to)) noLongerExpect(own, node);
    else this.#judge({ ...call, to, read }, arrival);
  }

  /** Another epoch may have found it, or lost it with its server; and another life of the node, or its removal, may be seen only later. */
  #isStillThere({ unknown }: Lookups, { instance, node = "" }: Call, arrival: Arrival, to: Millis): boolean {
    const { truth } = this.#case;
    const epoch = this.#epochOf(instance, arrival.line.partition, to);
    const line = epoch === undefined ? undefined : truth.line(epoch);
    if (line === undefined) return false;
    if (line !== arrival.line) {
      if (line.base.get(node)?.incarnation !== arrival.incarnation) return false;
      arrival.line = line;
      arrival.sequence = 0;
      arrival.at = Math.max(arrival.at, line.begunAt);
      arrival.knownAt = Number.POSITIVE_INFINITY;
      unknown.add(arrival);
    }
    for (let next = line.next(node, arrival.sequence); next !== undefined; next = line.next(node, next.sequence)) {
      if (next.kind === "removed" && next.since <= to) return false;
      if (next.kind === "registered") return next.at > to;
    }
    return true;
  }

  #judge(call: Confirmed, arrival: Arrival): void {
    const { bounds, scene, timing } = this.#case;
    const { from, instance, to } = call;
    // An instance that was away, or could not learn of the registration, has time for it from its return on.
    const reachable = scene.reachableSince(instance, arrival.line.partition);
    const since = Math.max(arrival.at, reachable, timing.presentSince(instance, from));
    const late = timing.ran(instance, since, from) - bounds.staleness;
    const isShown = this.#isShown(call, arrival);
    if (!isShown && late <= 0 && from <= arrival.knownAt) return;
    if (isShown && !arrival.isJudged) {
      this.#hasShown = true;
      this.#slowest = Math.max(this.#slowest, timing.ran(instance, arrival.at, to));
    }
    if (!arrival.isJudged) this.#judged += 1;
    arrival.isJudged = true;
    if (isShown) return;
    const story = (): readonly string[] => this.#storyOf(call, arrival, since);
    const own = this.#lookups[instance];
    if (own !== undefined) noLongerExpect(own, call.node ?? "");
    if (from > arrival.knownAt) this.#findings.violate(story, [call.id]);
    else this.#findings.late(timing.blame(late, since, from, instance), false, story, [call.id]);
  }

  /** A record at a version that the store never had shows no node. */
  #isShown({ read, to }: Confirmed, { incarnation, line, sequence }: Arrival): boolean {
    const { node } = read;
    if (!node) return false;
    const isIt =
      node.incarnation === incarnation || (node.version.epoch === line.epoch && node.version.sequence > sequence);
    return isIt && this.#case.truth.standing(node.version, Number.NEGATIVE_INFINITY, to) !== "never";
  }

  #storyOf(call: Confirmed, { at, incarnation, knownAt }: Arrival, since: Millis): readonly string[] {
    const { from, instance, node, read } = call;
    const bound = inMs(this.#case.bounds.staleness);
    const allowed = from > knownAt ? `none once its view had it, at ${inMs(knownAt)}` : bound;
    return [
      `instance ${instance} did not show node ${node} ${inMs(from - at)} after it had registered, allowed ${allowed}`,
      `asked at ${inMs(from)}, answered from ${read.source}, found: ${read.found}${read.node ? `, at ${versionText(read.node.version)}` : ""}; registered as ${incarnation} at ${inMs(at)}, ${this.#case.timing.waitText(instance, since, from)}`,
    ];
  }
}

function noLongerExpect({ expected, unknown }: Lookups, node: string): void {
  const arrival = expected.get(node);
  if (arrival === undefined) return;
  expected.delete(node);
  unknown.delete(arrival);
}
