/** The changes of one node on one server, or on all of them, as the calls that may have asked for them are looked for. */
import type { PlacedChanges } from "../../check/linear/search/order.ts";
import type { EpochLine } from "../truth.ts";
import type { PlacedChange } from "./messages.ts";
import type { NodeCalls } from "./node-calls.ts";
import { positionOf } from "./positions.ts";
import { everyNamed, requestedChange } from "./replies/replies.ts";

interface OfNode {
  readonly node: string;
  readonly calls: Pick<NodeCalls, "calls">;
  /** The earliest position that a client was shown of the partition; undefined: none was. */
  readonly firstShown: number | undefined;
}

export class NodeChanges implements PlacedChanges {
  readonly positions: number[] = [];
  readonly seenAt: number[] = [];
  readonly #placed: PlacedChange[] = [];
  /** The earliest position that a client was shown of the partition: what was changed before was asked for before the history began. */
  readonly #firstShown: number;
  readonly #isNamed: boolean;

  /** @param lines epochs of the node's partition, in order */
  constructor(lines: readonly EpochLine[], { calls, firstShown = Number.POSITIVE_INFINITY, node }: OfNode) {
    this.#firstShown = firstShown;
    this.#isNamed = everyNamed(calls.calls);
    for (const line of lines) {
      for (const entry of [...line.since(node, Number.NEGATIVE_INFINITY)].reverse()) {
        this.positions.push(positionOf(line, entry.sequence));
        this.seenAt.push(entry.at);
        this.#placed.push({ line, entry });
      }
    }
  }

  placed(change: number): PlacedChange | undefined {
    return this.#placed[change];
  }

  /** null also for a change whose request is known: then it is known whether a call made that. */
  wanted(change: number): string | null {
    const entry = this.#placed[change]?.entry;
    if (entry === undefined || entry.request !== undefined || entry.at < 0) return null;
    return (this.positions[change] as number) > this.#firstShown ? requestedChange(entry, this.#isNamed) : null;
  }
}
