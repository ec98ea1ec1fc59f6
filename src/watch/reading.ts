/** The request of the watch to the store, and the result of one atomic read of a partition. */
import type { Millis } from "../check/history.ts";
import type { DumpedNode, ObservedChange } from "../check/observed/observation.ts";

export interface Ask {
  readonly partition: number;
  /** The entries of the feed after this sequence; null: none, only how far the partition is. */
  readonly since: number | null;
  /** Entries at most. */
  readonly limit: number;
  /** The nodes to look at. */
  readonly looks: readonly string[];
  /** The next page of the nodes, after this one (empty: from the start); null: no page. */
  readonly membersAfter: string | null;
}

export interface Meta {
  readonly epoch: string;
  readonly sequence: number;
  /** Whether the epoch is of this server, as it runs now: else the next call begins a new one. */
  readonly isCurrent: boolean;
  /** Until when no deadline is due, by the server's clock; null: nothing is held back. */
  readonly heldUntil: Millis | null;
}

export interface FeedLine {
  readonly sequence: number;
  /** null: it cannot be read. */
  readonly change: ObservedChange | null;
}

export type Look =
  | { readonly kind: "found"; readonly node: string; readonly dumped: DumpedNode }
  /** There is no record. `isMember`: the index of nodes has it all the same. */
  | { readonly kind: "none"; readonly node: string; readonly isMember: boolean }
  | { readonly kind: "unreadable"; readonly node: string; readonly reason: string };

export interface Reading {
  readonly ask: Ask;
  /** When the answer came, in ms since the watch began. */
  readonly at: Millis;
  /** When the read was sent. */
  readonly since: Millis;
  /** The server's clock, in ms since 1970. */
  readonly serverMs: Millis;
  /** null: no epoch has begun. */
  readonly meta: Meta | null;
  /** The first sequence that the feed still has; null: it is empty. */
  readonly first: number | null;
  /** The number of entries in the feed. */
  readonly length: number;
  /** Those asked for, in order. */
  readonly entries: readonly FeedLine[];
  readonly looks: readonly Look[];
  /** The page asked for; empty: there are no more. */
  readonly members: readonly string[];
}

/** The read-only side of a store. */
export interface Source {
  /** The number of partitions; null: no instance has laid out the store yet. @throws LayoutError, the errors of the connection */
  partitions(): Promise<number | null>;
  /** @throws the errors of the connection */
  read(ask: Ask): Promise<Reading>;
}

/** Commands of one read besides those of its looks, and of one look. */
const commandsOfRead = 9;
export const commandsOfLook = 5;

export function commandsOf({ looks }: Pick<Ask, "looks">): number {
  return commandsOfRead + commandsOfLook * looks.length;
}
