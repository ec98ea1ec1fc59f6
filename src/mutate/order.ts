/**
 * The order in which mutants run. Every beginning of it is a stratified random sample: each file has as large a share of it as of all mutants, whenever
 * the run is ended.
 */
import { createHash } from "node:crypto";
import type { CodeMutant } from "./mutant.ts";

/** Within a file the order is drawn from the seed and the mutants' ids, so that an edit of one file moves no mutant of another. */
export function stratified(mutants: readonly CodeMutant[], seed: number): readonly CodeMutant[] {
  return [...Map.groupBy(mutants, ({ file }) => file)]
    .flatMap(([file, ofFile]) => {
      const drawn = new Map(ofFile.map((mutant) => [mutant, draw(`${seed}:${mutant.id}`)]));
      const inOrder = ofFile.toSorted((one, other) => (drawn.get(one) ?? 0) - (drawn.get(other) ?? 0));
      const first = draw(`${seed}:${file}`); // else the first of every small file would come before all others
      return inOrder.map((mutant, rank) => ({ mutant, at: (rank + first) / ofFile.length }));
    })
    .sort((one, other) => one.at - other.at)
    .map(({ mutant }) => mutant);
}

/** @returns a number from 0 to 1, 1 excluded */
function draw(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32BE() / 2 ** 32;
}
