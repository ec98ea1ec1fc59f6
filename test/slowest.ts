/** A reporter of vitest: prints the slowest files, and fails a run whose files took longer together than their budget. */
import type { Reporter, TestModule } from "vitest/node";

const most = 20;

export interface Taken {
  readonly file: string;
  /** Seconds of its tests and hooks. */
  readonly seconds: number;
}

export class SlowestFiles implements Reporter {
  readonly #budget: number;
  readonly #say: (line: string) => void;

  /** @param budget seconds of all files together; they run side by side, so that a run takes less */
  constructor(budget: number, say: (line: string) => void = (line) => process.stdout.write(`${line}\n`)) {
    this.#budget = budget;
    this.#say = say;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const { lines, isWithin } = judged(
      modules.map((module) => ({ file: module.relativeModuleId, seconds: module.diagnostic().duration / 1_000 })),
      this.#budget,
    );
    for (const line of lines) this.#say(line);
    if (!isWithin) process.exitCode = 1;
  }
}

export function judged(
  files: readonly Taken[],
  budget: number,
): { readonly lines: readonly string[]; readonly isWithin: boolean } {
  const all = files.reduce((sum, { seconds }) => sum + seconds, 0);
  const slowest = files.toSorted((one, other) => other.seconds - one.seconds).slice(0, most);
  const isWithin = all <= budget;
  return {
    lines: [
      `Slowest of ${files.length} files, in seconds:`,
      ...slowest.map(({ file, seconds }) => `${seconds.toFixed(1).padStart(7)}  ${file}`),
      `All files: ${Math.round(all)} s of at most ${budget} s${isWithin ? "" : ". Over the budget: make tests faster, or tag those as nightly"}`,
    ],
    isWithin,
  };
}
