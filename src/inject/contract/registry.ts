/** All checks of the contract. */
import { callChecks } from "./call-checks.ts";
import type { ContractCheck } from "./check.ts";
import { configurationChecks } from "./configuration-checks.ts";
import { connectionChecks } from "./connection-checks.ts";
import { scriptChecks } from "./script-checks.ts";
import { topologyChecks } from "./topology-checks.ts";

export const contractChecks: readonly ContractCheck[] = [
  ...callChecks,
  ...configurationChecks,
  ...connectionChecks,
  ...scriptChecks,
  ...topologyChecks,
];
