/** The audit of one partition: what is read of it, in order, as events for its judges. It does no I/O. */
import type { Millis } from "../../check/history.ts";
import type { Dump, DumpedNode, Entry, ObservedChange } from "../../check/observed/observation.ts";
import type { PropertyId } from "../../check/properties.ts";
import type { JudgeEvent } from "../../judges/event.ts";
import type { Panel } from "../../judges/panel.ts";
import { lookedAt } from "../../judges/recorded/stream.ts";
import type { Ask, Look, Meta, Reading } from "../reading.ts";
import { KeptChanges, type KeptLine } from "./kept-changes.ts";
import { LiveLine } from "./live-line.ts";
import { LiveTruth } from "./live-truth.ts";
import { LookQueue } from "./look-queue.ts";
import { makePanel, settings } from "./panels.ts";
import type { Sums } from "./sums.ts";

/** Entries of one read. */
const mostEntries = 500;
/** After this many registrations, or as many as there are nodes, the judges are replaced, so that what they remember is bounded. */
const leastRegistered = 1_000;
/** Former epochs that a history names. */
const formerKept = 16;

export interface Violation {
  readonly property: PropertyId;
  readonly partition: number;
  /** null: it is not about one node. */
  readonly node: string | null;
  readonly at: Millis;
  readonly epoch: string;
  readonly sequence: number;
  /** The change that shows it: of a look, the node's last one. null: it is not kept. */
  readonly change: ObservedChange | null;
  readonly story: readonly string[];
}

/** Observations of the store that leave something open. */
export type AuditEvent =
  | { readonly kind: "missed"; readonly partition: number; readonly from: number; readonly to: number }
  | { readonly kind: "epoch"; readonly partition: number; readonly epoch: string; readonly isWhole: boolean }
  | { readonly kind: "unreadable"; readonly partition: number; readonly node: string; readonly reason: string };

export interface AuditPorts {
  readonly sums: Sums;
  /** Changes to be kept for the history of a violation. */
  readonly keep: number;
  /** @param history to be kept, where one is wanted */
  readonly onViolation: (violation: Violation, history: () => readonly KeptLine[]) => void;
  readonly onNotice: (notice: AuditEvent) => void;
}

export class PartitionAudit {
  readonly partition: number;
  readonly #ports: AuditPorts;
  readonly #truth = new LiveTruth();
  readonly #queue = new LookQueue();
  #panel: Panel | null = null;
  #kept: KeptChanges | null = null;
  /** Registrations that the present judges have heard: they remember each node. */
  #registered = 0;
  /** The feed has as many changes as the deployment keeps, or will have them. */
  readonly #terms = { ...settings, feedMax: 1 };
  #heldUntil: Millis | null = null;
  /** The epoch is over: it is the store's no longer, or the server is another one. null: it is not. */
  #ended: { readonly sequence: number; readonly isWhole: boolean } | null = null;
  #event: JudgeEvent | null = null;
  #found: Violation[] = [];

  constructor(partition: number, ports: AuditPorts) {
    this.partition = partition;
    this.#ports = ports;
  }

  /** Nodes that are known. */
  get nodes(): number {
    return this.#truth.current?.size ?? 0;
  }

  /** Changes that the store has made and that have not been read yet, as of the last read. */
  get behind(): number {
    const line = this.#truth.current;
    return line === null ? 0 : line.last - line.followed;
  }

  /** Whether every node was looked at, where there was an epoch. */
  get isLoaded(): boolean {
    return this.#truth.current?.isLoaded ?? true;
  }

  get unreadable(): number {
    return this.#truth.current?.unreadable ?? 0;
  }

  ask(mostLooks: number, now: Millis): Ask {
    const { partition } = this;
    const line = this.#truth.current;
    if (line === null) return { partition, since: null, limit: 0, looks: [], membersAfter: null };
    const looks = this.#queue.take(mostLooks, now);
    return { partition, since: line.followed, limit: mostEntries, looks, membersAfter: this.#queue.pageAfter(now) };
  }

  /** The read of this question failed. */
  failed({ looks }: Ask): void {
    this.#queue.putBack(looks);
  }

  /** @returns whether more is to be read at once */
  take(reading: Reading): boolean {
    const more = this.#read(reading);
    this.#report();
    return more;
  }

  /** Ends the audit. */
  finish(): void {
    if (this.#panel !== null) this.#ports.sums.add(this.#panel.finish());
    this.#panel = null;
  }

  #read(reading: Reading): boolean {
    const { at, meta } = reading;
    const line = this.#truth.current;
    if (meta === null) {
      this.#queue.putBack(reading.ask.looks);
      if (line !== null) this.#end(at, line.followed, false);
      return false;
    }
    if (line === null || meta.epoch !== line.epoch) return this.#begin(reading, meta, line);
    if (this.#ended !== null && (meta.isCurrent || meta.sequence > this.#ended.sequence)) {
      this.#ended = null;
      this.#hear({ kind: "epoch", at, line }); // which shows that it came back
    }
    if (meta.sequence < line.followed && !meta.isCurrent) {
      this.#queue.putBack(reading.ask.looks);
      this.#end(at, meta.sequence, false); // what the server has lost is not the scripts' doing
      return false;
    }
    if (meta.sequence < line.followed) {
      this.#wentBack(line, reading, meta);
      return true;
    }
    const isBehind = this.#follow(line, reading, meta);
    this.#heldUntil = meta.heldUntil;
    if (!meta.isCurrent && !isBehind) this.#end(at, meta.sequence, true);
    return isBehind;
  }

  /** An epoch that is met first is followed from where it is; one that began meanwhile, from its beginning. */
  #begin({ ask, at, length }: Reading, meta: Meta, former: LiveLine | null): boolean {
    if (!meta.isCurrent) return false;
    const { partition } = this;
    const from = former === null ? meta.sequence : 0;
    const order = (former?.order ?? -1) + 1;
    const line = new LiveLine({ epoch: meta.epoch, partition, order, begunAt: at, from });
    line.last = meta.sequence;
    this.#terms.feedMax = Math.max(1, length);
    this.#heldUntil = former === null ? meta.heldUntil : null;
    if (former !== null) {
      const isWhole = this.#ended?.isWhole === true;
      if (!isWhole) this.#ports.sums.unseen.ends += 1;
      this.#ports.onNotice({ kind: "epoch", partition, epoch: meta.epoch, isWhole });
    }
    this.#ended = null;
    this.#truth.follow(line);
    if (former !== null) this.#load(at);
    this.#restart(line, at);
    this.#queue.putBack(ask.looks);
    return true;
  }

  #end(at: Millis, sequence: number, isWhole: boolean): void {
    if (this.#ended !== null) return;
    this.#ended = { sequence, isWhole };
    this.#kept?.add({ kind: "dump", partition: this.partition, at, version: null, nodes: [], partly: true });
    this.#hear({ kind: "epoch_ended", at, partition: this.partition });
  }

  /** The version of one epoch only grows. */
  #wentBack(line: LiveLine, { at, serverMs }: Reading, { epoch, sequence }: Meta): void {
    const { partition } = this;
    const look: Dump = { kind: "dump", partition, at, version: { epoch, sequence }, nodes: [], partly: true };
    this.#kept?.add({ ...look, server_ms: serverMs });
    this.#hear({ kind: "reached", at, line, sequence });
    this.#report();
    this.#followAnew(line, sequence, at);
  }

  /** @returns whether there is more to read */
  #follow(line: LiveLine, reading: Reading, meta: Meta): boolean {
    const { ask, at } = reading;
    line.last = meta.sequence;
    if (ask.since !== line.followed) {
      this.#queue.putBack(ask.looks);
      return true;
    }
    this.#terms.feedMax = Math.max(1, reading.length);
    const present = this.#passTrimmed(line, reading, meta);
    const isWhole = this.#entries(present, reading, meta);
    if (!isWhole) {
      this.#ports.sums.unseen.changes += meta.sequence - present.followed;
      this.#load(at);
      this.#report();
      this.#followAnew(present, meta.sequence, at);
      return true;
    }
    this.#moved(present, at, "feed");
    if (present.followed < meta.sequence) {
      this.#queue.putBack(ask.looks);
      return true;
    }
    this.#look(present, reading);
    if (this.#registered > Math.max(leastRegistered, line.size)) this.#replaceJudges(present, at);
    return false;
  }

  /** Changes that the feed lost before it was read are not known. @returns the epoch as it is followed after that */
  #passTrimmed(line: LiveLine, { at, first, length }: Reading, meta: Meta): LiveLine {
    const isTrimmed = first !== null && first > line.followed + 1 && length === meta.sequence - first + 1;
    if (!isTrimmed) return line;
    const [from, to] = [line.followed + 1, first - 1];
    this.#ports.sums.unseen.changes += to - from + 1;
    this.#ports.onNotice({ kind: "missed", partition: this.partition, from, to });
    this.#load(at);
    this.#report();
    return this.#followAnew(line, to, at, meta.sequence);
  }

  /** @returns whether the feed had all that was to follow, in order */
  #entries(line: LiveLine, { ask, at, entries, serverMs }: Reading, meta: Meta): boolean {
    const { partition } = this;
    const since = line.version;
    const read = entries.map(({ change, sequence }) => ({ sequence, isAsMade: change !== null }));
    if (meta.sequence > since.sequence || read.length > 0)
      this.#hear({ kind: "feed_read", at, instance: 0, line, since, limit: ask.limit, entries: read });
    for (const { change, sequence } of entries) {
      if (change === null) return false;
      const isNext = sequence === line.followed + 1;
      const times = { server_ms: serverMs, held_ms: this.#heldUntil };
      this.#apply(line, { kind: "entry", partition, at, epoch: meta.epoch, sequence, change, read: times });
      if (!isNext) return false;
    }
    if (line.followed === meta.sequence || entries.length >= ask.limit) return true;
    this.#hear({ kind: "reached", at, line, sequence: meta.sequence });
    return false;
  }

  #apply(line: LiveLine, entry: Entry): void {
    const { kind, node } = entry.change;
    const { sums } = this.#ports;
    const isUnknown = line.isUnknown(node) && kind !== "registered" && kind !== "removed";
    if (isUnknown && line.isLoaded) sums.unseen.ofUnreadable += 1;
    this.#kept?.add(entry);
    sums.changes += 1;
    if (kind === "registered") this.#registered += 1;
    const { at, read } = entry;
    this.#hear({ kind: "change", at, line, entry: line.apply(entry), read });
    if (kind === "removed") this.#queue.gone(node);
    else this.#queue.changed(node);
  }

  #look(line: LiveLine, { ask, at, looks, members, serverMs, since }: Reading): void {
    const { partition } = this;
    const { sums } = this.#ports;
    for (const look of looks) if (look.kind === "unreadable") this.#cannotRead(line, look);
    const found = looks.flatMap((look) => (look.kind === "found" ? [look.dumped] : []));
    for (const dumped of found) this.#know(line, dumped, at);
    const gone = looks.filter((look) => look.kind === "none");
    const dangling = gone.filter(({ isMember }) => isMember).map(({ node }) => node);
    sums.looks += looks.length;
    const dump: Dump = {
      ...{ kind: "dump", partition, at, version: line.version, nodes: found, partly: true, server_ms: serverMs },
      ...(gone.length === 0 ? {} : { absent: gone.map(({ node }) => node) }),
      ...(dangling.length === 0 ? {} : { dangling }),
    };
    if (looks.length > 0) this.#kept?.add(dump);
    for (const event of lookedAt(dump, since, line, null)) this.#hear(event);
    if (ask.membersAfter !== null) this.#queue.listed(members, at);
    if (this.#queue.isWhole) line.loaded();
  }

  #know(line: LiveLine, { content, jobs }: DumpedNode, at: Millis): void {
    const { node } = content;
    if (!line.isUnknown(node)) return;
    const found = { content, jobs: new Set(jobs) };
    line.know(node, found);
    this.#kept?.know(node, found, line.version, at);
  }

  #cannotRead(line: LiveLine, { node, reason }: Extract<Look, { readonly kind: "unreadable" }>): void {
    if (line.isKnown(node) || line.isUnknown(node)) {
      this.#ports.onNotice({ kind: "unreadable", partition: this.partition, node, reason });
    }
    line.cannotRead(node);
    this.#kept?.forget(node);
  }

  /** As an instance does that has to read all nodes again. */
  #load(at: Millis): void {
    const { partition } = this;
    this.#kept?.add({
      ...{ kind: "request", instance: 0, partition, from: at, to: at, nodes: [], page: "first" },
      outcome: "answered",
    });
    const request = { request: 0, instance: 0, partition, nodes: [], page: "first", deadline: 1 } as const;
    this.#hear({ kind: "requested", at, ...request });
  }

  #moved({ version }: LiveLine, at: Millis, by: "feed" | "load"): void {
    const { partition } = this;
    const views = [...Array.from({ length: partition }, () => null), version];
    this.#kept?.add({ kind: "view", at, instance: 0, views });
    this.#hear({ kind: "view", at, instance: 0, partition, version, by });
  }

  /** Goes on in the same epoch from a later sequence, knowing nothing of what is there. */
  #followAnew({ begunAt, epoch, order }: LiveLine, from: number, at: Millis, last = from): LiveLine {
    const line = new LiveLine({ epoch, partition: this.partition, order, begunAt, from });
    line.last = last;
    this.#truth.follow(line);
    this.#restart(line, at);
    return line;
  }

  #restart(line: LiveLine, at: Millis): void {
    this.#queue.reset();
    const former = this.#truth.former.slice(-formerKept).map(({ version }) => version);
    this.#kept = new KeptChanges(this.partition, this.#ports.keep, { version: line.version, at, former });
    this.#replaceJudges(line, at);
  }

  /** The memory of judges grows with each event, so they are replaced, and given the present state. */
  #replaceJudges(line: LiveLine, at: Millis): void {
    this.finish();
    this.#registered = 0;
    line.rebase();
    const { partition } = this;
    this.#panel = makePanel(this.#truth, this.#terms, partition, (property, story) => this.#violated(property, story));
    for (const former of this.#truth.former) this.#hear({ kind: "epoch", at, line: former, from: former.followed });
    this.#hear({ kind: "epoch", at, line, from: line.followed });
    this.#moved(line, at, "load");
  }

  #hear(event: JudgeEvent): void {
    this.#event = event;
    this.#panel?.on(event);
    this.#event = null;
  }

  #violated(property: PropertyId, story: readonly string[]): void {
    const event = this.#event;
    const line = this.#truth.current;
    const node = event?.kind === "change" ? event.entry.node : event?.kind === "node" ? event.node : nodeNamedBy(event);
    const shown = node === null ? null : (this.#kept?.lastOf(node) ?? null);
    this.#ports.sums.violated(property, story);
    this.#found.push({
      ...{ property, partition: this.partition, node, story },
      at: event?.at ?? 0,
      epoch: line?.epoch ?? "",
      sequence: shown?.sequence ?? line?.last ?? 0,
      change: shown?.change ?? null,
    });
  }

  #report(): void {
    const kept = this.#kept;
    for (const violation of this.#found.splice(0)) this.#ports.onViolation(violation, () => kept?.history() ?? []);
  }
}

/** Returns the node of a look at one node; null: the event is another. */
function nodeNamedBy(event: JudgeEvent | null): string | null {
  if (event?.kind !== "partition") return null;
  const [node = null, ...others] = event.only ?? [];
  return others.length === 0 ? node : null;
}
