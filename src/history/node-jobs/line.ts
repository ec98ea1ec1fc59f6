/** Parses one operation of `node-jobs` from a line of its history: docs/histories.md. */
import {
  type NodeJobKind,
  type NodeJobStatus,
  nodeJobKinds,
  nodeJobStatuses,
} from "../../check/linear/node/node-jobs.ts";
import { nearest } from "../../evidence/nearest.ts";
import { BadLine, excerpt, LineScanner } from "../lines/line-scanner.ts";
import { type MemberNames, namesOf, readMembers } from "../lines/members.ts";

const fields = ["client", "call_ns", "return_ns", "key", "kind", "args", "result"] as const;
const argFields = ["job", "cap"] as const;
const resultFields = ["status", "incarnation", "jobs"] as const;

const [lineShape, argsShape, resultShape] = [
  namesOf("", fields),
  namesOf("args.", argFields),
  namesOf("result.", resultFields),
];
const allFields = 2 ** fields.length - 1;

/** The arguments that a kind requires, and the results with status `ok`, one bit each. */
const needsArgs: Readonly<Record<NodeJobKind, number>> = { reserve: 3, complete: 1, register: 0, expire: 0, read: 0 };
const needsResults: Readonly<Record<NodeJobKind, number>> = {
  reserve: 1,
  complete: 1,
  register: 3,
  expire: 1,
  read: 7,
};
const argsOfKind = nodeJobKinds.map((kind) => needsArgs[kind]);
const resultsOfKind = nodeJobKinds.map((kind) => needsResults[kind]);

const kindNumbers = new Map<string, number>(nodeJobKinds.map((kind, index) => [kind, index]));
const statusNumbers = new Map<string, number>(nodeJobStatuses.map((status, index) => [status, index]));
const ok = statusNumbers.get("ok" satisfies NodeJobStatus) as number;

/** The content of the last line. The object is reused, because there are millions of lines. */
export class NodeJobsLine {
  client = 0;
  callHigh = 0;
  callLow = 0;
  returnHigh = 0;
  returnLow = 0;
  /** Whether its reply was received. */
  isAnswered = false;
  key = "";
  /** Its index in `nodeJobKinds`. */
  kind = 0;
  job = 0;
  cap = 0;
  /** Its index in `nodeJobStatuses`. */
  status = 0;
  incarnation = 0;
  jobs = 0;

  readonly #scanner = new LineScanner();
  #isReturned = false;
  #hasResult = false;
  #args = 0;
  #results = 0;

  /** Parses the text from `start` to `end`. @throws BadLine */
  read(text: string, start: number, end: number): void {
    this.#scanner.begin(text, start, end);
    this.#args = 0;
    this.#results = 0;
    this.job = 0;
    this.cap = 0;
    this.incarnation = 0;
    this.jobs = 0;
    if (!this.#scanner.entersObject()) throw this.#foreign();
    const seen = readMembers(this.#scanner, lineShape, this.#takeField);
    this.#scanner.end();
    if (seen !== allFields) throw this.#missing(lineShape, allFields & ~seen);
    this.isAnswered = this.#isReturned && this.#hasResult;
    this.#requireParts();
  }

  #requireParts(): void {
    const args = (argsOfKind[this.kind] as number) & ~this.#args;
    if (args !== 0) throw this.#missing(argsShape, args);
    if (!this.#hasResult) return;
    const needed = this.#results & 1 && this.status !== ok ? 1 : (resultsOfKind[this.kind] as number);
    const results = needed & ~this.#results;
    if (results !== 0) throw this.#missing(resultShape, results);
  }

  readonly #takeField = (index: number): void => {
    const scanner = this.#scanner;
    switch (fields[index]) {
      case "client":
        this.client = this.#count("client", Number.MAX_SAFE_INTEGER);
        return;
      case "call_ns":
        if (!scanner.integer()) throw scanner.wrong("call_ns", "an integer in digits");
        this.callHigh = scanner.high;
        this.callLow = scanner.low;
        return;
      case "return_ns":
        this.#isReturned = !scanner.isNull();
        if (this.#isReturned && !scanner.integer()) throw scanner.wrong("return_ns", "an integer in digits, or null");
        this.returnHigh = scanner.high;
        this.returnLow = scanner.low;
        return;
      case "key":
        this.key = this.#string("key", "a string");
        return;
      case "kind":
        this.kind = this.#word("kind", kindNumbers);
        return;
      case "args":
        if (scanner.entersObject()) this.#args = readMembers(this.#scanner, argsShape, this.#takeArg);
        else if (!scanner.isNull()) throw scanner.wrong("args", "an object");
        return;
      default:
        this.#hasResult = !scanner.isNull();
        if (!this.#hasResult) return;
        if (!scanner.entersObject()) throw scanner.wrong("result", "an object, or null");
        this.#results = readMembers(this.#scanner, resultShape, this.#takeResult);
    }
  };

  readonly #takeArg = (index: number): void => {
    if (argFields[index] === "job") this.job = this.#count("job", 63);
    else this.cap = this.#count("cap", 64);
  };

  readonly #takeResult = (index: number): void => {
    const name = resultFields[index];
    if (name === "status") this.status = this.#word("status", statusNumbers);
    else if (name === "incarnation") this.incarnation = this.#count("incarnation", 0xffffffff);
    else this.jobs = this.#count("jobs", 255);
  };

  #count(name: string, most: number): number {
    const scanner = this.#scanner;
    const allowed = `${name} 0 to ${most}, an integer in digits`;
    if (!scanner.integer()) throw scanner.wrong(name, allowed);
    const value = scanner.high * 1e15 + scanner.low;
    if (value < 0 || value > most) throw new BadLine(`${name} ${value}; allowed is ${allowed}`);
    return value;
  }

  #string(name: string, allowed: string): string {
    const value = this.#scanner.string();
    if (value === null) throw this.#scanner.wrong(name, allowed);
    return value;
  }

  #word(name: string, numbers: ReadonlyMap<string, number>): number {
    const word = this.#string(name, "a string");
    const number = numbers.get(word);
    if (number !== undefined) return number;
    const allowed = [...numbers.keys()];
    if (word === "trial") throw new BadLine("this is the history of a run", false, "leave out --model node-jobs");
    throw new BadLine(
      `${name} ${JSON.stringify(word)}; allowed are ${allowed.join(", ")}`,
      false,
      meant(word, allowed),
    );
  }

  #missing({ names, of }: MemberNames, bits: number): BadLine {
    const missing = names.filter((_, index) => (bits >>> index) & 1);
    return new BadLine(
      `${of}${missing.join(", ")} is missing in ${nodeJobKinds[this.kind]}: ${excerpt(this.#scanner.line)}`,
    );
  }

  #foreign(): BadLine {
    const { line } = this.#scanner;
    if (line.charCodeAt(0) === 0xfeff) {
      return new BadLine("a byte order mark; allowed is JSON alone", false, "write the file again without it");
    }
    return isShortJson(line)
      ? new BadLine(`no operation of node-jobs: ${this.#scanner.rest()}`)
      : this.#scanner.noJson();
  }
}

function isShortJson(text: string): boolean {
  try {
    return text.length < 1_000 && JSON.parse(text) !== undefined;
  } catch {
    return false;
  }
}

function meant(word: string, allowed: readonly string[]): string | undefined {
  const near = nearest(word, allowed);
  return near === undefined ? undefined : `did you mean ${near}?`;
}
