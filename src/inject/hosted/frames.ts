/** Messages over a pipe: four bytes of length, then the output of `v8.serialize`, which keeps infinities and absent fields. */
import type { Readable, Writable } from "node:stream";
import { deserialize, serialize } from "node:v8";

const headBytes = 4;

export function writeFrame(stream: Writable, message: unknown): void {
  const body = serialize(message);
  const head = Buffer.allocUnsafe(headBytes);
  head.writeUInt32BE(body.length);
  stream.cork();
  stream.write(head);
  stream.write(body);
  stream.uncork();
}

/** Calls `take` with each message, in order. */
export function readFrames<Message>(stream: Readable, take: (message: Message) => void): void {
  let held: Buffer[] = [];
  let length = 0;
  stream.on("data", (chunk: Buffer) => {
    held.push(chunk);
    length += chunk.length;
    if (length < wanted(held, length)) return;
    const bytes = held.length === 1 ? chunk : Buffer.concat(held, length);
    const rest = takeWhole(bytes, take);
    held = rest.length === 0 ? [] : [rest];
    length = rest.length;
  });
}

/** How many bytes the first message takes; more than there are where even its length is not known. */
function wanted(held: readonly Buffer[], length: number): number {
  const [first] = held;
  if (first === undefined || length < headBytes) return Number.POSITIVE_INFINITY;
  const head = first.length >= headBytes ? first : Buffer.concat(held, length);
  return headBytes + head.readUInt32BE(0);
}

function takeWhole<Message>(bytes: Buffer, take: (message: Message) => void): Buffer {
  let at = 0;
  while (bytes.length - at >= headBytes) {
    const end = at + headBytes + bytes.readUInt32BE(at);
    if (end > bytes.length) break;
    take(deserialize(bytes.subarray(at + headBytes, end)) as Message);
    at = end;
  }
  return bytes.subarray(at);
}
