/** Draws that need not be written down: whole streams first, then pieces of what is left. */
import { edited } from "./plan-edit.ts";
import type { Search } from "./shrink-search.ts";
import { takeOut } from "./shrink-steps.ts";

export async function shrinkDraws(search: Search): Promise<void> {
  const drawn = () => search.best.draws ?? [];
  for (const stream of new Set(drawn().map((draw) => draw.stream))) {
    await search.tries(edited(search.best, { draws: drawn().filter((draw) => draw.stream !== stream) }));
  }
  await takeOut(search, drawn, (draws) => edited(search.best, { draws }));
}
