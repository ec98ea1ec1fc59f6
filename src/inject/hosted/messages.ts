/** The messages between the harness and a hosted instance. All times are of the clock that processes share (`sharedNow`). */
import type { HistoryEvent, NodeContent, Version } from "../../check/history.ts";
import type { Place } from "../../redis/connection/topology.ts";

export interface HostedOptions {
  readonly index: number;
  /** Counted from 1: each incarnation draws random numbers of its own. */
  readonly incarnation: number;
  readonly seed: number;
  readonly commands: Place;
  readonly feed: Place;
  readonly partitions: number;
  readonly feedMax: number;
  readonly settings: Readonly<Record<string, number>>;
  /** The number of nodes of the run: with too many no samples are taken. */
  readonly nodes: number;
  /** The URL of the module that has `createScheduler`. */
  readonly scheduler: string;
}

export const callNames = [
  "registerNode",
  "heartbeat",
  "offlineNode",
  "reserveJob",
  "completeJob",
  "releaseJob",
  "getNode",
  "selectNodes",
  "dispatch",
  "putConfig",
] as const;
export type CallName = (typeof callNames)[number];

/** The state of an instance at one moment. */
export interface Look {
  readonly at: number;
  readonly mode: string;
  readonly connected: boolean;
  /** By partition; epoch "" where the view is empty. */
  readonly view: readonly Version[];
  /** By partition. */
  readonly nodes: readonly (readonly NodeContent[])[];
  /** The version of the configuration that it follows; null: none. */
  readonly config: Version | null;
}

/** The times of a call. `ran` and `waited`, of the instance's thread, are absent where the kernel does not report them. */
export interface Measured {
  readonly from: number;
  readonly to: number;
  readonly ran?: number;
  readonly waited?: number;
}

export interface HostedCall {
  readonly kind: "call";
  readonly id: number;
  readonly name: CallName;
  readonly args: readonly unknown[];
  /** Its last argument has a signal: one that has been aborted already, or one that may yet be. */
  readonly signal?: "aborted" | "open" | undefined;
}

export type Request =
  | { readonly kind: "start"; readonly options: HostedOptions }
  | HostedCall
  /** The caller of a call gives it up. */
  | { readonly kind: "abort"; readonly id: number }
  | { readonly kind: "look"; readonly id: number }
  /** Take the last look and stop watching. */
  | { readonly kind: "finish"; readonly id: number };

export interface Thrown {
  readonly name: string;
  readonly message: string;
}

export type Message =
  | { readonly kind: "ready"; readonly look: Look }
  | { readonly kind: "refused"; readonly error: Thrown }
  | { readonly kind: "event"; readonly event: HistoryEvent }
  | {
      readonly kind: "answered";
      readonly id: number;
      readonly measured: Measured;
      readonly config: Version | null;
      /** Exactly one of the two. */
      readonly answer?: object;
      readonly thrown?: Thrown;
    }
  | { readonly kind: "looked"; readonly id: number; readonly look: Look }
  | { readonly kind: "finished"; readonly id: number };

/** An error as a message; judges use its name and its message. */
export function thrownOf(error: unknown): Thrown {
  return error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: "Error", message: String(error) };
}

export function errorOf({ message, name }: Thrown): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}
