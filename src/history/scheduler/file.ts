/** Reads histories of the object `scheduler`: docs/recorded-calls.md. */
import { type NodeOp, nodeOps } from "../../check/linear/scheduler/calls.ts";
import { type Loss, mostLosses } from "../../check/linear/scheduler/terms.ts";
import { ExactTimes } from "../lines/exact-times.ts";
import { BadLine } from "../lines/line-scanner.ts";
import { badLine, eachLine, readLines } from "../lines/lines.ts";
import { NodeCalls } from "./calls.ts";
import { firstLine, readSchedulerHead, type SchedulerHead } from "./head.ts";
import { type Line, SchedulerLine, type Time } from "./line.ts";

/** About 600 bytes each. */
const mostCalls = 1_000_000;

export class TooManyCalls extends Error {
  override readonly name = "TooManyCalls";
}

export interface SchedulerHistory {
  readonly head: SchedulerHead;
  /** All calls, those included that claim nothing. */
  readonly operations: number;
  /** Calls with an answer that claims something. */
  readonly answered: number;
  /** Answers of get_node that may be of a cache. */
  readonly notJudged: number;
  /** Operations that were called often, but never answered. */
  readonly neverAnswered: readonly NodeOp[];
  /** The last line was cut, as by a crash, and is left out. */
  readonly isCut: boolean;
  /** The origin of the times in messages, in digits; null: they are those of the file. */
  readonly timesFrom: string | null;
  /** Messages add it to times. */
  readonly shift: number;
  readonly nodes: readonly NodeCalls[];
  /** The first call, and the first answer. */
  readonly beginsAt: number;
  readonly answersFrom: number;
}

/** From this many calls on, an operation without any answer was probably not recorded: single answers may be lost. */
const manyCalls = 5;

const fixLine =
  'every line is {"client":…,"call_ns":…,"return_ns":…,"request":{"op":…},"reply":{…}}, or {"fault":…}; only the last may be cut';

/** @throws UsageError for a missing file, and for a line that does not belong there; TooManyCalls */
export function readSchedulerHistory(file: string): SchedulerHistory {
  const reader = new SchedulerReader();
  let isCut = false;
  for (const batch of readLines(file)) {
    eachLine(batch, (start, end, line) => {
      try {
        reader.take(batch.text, start, end, line);
      } catch (error) {
        if (!(error instanceof BadLine)) throw error;
        isCut = batch.isOpen && error.isCut && reader.hasHead;
        if (!isCut) throw badLine(file, line, { found: error.message, fix: error.fix ?? fixLine, cause: error });
      }
    });
  }
  if (!reader.hasHead) throw badLine(file, 1, { found: "nothing is in it", fix: firstLine });
  return reader.finish(isCut);
}

type CallLine = Extract<Line, { kind: "call" }>;
type FaultLine = Extract<Line, { kind: "fault" }>;

class SchedulerReader {
  readonly #line = new SchedulerLine();
  readonly #times = new ExactTimes();
  readonly #nodes = new Map<string, NodeCalls>();
  readonly #called = new Map<NodeOp, number>();
  readonly #answered = new Map<NodeOp, number>();
  readonly #losses: { readonly node: string | null; readonly loss: Loss }[] = [];
  /** A client has one call at a time, so a second one at the same time is a repeated line. */
  readonly #seen = new Set<string>();
  #head: SchedulerHead | null = null;
  #operations = 0;
  #notJudged = 0;
  #beginsAt = Number.POSITIVE_INFINITY;
  #answersFrom = Number.POSITIVE_INFINITY;

  get hasHead(): boolean {
    return this.#head !== null;
  }

  /** @throws BadLine, TooManyCalls */
  take(text: string, start: number, end: number, id: number): void {
    if (this.#head === null) {
      this.#head = readSchedulerHead(text.slice(start, end));
      return;
    }
    const line = this.#line.read(text, start, end);
    if (line.kind === "fault") this.#takeFault(line);
    else this.#takeCall(line, id);
  }

  #takeCall(line: CallLine, id: number): void {
    const { client, reply, request } = line;
    const call = this.#since(line.call);
    const returned = line.returned === null ? Number.POSITIVE_INFINITY : this.#since(line.returned);
    if (returned < call) throw notBefore("returned", this.#times, [call, returned]);
    const key = `${client} ${call}`;
    if (this.#seen.has(key)) {
      const found = `client ${client} called at ${this.#times.text(call)} for a second time; allowed is one call at a time`;
      throw new BadLine(found, false, "take out the line that was written twice");
    }
    this.#seen.add(key);
    this.#operations += 1;
    this.#beginsAt = Math.min(this.#beginsAt, call);
    this.#answersFrom = Math.min(this.#answersFrom, returned);
    if (this.#operations > mostCalls)
      throw new TooManyCalls(`more than ${mostCalls} calls, allowed so many to stay within memory`);
    this.#called.set(request.op, (this.#called.get(request.op) ?? 0) + 1);
    const own = this.#nodes.get(request.node) ?? new NodeCalls(request.node);
    this.#nodes.set(request.node, own);
    if (reply.outcome === "fail") return;
    const claims = own.add(id, request, reply, { call, returned });
    if (claims) this.#answered.set(request.op, (this.#answered.get(request.op) ?? 0) + 1);
    else if (reply.outcome === "ok") this.#notJudged += 1;
  }

  #takeFault(line: FaultLine): void {
    const [from, until] = [this.#since(line.from), this.#since(line.until)];
    const since = line.since === null ? null : this.#since(line.since);
    if (until < from) throw notBefore("ended", this.#times, [from, until]);
    if (since !== null && since > until) {
      throw new BadLine("since_ns is after until_ns: what is lost was written before the loss; allowed is not later");
    }
    this.#losses.push({ node: line.node, loss: { from, until, since } });
  }

  #since({ high, low }: Time): number {
    const since = this.#times.since(high, low);
    if (!Number.isNaN(since)) return since;
    throw new BadLine(
      "a time more than 2^53 from the first one in the file; allowed is less, which is 104 days of nanoseconds",
      false,
      "judge parts of the history by themselves, or check the clock that recorded it",
    );
  }

  finish(isCut: boolean): SchedulerHistory {
    for (const { loss, node } of this.#losses) {
      for (const own of this.#nodes.values()) {
        if (node !== null && node !== own.node) continue;
        if (own.losses.length >= mostLosses) throw new TooManyCalls(`more than ${mostLosses} faults of one node`);
        own.losses.push(loss);
      }
    }
    const countOf = (op: NodeOp): number => this.#answered.get(op) ?? 0;
    return {
      head: this.#head as SchedulerHead,
      operations: this.#operations,
      answered: nodeOps.reduce((sum, op) => sum + countOf(op), 0),
      notJudged: this.#notJudged,
      neverAnswered: nodeOps.filter((op) => (this.#called.get(op) ?? 0) >= manyCalls && countOf(op) === 0),
      isCut,
      timesFrom: this.#times.timesFrom,
      shift: this.#times.shift,
      nodes: [...this.#nodes.values()],
      beginsAt: this.#beginsAt,
      answersFrom: this.#answersFrom,
    };
  }
}

function notBefore(what: string, times: ExactTimes, [from, to]: readonly [number, number]): BadLine {
  return new BadLine(`${what} at ${times.text(to)}, before it began at ${times.text(from)}; allowed is not before`);
}
