import type { Planted } from "../planted.ts";

export default {
  id: "miss-mark-kept",
  origin:
    "a miss mark runs until its TTL: the usual negative cache, which nobody tells that the key has come into being",
  scenario: "node-churn",
  simulated: "random-nemesis",
  property: "N3",
  edits: [{ file: "reading/caches.ts", find: "    if (node !== null) this.#misses.delete(id);\n", replace: "" }],
} satisfies Planted;
