/** A common judge over a simulated run that is written by hand. */
import type { MakeJudge } from "../../../src/judges/judge.ts";
import { SimulatedJudges } from "../../../src/simulate/judges/simulated-judges.ts";
import type { MakeStaged } from "./stage.ts";

export function inSimulation(make: MakeJudge): MakeStaged {
  return (theCase) => {
    const judges = new SimulatedJudges([make], theCase);
    return {
      listeners: judges.listeners,
      finish() {
        const [judgement] = judges.finish();
        if (judgement === undefined) throw new Error("no judgement");
        return judgement;
      },
    };
  };
}
