/**
 * The states seen so far, in the order in which they were first seen: packed words in one flat array, found again by open addressing.
 * Identity is exact: all words are compared, a hash only says where to begin.
 */
import { Source } from "../../../model/language/source.ts";

/** A store that may not grow any further: the run ends as `unknown`. */
export class OutOfMemory extends Error {
  override readonly name = "OutOfMemory";
}

export interface StoreOptions {
  /** 32-bit words a state. */
  readonly words: number;
  /** Most bytes for states, parents and index together. */
  readonly mostBytes: number;
  /** For the tests that plant a wrong identity: one mask a word; only what is under it is hashed and compared. */
  readonly masks?: readonly number[] | undefined;
}

/** Shared memory, so that other threads can read it once the owner has stopped. */
export interface StoreMemory {
  readonly states: SharedArrayBuffer;
  readonly parents: SharedArrayBuffer;
  readonly index: SharedArrayBuffer;
}

/** A state comes as its words, signed 32-bit integers. A state's number is its place, from 0. */
export interface StateStore {
  readonly memory: StoreMemory;
  size(): number;
  bytes(): number;
  /** The words of all states, one after another. Taken anew after each insert: growing replaces it. */
  states(): Int32Array;
  parentOf(state: number): number;
  /** Sets the parent of the states inserted from now on. Any integer of 32 bits. */
  setParent(parent: number): void;
  /** @throws OutOfMemory before anything is changed */
  insert(...words: readonly number[]): void;
  /** @returns its number, or -1 */
  find(...words: readonly number[]): number;
}

/** Arrays that grow in place: a view of fixed length is taken anew each time, and nothing is ever copied. */
class Growing {
  readonly buffer: SharedArrayBuffer;
  view: Int32Array;

  constructor(length: number, most: number) {
    this.buffer = new SharedArrayBuffer(length * 4, { maxByteLength: most * 4 });
    this.view = new Int32Array(this.buffer, 0, length);
  }

  grow(length: number): void {
    this.buffer.grow(length * 4);
    this.view = new Int32Array(this.buffer, 0, length);
  }
}

const firstCapacity = 2 ** 12;
/** Slots of the index are at least so many a state: with fewer the probes get long, with more the index outgrows the caches. */
const slotsPerState = 2;
/** A state's number has to fit an entry of the index. */
const mostStates = 2 ** 29;

export function createStore({ words, mostBytes, masks = [] }: StoreOptions): StateStore {
  let capacity = firstCapacity;
  const most = Math.max(firstCapacity, mostWithin(mostBytes, words));
  const states = new Growing(capacity * words, most * words);
  const parents = new Growing(capacity, most);
  const index = new Growing(capacity * slotsPerState, most * slotsPerState);

  /** @returns the new views; twice as large, so that growing costs the same for every state in the end */
  function grow(): Views {
    if (capacity * 2 > most) throw new OutOfMemory(`${capacity} states fill the memory allowed`);
    capacity *= 2;
    try {
      states.grow(capacity * words);
      parents.grow(capacity);
      index.grow(capacity * slotsPerState);
    } catch (error) {
      throw new OutOfMemory(`no memory for ${capacity} states`, { cause: error });
    }
    index.view.fill(0);
    return [states.view, parents.view, index.view];
  }

  const compiled = compile({
    words,
    masks: masks ?? [],
    grow,
    views: [states.view, parents.view, index.view],
    size: 0,
  });
  return {
    ...compiled,
    memory: { states: states.buffer, parents: parents.buffer, index: index.buffer },
    bytes: () => (states.view.length + parents.view.length + index.view.length) * 4,
    states: () => states.view,
    parentOf: (state) => parents.view[state] ?? -1,
  };
}

/** Reads a store that its owner has stopped changing, in any thread. */
export function attachStore(words: number, memory: StoreMemory, size: number) {
  const views = [new Int32Array(memory.states), new Int32Array(memory.parents), new Int32Array(memory.index)] as const;
  const closed = (): never => {
    throw new TypeError("an attached store cannot grow");
  };
  const { find } = compile({ words, masks: [], grow: closed, views, size });
  return { states: views[0], parents: views[1], size, find };
}

/** The largest power of two of states that fits: the store doubles. */
function mostWithin(bytes: number, words: number): number {
  const states = Math.min(bytes / ((words + 1 + slotsPerState) * 4), mostStates);
  return 2 ** Math.floor(Math.log2(Math.max(1, states)));
}

type Compiled = Pick<StateStore, "size" | "setParent" | "insert" | "find">;
type Views = readonly [states: Int32Array, parents: Int32Array, index: Int32Array];

/** An index over states that are there already, and over those to come. */
interface IndexOptions {
  readonly words: number;
  readonly masks: readonly number[];
  /** Makes room for more states. */
  readonly grow: () => Views;
  readonly views: Views;
  /** States that are there already. */
  readonly size: number;
}

/**
 * An entry of the index is 0, or a state's number plus 1 in as many low bits as that takes, and above them a tag of more bits of the hash:
 * another state in the way is passed by without a look at its words.
 */
function compile({ words, masks, grow, views, size }: IndexOptions): Compiled {
  const source = new Source();
  const all = Array.from({ length: words }, (_, word) => word);
  const given = all.map((word) => `w${word}`).join(", ");
  const stored = (state: string): string => all.map((word) => `states[${state} * ${words} + ${word}]`).join(", ");
  const growing = source.constant(grow);
  source.line(`let [states, parents, index] = ${source.constant(views)};`);
  source.line(`let size = ${size}, parent = -1, full, mask, number;`);
  source.block("function measure()", () => {
    source.line("full = parents.length; mask = index.length - 1; number = parents.length * 2 - 1;");
  });
  source.line("measure();");
  writeHash(source, all, masks);
  source.line("function tagOf(h) { return Math.imul(h, 0x27d4eb2f) & ~number; }");
  source.block(`function find(${given})`, () => {
    writeProbe(source, all, masks, { found: "return (entry & number) - 1;", free: "return -1;" });
  });
  source.block(`function insert(${given})`, () => {
    writeProbe(source, all, masks, { found: "return;", free: "{ place = slot; break; }" });
    source.line(`if (size === full) { more(); insert(${given}); return; }`);
    for (const word of all) source.line(`states[size * ${words} + ${word}] = w${word};`);
    source.line("parents[size] = parent; size += 1; index[place] = size | tag;");
  });
  source.block("function more()", () => {
    source.line(`[states, parents, index] = ${growing}();`);
    source.line("measure();");
    source.block("for (let state = 0; state < size; state += 1)", () => {
      source.line(`const h = hash(${stored("state")});`);
      source.line("let slot = h & mask;");
      source.line("while (index[slot] !== 0) slot = (slot + 1) & mask;");
      source.line("index[slot] = (state + 1) | tagOf(h);");
    });
  });
  source.line("return { insert, find, size: () => size, setParent: (given) => { parent = given; } };");
  return source.run() as Compiled;
}

function masked(masks: readonly number[], word: number, expression: string): string {
  return masks[word] === undefined ? expression : `(${expression} & ${masks[word]})`;
}

/** Multiply and shift, word by word, then the last steps of MurmurHash3, so that low and high bits both spread. */
function writeHash(source: Source, all: readonly number[], masks: readonly number[]): void {
  source.block(`function hash(${all.map((word) => `w${word}`).join(", ")})`, () => {
    source.line("let h = 0;");
    for (const word of all)
      source.line(`h = Math.imul(h ^ ${masked(masks, word, `w${word}`)}, 0x9e3779b1); h ^= h >>> 15;`);
    source.line("h = Math.imul(h, 0x85ebca6b); h ^= h >>> 13; h = Math.imul(h, 0xc2b2ae35); return h ^ (h >>> 16);");
  });
}

/** Walks along the index from where the hash says, until the state is found or a slot is free. */
function writeProbe(
  source: Source,
  all: readonly number[],
  masks: readonly number[],
  { found, free }: { readonly found: string; readonly free: string },
): void {
  const isSame = all
    .map((word) => `${masked(masks, word, `states[at + ${word}]`)} === ${masked(masks, word, `w${word}`)}`)
    .join(" && ");
  source.line(`const h = hash(${all.map((word) => `w${word}`).join(", ")});`);
  source.line("const tag = tagOf(h);");
  source.line("let place = -1;");
  source.block("for (let slot = h & mask; ; slot = (slot + 1) & mask)", () => {
    source.line("const entry = index[slot];");
    source.line(`if (entry === 0) ${free}`);
    source.block("if ((entry & ~number) === tag)", () => {
      source.line(`const at = ((entry & number) - 1) * ${all.length};`);
      source.line(`if (${isSame}) ${found}`);
    });
  });
}
