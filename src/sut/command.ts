/** How a system under test is started. */
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

export interface SutCommand {
  readonly file: string;
  readonly args: readonly string[];
}

/** The reference scheduler: TypeScript in a checkout, JavaScript in the published package. */
export function referenceCommand(): SutCommand {
  const own = new URL(`./reference${extname(import.meta.url)}`, import.meta.url);
  return { file: process.execPath, args: [fileURLToPath(own)] };
}
