/** Which judge decides which property, in simulation, on real servers and of stored histories alike. */
import type { PropertyId } from "../check/properties.ts";
import { judgeJobCounts } from "./job-counts.ts";
import type { MakeJudge } from "./judge.ts";
import { judgeMisses } from "./misses.ts";
import { judgeReloads } from "./reloads.ts";
import { judgeSequences } from "./sequences.ts";

export const judges: Partial<Readonly<Record<PropertyId, MakeJudge>>> = {
  J1: judgeJobCounts,
  V1: judgeSequences,
  P1: judgeReloads,
  C2: judgeMisses,
};
