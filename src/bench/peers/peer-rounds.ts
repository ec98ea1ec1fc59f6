/** Ours and a peer's in turn, so that what drifts drifts for both. */
import { type Claim, type ClaimId, claims } from "../claims.ts";
import { excused, type Round } from "../measure/round.ts";
import { shareOfOthers } from "../measure/watch.ts";
import type { World } from "../world/world.ts";

interface Ours {
  readonly ours: number;
  readonly exercised: number;
  readonly taken: number;
}

/** A peer's processes cannot be told from others', so others are measured just before and after it, for so long each (ms). */
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

/** @param taken what others had of the machine around the peer's round */
export function ratioOf({ exercised, ours, taken: fromUs }: Ours, peers: number, taken: number): Round {
  const value = ours / peers;
  return {
    value,
    best: value / excused(fromUs),
    worst: value * (1 - taken),
    exercised,
    taken: Math.max(fromUs, taken),
    ours,
    peers,
  };
}
