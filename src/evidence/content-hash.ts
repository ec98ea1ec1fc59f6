/** A SHA-256 over content, not over text: formatting a file again keeps it, changing or removing a value does not. */
import { createHash } from "node:crypto";

/** @param content anything that JSON can hold @returns 64 hexadecimal digits */
export function contentHash(content: unknown): string {
  return createHash("sha256").update(canonicalJson(content)).digest("hex");
}

/** JSON without white space, with the keys of every object in order. */
export function canonicalJson(content: unknown): string {
  return JSON.stringify(content, (_key, value: unknown) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}
