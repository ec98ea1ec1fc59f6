/** How a system under test is started, and what it says of itself. */
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

export interface SutCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** Its working folder; absent: one of the lab's. */
  readonly workDir?: string;
}

/** Its answer to `init`, without what depends on the request. */
export interface SutIdentity {
  readonly name: string;
  readonly version: string;
}

/** A scheduler written elsewhere, and the identity that it gave when it was greeted. */
export interface SystemUnderTest extends SutIdentity {
  readonly command: SutCommand;
  /** The operations that it claims. */
  readonly ops: readonly string[];
  /** The properties that it claims. */
  readonly properties: readonly string[];
  /** Whether its data were found under the keys of docs/protocol.md. */
  readonly hasDocumentedKeys: boolean;
  /** Whether one of its connections was found to be subscribed to a channel, or to track keys that change. */
  readonly subscribes: boolean;
  /** The properties without which a gate is not green. */
  readonly asked: readonly string[];
}

/** The reference scheduler: TypeScript in a checkout, JavaScript in the published package. */
export function referenceCommand(): SutCommand {
  const own = new URL(`./reference${extname(import.meta.url)}`, import.meta.url);
  return { file: process.execPath, args: [fileURLToPath(own)] };
}
