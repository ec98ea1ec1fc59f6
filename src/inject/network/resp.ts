/** A parser for the part of RESP2 and RESP3 that finds where messages end, and their texts. */

export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}

/** A text in a message: the character of its type, and its place in the bytes. */
interface Place {
  readonly type: string;
  readonly from: number;
  readonly to: number;
}

/** One whole message. Nested aggregates are flattened; attributes are no part of its texts. */
export class Message {
  readonly raw: Buffer;
  /** The character with which it begins, after its attributes: `*`, `>`, `-`; `inline` for a request that is a line. */
  readonly type: string;
  readonly #places: readonly Place[];
  #parts: readonly string[] | null = null;

  constructor(raw: Buffer, type: string, places: readonly Place[]) {
    this.raw = raw;
    this.type = type;
    this.#places = places;
  }

  /** Its texts; a null is an empty one. */
  get parts(): readonly string[] {
    this.#parts ??= this.#places.map((place) => this.#textAt(place));
    return this.#parts;
  }

  /** The error that it is, or those that it contains. */
  get errors(): readonly string[] {
    return this.#places.filter(({ type }) => type === "-" || type === "!").map((place) => this.#textAt(place));
  }

  #textAt({ from, to, type }: Place): string {
    // A verbatim string begins with its format, as in `txt:`.
    return this.raw.toString("utf8", type === "=" ? Math.min(from + 4, to) : from, to);
  }
}

const lines = "+-:_,#(";
const strings = "$!=";
/** How many messages an aggregate contains for each that its length counts. */
const aggregates: Readonly<Record<string, number>> = { "*": 1, "~": 1, ">": 1, "%": 2, "|": 2 };

/** An aggregate of which messages are missing. */
interface Open {
  /** How many; Infinity: until a line ends it. */
  left: number;
  /** `|`: attributes of the message that follows; `$`: a string that comes in chunks. */
  readonly type: string;
}

/** Finds where a message ends. With more bytes it continues where those before had ended. */
class Scanner {
  readonly #open: Open[] = [];
  readonly places: Place[] = [];
  type = "";
  #at = 0;

  /** @returns null where more bytes are needed. @throws ProtocolError for bytes that are not RESP */
  end(bytes: Buffer): number | null {
    for (;;) {
      const lineEnd = bytes.indexOf("\r\n", this.#at);
      if (lineEnd < 0) return null;
      const isWhole = this.#element(bytes, lineEnd);
      if (isWhole === null) return null;
      if (isWhole) return this.#at;
    }
  }

  /** Reads what begins with one line. @returns whether it ends the message; null: it is not complete */
  #element(bytes: Buffer, lineEnd: number): boolean | null {
    const type = String.fromCharCode(bytes[this.#at] ?? 0);
    const line = bytes.toString("latin1", this.#at + 1, lineEnd);
    const next = lineEnd + 2;
    const top = this.#open.at(-1);
    if (top?.type === "$" && type !== ";") throw new ProtocolError("a string is not ended");
    if (top === undefined && type !== "|") this.type = type;
    if (lines.includes(type)) return this.#add({ type, from: this.#at + 1, to: lineEnd }, next);
    if (type === ".") return this.#endStream(top, line, next);
    if (type === ";") return this.#chunk(bytes, lengthIn(line), next);
    if (strings.includes(type)) {
      if (line === "?") return this.#begin({ type: "$", left: Number.POSITIVE_INFINITY }, next);
      return this.#string(bytes, { type, from: next, to: next + lengthIn(line) }, next);
    }
    const each = aggregates[type];
    if (each === undefined) throw new ProtocolError(`a message begins with ${JSON.stringify(type)}`);
    if (line === "?") return this.#begin({ type, left: Number.POSITIVE_INFINITY }, next);
    const length = lengthIn(line);
    if (length < 0) return this.#add({ type, from: next, to: next }, next);
    return this.#begin({ type, left: length * each }, next);
  }

  #string(bytes: Buffer, place: Place, next: number): boolean | null {
    if (place.to < place.from) return this.#add({ ...place, to: place.from }, next);
    if (bytes.length < place.to + 2) return null;
    return this.#add(place, place.to + 2);
  }

  #begin(open: Open, next: number): boolean {
    this.#at = next;
    this.#open.push(open);
    return open.left === 0 && this.#close();
  }

  #chunk(bytes: Buffer, length: number, next: number): boolean | null {
    if (this.#open.at(-1)?.type !== "$" || length < 0) throw new ProtocolError("a chunk is outside of a string");
    if (length === 0) {
      this.#at = next;
      return this.#close();
    }
    if (bytes.length < next + length + 2) return null;
    this.#keep({ type: "$", from: next, to: next + length });
    this.#at = next + length + 2;
    return false;
  }

  #endStream(top: Open | undefined, line: string, next: number): boolean {
    if (top === undefined || Number.isFinite(top.left) || line !== "") {
      throw new ProtocolError("an end is outside of an aggregate");
    }
    this.#at = next;
    return this.#close();
  }

  #add(place: Place, next: number): boolean {
    this.#keep(place);
    this.#at = next;
    return this.#count();
  }

  #keep(place: Place): void {
    if (!this.#open.some(({ type }) => type === "|")) this.places.push(place);
  }

  /** The innermost aggregate is complete. Attributes are no message of their own. */
  #close(): boolean {
    return this.#open.pop()?.type !== "|" && this.#count();
  }

  /** One message is complete, and so may be those that contain it. */
  #count(): boolean {
    for (;;) {
      const top = this.#open.at(-1);
      if (top === undefined) return true;
      top.left -= 1;
      if (top.left > 0) return false;
      this.#open.pop();
      if (top.type === "|") return false;
    }
  }
}

/** -1: a null. */
function lengthIn(line: string): number {
  if (!/^(-1|\d{1,10})$/.test(line)) throw new ProtocolError(`a length is ${JSON.stringify(line)}`);
  return Number(line);
}

/**
 * A request, which is an array of texts, with another value for one of them, counted from 0. The bytes of the others stay as they are.
 * @throws ProtocolError where it has no such part
 */
export function withPart(raw: Buffer, index: number, value: string): Buffer {
  let from = raw.indexOf("\r\n") + 2;
  for (let part = 0; part < index; part += 1) from = endOfPart(raw, from);
  const part = Buffer.from(`$${Buffer.byteLength(value)}\r\n${value}\r\n`);
  return Buffer.concat([raw.subarray(0, from), part, raw.subarray(endOfPart(raw, from))]);
}

function endOfPart(raw: Buffer, from: number): number {
  const end = from < raw.length ? new Scanner().end(raw.subarray(from)) : null;
  if (end === null) throw new ProtocolError("a request has fewer parts than were asked for");
  return from + end;
}

/** Collects chunks of bytes and yields whole messages. */
export class MessageReader {
  readonly #takesLines: boolean;
  #bytes: Buffer = Buffer.alloc(0);
  #scanner = new Scanner();

  /** @param takes `requests`: what does not begin as an array is a line of words, as Redis takes it from a terminal */
  constructor(takes: "messages" | "requests" = "messages") {
    this.#takesLines = takes === "requests";
  }

  /** Bytes that have not become a message. */
  get rest(): Buffer {
    return this.#bytes;
  }

  /** @throws ProtocolError for bytes that are not RESP: from then on they are the rest */
  *read(chunk: Buffer): Generator<Message> {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    while (this.#bytes.length > 0) {
      const message = this.#takesLines && this.#bytes[0] !== 0x2a ? this.#line() : this.#next();
      if (message === null) return;
      this.#bytes = this.#bytes.subarray(message.raw.length);
      yield message;
    }
  }

  #next(): Message | null {
    const end = this.#scanner.end(this.#bytes);
    if (end === null) return null;
    const { places, type } = this.#scanner;
    this.#scanner = new Scanner();
    return new Message(this.#bytes.subarray(0, end), type, places);
  }

  #line(): Message | null {
    const end = this.#bytes.indexOf("\n");
    if (end < 0) return null;
    const raw = this.#bytes.subarray(0, end + 1);
    const words = raw.toString("latin1").matchAll(/\S+/g);
    const places = [...words].map((word) => ({ type: "$", from: word.index, to: word.index + word[0].length }));
    return new Message(raw, "inline", places);
  }
}
