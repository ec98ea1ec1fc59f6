/** A server that runs the model: what Redis would hold and say, and what a test may do to it. */
import type { Command, ConfigCommand } from "../../../model/partition/command.ts";
import {
  changeServer,
  emptyPartition,
  type Log,
  loseData,
  type Partition,
  step,
} from "../../../model/partition/partition.ts";
import { type ConfigPartition, configStep, emptyConfig, loseConfig } from "../../../model/partition/rules/config.ts";
import type { FeedListener, NodeState, PartitionTag } from "../../../src/scheduler/ports.ts";
import { textOf, toConfigReply, toNodeState, toPort, toReply } from "../../../src/simulate/servers/protocol-values.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** A command before the server adds what every call carries. */
export type Sent<Kind extends Command["kind"] = Command["kind"]> = Kind extends Command["kind"]
  ? Omit<Extract<Command, { kind: Kind }>, "at" | "partitions" | "feedMax">
  : never;

export type ConfigSent<Kind extends ConfigCommand["kind"] = ConfigCommand["kind"]> = Kind extends ConfigCommand["kind"]
  ? Omit<Extract<ConfigCommand, { kind: Kind }>, "at" | "partitions" | "feedMax">
  : never;

/** The server's clock is ahead of everybody else's: nobody may compare the two. */
const serverEpoch = 1_700_000_000_000;

export class ModelServer {
  readonly #clock: VirtualClock;
  readonly #listeners = new Set<FeedListener>();
  readonly #partitions: Partition[];
  #config: ConfigPartition = emptyConfig;
  feedMax = 1_000;
  /** How far the server's clock has been moved. */
  skew = 0;
  /** Every state that a node was ever in: whatever is shown has to be one of them (V2). */
  readonly held = new Set<string>();
  /** Wake-ups that it publishes are lost from now on. */
  isSilent = false;

  constructor(clock: VirtualClock, partitions: number) {
    this.#clock = clock;
    this.#partitions = Array.from({ length: partitions }, () => emptyPartition);
  }

  get partitions(): number {
    return this.#partitions.length;
  }

  subscribe(listener: FeedListener): void {
    this.#listeners.add(listener);
  }

  unsubscribe(listener: FeedListener): void {
    this.#listeners.delete(listener);
  }

  /** @returns the reply in the words of the ports */
  run(partition: number, sent: Sent, partitions = this.partitions): unknown {
    const at = serverEpoch + this.skew + Math.round(this.#clock.now());
    const command = { ...sent, at, partitions, feedMax: this.feedMax } as Command;
    const before = this.state(partition);
    const { state, reply } = step(before, command);
    this.#partitions[partition] = state;
    if (state.nodes !== before.nodes) for (const node of this.nodes(partition)) this.held.add(textOf(node));
    this.#publish(partition, before, state);
    return toReply(reply, command);
  }

  runConfig(sent: ConfigSent, partitions = this.partitions): unknown {
    const command = { ...sent, at: serverEpoch, partitions, feedMax: this.feedMax } as ConfigCommand;
    const before = this.#config;
    const { state, reply } = configStep(before, command);
    this.#config = state;
    this.#publish("cfg", before, state);
    return toConfigReply(reply, command);
  }

  state(partition: number): Partition {
    const state = this.#partitions[partition];
    if (state === undefined) throw new Error(`no partition ${partition}`);
    return state;
  }

  /** What an instance's view of the partition has to come to, by id. */
  nodes(partition: number): readonly NodeState[] {
    return [...this.state(partition).nodes].map(([node, record]) => toNodeState(node, record));
  }

  /** Another server answers from now on: with the data as they are, or as they were (writes since are lost), or with none. */
  failOver(to: "same" | "empty" | readonly Partition[]): void {
    for (const [index, state] of this.#partitions.entries()) {
      const server = changeServer(state);
      if (to === "same") this.#partitions[index] = server;
      else if (to === "empty") this.#partitions[index] = loseData(server);
      else this.#partitions[index] = { ...(to[index] ?? state), server: server.server, nextEpoch: server.nextEpoch };
    }
    this.#config = changeServer(this.#config);
    if (to === "empty") this.#config = loseConfig(this.#config);
  }

  /** What a replica holds now. */
  copy(): readonly Partition[] {
    return [...this.#partitions];
  }

  /** As if another server with these data answered: a primary that nobody has told of its end. */
  answerAs(partitions: readonly Partition[]): void {
    for (const [index, state] of partitions.entries()) this.#partitions[index] = state;
  }

  #publish(partition: PartitionTag, before: Log, after: Log): void {
    if (after.meta === null || this.isSilent) return;
    const isNew = before.meta?.epoch !== after.meta.epoch;
    const from = isNew ? 0 : (before.meta?.sequence ?? 0) + 1;
    for (let sequence = from; sequence <= after.meta.sequence; sequence++) {
      const version = toPort({ epoch: after.meta.epoch, sequence });
      for (const listener of this.#listeners) this.#clock.after(0.5, () => listener.woken(partition, version));
    }
  }
}
