/** A parser for the part of RESP2 that finds the end of a message and its texts. */

export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}

/** One whole message and where the next one begins. Nested arrays are flattened: only their texts and their end matter. */
export interface Message {
  readonly end: number;
  readonly parts: readonly string[];
}

/** Reads the message that begins at `from`.
 * @returns null when more bytes are needed
 * @throws ProtocolError for bytes that are not RESP2
 */
export function readMessage(bytes: Buffer, from: number): Message | null {
  const lineEnd = bytes.indexOf("\r\n", from);
  if (lineEnd < 0) return null;
  const type = String.fromCharCode(bytes[from] ?? 0);
  const line = bytes.toString("utf8", from + 1, lineEnd);
  const next = lineEnd + 2;
  switch (type) {
    case "+":
    case "-":
    case ":":
      return { end: next, parts: [line] };
    case "$":
      return readBulk(bytes, next, lengthIn(line));
    case "*":
      return readArray(bytes, next, lengthIn(line));
    default:
      throw new ProtocolError(`a message begins with ${JSON.stringify(type)}`);
  }
}

function readBulk(bytes: Buffer, from: number, length: number): Message | null {
  if (length < 0) return { end: from, parts: [""] };
  const end = from + length + 2;
  return end > bytes.length ? null : { end, parts: [bytes.toString("utf8", from, from + length)] };
}

function readArray(bytes: Buffer, from: number, length: number): Message | null {
  const parts: string[] = [];
  let end = from;
  for (let index = 0; index < length; index += 1) {
    const part = readMessage(bytes, end);
    if (part === null) return null;
    parts.push(...part.parts);
    end = part.end;
  }
  return { end, parts };
}

function lengthIn(line: string): number {
  if (!/^-?\d{1,10}$/.test(line)) throw new ProtocolError(`a length is ${JSON.stringify(line)}`);
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
  const part = from < raw.length ? readMessage(raw, from) : null;
  if (part === null) throw new ProtocolError("a request has fewer parts than were asked for");
  return part.end;
}

/** Collects chunks of bytes and yields whole messages. */
export class MessageReader {
  #bytes: Buffer = Buffer.alloc(0);

  *read(chunk: Buffer): Generator<{ readonly raw: Buffer; readonly parts: readonly string[] }> {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    let from = 0;
    for (;;) {
      const message = from < this.#bytes.length ? readMessage(this.#bytes, from) : null;
      if (message === null) break;
      yield { raw: this.#bytes.subarray(from, message.end), parts: message.parts };
      from = message.end;
    }
    this.#bytes = this.#bytes.subarray(from);
  }
}
