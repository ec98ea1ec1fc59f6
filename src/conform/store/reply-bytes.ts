/**
 * Cuts a reply of the model where the store has to cut its own. The model has no bytes: how many elements fit follows from those that the store gave,
 * as they came. One that it should not have given, or has left out too early, is a difference.
 */
import type { Resolved } from "../plan/resolve.ts";
import type { Json } from "./content.ts";

type Fields = { readonly [field: string]: Json };

/** @param raw the store's reply as it came */
export function cutToBytes(reply: Json, { kind, ...command }: Resolved["command"], raw: unknown): Json {
  const maxBytes = "maxBytes" in command ? command.maxBytes : undefined;
  if (maxBytes === undefined || !isFields(reply) || !Array.isArray(raw)) return reply;
  if (kind === "changes_since" && reply["kind"] === "changes")
    return { ...reply, entries: first(reply["entries"], fitting(raw[2], maxBytes, 1)) };
  if (kind !== "snapshot" || reply["kind"] !== "page") return reply;
  const records = first(reply["records"], fitting(raw[2], maxBytes, 0));
  const isShort = records.length < lengthOf(reply["records"]);
  return { ...reply, records, next: isShort ? [] : first(reply["next"], fitting(raw[3], maxBytes, 0)) };
}

/** The number of elements up to the one with which they take so many bytes; infinity: there is none. @param from the first counted part of each */
function fitting(elements: unknown, maxBytes: number, from: number): number {
  let bytes = 0;
  for (const [index, element] of (Array.isArray(elements) ? elements : []).entries()) {
    const parts: readonly unknown[] = Array.isArray(element) ? element.slice(from) : [element];
    for (const part of parts) bytes += Buffer.byteLength(String(part));
    if (bytes >= maxBytes) return index + 1;
  }
  return Number.POSITIVE_INFINITY;
}

function first(list: Json | undefined, count: number): readonly Json[] {
  return Array.isArray(list) ? (list as readonly Json[]).slice(0, count) : [];
}

function lengthOf(list: Json | undefined): number {
  return Array.isArray(list) ? list.length : 0;
}

function isFields(value: Json): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
