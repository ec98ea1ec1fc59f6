/** What every node of a run offers, and every job wants: they suit each other, so that capacity alone decides. */

export const offer = {
  pools: ["pool-a"],
  languages: [{ source: "en", target: "de" }],
  services: ["translate"],
} as const;

/** What it offers in a later life: every other one is in a second pool too, so that pools change and nobody is missing from the first. */
export function offerOf(
  life: number,
): typeof offer | (Omit<typeof offer, "pools"> & { readonly pools: readonly string[] }) {
  return life % 2 === 0 ? offer : { ...offer, pools: ["pool-a", "pool-b"] };
}

export const wanted = { pool: "pool-a", source: "en", target: "de", services: ["translate"] } as const;
