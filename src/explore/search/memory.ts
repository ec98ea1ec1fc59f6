/** How the memory that a run may take is shared out: the process itself, its threads, and the states. */
import { availableParallelism } from "node:os";

export interface MemoryPlan {
  /** As many as asked for, or fewer. */
  readonly threads: number;
  /** For the states of all threads together. */
  readonly stateBytes: number;
  /** Why there are fewer threads; null: there are not. */
  readonly note: string | null;
}

export interface MemoryRequest {
  readonly threads: number;
  readonly memoryMb: number;
  /** One from each thread to each. */
  readonly mailboxBytes: number;
  /** Absent: those of this machine. */
  readonly cores?: number;
}

const mebi = 2 ** 20;
/** Resident memory of the command before it has a thread, measured: 125 MiB. */
const processBytes = 140 * mebi;
/** Resident memory of a thread without its states, measured at the largest scopes: 50 MiB. */
const threadBytes = 56 * mebi;
/** A run that is given less than the process itself takes still looks at this many, so that it has something to report. */
const fewestBytes = 16 * mebi;
/** More threads than this a core take memory and bring no speed. */
const threadsPerCore = 2;
/** The part of the limit that threads must leave for states. */
const leastShare = 1 / 4;

/** Limits each thread's young generation: by default it alone takes 48 MiB, and the search is no faster for it. */
export const youngGenerationMb = 16;

export function planMemory({ threads, memoryMb, mailboxBytes, cores }: MemoryRequest): MemoryPlan {
  const limit = memoryMb * mebi;
  const left = (count: number): number => limit - processBytes - count * threadBytes - mailboxesOf(count, mailboxBytes);
  const ownCores = cores ?? availableParallelism();
  let most = Math.min(threads, ownCores * threadsPerCore);
  const isOfCores = most < threads;
  while (most > 1 && left(most) < limit * leastShare) most -= 1;
  const cause = isOfCores && most === ownCores * threadsPerCore ? `${ownCores} cores` : `${memoryMb} MiB`;
  return {
    threads: most,
    stateBytes: Math.max(left(most), Math.min(limit, fewestBytes)),
    note: most < threads ? `${most} of ${threads} threads: there are ${cause}` : null,
  };
}

function mailboxesOf(threads: number, bytes: number): number {
  return threads === 1 ? 0 : threads ** 2 * bytes;
}
