/** Which answers were held against something: where a history begins in the middle, the first ones only show what the nodes were. */
import type { StoredCall } from "./calls.ts";

/** The number of answers about a node that was known in part, from answers that had returned before they were asked for. */
export function comparedIn(calls: readonly StoredCall[], isOpen: boolean): number {
  const answered = calls.filter(({ output }) => output !== null);
  if (!isOpen) return answered.length;
  const known = new Map<string, number>();
  for (const one of answered) {
    for (const subject of shownBy(one)) {
      known.set(subject, Math.min(known.get(subject) ?? Number.POSITIVE_INFINITY, one.returned));
    }
  }
  return answered.filter((one) => neededBy(one).some((subject) => (known.get(subject) ?? one.call) < one.call)).length;
}

/** A registration shows all of a node, any other answer its own part. */
function shownBy({ input, output }: StoredCall): readonly string[] {
  if (input.op === "register_node") return output?.outcome === "registered" ? ["all", "node"] : ["node"];
  return ["job" in input ? `job ${input.job}` : "node"];
}

function neededBy({ input }: StoredCall): readonly string[] {
  return ["all", "job" in input ? `job ${input.job}` : "node"];
}
