/** Delta debugging: removes as much of a list as possible. */
import type { Plan } from "../plan/plan.ts";
import type { Search } from "./search.ts";

/** Removes ever smaller pieces, from the end on: late failures need early actions. */
export async function takeOut<Part>(
  search: Search,
  parts: () => readonly Part[],
  without: (remaining: readonly Part[]) => Plan | null,
): Promise<void> {
  for (let size = parts().length; size >= 1; size = Math.floor(size / 2)) {
    for (let start = parts().length - size; start > -size; start -= size) {
      const now = parts();
      const from = Math.max(0, Math.min(start, now.length - 1));
      if (now.length > 0) await search.tries(without(now.toSpliced(from, start < 0 ? size + start : size)));
    }
  }
}
