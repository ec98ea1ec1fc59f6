/** Keeps the histories of violations in a folder, for `lockproof check`: a few for each property, so that a store that stays wrong does not fill the disk. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HistoryEvent } from "../check/history.ts";
import type { PropertyId } from "../check/properties.ts";
import { codeOf } from "../lab/error.ts";
import type { KeptLine } from "./audit/kept-changes.ts";
import { bounds, instances, settings } from "./audit/panels.ts";
import type { Violation } from "./audit/partition-audit.ts";
import { watchedProperties } from "./audit/sums.ts";

const mostOfProperty = 10;
/** Files that earlier watches may have left in the folder. */
const mostNames = 10_000;

type Line = KeptLine | Extract<HistoryEvent, { readonly kind: "phase" }>;

export class HistoryFiles {
  readonly #dir: string;
  readonly #counts = new Map<PropertyId, number>();

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** @returns the path; null where enough of this property are kept @throws the errors of the file system */
  keep({ partition, property }: Violation, lines: readonly KeptLine[]): string | null {
    const count = this.#counts.get(property) ?? 0;
    if (count >= mostOfProperty) return null;
    this.#counts.set(property, count + 1);
    mkdirSync(this.#dir, { recursive: true });
    const text = historyText(lines);
    for (let number = 1; ; number += 1) {
      const path = join(this.#dir, `watch-${property}-p${partition}-${number}.jsonl`);
      try {
        writeFileSync(path, text, { flag: "wx" });
        return path;
      } catch (error) {
        if (codeOf(error) !== "EEXIST" || number >= mostNames) throw error;
      }
    }
  }
}

/** As JSON lines that `check` reads (docs/histories.md). */
function historyText(lines: readonly KeptLine[]): string {
  const times = lines.map((line) => (line.kind === "request" ? line.to : line.at));
  const feedMax = Math.max(1, lines.filter(({ kind }) => kind === "entry").length);
  const head = {
    ...{ kind: "trial", scenario: "watch", seed: 0, side: "control", instances, bounds },
    ...{ terms: { ...settings, feedMax }, properties: watchedProperties },
  };
  const phase = (name: "load" | "end", at: number): Line => ({ kind: "phase", at, name });
  const [first = 0, last = 0] = [Math.min(...times), Math.max(...times)];
  const all = [head, phase("load", first), ...lines, phase("end", last)];
  return all.map((line) => `${JSON.stringify(line)}\n`).join("");
}
