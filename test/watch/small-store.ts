/** A store of the reference layout with one partition, in memory: right by itself, and every part of it can be made wrong. */
import type { NodeContent } from "../../src/check/history.ts";
import type { DumpedNode, ObservedChange } from "../../src/check/observed/observation.ts";
import type { Ask, FeedLine, Look, Reading, Source } from "../../src/watch/reading.ts";

export interface SmallNode {
  content: NodeContent;
  /** Job -> the deadline of its place. */
  jobs: Map<string, number>;
  heartbeatSeq: number;
  expires: number;
  /** In the indexes; null: not there. */
  expiry: number | null;
  lease: number | null;
  isUnreadable: boolean;
}

/** The server's clock when the watch begins. */
const epochStart = 1_700_000_000_000;
const languages = [{ source: "de", target: "en" }];

export class SmallStore implements Source {
  epoch: string | null = "e1";
  sequence = 0;
  isCurrent = true;
  heldUntil: number | null = null;
  feed: FeedLine[] = [];
  feedMax = 1_000;
  readonly nodes = new Map<string, SmallNode>();
  /** The index of nodes. */
  readonly members = new Set<string>();
  /** ms since the watch began. */
  now = 0;
  /** Thrown by the next reads. */
  failure: Error | null = null;
  reads = 0;

  get serverMs(): number {
    return epochStart + this.now;
  }

  node(id: string): SmallNode {
    const node = this.nodes.get(id);
    if (node === undefined) throw new RangeError(`no node ${id}`);
    return node;
  }

  commit(change: ObservedChange, isInFeed = true): void {
    this.sequence += 1;
    if (isInFeed) this.feed.push({ sequence: this.sequence, change });
    this.feed = this.feed.slice(-this.feedMax);
  }

  register(id: string, maxJobs = 2, ttl = 1_000): void {
    const version = { epoch: this.epoch ?? "", sequence: this.sequence + 1 };
    const incarnation = `${version.epoch}:${version.sequence}`;
    const offer = { max_jobs: maxJobs, pools: ["p"], languages, services: [], health_milli: 500 };
    // The feed says more of a registration than judges use.
    const more = { finished: 0, orphaned: [] };
    this.commit({ kind: "registered", node: id, incarnation, ...offer, ...more });
    const content: NodeContent = { node: id, status: "online", incarnation, version, current_jobs: 0, ...offer };
    const expires = this.serverMs + ttl;
    const times = { expires, expiry: expires, lease: null };
    this.nodes.set(id, { content, jobs: new Map(), heartbeatSeq: -1, isUnreadable: false, ...times });
    this.members.add(id);
  }

  heartbeat(id: string, ttl = 1_000): void {
    const node = this.node(id);
    node.heartbeatSeq += 1;
    node.expires = this.serverMs + ttl;
    node.expiry = node.expires;
  }

  reserve(id: string, job: string, lease = 60_000): void {
    const node = this.node(id);
    this.commit({ kind: "reserved", node: id, job, current_jobs: node.jobs.size + 1 });
    node.jobs.set(job, this.serverMs + lease);
    this.settle(node);
  }

  complete(id: string, job: string): void {
    const node = this.node(id);
    this.commit({ kind: "completed", node: id, job, current_jobs: node.jobs.size - 1 });
    node.jobs.delete(job);
    this.settle(node);
  }

  lapse(id: string, job: string): void {
    const node = this.node(id);
    this.commit({ kind: "lapsed", node: id, jobs: [job], current_jobs: node.jobs.size - 1 });
    node.jobs.delete(job);
    this.settle(node);
  }

  expire(id: string): void {
    const node = this.node(id);
    this.commit({ kind: "expired", node: id });
    node.jobs.clear();
    node.expires = this.serverMs + 3_600_000;
    node.expiry = node.expires;
    this.settle(node, "expired");
  }

  remove(id: string): void {
    this.commit({ kind: "removed", node: id });
    this.nodes.delete(id);
    this.members.delete(id);
  }

  /** Another epoch begins with what there is. */
  begin(epoch: string): void {
    this.epoch = epoch;
    this.sequence = 0;
    this.feed = [];
    this.isCurrent = true;
    this.heldUntil = null;
  }

  /** The record and the index of leases follow the jobs. */
  settle(node: SmallNode, status = node.content.status): void {
    const version = { epoch: this.epoch ?? "", sequence: this.sequence };
    node.content = { ...node.content, status, current_jobs: node.jobs.size, version };
    node.lease = node.jobs.size === 0 ? null : Math.min(...node.jobs.values());
  }

  partitions(): Promise<number | null> {
    return this.failure === null ? Promise.resolve(this.epoch === null ? null : 1) : Promise.reject(this.failure);
  }

  read(ask: Ask): Promise<Reading> {
    this.reads += 1;
    return this.failure === null ? Promise.resolve(this.reading(ask)) : Promise.reject(this.failure);
  }

  reading(ask: Ask): Reading {
    const { limit, looks, membersAfter, since } = ask;
    const { epoch, heldUntil, isCurrent, now, sequence, serverMs } = this;
    const after = since === null ? [] : this.feed.filter((line) => line.sequence > since);
    const members = [...this.members].sort().filter((id) => membersAfter !== null && id > membersAfter);
    return {
      ...{ ask, at: now, since: now, serverMs },
      meta: epoch === null ? null : { epoch, sequence, isCurrent, heldUntil },
      first: this.feed[0]?.sequence ?? null,
      length: this.feed.length,
      entries: after.slice(0, limit),
      looks: looks.map((id) => this.#look(id)),
      members: members.slice(0, 200),
    };
  }

  #look(id: string): Look {
    const node = this.nodes.get(id);
    if (node === undefined) return { kind: "none", node: id, isMember: this.members.has(id) };
    if (node.isUnreadable) return { kind: "unreadable", node: id, reason: "WRONGTYPE" };
    const { content, expires, expiry, heartbeatSeq, jobs, lease } = node;
    const times = { expires_at_ms: expires, expiry, lease, deadlines: [...jobs.values()] };
    const dumped: DumpedNode = { content, heartbeat_seq: heartbeatSeq, jobs: [...jobs.keys()], times };
    return { kind: "found", node: id, dumped };
  }
}
