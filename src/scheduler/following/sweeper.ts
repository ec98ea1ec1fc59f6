/** Expires what is due in one partition: nodes without heartbeats, leases that lapsed. Any instance may try at any time; the store decides. */

import type { Answer, SweepReply } from "../../protocol/replies.ts";
import type { Millis } from "../../protocol/time.ts";
import type { Calls } from "../calls/calls.ts";
import type { Emit } from "../events.ts";
import { jittered } from "../jitter.ts";
import type { ModeKeeper } from "../mode/mode-keeper.ts";
import { type Clock, isFailure, type Random, type Store } from "../ports.ts";
import type { Settings } from "../settings.ts";
import type { Follower } from "./follower.ts";

export interface SweepPorts {
  readonly clock: Clock;
  readonly store: Store;
  readonly calls: Calls;
  readonly settings: Settings;
  readonly mode: ModeKeeper;
  readonly random: Random;
  readonly emit: Emit;
}

/** Calls of one sweep; what is still due then, the next one takes. */
const maxRounds = 10;

/** Sweeps that are so many intervals apart have missed deadlines: the store was away. Nodes then have the shortest TTL of a heartbeat to renew theirs. */
const missedSweeps = 3;
const mostGap = 86_400_000;

/** Jobs that lose their places in a call, for each node that it may handle. */
const jobsForEach = 10;

/** Sweeps until `signal` aborts. Instances and partitions are spread by jitter; in a degraded mode nothing is swept. */
export async function sweepForEver(ports: SweepPorts, follower: Follower, signal: AbortSignal): Promise<void> {
  const { clock, mode, random, settings } = ports;
  let offset = 0;
  while (!signal.aborted) {
    await clock.sleep(jittered(settings.sweepInterval, settings.ttlSpread, random), signal);
    if (!signal.aborted && mode.isNormal) {
      offset = await sweep(ports, follower, offset);
      await follower.settleLosses();
    }
  }
}

/**
 * One sweep: ask what is due, then bring those as candidates. Candidates that fail stay due, so they are passed over until nothing else is.
 * @param offset so many entries are passed over
 * @returns the same for the next sweep
 */
async function sweep(ports: SweepPorts, follower: Follower, offset: number): Promise<number> {
  let candidates: readonly string[] = [];
  let passed = offset;
  for (let round = 0; round < maxRounds; round++) {
    const reply = await ask(ports, follower, { candidates, offset: passed });
    if (isFailure(reply) || !follower.heard(reply.version, "sweep")) return passed;
    report(ports, follower, reply);
    if (reply.due.length === 0) return 0;
    passed += reply.failed.length;
    candidates = reply.due;
  }
  return passed;
}

function ask(
  ports: SweepPorts,
  follower: Follower,
  of: { readonly candidates: readonly string[]; readonly offset: number },
): Promise<Answer<SweepReply>> {
  const { calls, settings, store } = ports;
  const { partition } = follower;
  const { heartbeatTtl, retention, sweepInterval, sweepLimit: limit, ttlSpread } = settings;
  const gap = Math.min(mostGap, Math.round(missedSweeps * sweepInterval));
  const grace = Math.floor(heartbeatTtl * (1 - ttlSpread));
  const request = { partition, retention, limit, jobLimit: jobsForEach * limit, gap, grace, ...of };
  const run = (deadline: Millis) => store.sweep(request, deadline);
  return calls.write({ operation: "sweep", partition, run }, { origin: "own" });
}

function report({ emit }: SweepPorts, { partition }: Follower, reply: SweepReply): void {
  const { expired, failed, lapsed, removed } = reply;
  if (expired.length + removed.length + lapsed.length + failed.length === 0) return;
  emit({ kind: "swept", partition, expired, removed, lapsed: lapsed.map(({ node }) => node), failed });
}
