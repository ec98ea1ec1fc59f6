/** Interleaved rounds of ours and of a peer, so that a drift affects both. */
import { type Claim, type ClaimId, claims } from "../claims.ts";
import { type Round, shareWithout } from "../measure/round.ts";
import { shareOfOthers } from "../measure/watch.ts";
import type { World } from "../world/world.ts";

interface Ours {
  readonly ours: number;
  readonly exercised: number;
  readonly taken: number;
}

/** ms. A peer's processes cannot be distinguished from others, so the others are measured just before and after it, for so long each. */
const lookAround = 150;

/** No rounds where there are no peers. */
export async function besidePeer(world: World, id: ClaimId, ours: () => Promise<Ours>): Promise<readonly Round[]> {
  const { peers } = world;
  const { peer }: Claim = claims[id];
  if (peers === null || peer === undefined) return [];
  await peers.prepare(peer);
  return await world.repeat(id, async () => {
    const made = await ours();
    const before = await shareOfOthers(lookAround);
    const theirs = await peers.perSecond(peer, world.sizes.peers);
    const taken = Math.max(before, await shareOfOthers(lookAround));
    return ratioOf(made, theirs, taken);
  });
}

/** @param taken the share of the machine that other processes had around the peer's round */
export function ratioOf({ exercised, ours, taken: fromUs }: Ours, peers: number, taken: number): Round {
  const value = ours / peers;
  return {
    value,
    best: value / shareWithout(fromUs),
    worst: value * (1 - taken),
    exercised,
    taken: Math.max(fromUs, taken),
    ours,
    peers,
  };
}
