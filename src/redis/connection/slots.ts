/** In a Cluster: which server has which partition, as the client last learned it. */
import { Cluster } from "ioredis";
import type { Client } from "./connection.ts";

const slotCount = 16_384;

/** CRC-16/XMODEM of a hash tag, as Redis takes it. */
export function slotOf(tag: string): number {
  let crc = 0;
  for (const byte of Buffer.from(tag)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = ((crc << 1) ^ ((crc & 0x8000) === 0 ? 0 : 0x1021)) & 0xffff;
  }
  return crc % slotCount;
}

/**
 * The names of the servers that have the slots of these tags, in order; the same list while nothing has changed. Undefined: there is one server.
 *
 * Read only after the client has refreshed what it knows: a redirection that it meets between changes the owner of a whole range of slots.
 */
export function ownersOf(client: Client, tags: readonly string[]): (() => readonly string[]) | undefined {
  if (!(client instanceof Cluster)) return undefined;
  const slots = tags.map(slotOf);
  const read = (): readonly string[] => slots.map((slot) => client.slots[slot]?.[0] ?? "");
  let owners = read();
  client.on("refresh", () => {
    const now = read();
    if (now.some((owner, place) => owner !== owners[place])) owners = now;
  });
  return () => owners;
}
