/** What a command gets from the process it runs in. */
import type { Verdict } from "../../check/verdict.ts";
import type { Layers } from "../../verify/layers.ts";
import type { Output } from "../printing/output.ts";

export interface Context {
  readonly output: Output;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** Loaded when first asked for, so that `--help` costs nothing. */
  layers(): Promise<Layers>;
  /** Aborted by Ctrl-C and its like. */
  readonly interrupted: AbortSignal;
  /** Monotone milliseconds. */
  now(): number;
  /** The wall clock, ISO 8601, UTC. */
  wallClock(): string;
  /** A signal that aborts after so many milliseconds, and does not keep the process alive. */
  timeLimit(milliseconds: number): AbortSignal;
  drawSeed(): number;
  /** The seed in use, so that a run that breaks can still name it. */
  noteSeed(seed: number): void;
  /** A verdict as soon as it is known: a violation decides the exit code, whatever fails afterwards. */
  judged(verdict: Verdict): void;
  /** What the process ends with. */
  exit(code: number): void;
  /** An error that was made a broken layer: shown whole under LOCKPROOF_DEBUG. */
  onFault(error: unknown): void;
}
