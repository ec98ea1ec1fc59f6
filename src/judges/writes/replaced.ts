/**
 * Part of N1: a registration ends the incarnation that its sender knew, and no other. So one that was sent before an incarnation began never ends it: a later
 * registration has overtaken it. A registration with `expected` replaces that incarnation alone.
 *
 * Where the request that made a change is not observed, it may be that of any unanswered registration of the node.
 */
import type { Call, Millis } from "../../check/history.ts";
import { inMs } from "../../check/judgement.ts";
import type { Changed, NodeRequested } from "../event.ts";
import type { Findings } from "../findings.ts";
import type { EpochLine, LineEntry } from "../truth.ts";

/** An incarnation that ended another one, which was seen to begin. */
interface Replacement {
  readonly line: EpochLine;
  readonly entry: LineEntry;
  readonly incarnation: string;
  /** The one that it ended. */
  readonly ended: string;
  readonly begun: Millis;
}

export class Registrations {
  readonly #findings: Findings;
  /** Request -> when it was first sent. */
  readonly #sent = new Map<number, Millis>();
  /** Node and incarnation -> no sooner than this it began. */
  readonly #begun = new Map<string, Millis>();
  /** By node: those whose request was not observed. */
  readonly #open = new Map<string, Replacement[]>();
  /** Node and incarnation -> the call that was answered that it began it. */
  readonly #answered = new Map<string, Call>();
  /** By node, those that were not answered. */
  readonly #unanswered = new Map<string, Call[]>();
  /** Node and incarnation -> what was before it; null: nothing. */
  readonly #before = new Map<string, string | null>();

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  requested({ at, request, script }: NodeRequested): void {
    if (script === "register_node" && !this.#sent.has(request)) this.#sent.set(request, at);
  }

  changed({ entry, line }: Changed): void {
    const { kind, node, record, request, sequence, since } = entry;
    if (kind !== "registered" || !record) return;
    const { incarnation } = record;
    const key = keyOf(node, incarnation);
    this.#begun.set(key, since);
    const before = line.at(node, sequence - 1);
    if (before === undefined || sequence <= line.knownFrom(node)) return;
    const ended = before?.incarnation ?? null;
    this.#before.set(key, ended);
    this.#compare(key);
    const begun = ended === null ? undefined : this.#begun.get(keyOf(node, ended));
    if (ended === null || begun === undefined) return;
    const sentAt = request === undefined ? undefined : this.#sent.get(request);
    const replacement = { line, entry, incarnation, ended, begun };
    if (sentAt !== undefined) {
      if (sentAt < begun) this.#violated(replacement, `was sent at ${inMs(sentAt)}`, []);
    } else if (request === undefined) listOf(this.#open, node).push(replacement);
  }

  returned(call: Call): void {
    const { incarnation, node = "", outcome, reply } = call;
    if (outcome === "info") listOf(this.#unanswered, node).push(call);
    if (reply !== "registered" || incarnation === undefined) return;
    const key = keyOf(node, incarnation);
    this.#answered.set(key, call);
    this.#compare(key);
  }

  /** Once both the change and its answer are known. */
  #compare(key: string): void {
    const call = this.#answered.get(key);
    const before = this.#before.get(key);
    if (call?.expected === undefined || before === undefined || before === call.expected) return;
    const { expected, from, id, incarnation, instance, node } = call;
    this.#findings.violate(
      () => [
        `a registration of node ${node} replaced ${before ?? "no incarnation"}, allowed is what its client named: ${expected ?? "none"}`,
        `sent by instance ${instance} at ${inMs(from)}, answered registered with ${incarnation}`,
      ],
      [id],
    );
  }

  /** A replacement that no answered registration has made was made by one without an answer. */
  finish(): void {
    for (const [node, replacements] of this.#open) {
      for (const replacement of replacements) {
        const { begun, entry, incarnation } = replacement;
        if (this.#answered.has(keyOf(node, incarnation))) continue;
        const makers = (this.#unanswered.get(node) ?? []).filter(({ from }) => from <= entry.at);
        const isOvertaken = ({ to }: Call): boolean => to !== null && to < begun;
        if (makers.length === 0 || !makers.every(isOvertaken)) continue;
        const last = Math.max(...makers.map(({ to }) => to ?? Number.POSITIVE_INFINITY));
        const ids = makers.map(({ id }) => id);
        this.#violated(replacement, `was sent by ${inMs(last)}, when its client gave it up`, ids);
      }
    }
  }

  #violated({ begun, ended, entry, incarnation, line }: Replacement, sent: string, calls: readonly number[]): void {
    this.#findings.violate(
      () => [
        `a registration of node ${entry.node} ended the incarnation ${ended}, which began at ${inMs(begun)}, allowed is one that was sent since`,
        `it ${sent}; epoch ${line.epoch}, ${incarnation} since ${inMs(entry.at)}`,
      ],
      calls,
    );
  }
}

function keyOf(node: string, incarnation: string): string {
  return `${node.length}:${node}${incarnation}`;
}

function listOf<Item>(lists: Map<string, Item[]>, node: string): Item[] {
  const known = lists.get(node);
  if (known !== undefined) return known;
  const list: Item[] = [];
  lists.set(node, list);
  return list;
}
