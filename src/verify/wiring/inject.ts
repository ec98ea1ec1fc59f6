import type { Layers } from "../layers.ts";

export const injectLayer: Pick<
  Layers,
  "runInject" | "runContracts" | "greetSystem" | "checkSystem" | "scenarioNames" | "gateScenarios" | "systemScenarios"
> = {
  async runInject(options) {
    const { isContract } = await import("../../inject/contract/subject.ts");
    if (isContract(options.scenario)) {
      const { runContract } = await import("../../inject/contract/run.ts");
      return runContract(options);
    }
    const { runInject } = await import("../../inject/run.ts");
    return runInject(options);
  },
  async runContracts(options) {
    const { runContracts } = await import("../../inject/contract/run-all.ts");
    return runContracts(options);
  },
  async greetSystem(options) {
    const { greetSystem } = await import("../../inject/systems/greeting.ts");
    return greetSystem(options);
  },
  async checkSystem(options) {
    const { checkSystem } = await import("../../inject/systems/check/check.ts");
    return checkSystem(options);
  },
  async scenarioNames() {
    const { isReal, scenarios } = await import("../../../scenarios/registry.ts");
    return scenarios.filter(isReal).map(({ name }) => name);
  },
  async systemScenarios(profile, system) {
    const { isReal, scenarios } = await import("../../../scenarios/registry.ts");
    const { canMeet } = await import("../../inject/systems/meeting.ts");
    return scenarios
      .filter((scenario) => isReal(scenario) && (profile !== "quick" || scenario.gate !== "full"))
      .filter((scenario) => canMeet(scenario, system))
      .map(({ name }) => ({ scenario: name }));
  },
  async gateScenarios(profile, redis) {
    const { isReal, scenarios } = await import("../../../scenarios/registry.ts");
    const { canRunOn } = await import("../../inject/availability.ts");
    const chosen = scenarios.filter(
      (scenario) => isReal(scenario) && (profile !== "quick" || scenario.gate === "quick"),
    );
    if (redis !== undefined)
      return chosen.filter((scenario) => canRunOn(scenario, redis)).map(({ name }) => ({ scenario: name, redis }));
    return chosen.flatMap(({ name, topology }) => [
      { scenario: name },
      ...(profile === "quick" ? [] : topology.also.map((also) => ({ scenario: name, redis: also }))),
    ]);
  },
};
