/** The settings that the claims about a run of a scenario are about. */
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import { promisedSettings } from "../../check/documented-settings.ts";
import type { Terms } from "../../check/judgement.ts";

export function termsOf({ settings, topology }: Pick<Scenario, "settings" | "topology">): Terms {
  const promised = promisedSettings({ ...settings, partitions: topology.partitions });
  const { deadlineGrace, readDeadline: readLimit, writeDeadline: writeTimeout } = promised;
  const { doneFor, doneMax, heartbeatTtl, l1Ttl, lease, missTtl, sweepInterval, ttlSpread } = promised;
  const limits = { readLimit, writeTimeout, writeLimit: writeTimeout + deadlineGrace };
  const ttls = { heartbeatTtl, l1Ttl, lease, missTtl, sweepInterval, ttlSpread };
  return { doneFor, doneMax, ...ttls, ...limits, feedMax: topology.feedMax, page: promised.snapshotPage };
}
