/** A SHA-256 over content, not over text: a file that was only formatted anew still has it, one in which a value was changed or taken out has not. */
import { createHash } from "node:crypto";

/** @param content anything that JSON can hold @returns 64 hexadecimal digits */
export function contentHash(content: unknown): string {
  return createHash("sha256").update(canonical(content)).digest("hex");
}

/** JSON without white space, the keys of every object in order. */
function canonical(content: unknown): string {
  return JSON.stringify(content, (_key, value: unknown) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}
