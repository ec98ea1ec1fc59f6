/** The data of the viewer inside its page: texts once, in a table, all of it compressed. */
import { gzipSync } from "node:zlib";
import { stepKinds, type ViewedRun } from "./viewed-run.ts";

/** Numbers of texts in `texts`; times in hundredths of a millisecond, each since the one before. */
interface PackedRun {
  readonly texts: readonly string[];
  readonly lanes: readonly string[];
  /** For each step: time, lane, kind, words. */
  readonly steps: readonly number[];
  /** For each step: lane, key, value (-1: none), and so on. */
  readonly changes: readonly (readonly number[])[];
  readonly broken: number;
}

function packRun({ broken, lanes, steps }: ViewedRun): PackedRun {
  const table = new Map<string, number>();
  const numberOf = (text: string): number => {
    const known = table.get(text) ?? table.size;
    table.set(text, known);
    return known;
  };
  let last = 0;
  const packed = steps.flatMap(({ at, kind, lane, words }) => {
    const time = Math.round(at * 100);
    const since = time - last;
    last = time;
    return [since, lane, stepKinds.indexOf(kind), numberOf(words)];
  });
  const changes = steps.map((step) =>
    step.changes.flatMap(([lane, key, value]) => [lane, numberOf(key), value === null ? -1 : numberOf(value)]),
  );
  return { texts: [...table.keys()], lanes, steps: packed, changes, broken: broken?.step ?? -1 };
}

/** Base64 of gzip of JSON. */
export function pack(runs: readonly ViewedRun[], difference: number | null): string {
  const data = { kinds: stepKinds, runs: runs.map(packRun), difference: difference ?? -1 };
  return gzipSync(JSON.stringify(data)).toString("base64");
}
