/** Dispatches on a stage, for the tests of S5. */
import type { Call, Wish } from "../../../src/check/history.ts";
import { judgeDispatches } from "../../../src/judges/selection/dispatches.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import { register, reserve, Stage } from "../../simulate/judges/stage.ts";

export const asked: Wish = { pool: "pool-a", source: "en", target: "de", services: ["translate"] };

/** Nodes n and m are in the views of both instances, with room for two jobs each. */
export function staged(): Stage {
  const stage = new Stage(inSimulation(judgeDispatches));
  stage.run(0, register());
  stage.run(0, register("m"));
  for (const instance of [0, 1]) stage.view(0, stage.version(), instance);
  return stage;
}

/** A dispatch of job a by instance 0. @returns the number of the call */
export function begin(stage: Stage, at: number, wish: Wish = asked): number {
  return stage.called(at, "dispatch", 0, { job: "a", asked: wish });
}

export function end(stage: Stage, id: number, at: number, parts: Partial<Call> = {}): void {
  stage.returned({ id, op: "dispatch", job: "a", from: 10, to: at, reply: "no_node", ...parts });
}

/** The node is asked, and answers at once. */
export function ask(stage: Stage, at: number, node = "n", lease = 60_000): void {
  stage.settle(at, stage.ask(at, reserve("a", node, lease)));
}

export function fill(stage: Stage, at: number, node = "n"): void {
  for (const job of ["x", "y"]) stage.run(at, reserve(job, node));
}

export const found = (stage: Stage) => stage.finish().violations.map(([first]) => first);
