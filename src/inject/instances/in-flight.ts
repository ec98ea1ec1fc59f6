/** The requests that an instance has been sent over the line protocol and has not answered yet. */
import type { Ask, Op } from "../../sut/protocol.ts";

/** A request, by what a call that is made for it may carry. */
export interface SentRequest {
  readonly op: Op;
  readonly node: string;
  /** Empty: it concerns no job. */
  readonly job: string;
  /** Texts that distinguish it from other requests about the node. */
  readonly further: readonly string[];
}

export class InFlight implements Iterable<SentRequest> {
  readonly #sent = new Set<SentRequest>();

  /** Adds a request about a node. @returns removes it again: it has been answered */
  add(ask: Ask): () => void {
    if (!("node" in ask)) return () => {};
    const sent = { op: ask.op, node: ask.node, job: "job" in ask ? ask.job : "", further: furtherOf(ask) };
    this.#sent.add(sent);
    return () => this.#sent.delete(sent);
  }

  [Symbol.iterator](): Iterator<SentRequest> {
    return this.#sent.values();
  }
}

/** Shorter texts occur in any call. */
const shortest = 3;

function furtherOf(ask: Ask): readonly string[] {
  return textsOf(ask).filter((text) => text.length >= shortest);
}

function textsOf(ask: Ask): readonly string[] {
  switch (ask.op) {
    case "register_node":
      return [ask.registration ?? "", ask.expected ?? "", ...ask.pools, ...ask.services];
    case "heartbeat":
      return [
        ask.incarnation,
        ...ask.running,
        ...Object.values(ask.metrics)
          .flatMap((one) => one ?? [])
          .map(String),
      ];
    case "offline_node":
      return [ask.incarnation ?? ""];
    default:
      return [];
  }
}
