/**
 * L1: operations on a node, as clients saw them, are linearizable. The store runs one command after the other, so its versions are the order that
 * is looked for: an answer has to be true of the node at its version, and the store has to have been at that version while the call was under
 * way; a change is made by one call at most, and by none of which the client was answered that it did not happen.
 *
 * An answer that names no version has to have been true at some moment of the call. One that names a version which no store ever had is of nothing.
 */
import { type Call, versionText } from "../../../check/history.ts";
import { conclude, inMs, type Judgement } from "../../../check/judgement.ts";
import { properties } from "../../../check/properties.ts";
import type { Millis } from "../../../scheduler/ports.ts";
import { partitionOf } from "../../../scheduler/view/partition-of.ts";
import type { Called, SimEvent, Stepped } from "../../trace/events.ts";
import { type Case, type OnlineJudge, Stories } from "../judge.ts";
import type { Scene } from "../scene.ts";
import type { EpochLine } from "../truth.ts";
import { Askers } from "./askers.ts";
import { madeBy, wasEverSo, whyNotSo } from "./reply-sense.ts";

/** An epoch in which an instance was answered, and when. */
interface Answered {
  readonly line: EpochLine;
  readonly at: Millis;
}

export function judgeLinearizability(theCase: Case, scene: Scene): OnlineJudge {
  return new Linearizability(theCase, scene);
}

class Linearizability implements OnlineJudge {
  readonly property = "L1";
  readonly hears = ["called", "sent.but_polls", "stepped.but_polls", "returned", "instance"] as const;
  readonly #scene: Scene;
  readonly #partitions: number;
  readonly #stories = new Stories();
  readonly #askers = new Askers();
  /** Node -> calls under way. */
  readonly #underWay = new Map<string, number>();
  /** Calls that began while another one of their node was under way. */
  readonly #beside = new Set<number>();
  /** Epoch -> by sequence: the call that was answered to have made the change. */
  readonly #makers = new Map<EpochLine, Map<number, Call>>();
  /** By instance: partition -> epochs in which it was answered, each another than the one before, and none that was past by then. */
  readonly #answered: readonly Map<number, Answered[]>[];
  readonly #partitionOf = new Map<string, number>();
  #overlapping = 0;
  #judged = 0;

  constructor({ instances, partitions }: Case, scene: Scene) {
    this.#scene = scene;
    this.#partitions = partitions;
    this.#answered = Array.from({ length: instances }, () => new Map<number, Answered[]>());
  }

  on(event: SimEvent): void {
    switch (event.kind) {
      case "called":
        this.#called(event);
        break;
      case "sent":
        this.#askers.sent(event);
        break;
      case "stepped":
        if (event.changes.length > 0) this.#step(event);
        break;
      case "returned":
        this.#returned(event.call);
        break;
      case "instance":
        if (event.state === "crashed") this.#answered[event.instance]?.clear();
        break;
      default:
        break;
    }
  }

  finish(): Judgement {
    const { premise } = properties.L1;
    return conclude({
      property: "L1",
      premise,
      exercised: this.#overlapping,
      violations: this.#stories.all,
      measures: [{ name: "calls_judged", value: this.#judged }],
    });
  }

  #called(event: Called): void {
    this.#askers.called(event);
    if (event.node === "") return;
    const others = this.#underWay.get(event.node) ?? 0;
    if (others > 0) this.#beside.add(event.call);
    this.#underWay.set(event.node, others + 1);
  }

  #step(event: Stepped): void {
    for (const change of event.changes)
      if (change.kind !== "config") this.#partitionOf.set(change.node, event.partition);
    const { at, command, request } = event;
    const wrong = this.#askers.ran(event);
    if (wrong === null) return;
    this.#stories.add(() => [
      `${command.kind} of node ${"node" in command ? command.node : ""} made a change ${wrong}`,
      `request ${request} of instance ${event.instance}, run at ${inMs(at)}`,
    ]);
  }

  #returned(call: Call): void {
    const { node, op, outcome, reply } = call;
    const denied = this.#askers.returned(call, (other, job) => this.#isPlaced(other, job));
    if (op !== "dispatch" && node !== undefined) this.#underWay.set(node, (this.#underWay.get(node) ?? 1) - 1);
    if (denied !== null)
      this.#tell(call, `allowed is only what did not happen: request ${denied} of it has made a change`);
    if (call.to === null || outcome !== "ok" || op === "put_config" || op === "select_nodes") return;
    if (op === "get_node") this.#read(call, call.to);
    else if (op !== "dispatch" || reply !== "no_node") this.#written(call, call.to);
  }

  /** On any server: two may be right at a time. */
  #isPlaced(node: string, job: string): boolean {
    const partition = this.#partitionOf.get(node);
    const lines = partition === undefined ? [] : this.#scene.truth.latest(partition);
    return lines.some((line) => line.holds(node, job, line.last));
  }

  #written(call: Call, to: Millis): void {
    const { from, version } = call;
    this.#count(call);
    if (version === undefined) {
      if (!wasEverSo(call, to, this.#linesOf(call)))
        this.#tell(call, "at no moment of the call was it so in the store");
      return;
    }
    const line = this.#scene.truth.line(version.epoch);
    if (line === undefined || version.sequence > line.last) {
      this.#tell(call, line === undefined ? "no such epoch ever began" : `the store had come to ${line.last} in it`);
      return;
    }
    const { sequence } = version;
    const began = line.entry(sequence)?.at ?? line.begunAt;
    const ended = line.entry(sequence + 1)?.at ?? Number.POSITIVE_INFINITY;
    if (began > to || ended < from) {
      this.#tell(
        call,
        `the store was at that version from ${inMs(began)} to ${inMs(ended)}, not while the call was under way`,
      );
    }
    const why = whyNotSo(call, line, sequence);
    if (why !== null) this.#tell(call, why);
    if (madeBy(call) !== null) this.#made(call, line, sequence);
    this.#ordered(call, line, to);
  }

  #count({ id }: Call): void {
    this.#judged += 1;
    if (this.#beside.has(id)) this.#overlapping += 1;
  }

  /** The epochs in which a call may have been answered: those of the server that its instance goes to, or of all while that changes. */
  #linesOf({ from, instance, node = "" }: Call): readonly EpochLine[] {
    const { truth, whereabouts } = this.#scene;
    const all = truth.of(partitionOf(node, this.#partitions));
    if (whereabouts.movedAt(instance) >= from) return all;
    const server = whereabouts.serverOf(instance);
    const own = all.filter((line) => line.server === server);
    return own.length === 0 ? all : own;
  }

  /** Whoever asks for what is being asked for already shares its answer. */
  #made(call: Call, line: EpochLine, sequence: number): void {
    const own = this.#makers.get(line) ?? new Map<number, Call>();
    if (own.size === 0) this.#makers.set(line, own);
    const other = own.get(sequence);
    own.set(sequence, call);
    if (other === undefined) return;
    const isShared = other.op === call.op && other.job === call.job && (other.to ?? Infinity) >= call.from;
    if (!isShared) this.#tell(call, `the same change was made by ${callText(other)}`);
  }

  /** Two servers may answer at a time, but no instance goes back to an epoch that it has left. */
  #ordered(call: Call, line: EpochLine, to: Millis): void {
    const own = this.#answered[call.instance];
    const before = own?.get(line.partition) ?? [];
    if (before.length === 0) own?.set(line.partition, before);
    const last = before.findLast(({ at }) => at < call.from);
    if (last !== undefined && this.#isPast(call.instance, line, last.line)) {
      this.#tell(call, `this instance had been answered in a later epoch at ${inMs(last.at)}`);
    }
    const latest = before.at(-1)?.line;
    if (latest !== line && (latest === undefined || !this.#isPast(call.instance, line, latest))) {
      before.push({ line, at: to });
    }
  }

  /** Whether an instance that has come to `now` has left `line`: an epoch in which it has not lived it cannot know to be past. */
  #isPast(instance: number, line: EpochLine, now: EpochLine): boolean {
    const lived = this.#scene.lived(instance, line.partition);
    const turn = lived.indexOf(line);
    return turn >= 0 && turn < lived.indexOf(now);
  }

  /** Only an answer that came from Redis claims to be fresh: true at some moment since it was asked for, which its age tells. */
  #read(call: Call, to: Millis): void {
    const { node = "", read } = call;
    if (read === undefined || read.source !== "redis" || read.stale || read.age_ms < 0) return;
    this.#count(call);
    const since = to - read.age_ms;
    if (read.node === null) {
      if (!this.#wasAbsent(node, since)) this.#tell(call, `the node was there from ${inMs(since)} on`);
      return;
    }
    const { epoch, sequence } = read.node.version;
    const line = this.#scene.truth.line(epoch);
    if (line === undefined || sequence > line.last) {
      this.#tell(call, `no store was ever at ${epoch}:${sequence}, where it showed the node`);
      return;
    }
    const next = line.next(node, sequence);
    if (next === undefined || next.at >= since) return;
    this.#tell(call, `the node had been another since ${inMs(next.at)}, and Redis was asked at ${inMs(since)}`);
  }

  /** In some epoch, at some moment since. */
  #wasAbsent(node: string, since: Millis): boolean {
    const partition = this.#partitionOf.get(node);
    if (partition === undefined) return true;
    return this.#scene.truth.of(partition).some((line) => {
      if (line.recordAt(node, line.last) === null) return true;
      for (const { modelRecord: record, sequence } of line.since(node, since)) {
        if (record === null || line.recordAt(node, sequence - 1) === null) return true;
      }
      return false;
    });
  }

  #tell(call: Call, why: string): void {
    this.#stories.add(() => [`${callText(call)}, which no order explains: ${why}`]);
  }
}

function callText({ from, instance, job, node, op, reply, to, version }: Call): string {
  const what = `${op}${job === undefined ? "" : ` of job ${job}`} on node ${node ?? ""} by instance ${instance}`;
  const at = version === undefined ? "" : ` at ${versionText(version)}`;
  return `${what} from ${inMs(from)} to ${to === null ? "never" : inMs(to)} was answered ${reply}${at}`;
}
