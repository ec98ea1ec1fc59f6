/** The simulator's server as a test drives it: commands run at once, and the test decides which server answers. */
import type { Version } from "../../../model/partition/command.ts";
import { emptyPartition, type Partition } from "../../../model/partition/partition.ts";
import { emptyConfig } from "../../../model/partition/rules/config.ts";
import type { NodeState } from "../../../src/protocol/node.ts";
import type { FeedListener } from "../../../src/scheduler/ports.ts";
import { textOf, toNodeState } from "../../../src/simulate/servers/protocol-values.ts";
import { type Publish, Server, type ServerAnswer } from "../../../src/simulate/servers/server.ts";
import type { Data } from "../../../src/simulate/servers/server-state.ts";
import { Bus } from "../../../src/simulate/trace/bus.ts";
import type { Asked, Question, Script, SimEvent } from "../../../src/simulate/trace/events.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** A server at one moment: what a replica of it holds, or what it answers again as a former primary. */
export interface Copy {
  readonly server: Server;
  readonly data: Data;
}

type Run = Asked extends infer Each
  ? Each extends unknown
    ? Omit<Each, "expected"> & { readonly expected?: Version | null }
    : never
  : never;

export class ModelServer {
  readonly clock: VirtualClock;
  readonly #listeners = new Set<FeedListener>();
  readonly #group;
  #server: Server;
  #requests = 0;
  /** Every state that a node was ever in: whatever is shown has to be one of them (V2). */
  readonly held = new Set<string>();
  /** Wake-ups are lost from now on. */
  isSilent = false;
  /** Sweeps find what is due without a grace after the first of them, unless this is set. */
  isGraceful = false;

  constructor(clock: VirtualClock, partitions: number) {
    this.clock = clock;
    const bus = new Bus([], [{ hears: ["stepped"], on: (event) => this.#noteHeld(event) }]);
    const { timeline } = clock;
    this.#group = { timeline, bus, feedMax: 1_000, skew: 0, nextEpoch: 1, nextServer: 1, witness: null };
    this.#server = this.#begin(emptyData(partitions));
  }

  get partitions(): number {
    return this.#server.partitions;
  }

  set feedMax(entries: number) {
    this.#group.feedMax = entries;
  }

  get skew(): number {
    return this.#group.skew;
  }

  /** How far the clocks of the servers have been moved, in milliseconds. */
  set skew(by: number) {
    this.#group.skew = by;
  }

  subscribe(listener: FeedListener): void {
    this.#listeners.add(listener);
  }

  unsubscribe(listener: FeedListener): void {
    this.#listeners.delete(listener);
  }

  /** @param partitions the number of partitions that the caller believes there are */
  ask(script: Script, question: Question, partitions: number): ServerAnswer {
    this.#requests += 1;
    const asked = this.isGraceful ? question : withoutGrace(question);
    const request = { id: this.#requests, instance: 0, script, question: asked, partitions, withSource: true };
    const answers: ServerAnswer[] = [];
    this.#server.take(request, (said) => answers.push(said));
    const [said] = answers;
    if (said === undefined) throw new Error(`no answer to ${script}`);
    return said;
  }

  /** A registration that does not say what it replaces replaces what there is. */
  run(partition: number, command: Run): void {
    const present = "node" in command ? this.state(partition).nodes.get(command.node)?.incarnation : undefined;
    const asked = { expected: present ?? null, ...command } as Asked;
    this.ask(asked.kind, { kind: "nodes", partition, asked }, this.partitions);
  }

  state(partition: number): Partition {
    return this.#server.state(partition);
  }

  /** The nodes that an instance's view of the partition has to converge to. */
  nodes(partition: number): readonly NodeState[] {
    return [...this.state(partition).nodes].map(([node, record]) => toNodeState(node, record));
  }

  /** Another server answers from now on: with the same data, with those of a copy (later writes are lost), or with none. */
  failOver(to: "same" | "empty" | Copy): void {
    if (to === "empty") this.#server = this.#begin(emptyData(this.partitions));
    else this.#server = this.#begin(to === "same" ? this.#server.copy() : to.data);
  }

  copy(): Copy {
    return { server: this.#server, data: this.#server.copy() };
  }

  /** The server of the copy answers again, with the data that it had then: a former primary, or a replica that lags. */
  answerAs({ data, server }: Copy): void {
    server.replace(data);
    this.#server = server;
  }

  #begin(data: Data): Server {
    const publish: Publish = (server, partition, version) => {
      if (this.isSilent || server !== this.#server) return;
      for (const listener of this.#listeners) this.clock.after(0.5, () => listener.woken(partition, version));
    };
    return new Server(this.#group, data, publish);
  }

  #noteHeld(event: SimEvent): void {
    if (event.kind !== "stepped" || event.after.nodes === event.before.nodes) return;
    for (const node of this.nodes(event.partition)) this.held.add(textOf(node));
  }
}

function withoutGrace(question: Question): Question {
  if (question.kind !== "nodes" || question.asked.kind !== "sweep") return question;
  return { ...question, asked: { ...question.asked, grace: 0 } };
}

function emptyData(partitions: number): Data {
  return { partitions: Array.from({ length: partitions }, () => emptyPartition), config: emptyConfig };
}
