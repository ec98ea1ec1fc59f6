/** Histories of the object `node-jobs`, in the format of the peer porcupine: docs/histories.md. */
import { type NodeJobInput, type NodeJobOutput, nodeJobKinds, nodeJobStatuses } from "../check/linear/node-jobs.ts";
import type { SeenCalls } from "../check/linear/seen-calls.ts";
import { badLine, readLines } from "./lines.ts";
import { noStatus } from "./node-jobs-acts.ts";
import { Columns, type Row } from "./node-jobs-columns.ts";

export interface NodeJobsHistory {
  /** Lines that are operations, reads without a reply included: those claim nothing and are left out of the judgement. */
  readonly operations: number;
  /** The last line was cut, as by a crash, and is not among them. */
  readonly isCut: boolean;
  /** Each key is an object of its own. */
  readonly keys: readonly string[];
  /** How many operations it has, reads without a reply included. */
  countOf(key: number): number;
  of(key: number): SeenCalls<NodeJobInput, NodeJobOutput>;
}

/** @throws UsageError where there is no such file; BrokenRunError for a line that is no operation; TooManyOperations */
export function readNodeJobs(file: string): NodeJobsHistory {
  const reader = new NodeJobsReader(file);
  let isCut = false;
  for (const { first, isOpen, lines } of readLines(file)) {
    for (const [index, text] of lines.entries()) {
      if (text === "" || text === "\r") continue;
      const line = first + index;
      const parsed = parse(text);
      if (parsed === undefined && isOpen) isCut = true;
      else if (parsed === undefined) throw badLine(file, line, `no JSON: ${excerpt(text)}`, fixLine);
      else reader.take(parsed, line, text);
    }
  }
  return reader.finish(isCut);
}

const fixLine =
  'every line is {"client":…,"call_ns":…,"return_ns":…,"key":"…","kind":"reserve|complete|register|expire|read","args":{…},"result":{…}}; only the last may be cut';

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function excerpt(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 80)}…`;
}

/** What JSON gives for an operation; nothing of it is certain. */
interface Line {
  readonly client?: unknown;
  readonly call_ns?: unknown;
  readonly return_ns?: unknown;
  readonly key?: unknown;
  readonly kind?: unknown;
  readonly args?: { readonly job?: unknown; readonly cap?: unknown } | null;
  readonly result?: { readonly status?: unknown; readonly incarnation?: unknown; readonly jobs?: unknown } | null;
}

const kindNumbers = new Map<unknown, number>(nodeJobKinds.map((kind, index) => [kind, index]));
const statusNumbers = new Map<unknown, number>(nodeJobStatuses.map((status, index) => [status, index]));
const isCount = (value: unknown, most: number): value is number =>
  typeof value === "number" && value >= 0 && value <= most && Number.isInteger(value);

class NodeJobsReader {
  readonly #file: string;
  readonly #columns = new Columns();
  /** Of each client, while the lines are in the order of calls. */
  readonly #lastCall = new Map<number, number>();
  #isInOrder = true;

  constructor(file: string) {
    this.#file = file;
  }

  take(parsed: unknown, line: number, text: string): void {
    if (typeof parsed !== "object" || parsed === null) throw this.#foreign(line, text);
    const { args, call_ns: call, client, key, kind: word, result, return_ns } = parsed as Line;
    const kind = kindNumbers.get(word);
    if (kind === undefined || typeof key !== "string" || typeof call !== "number" || typeof client !== "number") {
      throw this.#foreign(line, text);
    }
    const job = args?.job ?? 0;
    const cap = args?.cap ?? 0;
    if (!isCount(job, 63) || !isCount(cap, 64)) {
      throw this.#bad(line, `job ${String(job)}, cap ${String(cap)}: allowed are job 0 to 63 and cap 0 to 64`);
    }
    const isAnswered = result != null && return_ns != null;
    const returned = isAnswered ? return_ns : Number.POSITIVE_INFINITY;
    if (typeof returned !== "number") throw this.#foreign(line, text);
    if (returned < call) {
      throw this.#bad(line, `returned at ${returned}, before it was called at ${call}: allowed is not before`);
    }
    this.#noteOrder(client, call, line);
    const said = isAnswered ? this.#resultOf(result, line) : nothingSaid;
    this.#columns.add({ client, call, returned, line, key, kind, job, cap, ...said });
  }

  #resultOf(
    { incarnation = 0, jobs = 0, status: word }: NonNullable<Line["result"]>,
    line: number,
  ): Pick<Row, "status" | "incarnation" | "jobs"> {
    const status = statusNumbers.get(word);
    if (status === undefined) {
      throw this.#bad(line, `status ${JSON.stringify(word)}: allowed are ${nodeJobStatuses.join(", ")}`);
    }
    if (!isCount(incarnation, 0xffffffff) || !isCount(jobs, 255)) {
      const found = `incarnation ${String(incarnation)}, jobs ${String(jobs)}`;
      throw this.#bad(line, `${found}: allowed are 0 to 4294967295 and 0 to 255`);
    }
    return { status, incarnation, jobs };
  }

  /** A client does one thing at a time; the same call a second time is a line that was written twice. */
  #noteOrder(client: number, call: number, line: number): void {
    if (!this.#isInOrder) return;
    if (call < this.#columns.lastCall()) this.#isInOrder = false;
    if (this.#lastCall.get(client) === call) throw this.#twice({ client, call, line });
    this.#lastCall.set(client, call);
  }

  finish(isCut: boolean): NodeJobsHistory {
    const columns = this.#columns;
    const twin = this.#isInOrder ? null : columns.twin();
    if (twin !== null) throw this.#twice(twin);
    return {
      operations: columns.size,
      isCut,
      keys: columns.keys,
      countOf: (key) => columns.countOf(key),
      of: (key) => columns.callsOf(key),
    };
  }

  #bad(line: number, found: string): Error {
    return badLine(this.#file, line, found, fixLine);
  }

  #foreign(line: number, text: string): Error {
    return this.#bad(line, `no operation of node-jobs: ${excerpt(text)}`);
  }

  #twice({ call, client, line }: Pick<Row, "client" | "call" | "line">): Error {
    const found = `client ${client} called at ${call} for a second time: allowed is one operation at a time`;
    return badLine(this.#file, line, found, "take out the line that was written twice");
  }
}

const nothingSaid = { status: noStatus, incarnation: 0, jobs: 0 };
