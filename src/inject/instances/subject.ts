/** An instance of a run, in a process of its own: clients call it, its status and view can be read, and faults can be injected into it. */
import type { Millis, NodeContent, Version } from "../../check/history.ts";
import type { Target } from "../../load/clients/target.ts";
import type { InFlight } from "./in-flight.ts";
import type { InstanceProcess } from "./instance-process.ts";

/** The mode of an instance that runs and does not claim to report its status. */
export const withoutStatus = "unreported";

export interface Subject extends Target {
  /** The operations that it claims; absent: all of them. */
  readonly operations?: readonly string[];
  /** Its last known status. */
  status(): Status;
  nodes(partition: number): readonly NodeContent[];
  /** The status with which all nodes were answered; absent: they are those of `status`. */
  statusOfNodes?(): Status;
  /** The requests that it has not answered yet; absent: they are not known. */
  readonly inFlight?: InFlight;
  /** Requests its present status. */
  refresh(): Promise<void>;
  /** Resolves when all that it has recorded is in the history; it records nothing afterwards. */
  finish(): Promise<void>;
  /** For faults, which kill, pause and resume it. */
  readonly process: Pick<InstanceProcess, "kill" | "pause" | "resume">;
  /** Kills the process and starts a new one on the same links; resolves when it is ready. */
  restart(): Promise<void>;
  /** @throws BrokenRunError when its run cannot be judged */
  throwIfBroken(): void;
  close(): Promise<void>;
}

interface Status {
  /** The time of this status; absent: now. */
  readonly at?: Millis;
  readonly mode: string;
  readonly connected: boolean;
  /** By partition; epoch "" where the view is empty. */
  readonly view: readonly Version[];
}
