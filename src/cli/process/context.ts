/** The services of the process for a command. */
import type { Verdict } from "../../check/verdict.ts";
import type { Layers } from "../../verify/layers.ts";
import type { Output } from "../printing/output.ts";

export interface Context {
  readonly output: Output;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** Loaded at the first call, so that `--help` costs nothing. */
  layers(): Promise<Layers>;
  /** Aborted by a signal such as Ctrl-C. */
  readonly interrupted: AbortSignal;
  /** From now on a signal is the normal end of the command: its exit code counts. */
  endsBySignal(): void;
  /** Monotone milliseconds. */
  now(): number;
  /** The wall clock, ISO 8601, UTC. */
  wallClock(): string;
  /** A signal that aborts after so many milliseconds, and does not keep the process alive. */
  timeLimit(milliseconds: number): AbortSignal;
  drawSeed(): number;
  /** Keeps the seed, so that the message of a run that breaks can name it. */
  noteSeed(seed: number): void;
  /** Called with each verdict as soon as it is known: a violation decides the exit code, whatever fails afterwards. */
  judged(verdict: Verdict): void;
  /** Sets the exit code. */
  exit(code: number): void;
  /** Called with an error that is reported as a broken layer; LOCKPROOF_DEBUG prints its stack. */
  onFault(error: unknown): void;
}
