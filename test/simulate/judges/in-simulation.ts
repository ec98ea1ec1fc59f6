/** A common judge over a simulated run that is written by hand. */
import type { MakeJudge as MakeCommon } from "../../../src/judges/judge.ts";
import type { MakeJudge } from "../../../src/simulate/judges/judge.ts";
import { SimulatedJudges } from "../../../src/simulate/judges/simulated-judges.ts";

export function inSimulation(make: MakeCommon): MakeJudge {
  return (theCase, scene) => {
    const judges = new SimulatedJudges([make], theCase, scene);
    return {
      property: "V1", // of the stage's own use: the judgement names its property itself
      hears: judges.hears,
      on: (event) => judges.on(event),
      finish() {
        const [judgement] = judges.finish();
        if (judgement === undefined) throw new Error("no judgement");
        return judgement;
      },
    };
  };
}
