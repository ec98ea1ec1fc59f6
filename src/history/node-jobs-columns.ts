/** Operations of `node-jobs` in columns, about 40 bytes each, so that millions fit; made into objects one key at a time. */
import {
  type NodeJobInput,
  type NodeJobKind,
  type NodeJobOperation,
  type NodeJobOutput,
  type NodeJobStatus,
  nodeJobKinds,
  nodeJobStatuses,
} from "../check/linear/node-jobs.ts";

const mostOperations = 16_000_000;
const firstSize = 1 << 14;
/** Of an operation that was not answered. */
export const noStatus = 255;

export class TooManyOperations extends Error {
  override readonly name = "TooManyOperations";
}

/** One operation; kind and status by their places in `nodeJobKinds` and `nodeJobStatuses`. */
export interface Row {
  readonly client: number;
  readonly call: number;
  /** Infinity where it was not answered. */
  readonly returned: number;
  /** Of the file, from 1. */
  readonly line: number;
  readonly key: string;
  readonly kind: number;
  readonly job: number;
  readonly cap: number;
  readonly status: number;
  readonly incarnation: number;
  readonly jobs: number;
}

export class Columns {
  #size = 0;
  #client = new Float64Array(firstSize);
  #call = new Float64Array(firstSize);
  #returned = new Float64Array(firstSize);
  #line = new Uint32Array(firstSize);
  #key = new Uint32Array(firstSize);
  #incarnation = new Uint32Array(firstSize);
  #kind = new Uint8Array(firstSize);
  #job = new Uint8Array(firstSize);
  #cap = new Uint8Array(firstSize);
  #status = new Uint8Array(firstSize);
  #jobs = new Uint8Array(firstSize);
  readonly #keys = new Map<string, number>();
  readonly #counts: number[] = [];

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
    this.#kind[at] = row.kind;
    this.#job[at] = row.job;
    this.#cap[at] = row.cap;
    this.#status[at] = row.status;
    this.#incarnation[at] = row.incarnation;
    this.#jobs[at] = row.jobs;
  }

  lastCall(): number {
    return this.#call[this.#size - 1] ?? Number.NEGATIVE_INFINITY;
  }

  /** Two operations that one client called at the same time; null: there are none. */
  twin(): Pick<Row, "client" | "call" | "line"> | null {
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

  /** Where each key's operations begin in `#byKey`, filled when first asked for. */
  #starts: Uint32Array | null = null;
  #byKey = new Uint32Array(0);

  /** Without reads that were not answered: those say nothing. */
  operationsOf(key: number): readonly NodeJobOperation[] {
    this.#starts ??= this.#sortByKey();
    const found: NodeJobOperation[] = [];
    for (let index = this.#starts[key] ?? 0; index < (this.#starts[key + 1] ?? 0); index += 1) {
      const at = this.#byKey[index] ?? 0;
      const operation = this.#operationAt(at);
      if (operation.outcome === "ok" || operation.input.kind !== "read") found.push(operation);
    }
    return found;
  }

  #sortByKey(): Uint32Array {
    const starts = new Uint32Array(this.#counts.length + 1);
    for (const [key, count] of this.#counts.entries()) starts[key + 1] = (starts[key] ?? 0) + count;
    const next = starts.slice();
    this.#byKey = new Uint32Array(this.#size);
    for (let at = 0; at < this.#size; at += 1) {
      const key = this.#key[at] ?? 0;
      const place = next[key] ?? 0;
      this.#byKey[place] = at;
      next[key] = place + 1;
    }
    return starts;
  }

  #operationAt(at: number): NodeJobOperation {
    const status = this.#status[at] ?? noStatus;
    const kind = nodeJobKinds[this.#kind[at] ?? 0] as NodeJobKind;
    return {
      id: this.#line[at] ?? 0,
      input: inputOf(kind, this.#job[at] ?? 0, this.#cap[at] ?? 0),
      call: this.#call[at] ?? 0,
      returned: this.#returned[at] ?? 0,
      outcome: status === noStatus ? "info" : "ok",
      output: status === noStatus ? null : outputOf(status, this.#incarnation[at] ?? 0, this.#jobs[at] ?? 0),
    };
  }

  #keyNumber(key: string): number {
    const known = this.#keys.get(key);
    const number = known ?? this.#keys.size;
    if (known === undefined) this.#keys.set(key, number);
    this.#counts[number] = (this.#counts[number] ?? 0) + 1;
    return number;
  }

  #grow(): void {
    if (this.#size >= mostOperations) {
      throw new TooManyOperations(
        `more than ${mostOperations} operations, allowed ${mostOperations} to stay within memory`,
      );
    }
    const longer = <Column extends Float64Array | Uint32Array | Uint8Array>(column: Column, next: Column): Column => {
      next.set(column);
      return next;
    };
    const size = Math.min(this.#size * 2, mostOperations);
    this.#client = longer(this.#client, new Float64Array(size));
    this.#call = longer(this.#call, new Float64Array(size));
    this.#returned = longer(this.#returned, new Float64Array(size));
    this.#line = longer(this.#line, new Uint32Array(size));
    this.#key = longer(this.#key, new Uint32Array(size));
    this.#incarnation = longer(this.#incarnation, new Uint32Array(size));
    this.#kind = longer(this.#kind, new Uint8Array(size));
    this.#job = longer(this.#job, new Uint8Array(size));
    this.#cap = longer(this.#cap, new Uint8Array(size));
    this.#status = longer(this.#status, new Uint8Array(size));
    this.#jobs = longer(this.#jobs, new Uint8Array(size));
  }
}

const inputs = new Map<number, NodeJobInput>();
const outputs = new Map<number, NodeJobOutput>();

/** Many operations are alike: one object for all of them. */
function inputOf(kind: NodeJobKind, job: number, cap: number): NodeJobInput {
  const key = (nodeJobKinds.indexOf(kind) * 64 + job) * 65 + cap;
  const known = inputs.get(key);
  if (known !== undefined) return known;
  const input = { kind, job, cap };
  inputs.set(key, input);
  return input;
}

const mostOutputs = 100_000;

function outputOf(status: number, incarnation: number, jobs: number): NodeJobOutput {
  const key = (incarnation * 256 + jobs) * 8 + status;
  const known = outputs.get(key);
  if (known !== undefined) return known;
  const output = { status: nodeJobStatuses[status] as NodeJobStatus, incarnation, jobs };
  if (outputs.size < mostOutputs) outputs.set(key, output);
  return output;
}
