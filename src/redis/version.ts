/** Versions as they go over the wire: `<epoch>:<sequence>`. */
import type { Version } from "../protocol/version.ts";
import { Shared } from "./scripts/shared.ts";

const epochs = new Shared((text) => text);

export function encodeVersion({ epoch, sequence }: Version): string {
  return `${epoch}:${sequence}`;
}

/** @returns undefined where the text is not a version */
export function parseVersion(text: unknown): Version | undefined {
  const match = typeof text === "string" ? /^([0-9a-f]{1,40}):(\d{1,15})$/u.exec(text) : null;
  return match?.[1] === undefined ? undefined : { epoch: epochs.of(match[1]), sequence: Number(match[2]) };
}
