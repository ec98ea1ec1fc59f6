/** Puts the planned load on the instances: open-loop, each action at its time, whatever became of the ones before. */
import type { Scenario } from "../../scenarios/declare.ts";
import type { Random } from "../scheduler/ports.ts";
import type { Scheduler } from "../scheduler/scheduler.ts";
import { Caller, tellRead } from "./caller.ts";
import { JobClient } from "./job-client.ts";
import { NodeAgent } from "./node-agent.ts";
import { wanted } from "./offer.ts";
import { type Action, nodeName } from "./plan.ts";
import type { Recorder } from "./recorder.ts";

export interface LoadOptions {
  readonly scenario: Scenario;
  readonly actions: readonly Action[];
  readonly schedulers: readonly Scheduler[];
  readonly random: (concern: string) => Random;
  readonly recorder: Recorder;
}

/** Nodes that register at the same time. */
const atOnce = 32;

export class LoadGenerator {
  readonly #options: LoadOptions;
  readonly #caller: Caller;
  readonly #agents = new Map<string, NodeAgent>();
  readonly #jobs: JobClient;

  constructor(options: LoadOptions) {
    this.#options = options;
    const { recorder, scenario, schedulers } = options;
    const { instances, nodes } = scenario.topology;
    this.#caller = new Caller(recorder);
    this.#jobs = new JobClient(this.#caller, schedulers);
    for (let index = 0; index < nodes; index += 1) this.#agent(nodeName(index), index % instances);
  }

  /** The node's agent, made where there is none yet. */
  #agent(node: string, instance: number): NodeAgent {
    const { random, scenario, schedulers } = this.#options;
    const known = this.#agents.get(node);
    if (known !== undefined) return known;
    const scheduler = schedulers[instance];
    if (scheduler === undefined) throw new RangeError(`no instance ${instance}`);
    const draw = random(node);
    const maxJobs = scenario.topology.maxJobsPerNode;
    const agent = new NodeAgent({ node, maxJobs, instance, scheduler, draw, caller: this.#caller });
    this.#agents.set(node, agent);
    return agent;
  }

  /** Every node registers, a few at a time. @throws Error when one cannot within `patience` ms: nothing is wrong with the world yet */
  async registerAll(patience: number): Promise<void> {
    const waiting = [...this.#agents.values()];
    const until = performance.now() + patience;
    const work = async () => {
      for (let agent = waiting.shift(); agent !== undefined; agent = waiting.shift()) {
        let told = await agent.register();
        // A busy machine misses deadlines.
        while (told.outcome !== "ok" && performance.now() < until) {
          await new Promise((resolve) => setTimeout(resolve, 20));
          told = await agent.register();
        }
        if (told.outcome !== "ok") throw new Error(`${agent.node} could not register before the run: ${told.reply}`);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  }

  /** Until the load's end, or `signal`. */
  async run(signal: AbortSignal): Promise<void> {
    const { actions, recorder, scenario } = this.#options;
    let next = 0;
    while (!signal.aborted) {
      const now = recorder.now();
      for (let action = actions[next]; action !== undefined && action.at <= now; action = actions[next]) {
        next += 1;
        this.#start(action);
      }
      if (now >= scenario.duration) break;
      const until = Math.min(actions[next]?.at ?? scenario.duration, scenario.duration);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, until - recorder.now())));
    }
    this.#jobs.stop();
  }

  /** Waits for what is still under way, `patience` ms at most; what has not come back by then is taken down as never returned. */
  async settle(patience: number): Promise<void> {
    const until = performance.now() + patience;
    while (this.#caller.underWay > 0 && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    this.#caller.giveUp();
  }

  /** Nobody waits for it: the caller takes down what becomes of it. */
  #start(action: Action): void {
    void this.#act(action);
  }

  async #act(action: Action): Promise<void> {
    const { instance } = action;
    const scheduler = this.#options.schedulers[instance];
    if (scheduler === undefined) return;
    switch (action.kind) {
      case "read":
      case "read_each":
      case "look_up":
      case "read_missing": {
        const { node } = action;
        await this.#caller.call({ instance, op: "get_node", node }, () => scheduler.getNode(node), tellRead);
        return;
      }
      case "select":
        await this.#caller.call(
          { instance, op: "select_nodes" },
          () => scheduler.selectNodes({ ...wanted, count: 4 }),
          ({ nodes, mode }) => ({ outcome: "ok", reply: mode, selected: nodes }),
        );
        return;
      case "heartbeat":
        await this.#agents.get(action.node)?.beat();
        return;
      case "late_heartbeat":
        await this.#agents.get(action.node)?.beatLate();
        return;
      case "arrive":
        await this.#agent(action.node, instance).register();
        return;
      case "go_offline":
        await this.#agents.get(action.node)?.goOffline(action.absence);
        return;
      case "fall_silent":
        this.#agents.get(action.node)?.fallSilent(action.absence);
        return;
      case "come_back":
        await this.#agents.get(action.node)?.comeBack(action.absence);
        return;
      case "dispatch":
        await this.#jobs.dispatch(instance, action.job);
        return;
      case "reserve":
        await this.#jobs.reserve(instance, action.node, action.job);
        return;
      case "finish":
        await this.#jobs.finish(instance, action.job, action.how);
        return;
    }
  }
}
