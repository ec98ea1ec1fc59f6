/**
 * The interface of a second store that runs in lockstep with the simulated one: it receives every step of every server, in order, and its answers are
 * used where it is present (src/lockstep implements it with real servers). It is called in the middle of a step, so it answers synchronously.
 */
import type { Command, ConfigCommand, ConfigReply, Reply } from "../../../model/partition/command.ts";
import type { Partition } from "../../../model/partition/partition.ts";
import type { ConfigPartition } from "../../../model/partition/rules/config.ts";
import type { Failure } from "../../protocol/replies.ts";
import type { Millis } from "../../protocol/time.ts";
import type { Script } from "../trace/events.ts";
import type { WrongKey } from "./reach.ts";
import type { Condition, Data } from "./server-state.ts";

/** A command that has arrived at a server, with the conditions of that server. */
export interface Arrival {
  /** Virtual time in milliseconds since the start of the load. */
  readonly at: Millis;
  readonly server: number;
  readonly instance: number;
  readonly request: number;
  readonly script: Script;
  /** With its source, because the server had said that it does not know it. */
  readonly withSource: boolean;
  readonly conditions: readonly Condition[];
  readonly wrong: readonly WrongKey[];
  readonly what: Arrived;
}

export type Arrived =
  | { readonly kind: "nodes"; readonly partition: number; readonly command: Command }
  | { readonly kind: "config"; readonly command: ConfigCommand };

/** The step of the model. */
export type Outcome =
  | { readonly kind: "nodes"; readonly before: Partition; readonly after: Partition; readonly reply: Reply }
  | {
      readonly kind: "config";
      readonly before: ConfigPartition;
      readonly after: ConfigPartition;
      readonly reply: ConfigReply;
    };

export interface Witness {
  /** A server begins, with data that `copied` has announced, or empty. */
  began(server: number, data: Data): void;
  /** Its data may be those that another server begins with. */
  copied(server: number, data: Data): void;
  ended(server: number): void;
  /** FLUSHALL. */
  emptied(server: number): void;
  scriptsFlushed(server: number): void;
  /** XDEL of one entry of a feed. */
  entryDeleted(server: number, partition: number, sequence: number): void;
  /** The keys of a partition are on another server from now on, which has no other partition. */
  moved(server: number, partition: number): void;
  /** @returns the answer for the caller, as a reply of the port; null: the answer of the model is used */
  ran(arrival: Arrival, outcome: Outcome): unknown;
  /** The server refused the command and ran nothing. */
  refused(arrival: Arrival, cause: Failure["cause"] | "no_script"): void;
}
