/** What every node of a run offers, and every job wants: they suit each other, so that capacity alone decides. */

export const offer = {
  pools: ["pool-a"],
  languages: [{ source: "en", target: "de" }],
  services: ["translate"],
} as const;

export const wanted = { pool: "pool-a", source: "en", target: "de", services: ["translate"] } as const;
