/** The bench: measures every claim of a profile in rounds, and judges it. */
import { openLab } from "../lab/lab.ts";
import { type BenchProfile, type Claim, type ClaimId, claims, claimsOf } from "./claims.ts";
import { type BenchEvidence, evidenceOf, type Line, lineOf, type Row } from "./evidence.ts";
import { describeMachine } from "./measure/machine.ts";
import { slowdownOfMachine } from "./measure/pace.ts";
import { judge, type Round } from "./measure/round.ts";
import { findPeers, usePeers, whereToFindPeers } from "./peers/peers.ts";
import { rows } from "./rows/rows.ts";
import type { BenchMutant } from "./world/instance.ts";
import { type Sizes, sizesOf } from "./world/sizes.ts";
import { World } from "./world/world.ts";

export interface BenchOptions {
  readonly profile: BenchProfile;
  /** 0 to 4,294,967,295; draws the nodes and the requests. */
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Monotone milliseconds, for the duration. */
  readonly now: () => number;
  /** These rows only, whatever the profile; by default those of the profile. */
  readonly rows?: readonly ClaimId[];
  readonly redisServer?: string | undefined;
  /** The folder of the peers; by default LOCKPROOF_PEERS, or beside the checkout; null: none. */
  readonly peers?: string | null;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly onProgress?: (text: string) => void;
  /** Called for each row as soon as it is judged. */
  readonly onRow?: (line: Line) => void;
  readonly mutant?: BenchMutant | undefined;
  /** How much slower the machine is than the one that thresholds are for, at least 1; by default measured, and 1 for a mutant. */
  readonly slowness?: number;
  /** Instead of the profile's. */
  readonly sizes?: Partial<Sizes>;
}

/** @throws UsageError for a folder of peers that is none; LabError; BrokenRunError when a peer does not run */
export async function runBench(options: BenchOptions): Promise<BenchEvidence> {
  const { env = process.env, now, onProgress = () => {}, profile, redisServer, seed, signal } = options;
  const chosen = options.rows ?? claimsOf(profile);
  const startedAt = now();
  const folder = options.peers !== null && chosen.some(hasPeer) ? await findPeers(options.peers, env) : null;
  await using lab = await openLab({
    signal,
    onProvide: (way) => onProgress(`no redis-server found: ${way}`),
    redisServer,
  });
  const { path, version } = await lab.redisBinary();
  const world = new World({
    lab,
    seed,
    signal,
    sizes: { ...sizesOf[profile], ...options.sizes },
    progress: onProgress,
    peers: folder === null ? null : await usePeers(folder, path, env),
    mutant: options.mutant,
  });
  const slowness = options.slowness ?? (options.mutant === undefined ? slowdownOfMachine() : 1);
  const made: Row[] = [];
  for (const id of chosen) {
    const row = await measure(id, world, slowness);
    made.push(row);
    options.onRow?.(lineOf(row));
  }
  return evidenceOf({
    profile,
    seed,
    machine: describeMachine(version),
    rows: made,
    durationMs: now() - startedAt,
    isCut: signal.aborted,
  });
}

async function measure(id: ClaimId, world: World, slowness: number): Promise<Row> {
  if (hasPeer(id) && world.peers === null) {
    const { peer }: Claim = claims[id];
    const reason = `the peer ${peer} is not there; ${whereToFindPeers}`;
    return { id, judged: { ...judge(claims[id], []), verdict: "not_exercised", reason, cause: "not_exercised" } };
  }
  return { id, judged: judge(claims[id], await roundsOf(id, world), slowness) };
}

function hasPeer(id: ClaimId): boolean {
  const { peer }: Claim = claims[id];
  return peer !== undefined;
}

/** An aborted row has too few rounds for a verdict; an error that the abort caused is ignored. */
async function roundsOf(id: ClaimId, world: World): Promise<readonly Round[]> {
  if (world.signal.aborted) return [];
  try {
    return await rows[id](world);
  } catch (error) {
    if (world.signal.aborted) return [];
    throw error;
  }
}
