/** An instance as a run has it, in a process of its own: clients call it, what it believes can be looked at, and something can be done to it. */
import type { Millis, NodeContent, Version } from "../../check/history.ts";
import type { Target } from "../../load/clients/target.ts";

export interface Subject extends Target {
  /** What it last told of itself. */
  status(): Status;
  nodes(partition: number): readonly NodeContent[];
  /** Has it tell of itself now. */
  refresh(): Promise<void>;
  /** All that it has taken down by now is in the history; it takes down nothing more. */
  finish(): Promise<void>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** Another life on the same links; resolves when it is ready. */
  restart(): Promise<void>;
  /** SIGSTOP; resolves when it has stopped. */
  pause(): Promise<void>;
  resume(): void;
  /** @throws BrokenRunError when what it did is not to be judged */
  throwIfBroken(): void;
  close(): Promise<void>;
}

interface Status {
  /** When it was so; absent: now. */
  readonly at?: Millis;
  readonly mode: string;
  readonly connected: boolean;
  /** By partition; epoch "" where it holds nothing. */
  readonly view: readonly Version[];
}
