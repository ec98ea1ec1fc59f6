/** A batch of seeds that a signal ended before its time: what it says is of the seeds that ran, and no pass. Its own budget is another matter. */
import type { Verdict } from "../check/verdict.ts";
import type { Context } from "./context.ts";

/** @returns what that adds to the verdicts: nothing where nobody ended it */
export function cutShort({ interrupted, output }: Context): readonly Verdict[] {
  if (!interrupted.aborted) return [];
  output.note("the batch was ended before its time: what it says is of the seeds that ran");
  return ["broken"];
}
