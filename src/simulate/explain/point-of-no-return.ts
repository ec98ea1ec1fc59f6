/**
 * Searches the point of no return of a failing run: the rest of the run is drawn anew from several times on, many times each, and the share of runs
 * that still fail is counted (plan/redrawn.ts). The shares are estimates from a number of tries, not proofs.
 */
import type { Millis } from "../../protocol/time.ts";

/** How many of the tries from a time on failed. */
export interface Share {
  readonly from: Millis;
  readonly failed: number;
  readonly tries: number;
}

export interface PointOfNoReturn {
  /** In order of time. */
  readonly shares: readonly Share[];
  /** The earliest looked at from which on every try failed, with the latest before it from which one did not. */
  readonly since: Millis;
  readonly open: Millis;
  /** Whether it was found as closely as was asked for, or the bound ended the search. */
  readonly isSettled: boolean;
}

export interface SearchOptions {
  /** The duration of the run. */
  readonly duration: Millis;
  /** From each time on. */
  readonly tries: number;
  /** How closely the time is to be found. */
  readonly closely: Millis;
  readonly isOver: () => boolean;
  /** The run drawn anew from a time on, with one of so many other seeds. @returns whether it failed */
  readonly fails: (from: Millis, nth: number) => Promise<boolean>;
}

/** Bisects the time until the open and the inevitable part lie close together; then it samples the way there. */
export async function findPointOfNoReturn(options: SearchOptions): Promise<PointOfNoReturn> {
  const { closely, duration, isOver } = options;
  const shares = new Map<Millis, Share>();
  const look = async (from: Millis): Promise<Share> => {
    const share = shares.get(from) ?? (await shareFrom(from, options));
    shares.set(from, share);
    return share;
  };
  let [open, since] = [0, duration];
  if (isInevitable(await look(0))) since = 0;
  while (since - open > closely && !isOver()) {
    const middle = Math.round((open + since) / 2);
    const share = await look(middle);
    if (share.tries === 0) break; // there was no time to see
    if (isInevitable(share)) since = middle;
    else open = middle;
  }
  const isSettled = since - open <= closely;
  for (const part of [0.25, 0.5, 0.75]) if (!isOver()) await look(Math.round(since * part));
  const sampled = [...shares.values()].filter(({ tries }) => tries > 0).sort((a, b) => a.from - b.from);
  return { shares: sampled, since, open: Math.min(open, since), isSettled };
}

function isInevitable({ failed, tries }: Share): boolean {
  return tries > 0 && failed === tries;
}

async function shareFrom(from: Millis, { fails, isOver, tries }: SearchOptions): Promise<Share> {
  let [failed, done] = [0, 0];
  while (done < tries && !isOver()) {
    done += 1;
    if (await fails(from, done)) failed += 1;
  }
  // If it is cut off, it has not been shown that all fail.
  return { from, failed, tries: failed === done && done < tries ? 0 : done };
}
