/** Which modules the commands call. Each is loaded when it is first used: `--help` costs nothing, and `conform` does not load the scheduler. */
import type { Layers } from "./layers.ts";
import { benchLayer } from "./wiring/bench.ts";
import { checkLayer } from "./wiring/check.ts";
import { conformLayer } from "./wiring/conform.ts";
import { exploreLayer } from "./wiring/explore.ts";
import { injectLayer } from "./wiring/inject.ts";
import { labLayer } from "./wiring/lab.ts";
import { lockstepLayer } from "./wiring/lockstep.ts";
import { mutants } from "./wiring/mutants.ts";
import { reproduceLayer } from "./wiring/reproduce.ts";
import { simulateLayer } from "./wiring/simulate.ts";
import { viewerLayer } from "./wiring/viewer.ts";
import { watchLayer } from "./wiring/watch.ts";

export function loadLayers(): Layers {
  return {
    ...mutants,
    ...exploreLayer,
    ...conformLayer,
    ...simulateLayer,
    ...lockstepLayer,
    ...reproduceLayer,
    ...injectLayer,
    ...benchLayer,
    ...checkLayer,
    ...watchLayer,
    ...viewerLayer,
    ...labLayer,
  };
}
