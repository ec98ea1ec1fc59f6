/** One run of an example in a scenario, by what its clients see. */
import type { PropertyId } from "../../../../src/check/properties.ts";
import { runInject } from "../../../../src/inject/run.ts";
import { greetSystem } from "../../../../src/inject/systems/greeting.ts";
import type { Flaw } from "./flaws.ts";
import { exampleCommand, type Language } from "./prepare.ts";

const { signal } = new AbortController();
/** Whether a flaw shows depends on what the load of a seed meets. */
const mostSeeds = 6;

export async function runExample(language: Language, scenario: string, { flaw = "", seed = 3 } = {}) {
  const system = await greetSystem({ command: await exampleCommand(language, flaw), signal });
  const { properties, verdict } = await runInject({ scenario, seed, system, signal });
  const idsOf = (which: typeof verdict): readonly PropertyId[] =>
    properties.filter((one) => one.verdict === which).map(({ id }) => id);
  return { verdict, violated: idsOf("violated"), held: idsOf("held"), properties };
}

export interface Found {
  readonly violated: readonly PropertyId[];
  /** Runs until it was found. */
  readonly runs: number;
  readonly seconds: number;
}

/** On one seed after another, until its property is violated. */
export async function findFlaw(language: Language, { name, property, scenario }: Flaw): Promise<Found> {
  const since = performance.now();
  let violated: readonly PropertyId[] = [];
  let runs = 0;
  while (runs < mostSeeds && !violated.includes(property)) {
    runs += 1;
    violated = (await runExample(language, scenario, { flaw: name, seed: 2 + runs })).violated;
  }
  return { violated, runs, seconds: (performance.now() - since) / 1_000 };
}
