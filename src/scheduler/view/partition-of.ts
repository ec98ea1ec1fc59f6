/** Which partition a node lives in. Every instance must agree, so this is part of the protocol between them and never changes. */
import { utf8 } from "../text.ts";

/** FNV-1a, 32 bits, over the UTF-8 bytes. @see http://www.isthe.com/chongo/tech/comp/fnv/ */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) return fnv1aOf(utf8(text));
    hash = Math.imul(hash ^ unit, 0x01000193);
  }
  return hash >>> 0;
}

function fnv1aOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

export function partitionOf(node: string, partitions: number): number {
  return fnv1a(node) % partitions;
}
