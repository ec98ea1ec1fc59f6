/** Histories that are compressed with gzip: in one member, or, as runs write them, in one for each write. */
import { fstatSync, readFileSync, readSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { messageOf, UsageError } from "../../evidence/failure.ts";

/** The first bytes of a member. No JSON begins with them. */
const magic = [0x1f, 0x8b];
const mib = 1 << 20;
/** Larger ones are refused before they are read, in bytes. */
const mostPacked = 128 * mib;
/** The largest history that is judged has so many bytes; a small file may unpack to far more. */
const mostUnpacked = 384 * mib;

/** Leaves the position at the beginning. */
export function isPacked(descriptor: number): boolean {
  const start = Buffer.alloc(magic.length);
  return (
    readSync(descriptor, start, 0, start.length, 0) === magic.length && magic.every((byte, at) => start[at] === byte)
  );
}

/**
 * The whole content, or nothing: what is left of a damaged file is not judged.
 * @throws UsageError for a file that is damaged or cut off, and for one that is too large
 */
export function unpack(descriptor: number, file: string): Buffer {
  const { size } = fstatSync(descriptor);
  if (size > mostPacked) throw refused(file, `${size} bytes of gzip, allowed ${mostPacked}`);
  const packed = readFileSync(descriptor);
  let unpacked: { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };
  try {
    // The types of Node do not know what `info` changes.
    unpacked = gunzipSync(packed, { info: true, maxOutputLength: mostUnpacked }) as unknown as typeof unpacked;
  } catch (error) {
    const isLarge = error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
    const found = isLarge
      ? `more than ${mostUnpacked} bytes once unpacked, allowed so many`
      : `damaged gzip: ${messageOf(error)}`;
    throw refused(file, found, error);
  }
  // Node stops without an error at a zero after a member.
  const { buffer, engine } = unpacked;
  if (engine.bytesWritten === packed.length) return buffer;
  throw refused(file, `damaged gzip: ${packed.length - engine.bytesWritten} bytes at its end belong to no member`);
}

function refused(file: string, found: string, cause?: unknown): UsageError {
  return new UsageError(found, { where: file, fix: "bring the file as the run left it, or make the run again" }, cause);
}
