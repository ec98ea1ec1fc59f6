/** One instance's way to the server: a store and a feed, with what a network may do to them. */

import type { LanguagePair } from "../../../src/protocol/node.ts";
import type { Answer } from "../../../src/protocol/replies.ts";
import type { Millis } from "../../../src/protocol/time.ts";
import type { PartitionTag } from "../../../src/protocol/version.ts";
import type { Feed, FeedListener } from "../../../src/scheduler/ports.ts";
import { failure } from "../../../src/simulate/servers/protocol-values.ts";
import { ScriptStore } from "../../../src/simulate/servers/script-store.ts";
import type { ServerAnswer } from "../../../src/simulate/servers/server.ts";
import type { Asked, ConfigAsked, Question, Script } from "../../../src/simulate/trace/events.ts";
import type { ModelServer } from "./model-server.ts";

/** The fate of one call. `mute` and `tardy` break the store's promise: no answer at the deadline, or one only after it. */
export type Fate =
  | { readonly kind: "delivered"; readonly delay?: Millis; readonly replyDelay?: Millis }
  | { readonly kind: "tardy"; readonly replyDelay: Millis }
  | { readonly kind: "request_lost" | "reply_lost" | "mute" | "refused" | "wrong_type" };

/** The version check of the configuration is of kind "check_config", to distinguish it from that of a partition. */
type Sent = Asked | ConfigAsked | { readonly kind: "check_config" };

export type Network = (sent: Sent, partition: PartitionTag) => Fate;

const reliable: Network = () => ({ kind: "delivered" });

/** The latency of one direction, by default. */
const oneWay = 0.5;

export class ModelStore extends ScriptStore {
  readonly #server: ModelServer;
  network: Network = reliable;
  /** The number of partitions that this instance believes there are. */
  partitions: number;
  /** Commands about partitions. */
  readonly sent: Asked[] = [];
  /** Commands about the configuration. */
  readonly sentConfig: ConfigAsked[] = [];

  constructor(server: ModelServer) {
    super();
    this.#server = server;
    this.partitions = server.partitions;
  }

  count(kind: Asked["kind"]): number {
    return this.sent.filter((sent) => sent.kind === kind).length;
  }

  async close(): Promise<void> {
    this.network = () => ({ kind: "refused" });
  }

  protected ask<Reply>(
    script: Script,
    question: Question,
    partition: PartitionTag,
    deadline: Millis,
  ): Promise<Answer<Reply>> {
    if (question.kind === "nodes") this.sent.push(question.asked);
    else this.sentConfig.push(question.asked);
    const fate = this.network(script === "check_config" ? { kind: script } : question.asked, partition);
    const run = () => answerOf<Reply>(this.#server.ask(script, question, this.partitions));
    return this.#travel(fate, deadline, run);
  }

  #travel<Reply>(fate: Fate, deadline: Millis, run: () => Answer<Reply>): Promise<Answer<Reply>> {
    if (fate.kind === "refused") return Promise.resolve(failure("disconnected", "no connection"));
    return new Promise((resolve) => {
      if (fate.kind !== "mute" && fate.kind !== "tardy") {
        this.#server.clock.after(deadline, () => resolve(failure("deadline", "no answer in time", "unknown")));
      }
      if (fate.kind === "request_lost") return;
      if (fate.kind === "wrong_type") {
        resolve(failure("wrong_type", "a key holds another type"));
        return;
      }
      const isAnswered = fate.kind === "delivered" || fate.kind === "tardy";
      const { delay, replyDelay } = delaysOf(fate);
      this.#server.clock.after(delay, () => {
        const reply = run();
        if (isAnswered) this.#server.clock.after(replyDelay, () => resolve(reply));
      });
    });
  }
}

function answerOf<Reply>(said: ServerAnswer): Answer<Reply> {
  if (said.kind === "error") throw new Error(`the server refuses a command: ${said.cause}`);
  return said.answer as Answer<Reply>;
}

function delaysOf(fate: Fate): { readonly delay: Millis; readonly replyDelay: Millis } {
  if (fate.kind === "tardy") return { delay: oneWay, replyDelay: fate.replyDelay };
  if (fate.kind !== "delivered") return { delay: oneWay, replyDelay: oneWay };
  return { delay: fate.delay ?? oneWay, replyDelay: fate.replyDelay ?? oneWay };
}

export class ModelFeed implements Feed {
  readonly #server: ModelServer;
  #listener: FeedListener | null = null;

  constructor(server: ModelServer) {
    this.#server = server;
  }

  /** Wake-ups are lost without a sign, as on a half-open connection. */
  isDeaf = false;

  start(listener: FeedListener): void {
    this.#listener = {
      ...listener,
      woken: (partition, version) => {
        if (!this.isDeaf) listener.woken(partition, version);
      },
    };
    this.#server.subscribe(this.#listener);
    listener.connected();
  }

  /** A message that no server sent: late, repeated, or of another time. */
  say(partition: number, version: { epoch: string; sequence: number }): void {
    this.#listener?.woken(partition, version);
  }

  async close(): Promise<void> {
    if (this.#listener !== null) this.#server.unsubscribe(this.#listener);
  }
}

export const english: LanguagePair = { source: "en", target: "de" };
