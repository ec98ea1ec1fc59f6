/** The settings that the claims about a run of a scenario are about. */
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import { promisedSettings } from "../../check/documented-settings.ts";
import type { Terms } from "../../check/judgement.ts";

export function termsOf({ settings, topology }: Pick<Scenario, "settings" | "topology">): Terms {
  const promised = promisedSettings({ ...settings, partitions: topology.partitions });
  const { deadlineGrace, readDeadline: readLimit, writeDeadline: writeTimeout } = promised;
  const { l2Ttl, localOnlyAfter, maxEntries, probeInterval } = promised;
  const { doneFor, doneMax, heartbeatTtl, l1Ttl, lease, missTtl, sweepInterval, ttlSpread } = promised;
  const limits = { readLimit, writeTimeout, writeLimit: writeTimeout + deadlineGrace };
  const ttls = { heartbeatTtl, l1Ttl, lease, missTtl, sweepInterval, ttlSpread };
  // It looks before each probe.
  const localOnlyBy = Math.min(l2Ttl * (1 + ttlSpread), localOnlyAfter) + probeInterval;
  // Without a write, the second read that is late stops them: the first was sent after a pulse, and it is a probe.
  const writesStopBy = promised.pulseInterval + 2 * (readLimit + deadlineGrace) + probeInterval;
  const kept = { feedMax: topology.feedMax, page: promised.snapshotPage, maxEntries };
  return { doneFor, doneMax, ...ttls, ...limits, ...kept, localOnlyBy, writesStopBy };
}
