/** A successor is counted, then kept by this thread or sent to the one that owns it. */
import { Source } from "../../../model/language/source.ts";
import type { Emit } from "./expander.ts";
import type { StateStore } from "./store.ts";

/** States in flight to another thread: a count, then for each state its words and its parent. */
export type Mailbox = Int32Array;

export function mailboxWords(memory: SharedArrayBuffer): Mailbox {
  return new Int32Array(memory);
}

/** @returns the length of a mailbox for so many states */
export function mailboxLength(states: number, words: number): number {
  return 1 + states * (words + 1);
}

export interface Router {
  readonly emit: Emit;
  generated(): number;
  /** The parent of what is emitted from now on, as the number that all threads know it by. */
  setParent(parent: number): void;
  /** Keeps what another thread has sent. */
  drain(box: Mailbox): void;
}

export interface RouterOptions {
  readonly words: number;
  readonly store: Pick<StateStore, "insert" | "setParent">;
  /** Which of the threads this is, from 0. */
  readonly self: number;
  /** One a thread, or none where there is only one; that of this thread is not used. */
  readonly outboxes: readonly Mailbox[];
}

export function compileRouter({ words, store, self, outboxes }: RouterOptions): Router {
  const source = new Source();
  const all = Array.from({ length: words }, (_, word) => word);
  const given = all.map((word) => `w${word}`).join(", ");
  const insert = source.constant(store.insert);
  const setParent = source.constant(store.setParent);
  source.line("let generated = 0, parent = -1;");
  writeOwner(source, outboxes.length, all);
  source.block(`function emit(${given})`, () => {
    source.line("generated += 1;");
    if (outboxes.length > 1) writeForwarding(source, all, self, outboxes);
    source.line(`${insert}(${given});`);
  });
  source.block("function drain(box)", () => {
    source.line(`const end = 1 + box[0] * ${words + 1};`);
    source.block(`for (let at = 1; at < end; at += ${words + 1})`, () => {
      source.line(`${setParent}(box[at + ${words}]);`);
      source.line(`${insert}(${all.map((word) => `box[at + ${word}]`).join(", ")});`);
    });
    source.line("box[0] = 0;");
  });
  const keep = `setParent: (given) => { parent = given; ${setParent}(given); }`;
  source.line(`return { emit, drain, generated: () => generated, ${keep} };`);
  return source.run() as Router;
}

/** The thread that keeps a state, from its words. */
export function compileOwner(threads: number, words: number): (...words: readonly number[]) => number {
  const source = new Source();
  const all = Array.from({ length: words }, (_, word) => word);
  writeOwner(source, threads, all);
  source.line("return owner;");
  return source.run() as (...words: readonly number[]) => number;
}

/** Mixes otherwise than the store's index, so that each thread's states still spread over its index. */
function writeOwner(source: Source, threads: number, all: readonly number[]): void {
  source.block(`function owner(${all.map((word) => `w${word}`).join(", ")})`, () => {
    if (threads <= 1) {
      source.line("return 0;");
      return;
    }
    source.line("let h = 0x2545f491;");
    for (const word of all) source.line(`h = Math.imul(h ^ w${word}, 0xcc9e2d51); h ^= h >>> 17;`);
    source.line(`return (Math.imul(h, 0x1b873593) >>> 8) % ${threads};`);
  });
}

function writeForwarding(source: Source, all: readonly number[], self: number, outboxes: readonly Mailbox[]): void {
  const size = all.length + 1;
  source.line(`const to = owner(${all.map((word) => `w${word}`).join(", ")});`);
  source.block(`if (to !== ${self})`, () => {
    source.line(`const box = ${source.constant(outboxes)}[to];`);
    source.line(`const at = 1 + box[0] * ${size};`);
    for (const word of all) source.line(`box[at + ${word}] = w${word};`);
    source.line(`box[at + ${all.length}] = parent; box[0] += 1; return;`);
  });
}
