/** Checksums of downloads: nothing is unpacked or built that differs from what was expected. */

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

/** @returns 64 hex digits */
export function sha256Of(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** @throws Error that names both sums, in one line */
export async function checkSha256(file: string, name: string, allowed: string): Promise<void> {
  checkSum(name, { kind: "sha256", found: sha256Of(await readFile(file)), allowed });
}

export interface Sums {
  readonly kind: "sha256" | "sum";
  readonly found: string;
  readonly allowed: string;
}

/** @throws Error that names both sums, in one line */
export function checkSum(name: string, { kind, found, allowed }: Sums): void {
  if (found !== allowed) throw new Error(`${name} is not the known one: found ${kind} ${found}, allowed ${allowed}`);
}
