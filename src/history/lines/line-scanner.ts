/**
 * Scans one line of JSON once, from left to right. It is about as fast as JSON.parse, which loses the digits of large integers and the first of
 * two members with one name. It does not recurse, so that nesting cannot exhaust the stack.
 */
import { lowDigits } from "./exact-times.ts";
import { endOfObject } from "./json-shape.ts";

/** No clock has longer times. */
const mostDigits = 30;
const excerptLength = 60;

/** Why a line is refused; `isCut`: it is valid as far as it goes, but incomplete. */
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
  /** The parts of the last integer. */
  high = 0;
  low = 0;

  /** The line is scanned within its batch, because extracting it first is slower. */
  begin(text: string, start: number, end: number): void {
    this.#text = text;
    this.#at = start;
    this.#start = start;
    this.#end = end;
  }

  get line(): string {
    return this.#text.slice(this.#start, this.#end);
  }

  /** Enters an object. @returns whether one begins here */
  entersObject(): boolean {
    if (this.#next() !== openBrace) return false;
    this.#at += 1;
    return true;
  }

  /** Leaves the object if it is empty. @returns whether it is */
  isEmpty(): boolean {
    if (this.#next() !== closeBrace) return false;
    this.#at += 1;
    return true;
  }

  /** Leaves the object if no member follows. @returns whether one does */
  goesOn(): boolean {
    const code = this.#next();
    this.#at += 1;
    if (code === comma) return true;
    if (code === closeBrace) return false;
    this.#at -= 1;
    throw this.noJson();
  }

  /** Passes the expected name of a member. @param quoted the name with quotes and colon @returns whether it is here */
  passes(quoted: string): boolean {
    if (!this.#text.startsWith(quoted, this.#at)) return false;
    this.#at += quoted.length;
    return true;
  }

  /** Passes the name of a member and its colon. */
  name(): string {
    const name = this.string();
    if (name === null || this.#next() !== colon) throw this.noJson();
    this.#at += 1;
    return name;
  }

  /** @returns null where no string begins here */
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

  /** Reads an integer in digits into `high` and `low`. @returns whether one is here */
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
    // 1.5 and 1e400 are no integers; a number at the very end of the text may be cut.
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

  /** Passes an object as a whole, whatever is in it. @returns null where none begins here */
  object(): string | null {
    if (this.#next() !== openBrace) return null;
    const start = this.#at;
    this.#at = endOfObject(this.#text, start, this.#end);
    if (this.#at > this.#end) {
      this.#at = this.#end;
      throw this.noJson();
    }
    return this.#text.slice(start, this.#at);
  }

  isNull(): boolean {
    this.#next();
    if (!this.#text.startsWith("null", this.#at)) return false;
    this.#at += "null".length;
    return true;
  }

  /** @throws BadLine where anything follows */
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

  /** The error for a value that is not allowed here. */
  wrong(name: string, allowed: string): BadLine {
    const rest = this.#text.slice(this.#at, this.#end);
    const isCut = rest === "" || "null".startsWith(rest) || /^-?\d*(?:\.\d*)?(?:[eE][-+]?\d*)?$/.test(rest);
    return new BadLine(`${name} is ${this.rest()}; allowed is ${allowed}`, isCut);
  }

  rest(): string {
    return excerpt(this.#text.slice(this.#at, Math.min(this.#end, this.#at + excerptLength + 1))) || "nothing";
  }

  /** Passes blanks. @returns the code of the next character; NaN at the end */
  #next(): number {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 32 && code !== 9) return code;
      this.#at += 1;
    }
  }

  /** Strings with escapes are rare, so this may be slow. */
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

/** The beginning of a text, for a message. */
export function excerpt(text: string): string {
  return text.length <= excerptLength ? text : `${text.slice(0, excerptLength)}…`;
}
