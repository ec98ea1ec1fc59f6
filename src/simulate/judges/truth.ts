/**
 * What the store held, at every version: each change where it belongs, with the record that it left. Kept as the run goes on, so that a judge
 * finds what a node was at a version without looking at anything else.
 */
import type { NodeChange, NodeRecord } from "../../../model/partition/command.ts";
import type { Meta } from "../../../model/partition/state.ts";
import type { Millis, Version } from "../../scheduler/ports.ts";
import { toPort } from "../servers/protocol-values.ts";
import type { Stepped } from "../trace/events.ts";

/** One change, and what it made of its node. */
export interface Told {
  readonly sequence: number;
  readonly at: Millis;
  readonly node: string;
  readonly change: NodeChange;
  /** null: there is no such node any longer. */
  readonly record: NodeRecord | null;
}

/** One epoch of one partition: what it began with, and every change since. */
export class EpochLine {
  readonly epoch: string;
  readonly partition: number;
  /** Its place among the epochs of the partition, from 0. */
  readonly order: number;
  readonly server: number;
  readonly begunAt: Millis;
  /** What was found when it began. */
  readonly base: ReadonlyMap<string, NodeRecord>;
  /** How far the epoch that it follows had come, as its server held it; null: it follows nothing. */
  readonly follows: Version | null;
  readonly #jobs: Stepped["before"]["jobs"];
  readonly #done: Stepped["before"]["done"];
  readonly #entries: Told[] = [];
  readonly #byNode = new Map<string, Told[]>();

  constructor({ at, before, partition, server }: Stepped, epoch: string, order: number) {
    this.epoch = epoch;
    this.partition = partition;
    this.order = order;
    this.server = server;
    this.begunAt = at;
    this.base = before.nodes;
    this.#jobs = before.jobs;
    this.#done = before.done;
    this.follows = before.meta === null ? null : toPort(before.meta);
  }

  /** The last sequence. */
  get last(): number {
    return this.#entries.length;
  }

  add(told: Told): void {
    this.#entries.push(told);
    const own = this.#byNode.get(told.node);
    if (own === undefined) this.#byNode.set(told.node, [told]);
    else own.push(told);
  }

  entry(sequence: number): Told | undefined {
    return this.#entries[sequence - 1];
  }

  /** The node's first change after a sequence. */
  next(node: string, after: number): Told | undefined {
    const own = this.#byNode.get(node) ?? [];
    return own[firstAfter(own, after)];
  }

  /** What the node was at a sequence; null: there was none. */
  at(node: string, sequence: number): NodeRecord | null {
    const own = this.#byNode.get(node) ?? [];
    const last = own[firstAfter(own, sequence) - 1];
    return last === undefined ? (this.base.get(node) ?? null) : last.record;
  }

  /** Nodes that have not changed since a sequence, with what they are. */
  *unchangedSince(sequence: number): Generator<readonly [node: string, record: NodeRecord]> {
    for (const [node, own] of this.#byNode) {
      const { record, sequence: changed } = own[own.length - 1] as Told;
      if (record !== null && changed <= sequence) yield [node, record];
    }
    for (const each of this.base) if (!this.#byNode.has(each[0])) yield each;
  }

  /** Whether the job had a place on the node at a sequence. */
  holds(node: string, job: string, sequence: number): boolean {
    const own = this.#byNode.get(node) ?? [];
    for (let index = firstAfter(own, sequence) - 1; index >= 0; index -= 1) {
      const { change } = own[index] as Told;
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

  /** Whether the job had been completed on the node by a sequence. The store may have forgotten it since: it remembers only the latest. */
  finished(node: string, job: string, sequence: number): boolean {
    const own = this.#byNode.get(node) ?? [];
    for (let index = firstAfter(own, sequence) - 1; index >= 0; index -= 1) {
      const { change } = own[index] as Told;
      if (change.kind === "completed" && change.job === job) return true;
      if (change.kind === "removed") return false; // what it had finished goes with the node
    }
    return this.#done.get(node)?.has(job) === true;
  }

  /** The node's changes since a time, the latest first. */
  *since(node: string, at: Millis): Generator<Told> {
    const own = this.#byNode.get(node) ?? [];
    for (let index = own.length - 1; index >= 0; index -= 1) {
      const told = own[index] as Told;
      if (told.at < at) return;
      yield told;
    }
  }

  /** Of its end: what everybody has of it who has all. */
  get nodes(): ReadonlySet<string> {
    return new Set([...this.base.keys(), ...this.#byNode.keys()]);
  }
}

/** The index of the first whose sequence is above. */
function firstAfter(own: readonly Told[], sequence: number): number {
  let low = 0;
  let high = own.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((own[middle] as Told).sequence > sequence) high = middle;
    else low = middle + 1;
  }
  return low;
}

export class Truth {
  readonly #lines = new Map<string, EpochLine>();
  readonly #byPartition: EpochLine[][];
  /** Server -> by partition. */
  readonly #current = new Map<number, (EpochLine | undefined)[]>();

  constructor(partitions: number) {
    this.#byPartition = Array.from({ length: partitions }, () => []);
  }

  /** @returns the epoch that has begun with this step; null: none has */
  on(event: Stepped): EpochLine | null {
    const { after, at, before, changes, partition } = event;
    const { meta } = after;
    if (meta === null || meta === before.meta) return null;
    const begun = before.meta?.epoch === meta.epoch ? null : this.#begin(event, meta);
    const line = begun ?? this.current(event.server, partition) ?? this.#begin(event, meta);
    let sequence = meta.sequence - changes.length;
    for (const change of changes) {
      sequence += 1;
      if (change.kind === "config") continue;
      const record = after.nodes.get(change.node) ?? null;
      line.add({ sequence, at, node: change.node, change, record });
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

  /** The epoch that a server is in; undefined: nobody has asked it yet. */
  current(server: number, partition: number): EpochLine | undefined {
    return this.#current.get(server)?.[partition];
  }

  /** The epochs of a partition that its servers are in. */
  latest(partition: number): readonly EpochLine[] {
    return [...this.#current.values()].flatMap((own) => own[partition] ?? []);
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
