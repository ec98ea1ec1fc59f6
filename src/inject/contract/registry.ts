/** All checks of the contract: of the store's ports on a real Redis, and of an instance by itself. */
import { callChecks } from "./call-checks.ts";
import type { ContractCheck } from "./check.ts";
import { configurationChecks } from "./configuration-checks.ts";
import { connectionChecks } from "./connection-checks.ts";
import { clusterChecks } from "./connections/cluster-checks.ts";
import { endingChecks } from "./connections/ending-checks.ts";
import { feedChecks } from "./connections/feed-checks.ts";
import { machineChecks } from "./connections/machine-checks.ts";
import { pauseChecks } from "./connections/pause-checks.ts";
import { refusalChecks } from "./connections/refusal-checks.ts";
import { renewalChecks } from "./connections/renewal-checks.ts";
import { sentinelChecks } from "./connections/sentinel-checks.ts";
import { formerPrimaryChecks } from "./elsewhere/demotion-checks.ts";
import { lateLinkChecks, wrongContentChecks } from "./elsewhere/foreign-content-checks.ts";
import { embeddedChecks } from "./embedded/embedded-checks.ts";
import { listenerChecks } from "./embedded/listener-checks.ts";
import { logLineChecks } from "./embedded/log-lines.ts";
import { metricCountChecks } from "./embedded/metric-counts.ts";
import { programChecks } from "./embedded/program-check.ts";
import { reachChecks } from "./embedded/reach-checks.ts";
import type { InstanceCheck } from "./instance/check.ts";
import { instanceChecks } from "./instance/registry.ts";
import { storeMemoryChecks } from "./memory/store-memory.ts";
import { addressChecks } from "./replies/address-checks.ts";
import { groupChecks } from "./replies/group-checks.ts";
import { groupEndingChecks } from "./replies/group-ending-checks.ts";
import { replyChecks } from "./replies/reply-checks.ts";
import { requestChecks } from "./replies/request-checks.ts";
import { metricChecks } from "./scripts/metric-checks.ts";
import { scriptChecks } from "./scripts/script-checks.ts";
import { serverTimeChecks } from "./scripts/server-time-checks.ts";
import { sweepChecks } from "./scripts/sweep-checks.ts";
import { upgradeChecks } from "./scripts/upgrade-checks.ts";
import { topologyChecks } from "./topology-checks.ts";

export const contractChecks: readonly ContractCheck[] = [
  ...callChecks,
  ...configurationChecks,
  ...connectionChecks,
  ...formerPrimaryChecks,
  ...wrongContentChecks,
  ...lateLinkChecks,
  ...scriptChecks,
  ...serverTimeChecks,
  ...sweepChecks,
  ...upgradeChecks,
  ...metricChecks,
  ...topologyChecks,
  ...replyChecks,
  ...requestChecks,
  ...groupChecks,
  ...storeMemoryChecks,
  ...groupEndingChecks,
  ...addressChecks,
  ...feedChecks,
  ...endingChecks,
  ...sentinelChecks,
  ...clusterChecks,
  ...machineChecks,
  ...refusalChecks,
  ...renewalChecks,
  ...pauseChecks,
  ...embeddedChecks,
  ...listenerChecks,
  ...metricCountChecks,
  ...logLineChecks,
  ...reachChecks,
  ...programChecks,
];

export type AnyCheck = ContractCheck | InstanceCheck;

export const allChecks: readonly AnyCheck[] = [...contractChecks, ...instanceChecks];
