/**
 * One line of JSON, gone through from left to right and only once: about as fast as JSON.parse, which loses what matters here, the digits of large
 * integers and the first of two members of one name. It recurses nowhere, so that nesting cannot exhaust the stack.
 */
import { lowDigits } from "./exact-times.ts";

/** A longer one is of no clock. */
const mostDigits = 30;
const excerptLength = 60;

/** Why a line is refused; `isCut`: it is right up to its end, but not complete. */
export class BadLine extends Error {
  override readonly name = "BadLine";
  readonly isCut: boolean;
  readonly fix: string | undefined;

  constructor(found: string, isCut = false, fix?: string) {
    super(found);
    this.isCut = isCut;
    this.fix = fix;
  }
}

const [quote, comma, minus, zero, nine, colon, backslash, openBrace, closeBrace] = [
  34, 44, 45, 48, 57, 58, 92, 123, 125,
];

export class LineScanner {
  #text = "";
  #at = 0;
  #start = 0;
  #end = 0;
  /** Of the integer that was read last. */
  high = 0;
  low = 0;

  /** A line is scanned where it stands: one that is cut out first is read more slowly. */
  begin(text: string, start: number, end: number): void {
    this.#text = text;
    this.#at = start;
    this.#start = start;
    this.#end = end;
  }

  get line(): string {
    return this.#text.slice(this.#start, this.#end);
  }

  /** Whether an object begins here; then it is entered. */
  entersObject(): boolean {
    if (this.#next() !== openBrace) return false;
    this.#at += 1;
    return true;
  }

  /** Whether the object that was entered is empty; then it is left. */
  isEmpty(): boolean {
    if (this.#next() !== closeBrace) return false;
    this.#at += 1;
    return true;
  }

  /** Whether another member follows; else the object is left. */
  goesOn(): boolean {
    const code = this.#next();
    this.#at += 1;
    if (code === comma) return true;
    if (code === closeBrace) return false;
    this.#at -= 1;
    throw this.noJson();
  }

  /** Whether this member's name is the one expected; then the colon is passed as well. @param quoted with its quotes and colon */
  passes(quoted: string): boolean {
    if (!this.#text.startsWith(quoted, this.#at)) return false;
    this.#at += quoted.length;
    return true;
  }

  /** The name of a member; the colon is passed as well. */
  name(): string {
    const name = this.string();
    if (name === null || this.#next() !== colon) throw this.noJson();
    this.#at += 1;
    return name;
  }

  /** null where none begins here. */
  string(): string | null {
    if (this.#next() !== quote) return null;
    const text = this.#text;
    const start = this.#at + 1;
    for (let at = start; at < this.#end; at += 1) {
      const code = text.charCodeAt(at);
      if (code === quote) {
        this.#at = at + 1;
        return text.slice(start, at);
      }
      if (code === backslash) return this.#escaped(start);
      if (code < 32) throw new BadLine(`a control character (code ${code}) within a string`);
    }
    this.#at = this.#end;
    throw this.noJson();
  }

  /** @returns whether an integer is here: digits alone; its parts are `high` and `low` then */
  integer(): boolean {
    let code = this.#next();
    const isNegative = code === minus;
    let at = isNegative ? this.#at + 1 : this.#at;
    const first = at;
    let value = 0;
    for (; ; at += 1) {
      code = this.#text.charCodeAt(at);
      if (!(code >= zero && code <= nine)) break;
      value = value * 10 + (code - zero);
    }
    const digits = at - first;
    const isWhole = digits > 0 && digits <= mostDigits && (digits === 1 || this.#text.charCodeAt(first) !== zero);
    // A number that goes on, as 1.5 and 1e400 do, is no integer; one at the very end of the text may be cut.
    if (!isWhole || code === 46 || code === 69 || code === 101) return false;
    this.#at = at;
    this.high = 0;
    this.low = value;
    if (digits > lowDigits) this.#split(first, at);
    if (isNegative) {
      this.high = -this.high;
      this.low = -this.low;
    }
    return true;
  }

  #split(first: number, end: number): void {
    this.high = Number(this.#text.slice(first, end - lowDigits));
    this.low = Number(this.#text.slice(end - lowDigits, end));
  }

  isNull(): boolean {
    this.#next();
    if (!this.#text.startsWith("null", this.#at)) return false;
    this.#at += "null".length;
    return true;
  }

  /** Nothing may follow. */
  end(): void {
    this.#next();
    if (this.#at < this.#end) throw this.noJson();
  }

  noJson(): BadLine {
    const isCut = this.#at >= this.#end;
    if (this.#text.charCodeAt(this.#at) === 13) {
      return new BadLine("a carriage return; allowed is a line feed alone", false, "take them out: tr -d '\\r' <FILE");
    }
    return new BadLine(isCut ? `a line that is cut: ${excerpt(this.line)}` : `no JSON: ${this.rest()}`, isCut);
  }

  /** What stands where something else is allowed. */
  wrong(name: string, allowed: string): BadLine {
    const rest = this.#text.slice(this.#at, this.#end);
    const isCut = rest === "" || "null".startsWith(rest) || /^-?\d*(?:\.\d*)?(?:[eE][-+]?\d*)?$/.test(rest);
    return new BadLine(`${name} is ${this.rest()}; allowed is ${allowed}`, isCut);
  }

  rest(): string {
    return excerpt(this.#text.slice(this.#at, Math.min(this.#end, this.#at + excerptLength + 1))) || "nothing";
  }

  /** The code of what follows, blanks passed over; NaN at the end. */
  #next(): number {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 32 && code !== 9) return code;
      this.#at += 1;
    }
  }

  /** Rare, so that it may be slow. */
  #escaped(start: number): string {
    const text = this.#text;
    let at = start;
    while (at < this.#end && text.charCodeAt(at) !== quote) at += text.charCodeAt(at) === backslash ? 2 : 1;
    this.#at = Math.min(at + 1, this.#end);
    if (at >= this.#end) throw this.noJson();
    const value = parseString(text.slice(start - 1, at + 1));
    if (value === null) throw new BadLine(`no JSON: ${excerpt(text.slice(start - 1, this.#end))}`);
    if (!value.isWellFormed()) throw new BadLine(`a lone surrogate in ${excerpt(text.slice(start - 1, at + 1))}`);
    return value;
  }
}

function parseString(quoted: string): string | null {
  try {
    const value: unknown = JSON.parse(quoted);
    return typeof value === "string" ? value : null;
  } catch {
    return null;
  }
}

/** The beginning of what was found, for a message. */
export function excerpt(text: string): string {
  return text.length <= excerptLength ? text : `${text.slice(0, excerptLength)}…`;
}
