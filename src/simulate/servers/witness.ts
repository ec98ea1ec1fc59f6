/**
 * A second store that goes along with the simulated one: told of every step of every server, in order, and the one that answers where it is there.
 * What it is made of is not known here (src/lockstep has one of real servers). It is asked in the middle of a step, so it answers at once.
 */
import type { Command, ConfigCommand, ConfigReply, Reply } from "../../../model/partition/command.ts";
import type { Partition } from "../../../model/partition/partition.ts";
import type { ConfigPartition } from "../../../model/partition/rules/config.ts";
import type { Failure, Millis } from "../../scheduler/ports.ts";
import type { Script } from "../trace/events.ts";
import type { WrongKey } from "./reach.ts";
import type { Condition, Data } from "./server-state.ts";

/** A command that has arrived at a server, and what is the matter with that server. */
export interface Arrival {
  /** Of virtual time, in milliseconds since the start of the load. */
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

/** What the model made of it. */
export type Outcome =
  | { readonly kind: "nodes"; readonly before: Partition; readonly after: Partition; readonly reply: Reply }
  | {
      readonly kind: "config";
      readonly before: ConfigPartition;
      readonly after: ConfigPartition;
      readonly reply: ConfigReply;
    };

export interface Witness {
  /** A server begins, with what `copied` has told of; or with nothing. */
  began(server: number, data: Data): void;
  /** What it holds now may be what another begins with. */
  copied(server: number, data: Data): void;
  ended(server: number): void;
  /** FLUSHALL. */
  emptied(server: number): void;
  scriptsFlushed(server: number): void;
  /** XDEL of one entry of a feed. */
  entryDeleted(server: number, partition: number, sequence: number): void;
  /** A partition's keys live on another server from now on, which has no other. */
  moved(server: number, partition: number): void;
  /** @returns what the caller is told, in the words of the ports; null: what the model says */
  ran(arrival: Arrival, outcome: Outcome): unknown;
  /** Nothing was run. */
  refused(arrival: Arrival, cause: Failure["cause"] | "no_script"): void;
}
