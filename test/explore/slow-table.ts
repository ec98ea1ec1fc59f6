/** A table of models that a thread of a search never has loaded. */
import { isMainThread } from "node:worker_threads";

export { models } from "./spoilt-models.ts";

if (!isMainThread) await new Promise((resolve) => setTimeout(resolve, 600_000));
