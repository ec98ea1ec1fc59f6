/** Programs of our own that run as separate processes: TypeScript in the source tree, JavaScript in the published package. */

import { fileURLToPath } from "node:url";

/** @param name of a file in this folder or below it, such as `process/guardian`, without its ending */
export function programPath(name: string): string {
  const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return fileURLToPath(new URL(`./${name}.${ending}`, import.meta.url));
}
