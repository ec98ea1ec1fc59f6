/** The load of a run, fixed before it begins: which instance does what when. A function of the scenario and the seed alone. */
import type { Load, Scenario } from "../../scenarios/declare.ts";
import type { Random } from "../scheduler/ports.ts";

interface Planned {
  /** ms since the start of the load. */
  readonly at: number;
  readonly instance: number;
}

export type Action = Planned &
  (
    | { readonly kind: "read" | "read_missing" | "heartbeat"; readonly node: string }
    | { readonly kind: "select" }
    | { readonly kind: "dispatch"; readonly job: string }
    | { readonly kind: "reserve"; readonly node: string; readonly job: string }
    /** Ends the job wherever it is by then; nothing where it is nowhere. */
    | { readonly kind: "finish"; readonly job: string; readonly how: "complete_job" | "release_job" }
  );

export function nodeName(index: number): string {
  return `node-${index}`;
}

/** In order of time. */
export function planLoad(scenario: Scenario, random: (concern: string) => Random): readonly Action[] {
  const actions: Action[] = [];
  scenario.load.forEach((load, index) => {
    for (let instance = 0; instance < scenario.topology.instances; instance += 1) {
      const draw = random(`load ${index} ${load.kind} ${instance}`);
      // Instances begin at different moments, so that they do not act in step.
      const offset = (draw.nextUint32() / 2 ** 32) * load.every;
      const end = Math.min(load.until ?? scenario.duration, scenario.duration);
      let turn = 0;
      for (let at = load.from + offset; at < end; at += load.every) {
        actions.push(...act({ scenario, load, instance, at, draw, turn, name: `${index}-${instance}-${turn}` }));
        turn += 1;
      }
    }
  });
  return actions.sort((a, b) => a.at - b.at);
}

interface Turn {
  readonly scenario: Scenario;
  readonly load: Load;
  readonly instance: number;
  readonly at: number;
  readonly draw: Random;
  readonly turn: number;
  readonly name: string;
}

function act({ scenario, load, instance, at, draw, turn, name }: Turn): readonly Action[] {
  const { nodes, instances } = scenario.topology;
  const when = { at, instance };
  const node = nodeName(draw.nextUint32() % nodes);
  const job = `job-${name}`;
  const how = draw.nextUint32() % 2 === 0 ? "release_job" : "complete_job";
  const finish: Action = { ...when, at: at + load.holds, kind: "finish", job, how };
  const finishes = finish.at < scenario.duration ? [finish] : [];
  switch (load.kind) {
    case "read":
      return [{ ...when, kind: "read", node }];
    case "read_missing":
      return [{ ...when, kind: "read_missing", node: `nobody-${draw.nextUint32() % 4}` }];
    case "select":
      return [{ ...when, kind: "select" }];
    case "dispatch":
      return [{ ...when, kind: "dispatch", job }, ...finishes];
    case "reserve":
      return [{ ...when, kind: "reserve", node, job }, ...finishes];
    case "heartbeat": {
      // Nodes are dealt out to the instances in turn.
      const own = Math.ceil((nodes - instance) / instances);
      return own <= 0 ? [] : [{ ...when, kind: "heartbeat", node: nodeName(instance + (turn % own) * instances) }];
    }
  }
}
