/** The naive scheduler with its flaw, which the simulator has to find: `lockproof simulate --scheduler docs/example/naive/flawed.ts --scenario silent-nodes`. */
import type { CreateScheduler } from "../../../src/simulate/elsewhere/types.ts";
import { naive } from "./scheduler.ts";

export const createScheduler: CreateScheduler = naive("misses-lapses");
