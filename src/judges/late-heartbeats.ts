/**
 * N1: an older heartbeat, or one of a former life, never overwrites a newer state. Newer is what the epoch has in which the heartbeat was answered: what
 * a server that took over lacked, or another one took at the same time, is not. The same of registrations: writes/replaced.ts.
 */
import type { Call, Millis } from "../check/history.ts";
import { inMs, type Judgement } from "../check/judgement.ts";
import type { Changed, JudgeEvent, NodeSeen } from "./event.ts";
import { Findings } from "./findings.ts";
import type { Case, Judge } from "./judge.ts";
import type { EpochLine, HeldNode } from "./truth.ts";
import { RefusedHeartbeats, whyRefused } from "./writes/refused-heartbeats.ts";
import { Registrations } from "./writes/replaced.ts";

/** The last heartbeat that a node was seen to have taken, and in which life. */
interface Kept {
  readonly life: string;
  readonly seq: number;
  readonly healthMilli: number;
}

/** A life of a node, and when it was seen to begin. */
interface Life {
  readonly incarnation: string;
  readonly at: Millis;
}

/** The known course of one node in one epoch. */
interface Course {
  /** In the order in which they began. */
  readonly lives: Life[];
  kept: Kept | null;
  /** By life: heartbeats that were answered as taken, each further than the one before. */
  readonly taken: Map<string, { readonly seq: number; readonly at: Millis }[]>;
}

/** Replies that say that the store has the heartbeat. */
const isTaken: ReadonlySet<string> = new Set(["renewed", "already"]);

export function judgeLateHeartbeats(theCase: Case): Judge {
  return new LateHeartbeats(theCase);
}

class LateHeartbeats implements Judge {
  readonly property = "N1";
  readonly hears = ["change", "fault", "node", "node_requested", "returned"] as const;
  readonly operations = ["heartbeat", "register_node"] as const;
  readonly #truth: Case["truth"];
  readonly #findings = new Findings("N1");
  readonly #registrations = new Registrations(this.#findings);
  readonly #refused = new RefusedHeartbeats();
  readonly #courses = new Map<EpochLine, Map<string, Course>>();
  readonly #partitionOf = new Map<string, number>();
  /** All lives of all nodes, in whatever epoch. */
  readonly #lives = new Set<string>();
  /** Those that were late, as the store met them and as clients were answered. */
  readonly #atStore = { older: 0, former: 0 };
  readonly #atClients = { older: 0, former: 0 };

  constructor({ truth }: Case) {
    this.#truth = truth;
  }

  on(event: JudgeEvent): void {
    if (event.kind === "change") this.#changed(event);
    else if (event.kind === "node") this.#seen(event);
    else if (event.kind === "node_requested") this.#registrations.requested(event);
    else if (event.kind === "fault") this.#refused.fault(event.at);
    else if (event.kind === "returned" && event.call.op === "register_node") this.#registrations.returned(event.call);
    else if (event.kind === "returned") this.#returned(event.call);
  }

  finish(): Judgement {
    this.#registrations.finish();
    this.#refused.judge((call, why) => {
      const sent = `sent by instance ${call.instance} at ${inMs(call.from)}`;
      this.#findings.violate(() => [whyRefused(call, why), sent], [call.id]);
    });
    const former = Math.max(this.#atStore.former, this.#atClients.former);
    return this.#findings.conclude({
      exercised: Math.max(this.#atStore.older, this.#atClients.older) + former,
      measures: [{ name: "of_a_former_life", value: former }],
    });
  }

  #changed(event: Changed): void {
    const { at, entry, line } = event;
    const { kind, node, record } = entry;
    this.#registrations.changed(event);
    this.#partitionOf.set(node, line.partition);
    if (kind !== "registered" || !record) return;
    this.#lives.add(lifeOf(node, record.incarnation));
    this.#courseOf(line, node).lives.push({ incarnation: record.incarnation, at });
  }

  /** At the store: what it holds of a life never goes back, and no former life comes back. */
  #seen({ at, heartbeat, heartbeatSeq: seq, line, node, record }: NodeSeen): void {
    if (line === null || record === null) return;
    const course = this.#courseOf(line, node);
    const { kept } = course;
    const { healthMilli, incarnation: life } = record;
    course.kept = { life, seq, healthMilli };
    if (kept === null) return;
    const isFormer = heartbeat !== undefined && heartbeat.incarnation !== kept.life;
    const isOlder = heartbeat !== undefined && !isFormer && heartbeat.seq < kept.seq;
    if (isFormer) this.#atStore.former += 1;
    else if (isOlder) this.#atStore.older += 1;
    const isOther = kept.life !== life || seq !== kept.seq || healthMilli !== kept.healthMilli;
    const isBack = kept.life === life ? seq < kept.seq : turnOf(course, life) < turnOf(course, kept.life);
    if (!isBack && !((isFormer || isOlder) && isOther)) return;
    const by = heartbeat === undefined ? "" : `, by heartbeat ${heartbeat.seq} of life ${heartbeat.incarnation}`;
    this.#findings.violate(() => [
      `node ${node} went from seq ${kept.seq} of life ${kept.life} to seq ${seq} of life ${life}${by}, allowed is nothing older`,
      `epoch ${line.epoch}, seen at ${inMs(at)}; health ${kept.healthMilli} before and ${healthMilli} after`,
    ]);
  }

  /** At the client: the incarnation that sent it, and the answer. */
  #returned(call: Call): void {
    const { from, incarnation, node = "", outcome, reply, seq = 0, to, version } = call;
    this.#refused.returned(call);
    const line = this.#lineOf(call);
    if (line === undefined || to === null) return;
    if (incarnation === undefined) {
      if (isTaken.has(reply)) this.#findings.unseen();
      return;
    }
    const course = this.#courseOf(line, node);
    const life =
      version === undefined ? laterLife(course, incarnation, from) : line.at(node, version.sequence)?.incarnation;
    const isFormer = life !== undefined && life !== incarnation && this.#lives.has(lifeOf(node, incarnation));
    const own = course.taken.get(incarnation) ?? [];
    if (own.length === 0) course.taken.set(incarnation, own);
    const before = own.findLast(({ at }) => at <= from);
    const isOlder = before !== undefined && before.seq >= seq;
    if (outcome === "ok" && isFormer) this.#atClients.former += 1;
    else if (outcome === "ok" && isOlder) this.#atClients.older += 1;
    if (reply === "renewed" && life !== undefined && life !== incarnation) {
      this.#violated(call, `it is of the life ${incarnation}, and the node was in the life ${life} then`);
    } else if (reply === "renewed" && isOlder) {
      this.#violated(call, `seq ${before.seq} of that life had been answered at ${inMs(before.at)}`);
    }
    if (isTaken.has(reply) && seq > (own.at(-1)?.seq ?? Number.NEGATIVE_INFINITY)) own.push({ seq, at: to });
  }

  /** The epoch in which it was answered; undefined: its reply does not say, and there was more than one. */
  #lineOf({ node = "", version }: Call): EpochLine | undefined {
    const named = version === undefined ? undefined : this.#truth.line(version.epoch);
    if (named !== undefined) return named;
    const [only, ...others] = this.#truth.of(this.#partitionOf.get(node) ?? -1);
    return others.length === 0 ? only : undefined;
  }

  #courseOf(line: EpochLine, node: string): Course {
    const byNode = this.#courses.get(line) ?? new Map<string, Course>();
    if (byNode.size === 0) this.#courses.set(line, byNode);
    const known = byNode.get(node);
    if (known !== undefined) return known;
    const found = line.base.get(node);
    const lives = found === undefined ? [] : [{ incarnation: found.incarnation, at: line.begunAt }];
    if (found !== undefined) this.#lives.add(lifeOf(node, found.incarnation));
    const begun: Course = { lives, kept: keptBy(found), taken: new Map() };
    byNode.set(node, begun);
    return begun;
  }

  #violated({ from, id, instance, node, reply, seq }: Call, why: string): void {
    this.#findings.violate(
      () => [
        `a heartbeat of node ${node} with seq ${seq} was taken, allowed is refusal: ${why}`,
        `sent by instance ${instance} at ${inMs(from)}, answered ${reply}`,
      ],
      [id],
    );
  }
}

/** Which of the node's lives it is, from 0; -1: none that was seen. */
function turnOf({ lives }: Course, incarnation: string): number {
  return lives.findIndex((life) => life.incarnation === incarnation);
}

function keptBy(found: HeldNode | undefined): Kept | null {
  if (found?.heartbeatSeq === undefined) return null;
  return { life: found.incarnation, seq: found.heartbeatSeq, healthMilli: found.healthMilli };
}

function lifeOf(node: string, incarnation: string): string {
  return `${node.length}:${node}${incarnation}`;
}

/** The life that the node was in by then, where it is known to have come after this one. */
function laterLife(course: Course, incarnation: string, at: Millis): string | undefined {
  const turn = course.lives.findLastIndex((life) => life.at <= at);
  const own = turnOf(course, incarnation);
  return own >= 0 && own < turn ? course.lives[turn]?.incarnation : undefined;
}
