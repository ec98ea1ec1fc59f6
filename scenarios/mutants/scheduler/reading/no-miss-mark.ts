import type { Planted } from "../planted.ts";

export default {
  id: "no-miss-mark",
  origin: "only what was found is cached, so that whoever asks for what there is not always reaches Redis",
  scenario: "penetration",
  simulated: "random-nemesis",
  property: "C2",
  edits: [{ file: "reading/reads.ts", find: "      caches.mark(partition, node, clock.now());\n", replace: "" }],
} satisfies Planted;
