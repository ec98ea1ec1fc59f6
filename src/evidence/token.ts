/**
 * A token: one printable line that replays a run, `lp1:<subject>:<seed>:<payload><checksum>`.
 *
 * The payload is base64url of raw deflate of JSON; the last four characters are a CRC-24 over everything before them,
 * so a token that was cut off or mistyped is refused and never replays another run.
 */
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { z } from "zod";
import { checksumText } from "./checksum.ts";
import { layerNames } from "./evidence.ts";
import { messageOf, UsageError } from "./failure.ts";

const version = "lp1";
const checksumLength = 4;
/** Larger payloads are refused; a plan has a few kilobytes. */
const maxPayloadBytes = 16 * 1024 * 1024;
const subjectPattern = /^[a-z0-9][a-z0-9_-]{0,99}$/;
export const maxSeed = 0xffffffff;

const count = z.int().nonnegative();

const payloadSchema = z.strictObject({
  layer: z.enum(layerNames),
  /** The run of the batch; absent: the whole batch. */
  run: count.exactOptional(),
  /** How many runs the batch had. */
  runs: count.exactOptional(),
  /** Fingerprint of the scripts that ran. */
  script_set: z.string().exactOptional(),
  mutant: z.string().exactOptional(),
  /** The explicit operations and faults after shrinking, in the form of the layer. */
  plan: z.unknown().exactOptional(),
  options: z.record(z.string(), z.unknown()).exactOptional(),
});

export interface ReplayToken extends z.infer<typeof payloadSchema> {
  /** `conform`, or the name of a scenario. */
  readonly subject: string;
  /** 0 to 4,294,967,295. */
  readonly seed: number;
}

/** @throws RangeError for a subject or a seed that a token cannot hold: a bug of ours, so there is no advice */
export function encodeToken({ subject, seed, ...payload }: ReplayToken): string {
  if (!subjectPattern.test(subject)) throw new RangeError(`token subject ${JSON.stringify(subject)}: not a plain name`);
  if (!isSeed(seed)) throw new RangeError(`token seed ${seed}: not an integer from 0 to ${maxSeed}`);
  const json = JSON.stringify(payloadSchema.parse(payload));
  const body = `${version}:${subject}:${seed}:${deflateRawSync(json, { level: 9 }).toString("base64url")}`;
  return body + checksumText(body);
}

/** @throws UsageError that names the wrong part: form, version, checksum, seed or content */
export function decodeToken(token: string): ReplayToken {
  const [found, subject, seedText, packed, ...rest] = token.split(":");
  if (found !== version) throw wrongVersion(token, found ?? "");
  if (subject === undefined || seedText === undefined || packed === undefined || rest.length > 0) {
    const parts = token.split(":").length;
    throw malformed(token, `${parts} parts between colons, allowed exactly 4: lp1:<subject>:<seed>:<payload>`, "form");
  }
  checkChecksum(token, packed);
  if (!subjectPattern.test(subject))
    throw malformed(token, `subject ${shown(subject)}, allowed a plain name`, "subject");
  const seed = Number(seedText);
  if (!isSeed(seed) || String(seed) !== seedText) {
    throw malformed(token, `seed ${shown(seedText)}, allowed 0 to ${maxSeed}`, "seed");
  }
  return { subject, seed, ...unpack(token, packed.slice(0, -checksumLength)) };
}

function isSeed(seed: number): boolean {
  return Number.isInteger(seed) && seed >= 0 && seed <= maxSeed;
}

function checkChecksum(token: string, packed: string): void {
  const stray = packed.search(/[^A-Za-z0-9_-]/);
  const start = token.length - packed.length;
  if (stray >= 0)
    throw malformed(token, `${shown(packed[stray] ?? "")} in the payload`, `character ${start + stray + 1}`);
  const wanted = checksumText(token.slice(0, -checksumLength));
  if (packed.length <= checksumLength || wanted !== token.slice(-checksumLength)) {
    throw malformed(token, "a checksum that does not fit: the token was cut off or mistyped", "the last 4 characters");
  }
}

function unpack(token: string, packed: string): z.infer<typeof payloadSchema> {
  try {
    const json = inflateRawSync(Buffer.from(packed, "base64url"), { maxOutputLength: maxPayloadBytes }).toString(
      "utf8",
    );
    return payloadSchema.parse(JSON.parse(json));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error).replaceAll("\n", " ") : messageOf(error);
    throw malformed(token, `a payload that is not one of ours (${reason})`, "payload", error);
  }
}

function wrongVersion(token: string, found: string): UsageError {
  if (/^lp\d{1,6}$/.test(found)) {
    return new UsageError(`token of version ${found}; this program speaks ${version}`, {
      where: `token ${shown(token)}`,
      fix: `replay it with the lockproof that printed it, or run the scenario again here for an ${version} token`,
    });
  }
  return malformed(token, `${shown(found)} at the start, allowed ${version}`, "the first part");
}

function malformed(token: string, found: string, where: string, cause?: unknown): UsageError {
  return new UsageError(
    `malformed token: found ${found}`,
    {
      where: `token ${shown(token)}: ${where}`,
      fix: "copy the whole line after `lockproof replay` from the log or the report",
    },
    cause,
  );
}

function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}
