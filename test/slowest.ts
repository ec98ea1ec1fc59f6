/** A reporter of vitest: prints the slowest files, and fails a run that took longer than its budget. */
import type { Reporter, TestModule } from "vitest/node";
import { slowdownOfMachine } from "../src/bench/measure/pace.ts";

const most = 20;

export interface Taken {
  readonly file: string;
  /** Seconds of its tests and hooks. */
  readonly seconds: number;
}

export class SlowestFiles implements Reporter {
  readonly #budget: number;
  readonly #say: (line: string) => void;
  #since = performance.now();

  /** @param budget seconds that the run takes on a machine of the usual pace; a slower one has as much more */
  constructor(budget: number, say: (line: string) => void = (line) => process.stdout.write(`${line}\n`)) {
    this.#budget = budget;
    this.#say = say;
  }

  onTestRunStart(): void {
    this.#since = performance.now();
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const { lines, isWithin } = judged(
      modules.map((module) => ({ file: module.relativeModuleId, seconds: module.diagnostic().duration / 1_000 })),
      (performance.now() - this.#since) / 1_000,
      this.#budget * slowdownOfMachine(),
    );
    for (const line of lines) this.#say(line);
    if (!isWithin) process.exitCode = 1;
  }
}

export function judged(
  files: readonly Taken[],
  took: number,
  budget: number,
): { readonly lines: readonly string[]; readonly isWithin: boolean } {
  const slowest = files.toSorted((one, other) => other.seconds - one.seconds).slice(0, most);
  const isWithin = took <= budget;
  return {
    lines: [
      `Slowest of ${files.length} files, in seconds:`,
      ...slowest.map(({ file, seconds }) => `${seconds.toFixed(1).padStart(7)}  ${file}`),
      `All files: ${Math.round(took)} s of at most ${Math.round(budget)} s${isWithin ? "" : ". Over the budget: make tests faster, or tag those as nightly"}`,
    ],
    isWithin,
  };
}
