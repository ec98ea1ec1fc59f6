/**
 * A simulated server that runs the model: one process of Redis with its data and its conditions. It knows nothing of networks; a request that reaches it
 * runs at once, in one step, or is answered with an error.
 */
import type { Command, ConfigCommand } from "../../../model/partition/command.ts";
import { type Log, type Partition, step } from "../../../model/partition/partition.ts";
import { type ConfigPartition, configStep } from "../../../model/partition/rules/config.ts";
import type { Failure } from "../../protocol/replies.ts";
import type { PartitionTag, Version } from "../../protocol/version.ts";
import type { Bus } from "../trace/bus.ts";
import type { Asked, ConfigAsked, Question, Script } from "../trace/events.ts";
import type { Timeline } from "../world/virtual-time.ts";
import { toConfigReply, toPort, toReply } from "./protocol-values.ts";
import { reaches, type Trial, takesMemory, tried, triedConfig, type WrongKey, writes } from "./reach.ts";
import { bytesOf, entriesWithin, pageWithin } from "./reply-bytes.ts";
import type { Condition, Data } from "./server-state.ts";
import type { Arrival, Arrived, Witness } from "./witness.ts";

export interface Request {
  readonly id: number;
  readonly instance: number;
  readonly script: Script;
  readonly question: Question;
  /** The number of partitions that the caller believes there are; the store refuses another number. */
  readonly partitions: number;
  /** Sent with its source, because the server had said that it does not know it. */
  readonly withSource: boolean;
}

/** The answer of a server: a reply as the port gives it, or an error, with which nothing was run. */
export type ServerAnswer =
  | { readonly kind: "reply"; readonly word: string; readonly answer: unknown; readonly bytes: number }
  | { readonly kind: "error"; readonly cause: Failure["cause"] | "no_script" };

/** The state that all servers of one store share. */
export interface ServerGroup {
  readonly timeline: Timeline;
  readonly bus: Bus;
  readonly feedMax: number;
  /** Milliseconds added to the clocks of all servers. */
  skew: number;
  nextEpoch: number;
  nextServer: number;
  /** Runs in lockstep, in lockstep differential runs. */
  readonly witness: Witness | null;
}

/** The clock of the servers differs from those of the instances, so that a comparison of the two shows. */
const serverClock = 1_700_000_000_000;

/** Two requests about the configuration use scripts that the partitions use as well; a server caches scripts, not requests. */
function askedAs(script: Script): Script {
  if (script === "check_config") return "changes_since";
  return script === "read_config" ? "snapshot" : script;
}

/** Delivers a wake-up to the subscribers. */
export type Publish = (server: Server, partition: PartitionTag, version: Version) => void;

export class Server {
  readonly id: number;
  readonly #group: ServerGroup;
  readonly #partitions: Partition[];
  #config: ConfigPartition;
  #isUp = true;
  readonly #conditions = new Map<Condition, number>();
  readonly #wrong = new Map<WrongKey, number>();
  /** Whether no condition is in force and no key is wrong. */
  #isWell = true;
  readonly #scripts = new Set<Script>();
  /** Partition on another node of a Cluster -> the scripts that this node knows. */
  readonly #elsewhere = new Map<number, Set<Script>>();
  /** Partitions that are being migrated. */
  readonly #moving = new Set<number>();
  #waiting: (() => void)[] = [];
  readonly #publish: Publish;

  constructor(group: ServerGroup, data: Data, publish: Publish) {
    this.id = group.nextServer++;
    this.#group = group;
    this.#partitions = data.partitions.map((one) => ({ ...one, server: this.id }));
    this.#config = { ...data.config, server: this.id };
    this.#publish = publish;
    group.witness?.began(this.id, data);
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Whether it answers at all: it runs and is not paused. */
  get isAnswering(): boolean {
    return this.#isUp && !this.is("standing");
  }

  get partitions(): number {
    return this.#partitions.length;
  }

  state(partition: number): Partition {
    const state = this.#partitions[partition];
    if (state === undefined) throw new RangeError(`no partition ${partition}`);
    return state;
  }

  get config(): ConfigPartition {
    return this.#config;
  }

  /** The data of a replica that is up to date. */
  copy(): Data {
    const data = { partitions: [...this.#partitions], config: this.#config };
    this.#group.witness?.copied(this.id, data);
    return data;
  }

  is(condition: Condition): boolean {
    return !this.#isWell && (this.#conditions.get(condition) ?? 0) > 0;
  }

  /** In force until `unset` has been called as often. */
  set(condition: Condition): void {
    this.#conditions.set(condition, (this.#conditions.get(condition) ?? 0) + 1);
    this.#isWell = false;
  }

  unset(condition: Condition): void {
    this.#conditions.set(condition, Math.max(0, (this.#conditions.get(condition) ?? 0) - 1));
    this.#look();
    if (condition !== "standing" && condition !== "scripts_wait") return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const run of waiting) run();
  }

  spoil(key: WrongKey): void {
    this.#wrong.set(key, (this.#wrong.get(key) ?? 0) + 1);
    this.#isWell = false;
  }

  mend(key: WrongKey): void {
    this.#wrong.set(key, Math.max(0, (this.#wrong.get(key) ?? 0) - 1));
    this.#look();
  }

  flushScripts(): void {
    for (const known of [this.#scripts, ...this.#elsewhere.values()]) known.clear();
    this.#group.witness?.scriptsFlushed(this.id);
  }

  /** Ends the server: requests without an answer stay unanswered. */
  end(): void {
    this.#isUp = false;
    this.#waiting = [];
    this.#group.witness?.ended(this.id);
  }

  /** FLUSHALL: `data` remain. */
  replace({ partitions, config }: Data): void {
    for (const [index, state] of partitions.entries()) this.#partitions[index] = { ...state, server: this.id };
    this.#config = { ...config, server: this.id };
    this.#group.witness?.emptied(this.id);
  }

  /** XDEL of the newest entry of each feed. Published wake-ups and nodes stay as they were. */
  deleteNewestEntries(): void {
    for (const [index, state] of this.#partitions.entries()) {
      const newest = state.feed.at(-1);
      if (newest === undefined) continue;
      this.#partitions[index] = { ...state, feed: state.feed.slice(0, -1) };
      this.#group.witness?.entryDeleted(this.id, index, newest.sequence);
    }
  }

  /** The keys of a partition are being migrated, its `meta` first: no script finds all its keys on one side. */
  move(partition: number): void {
    this.#moving.add(partition);
  }

  /** The keys of a partition are on another server from now on. */
  moved(partition: number): void {
    this.#moving.delete(partition);
    this.#elsewhere.set(partition, new Set());
    this.#partitions[partition] = { ...this.state(partition), server: this.#group.nextServer++ };
    this.#group.witness?.moved(this.id, partition);
  }

  /** Handles a request. `answer` is called at once, later, or never. */
  take(request: Request, answer: (said: ServerAnswer) => void): void {
    if (!this.#isUp) return;
    if (this.is("standing") || this.is("scripts_wait")) {
      this.#waiting.push(() => this.take(request, answer));
      return;
    }
    const refusal = this.#refusal(request);
    if (refusal === null) {
      answer(this.#run(request));
      return;
    }
    const { id, instance, script } = request;
    const { bus, timeline } = this.#group;
    bus.emit({ kind: "refused", at: timeline.now, instance, request: id, script, cause: refusal });
    this.#group.witness?.refused(this.#arrival(request), refusal);
    answer({ kind: "error", cause: refusal });
  }

  /** Answers a command that is no script: the handshake of a new connection. */
  ask(answer: () => void): void {
    if (!this.#isUp) return;
    if (this.is("standing")) this.#waiting.push(() => this.ask(answer));
    else answer();
  }

  #look(): void {
    const inForce = [...this.#conditions.values(), ...this.#wrong.values()];
    this.#isWell = inForce.every((count) => count === 0);
  }

  /** The time of the server's own clock. */
  #now(): number {
    return serverClock + this.#group.skew + Math.floor(this.#group.timeline.now);
  }

  #refusal(request: Request): Failure["cause"] | "no_script" | null {
    if (this.is("loading")) return "loading";
    if (this.is("busy")) return "busy";
    // A node of a Cluster checks the slot before it looks up the script.
    if (this.#isTorn(request)) return "moved";
    const asked = askedAs(request.script);
    const known = this.#knownBy(request);
    if (!request.withSource && !known.has(asked)) return "no_script";
    known.add(asked);
    if (this.#isWell) return null;
    for (const [key, count] of this.#wrong) {
      if (count > 0 && reaches(key, this.#tried(request))) return "wrong_type";
    }
    if (this.is("readonly") && writes(this.#tried(request))) return "readonly";
    if (this.is("out_of_memory") && takesMemory(this.#tried(request))) return "out_of_memory";
    return null;
  }

  #isTorn({ question }: Request): boolean {
    return this.#moving.size > 0 && question.kind === "nodes" && this.#moving.has(question.partition);
  }

  #knownBy({ question }: Request): Set<Script> {
    if (this.#elsewhere.size === 0 || question.kind !== "nodes") return this.#scripts;
    return this.#elsewhere.get(question.partition) ?? this.#scripts;
  }

  /** The effect that the request would have; nothing is changed. */
  #tried(request: Request): Trial {
    const { question } = request;
    return question.kind === "nodes"
      ? tried(this.state(question.partition), this.#command(request, question.asked))
      : triedConfig(this.#config, this.#configCommand(request, question.asked));
  }

  #run(request: Request): ServerAnswer {
    return request.question.kind === "nodes"
      ? this.#runNodes(request, request.question)
      : this.#runConfig(request, request.question.asked);
  }

  #runNodes(request: Request, { partition, asked }: Extract<Question, { kind: "nodes" }>): ServerAnswer {
    const { bus, timeline, witness } = this.#group;
    const { id, instance } = request;
    const command = this.#command(request, asked);
    const before = this.#numbered(this.state(partition));
    const { changes, reply, state } = step(before, command);
    this.#partitions[partition] = state;
    bus.emit({
      kind: "stepped",
      at: timeline.now,
      server: this.id,
      instance,
      request: id,
      partition,
      command,
      before,
      after: state,
      reply,
      changes,
    });
    this.#announce(partition, before, state);
    const answer = witness?.ran(this.#arrival(request), { kind: "nodes", before, after: state, reply }) ?? null;
    return { kind: "reply", word: reply.kind, answer: answer ?? toReply(reply, command), bytes: bytesOf(reply) };
  }

  #runConfig(request: Request, asked: ConfigAsked): ServerAnswer {
    const { bus, timeline, witness } = this.#group;
    const { id, instance } = request;
    const command = this.#configCommand(request, asked);
    const before = this.#numbered(this.#config);
    const { reply, state } = configStep(before, command);
    this.#config = state;
    bus.emit({
      kind: "config_stepped",
      at: timeline.now,
      server: this.id,
      instance,
      request: id,
      command,
      before,
      after: state,
      reply,
    });
    this.#announce("cfg", before, state);
    const answer = witness?.ran(this.#arrival(request), { kind: "config", before, after: state, reply }) ?? null;
    return { kind: "reply", word: reply.kind, answer: answer ?? toConfigReply(reply, command), bytes: 200 };
  }

  /** The command with the fields that all commands have. */
  #command({ partitions }: Request, asked: Asked): Command {
    const at = this.#now();
    const { feedMax } = this.#group;
    if (asked.kind === "snapshot") return { ...pageWithin(asked), at, partitions, feedMax };
    if (asked.kind !== "changes_since") return { ...asked, at, partitions, feedMax };
    const { kind, since } = asked; // most requests are polls: field by field is much faster
    return { kind, since, limit: entriesWithin(asked), at, partitions, feedMax };
  }

  #configCommand({ partitions }: Request, asked: ConfigAsked): ConfigCommand {
    return { ...asked, at: this.#now(), partitions, feedMax: this.#group.feedMax };
  }

  /** The request as the witness receives it. */
  #arrival(request: Request): Arrival {
    const { id, instance, question, script, withSource } = request;
    const what =
      question.kind === "nodes"
        ? { ...question, command: this.#command(request, question.asked) }
        : { kind: question.kind, command: this.#configCommand(request, question.asked) };
    return {
      ...{ at: this.#group.timeline.now, server: this.id, instance, request: id, script, withSource },
      conditions: [...this.#conditions.keys()].filter((condition) => this.is(condition)),
      wrong: [...this.#wrong].flatMap(([key, count]) => (count > 0 ? [key] : [])),
      what: what as Arrived,
    };
  }

  /** An epoch that begins now gets a number that no server of this store has used. */
  #numbered<State extends Log>(state: State): State {
    return beginsEpoch(state) ? { ...state, nextEpoch: this.#group.nextEpoch++ } : state;
  }

  /** Publishes a new epoch and each change. */
  #announce(partition: PartitionTag, before: Log, after: Log): void {
    if (after.meta === null || after.meta === before.meta) return;
    const { epoch, sequence } = after.meta;
    const isNew = before.meta?.epoch !== epoch;
    for (let announced = isNew ? 0 : (before.meta?.sequence ?? 0) + 1; announced <= sequence; announced += 1) {
      this.#publish(this, partition, toPort({ epoch, sequence: announced }));
    }
  }
}

function beginsEpoch({ meta, server }: Log): boolean {
  return meta === null || meta.server !== server;
}
