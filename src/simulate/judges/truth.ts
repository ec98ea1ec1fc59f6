/**
 * The contents of the store at every version: each change where it belongs, with the record that it left. Kept as the run goes on, so that a judge
 * finds the state of a node at a version without looking at anything else.
 */
import type { NodeChange, NodeRecord } from "../../../model/partition/command.ts";
import type { Partition } from "../../../model/partition/partition.ts";
import type { Meta } from "../../../model/partition/state.ts";
import type * as judged from "../../judges/truth.ts";
import type { Millis } from "../../protocol/time.ts";
import type { Version } from "../../protocol/version.ts";
import { incarnationText } from "../servers/epoch-text.ts";
import { toPort } from "../servers/protocol-values.ts";
import type { Stepped } from "../trace/events.ts";

/** A record of the model in the words of the ports. */
export class SimulatedNode implements judged.HeldNode {
  readonly #record: NodeRecord;
  readonly status: string;
  readonly maxJobs: number;
  readonly currentJobs: number;
  readonly healthMilli: number;

  constructor(record: NodeRecord) {
    this.#record = record;
    this.status = record.status;
    this.maxJobs = record.maxJobs;
    this.currentJobs = record.currentJobs;
    this.healthMilli = record.healthMilli;
  }

  get finished(): number {
    return this.#record.finished;
  }
  get heartbeatSeq(): number {
    return this.#record.heartbeatSeq;
  }
  get heartbeatChunk(): number {
    return this.#record.heartbeatChunk;
  }

  get incarnation(): string {
    return incarnationText(this.#record.incarnation);
  }

  get version(): Version {
    return toPort(this.#record.version);
  }

  get pools(): readonly string[] {
    return this.#record.pools;
  }

  get languages(): NodeRecord["languages"] {
    return this.#record.languages;
  }

  get services(): readonly string[] {
    return this.#record.services;
  }
}

/** One change, and what it made of its node. */
export class SimulatedEntry implements judged.LineEntry {
  readonly sequence: number;
  readonly at: Millis;
  readonly node: string;
  readonly change: NodeChange;
  /** null: there is no such node any longer. */
  readonly modelRecord: NodeRecord | null;
  /** undefined: the same step has changed the node again. */
  readonly places: judged.Places | undefined;
  /** The server's clock. */
  readonly now: number;
  readonly request: number;
  #record: judged.HeldNode | null = null;

  constructor(
    entry: Pick<SimulatedEntry, "sequence" | "at" | "node" | "change" | "modelRecord" | "places" | "now" | "request">,
  ) {
    this.sequence = entry.sequence;
    this.at = entry.at;
    this.node = entry.node;
    this.change = entry.change;
    this.modelRecord = entry.modelRecord;
    this.places = entry.places;
    this.now = entry.now;
    this.request = entry.request;
  }

  get since(): Millis {
    return this.at;
  }

  get kind(): judged.ChangeKind {
    return this.change.kind;
  }

  get job(): string | null {
    return "job" in this.change ? this.change.job : null;
  }

  get lapsed(): readonly string[] {
    return this.change.kind === "lapsed" ? this.change.jobs : [];
  }

  get orphaned(): readonly string[] {
    return "orphaned" in this.change ? this.change.orphaned : this.lapsed;
  }

  get lease(): Millis | null {
    return this.change.kind === "reserved" ? this.change.leaseUntil - this.now : null;
  }

  get count(): number | null {
    return "currentJobs" in this.change ? this.change.currentJobs : null;
  }

  get record(): judged.HeldNode | null {
    this.#record ??= this.modelRecord && new SimulatedNode(this.modelRecord);
    return this.#record;
  }
}

const noPlaces: judged.Places = new Set<string>();

export function placesOf({ jobs }: Pick<Partition, "jobs">, node: string): judged.Places {
  return jobs.get(node) ?? noPlaces;
}

/** One epoch of one partition: what it began with, and every change since. */
export class EpochLine implements judged.EpochLine {
  readonly epoch: string;
  readonly partition: number;
  /** Its place among the epochs of the partition, from 0. */
  readonly order: number;
  readonly server: number;
  readonly begunAt: Millis;
  /** The nodes that were there when it began. */
  readonly modelBase: ReadonlyMap<string, NodeRecord>;
  #base: ReadonlyMap<string, judged.HeldNode> | null = null;
  /** How far the epoch that it follows had come, as its server held it; null: it follows nothing. */
  readonly follows: Version | null;
  readonly #jobs: Stepped["before"]["jobs"];
  readonly #done: Stepped["before"]["done"];
  readonly #entries: SimulatedEntry[] = [];
  readonly #byNode = new Map<string, SimulatedEntry[]>();

  constructor({ at, before, partition, server }: Stepped, epoch: string, order: number) {
    this.epoch = epoch;
    this.partition = partition;
    this.order = order;
    this.server = server;
    this.begunAt = at;
    this.modelBase = before.nodes;
    this.#jobs = before.jobs;
    this.#done = before.done;
    this.follows = before.meta === null ? null : toPort(before.meta);
  }

  get base(): ReadonlyMap<string, judged.HeldNode> {
    this.#base ??= new Map([...this.modelBase].map(([node, record]) => [node, new SimulatedNode(record)]));
    return this.#base;
  }

  get begunSince(): Millis {
    return this.begunAt;
  }

  /** The last sequence. */
  get last(): number {
    return this.#entries.length;
  }

  add(entry: SimulatedEntry): void {
    this.#entries.push(entry);
    const own = this.#byNode.get(entry.node);
    if (own === undefined) this.#byNode.set(entry.node, [entry]);
    else own.push(entry);
  }

  entry(sequence: number): SimulatedEntry | undefined {
    return this.#entries[sequence - 1];
  }

  knownFrom(): number {
    return 0;
  }

  /** The node's first change after a sequence. */
  next(node: string, after: number): SimulatedEntry | undefined {
    const own = this.#byNode.get(node) ?? [];
    return own[firstAfter(own, after)];
  }

  /** Returns the node as it was at a sequence; null: there was none. */
  at(node: string, sequence: number): judged.HeldNode | null {
    const own = this.#byNode.get(node) ?? [];
    const last = own[firstAfter(own, sequence) - 1];
    return last === undefined ? (this.base.get(node) ?? null) : last.record;
  }

  /** The same in the words of the model. */
  recordAt(node: string, sequence: number): NodeRecord | null {
    const own = this.#byNode.get(node) ?? [];
    const last = own[firstAfter(own, sequence) - 1];
    return last === undefined ? (this.modelBase.get(node) ?? null) : last.modelRecord;
  }

  /** Nodes that have not changed since a sequence, with what they are. */
  *unchangedSince(sequence: number): Generator<readonly [node: string, record: NodeRecord]> {
    for (const [node, own] of this.#byNode) {
      const { modelRecord: record, sequence: changed } = own[own.length - 1] as SimulatedEntry;
      if (record !== null && changed <= sequence) yield [node, record];
    }
    for (const each of this.modelBase) if (!this.#byNode.has(each[0])) yield each;
  }

  /** Whether the job had a place on the node at a sequence. */
  holds(node: string, job: string, sequence: number): boolean {
    const own = this.#byNode.get(node) ?? [];
    for (let index = firstAfter(own, sequence) - 1; index >= 0; index -= 1) {
      const { change } = own[index] as SimulatedEntry;
      if (change.kind === "health") continue;
      if (change.kind === "lapsed") {
        if (change.jobs.includes(job)) return false;
      } else if (!("job" in change)) {
        return false; // a life that begins or ends has no jobs
      } else if (change.job === job) {
        return change.kind === "reserved";
      }
    }
    return this.#jobs.get(node)?.has(job) === true;
  }

  places(node: string, sequence: number): judged.Places | undefined {
    const own = this.#byNode.get(node) ?? [];
    const last = own[firstAfter(own, sequence) - 1];
    return last === undefined ? (this.#jobs.get(node) ?? noPlaces) : last.places;
  }

  /** Whether the job had been completed on the node by a sequence. The store may have forgotten it since: it remembers only the latest. */
  finished(node: string, job: string, sequence: number): boolean {
    const own = this.#byNode.get(node) ?? [];
    for (let index = firstAfter(own, sequence) - 1; index >= 0; index -= 1) {
      const { change } = own[index] as SimulatedEntry;
      if (change.kind === "completed" && change.job === job) return true;
      if (change.kind === "removed") return false; // what it had finished goes with the node
    }
    return this.#done.get(node)?.has(job) === true;
  }

  /** The node's changes since a time, the latest first. */
  *since(node: string, at: Millis): Generator<SimulatedEntry> {
    const own = this.#byNode.get(node) ?? [];
    for (let index = own.length - 1; index >= 0; index -= 1) {
      const entry = own[index] as SimulatedEntry;
      if (entry.at < at) return;
      yield entry;
    }
  }

  /** All nodes that it ever had. */
  get nodes(): ReadonlySet<string> {
    return new Set([...this.modelBase.keys(), ...this.#byNode.keys()]);
  }
}

/** The index of the first whose sequence is above. */
function firstAfter(own: readonly SimulatedEntry[], sequence: number): number {
  let low = 0;
  let high = own.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((own[middle] as SimulatedEntry).sequence > sequence) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The epochs of all partitions, as a run goes on. */
export class EpochLines {
  readonly #lines = new Map<string, EpochLine>();
  readonly #byPartition: EpochLine[][];
  /** Server -> by partition. */
  readonly #current = new Map<number, (EpochLine | undefined)[]>();

  constructor(partitions: number) {
    this.#byPartition = Array.from({ length: partitions }, () => []);
  }

  /** @returns the epoch that has begun with this step; null: none has */
  on(event: Stepped): EpochLine | null {
    const { after, at, before, changes, partition, request } = event;
    const { meta } = after;
    if (meta === null || meta === before.meta) return null;
    const begun = before.meta?.epoch === meta.epoch ? null : this.#begin(event, meta);
    const line = begun ?? this.current(event.server, partition) ?? this.#begin(event, meta);
    let sequence = meta.sequence - changes.length;
    const { at: now } = event.command;
    for (const [index, change] of changes.entries()) {
      sequence += 1;
      if (change.kind === "config") continue;
      const { node } = change;
      const isLast = !changes.some((other, place) => place > index && "node" in other && other.node === node);
      const modelRecord = after.nodes.get(node) ?? null;
      const places = isLast ? placesOf(after, node) : undefined;
      line.add(new SimulatedEntry({ sequence, at, node, change, modelRecord, places, now, request }));
    }
    return begun;
  }

  line(epoch: string): EpochLine | undefined {
    return this.#lines.get(epoch);
  }

  /** The epochs of a partition, in the order in which they began. */
  of(partition: number): readonly EpochLine[] {
    return this.#byPartition[partition] ?? [];
  }

  /** The epoch that a server is in; undefined: it has not been asked yet. */
  current(server: number, partition: number): EpochLine | undefined {
    return this.#current.get(server)?.[partition];
  }

  #begin(event: Stepped, { epoch, sequence }: Meta): EpochLine {
    const { partition, server } = event;
    const order = this.of(partition).length;
    const line = new EpochLine(event, toPort({ epoch, sequence }).epoch, order);
    this.#lines.set(line.epoch, line);
    this.#byPartition[partition]?.push(line);
    const own = this.#current.get(server) ?? [];
    own[partition] = line;
    this.#current.set(server, own);
    return line;
  }
}
