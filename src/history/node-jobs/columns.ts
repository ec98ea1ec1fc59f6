/** Operations of `node-jobs` in columns, 60 bytes each, so that millions fit; they are judged one key at a time. */
import type { NodeJobInput, NodeJobOutput } from "../../check/linear/node/node-jobs.ts";
import type { SeenCalls } from "../../check/linear/search/seen-calls.ts";
import { type ActRow, Acts, type NodeJobAct } from "./operations.ts";

const mostOperations = 16_000_000;
/** The limit for all keys together. */
const mostKeyLength = 64 * 1024 * 1024;
const firstSize = 1 << 10;

export class TooManyOperations extends Error {
  override readonly name = "TooManyOperations";
}

/** One operation. */
export interface Row extends ActRow {
  readonly client: number;
  readonly call: number;
  /** Infinity: it was not answered. */
  readonly returned: number;
  /** The line in the file, counted from 1. */
  readonly line: number;
  readonly key: string;
}

/** Operations in the order of their keys, and within a key in the order of the file. */
interface ByKey {
  /** Where the operations of each key begin and end. */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly call: Float64Array;
  readonly returned: Float64Array;
  /** The row of each operation. */
  readonly rows: Uint32Array;
  readonly acts: Uint32Array;
}

export class Columns {
  #size = 0;
  #client = new Float64Array(firstSize);
  #call = new Float64Array(firstSize);
  #returned = new Float64Array(firstSize);
  #line = new Uint32Array(firstSize);
  #key = new Uint32Array(firstSize);
  #act = new Uint32Array(firstSize);
  readonly #acts = new Acts();
  readonly #keys = new Map<string, number>();
  readonly #counts: number[] = [];
  #keyLength = 0;
  /** Computed at the first use. */
  #byKey: ByKey | null = null;
  /** Messages add it to times. */
  #shift = 0;

  get size(): number {
    return this.#size;
  }

  get keys(): readonly string[] {
    return [...this.#keys.keys()];
  }

  /** @throws TooManyOperations */
  add(row: Row): void {
    if (this.#size === this.#call.length) this.#grow();
    const at = this.#size++;
    this.#client[at] = row.client;
    this.#call[at] = row.call;
    this.#returned[at] = row.returned;
    this.#line[at] = row.line;
    this.#key[at] = this.#keyNumber(row.key);
    this.#act[at] = this.#acts.numberOf(row);
  }

  lastCall(): number {
    return this.#call[this.#size - 1] ?? Number.NEGATIVE_INFINITY;
  }

  /** An operation that its client called twice at the same time; null: there is none. */
  duplicate(): Pick<Row, "client" | "call" | "line"> | null {
    const order = Uint32Array.from({ length: this.#size }, (_, index) => index);
    const call = this.#call;
    const client = this.#client;
    order.sort((a, b) => (client[a] ?? 0) - (client[b] ?? 0) || (call[a] ?? 0) - (call[b] ?? 0) || a - b);
    for (let index = 1; index < order.length; index += 1) {
      const [one, before] = [order[index] ?? 0, order[index - 1] ?? 0];
      if (client[one] !== client[before] || call[one] !== call[before]) continue;
      return { client: client[one] ?? 0, call: call[one] ?? 0, line: this.#line[one] ?? 0 };
    }
    return null;
  }

  /** Times are stored as distances from the first one; messages show those of the file. */
  showFrom(origin: number): void {
    this.#shift = origin;
  }

  countOf(key: number): number {
    return this.#counts[key] ?? 0;
  }

  /** Without unanswered reads, which constrain nothing. */
  callsOf(key: number): SeenCalls<NodeJobInput, NodeJobOutput> {
    this.#byKey ??= this.#sortByKey();
    const { acts, call, ends, returned, rows, starts } = this.#byKey;
    const [start, end] = [starts[key] ?? 0, ends[key] ?? 0];
    const own = acts.subarray(start, end);
    const act = (number: number): NodeJobAct => this.#acts.of(own[number] as number);
    return {
      size: end - start,
      call: call.subarray(start, end),
      returned: returned.subarray(start, end),
      act,
      operation: (number) => {
        const { input, output } = act(number);
        const row = rows[start + number] as number;
        const from = this.#shift;
        const times = { call: from + (this.#call[row] as number), returned: from + (this.#returned[row] as number) };
        return { id: this.#line[row] as number, ...times, input, output, outcome: output === null ? "info" : "ok" };
      },
    };
  }

  /** Groups the operations of each key in one pass. */
  #sortByKey(): ByKey {
    const starts = new Uint32Array(this.#counts.length);
    for (let key = 1; key < starts.length; key += 1) starts[key] = (starts[key - 1] ?? 0) + this.countOf(key - 1);
    const ends = starts.slice();
    const [call, returned] = [new Float64Array(this.#size), new Float64Array(this.#size)];
    const [rows, acts] = [new Uint32Array(this.#size), new Uint32Array(this.#size)];
    for (let row = 0; row < this.#size; row += 1) {
      const act = this.#act[row] as number;
      if (this.#acts.isUnansweredRead(act)) continue;
      const key = this.#key[row] as number;
      const place = ends[key] as number;
      ends[key] = place + 1;
      call[place] = this.#call[row] as number;
      returned[place] = this.#returned[row] as number;
      rows[place] = row;
      acts[place] = act;
    }
    return { starts, ends, call, returned, rows, acts };
  }

  #keyNumber(key: string): number {
    const known = this.#keys.get(key);
    const number = known ?? this.#keys.size;
    if (known === undefined) this.#keep(key, number);
    this.#counts[number] = (this.#counts[number] ?? 0) + 1;
    return number;
  }

  /** A copy, because a substring would keep the whole batch in memory. */
  #keep(key: string, number: number): void {
    this.#keyLength += key.length;
    if (this.#keyLength > mostKeyLength) {
      throw new TooManyOperations(
        `keys of more than ${mostKeyLength} characters, allowed so many to stay within memory`,
      );
    }
    this.#keys.set(Buffer.from(key, "utf16le").toString("utf16le"), number);
  }

  #grow(): void {
    if (this.#size >= mostOperations) {
      throw new TooManyOperations(
        `more than ${mostOperations} operations, allowed ${mostOperations} to stay within memory`,
      );
    }
    const longer = <Column extends Float64Array | Uint32Array>(column: Column, next: Column): Column => {
      next.set(column);
      return next;
    };
    const size = Math.min(this.#size * 2, mostOperations);
    this.#client = longer(this.#client, new Float64Array(size));
    this.#call = longer(this.#call, new Float64Array(size));
    this.#returned = longer(this.#returned, new Float64Array(size));
    this.#line = longer(this.#line, new Uint32Array(size));
    this.#key = longer(this.#key, new Uint32Array(size));
    this.#act = longer(this.#act, new Uint32Array(size));
  }
}
