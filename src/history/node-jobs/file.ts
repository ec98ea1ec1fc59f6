/** Reads histories of the object `node-jobs`, in the format of the peer porcupine: docs/histories.md. */
import {
  type NodeJobInput,
  type NodeJobKind,
  type NodeJobOutput,
  nodeJobKinds,
} from "../../check/linear/node/node-jobs.ts";
import type { SeenCalls } from "../../check/linear/search/seen-calls.ts";
import { ExactTimes } from "../lines/exact-times.ts";
import { BadLine } from "../lines/line-scanner.ts";
import { badLine, eachLine, readLines } from "../lines/lines.ts";
import { Columns, type Row } from "./columns.ts";
import { NodeJobsLine } from "./line.ts";
import { noStatus } from "./operations.ts";

export interface NodeJobsHistory {
  /** The number of operations, including unanswered reads, which are not judged because they claim nothing. */
  readonly operations: number;
  readonly answered: number;
  /** Kinds that were called often, but never answered. */
  readonly neverAnswered: readonly NodeJobKind[];
  /** The last line was cut, as by a crash, and is left out. */
  readonly isCut: boolean;
  /** The origin of the times in messages, in digits; null: they are those of the file. */
  readonly timesFrom: string | null;
  /** Each key is an object of its own. */
  readonly keys: readonly string[];
  /** The number of its operations, including unanswered reads. */
  countOf(key: number): number;
  of(key: number): SeenCalls<NodeJobInput, NodeJobOutput>;
}

/** From this many calls on, a kind without any reply was probably not recorded: single replies may be lost. */
const manyCalls = 5;

/** @throws UsageError for a missing file, and for a line that is no operation; TooManyOperations */
export function readNodeJobs(file: string): NodeJobsHistory {
  const reader = new NodeJobsReader(file);
  let isCut = false;
  for (const batch of readLines(file)) {
    eachLine(batch, (start, end, line) => {
      try {
        reader.take(batch.text, start, end, line);
      } catch (error) {
        if (!(error instanceof BadLine)) throw error;
        isCut = batch.isOpen && error.isCut;
        if (!isCut) throw badLine(file, line, { found: error.message, fix: error.fix ?? fixLine, cause: error });
      }
    });
  }
  return reader.finish(isCut);
}

const fixLine =
  'every line is {"client":…,"call_ns":…,"return_ns":…,"key":"…","kind":"reserve|complete|register|expire|read","args":{…},"result":{…}}; only the last may be cut';

class NodeJobsReader {
  readonly #file: string;
  readonly #line = new NodeJobsLine();
  readonly #times = new ExactTimes();
  readonly #columns = new Columns();
  readonly #called = new Uint32Array(nodeJobKinds.length);
  readonly #answered = new Uint32Array(nodeJobKinds.length);
  /** The last call of each client, while the lines are in the order of calls. */
  readonly #lastCall = new Map<number, number>();
  #isInOrder = true;

  constructor(file: string) {
    this.#file = file;
  }

  take(text: string, start: number, end: number, line: number): void {
    const read = this.#line;
    read.read(text, start, end);
    const { client, isAnswered, kind } = read;
    const call = this.#times.since(read.callHigh, read.callLow);
    const returned = isAnswered ? this.#times.since(read.returnHigh, read.returnLow) : Number.POSITIVE_INFINITY;
    if (Number.isNaN(call) || Number.isNaN(returned)) throw tooFarApart();
    if (returned < call) {
      const [from, to] = [this.#times.text(call), this.#times.text(returned)];
      throw new BadLine(`returned at ${to}, before it was called at ${from}; allowed is not before`);
    }
    this.#noteOrder(client, call, line);
    this.#called[kind] = (this.#called[kind] as number) + 1;
    if (isAnswered) this.#answered[kind] = (this.#answered[kind] as number) + 1;
    const { cap, job, key } = read;
    const reply = isAnswered ? read : noReply;
    const { incarnation, jobs, status } = reply;
    this.#columns.add({ client, call, returned, line, key, kind, job, cap, status, incarnation, jobs });
  }

  /** A client has one operation at a time, so a second call at the same time is a repeated line. */
  #noteOrder(client: number, call: number, line: number): void {
    if (!this.#isInOrder) return;
    if (call < this.#columns.lastCall()) this.#isInOrder = false;
    if (this.#lastCall.get(client) === call) throw this.#twice({ client, call, line });
    this.#lastCall.set(client, call);
  }

  finish(isCut: boolean): NodeJobsHistory {
    const columns = this.#columns;
    const duplicate = this.#isInOrder ? null : columns.duplicate();
    if (duplicate !== null) throw this.#twice(duplicate);
    columns.showFrom(this.#times.shift);
    return {
      operations: columns.size,
      answered: this.#answered.reduce((sum, count) => sum + count, 0),
      neverAnswered: nodeJobKinds.filter(
        (_, kind) => (this.#called[kind] as number) >= manyCalls && this.#answered[kind] === 0,
      ),
      isCut,
      timesFrom: this.#times.timesFrom,
      keys: columns.keys,
      countOf: (key) => columns.countOf(key),
      of: (key) => columns.callsOf(key),
    };
  }

  #twice({ call, client, line }: Pick<Row, "client" | "call" | "line">): Error {
    const found = `client ${client} called at ${this.#times.text(call)} for a second time; allowed is one operation at a time`;
    return badLine(this.#file, line, { found, fix: "take out the line that was written twice" });
  }
}

function tooFarApart(): BadLine {
  return new BadLine(
    "a time more than 2^53 from the first one in the file; allowed is less, which is 104 days of nanoseconds",
    false,
    "judge parts of the history by themselves, or check the clock that recorded it",
  );
}

const noReply = { status: noStatus, incarnation: 0, jobs: 0 };
