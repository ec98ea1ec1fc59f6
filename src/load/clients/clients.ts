/** The clients of a run: the agents of its nodes, and the client that places jobs. Each planned action is one of theirs. */
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import { versionText } from "../../check/history.ts";
import type { Millis } from "../../protocol/time.ts";
import type { Version } from "../../protocol/version.ts";
import type { Random } from "../../scheduler/ports.ts";
import { configOf, configurationOf } from "../plan/configuration.ts";
import { type Names, namesOf } from "../plan/names.ts";
import { type Action, nodeName } from "../plan/plan.ts";
import { defaultCount, wanted } from "../plan/request.ts";
import { Caller, type Ledger, readResult, selectionResult, writeResult } from "./caller.ts";
import { JobClient } from "./job-client.ts";
import { NodeAgent } from "./node-agent.ts";
import { callAtLimit } from "./odd-caller.ts";
import { Running } from "./running.ts";
import type { Target } from "./target.ts";

export interface ClientsOptions {
  readonly scenario: Pick<Scenario, "topology">;
  readonly schedulers: readonly Target[];
  readonly random: (concern: string) => Random;
  readonly ledger: Ledger;
  /** By the run's clock. */
  readonly wait: (duration: Millis) => Promise<void>;
}

export class Clients {
  readonly #options: ClientsOptions;
  readonly #caller: Caller;
  readonly #agents = new Map<string, NodeAgent>();
  /** Second processes under the id of a node that there is, by their own names. */
  readonly #impostors = new Map<string, NodeAgent>();
  readonly #running = new Running();
  readonly #jobs: JobClient;
  readonly #names: Names;

  constructor(options: ClientsOptions) {
    this.#options = options;
    const { ledger, scenario, schedulers, wait } = options;
    const { instances, nodes } = scenario.topology;
    this.#caller = new Caller(ledger);
    this.#names = namesOf(scenario.topology);
    this.#jobs = new JobClient(this.#caller, schedulers, wait, this.#running);
    for (let index = 0; index < nodes; index += 1) this.#agent(nodeName(index), index % instances);
  }

  /** The agents of the nodes that the run begins with, and of those that have arrived since. */
  get agents(): readonly NodeAgent[] {
    return [...this.#agents.values()];
  }

  get inFlight(): number {
    return this.#caller.inFlight;
  }

  /** Calls that failed are not retried from now on. */
  stop(): void {
    this.#jobs.stop();
  }

  /** The run is over: calls without an answer are recorded as never returned. */
  giveUp(): void {
    this.#caller.giveUp();
  }

  /** The node's agent, made where there is none yet. */
  #agent(node: string, instance: number): NodeAgent {
    const known = this.#agents.get(node);
    if (known !== undefined) return known;
    // Nodes begin with different offers, so that every pool and every language pair has a node from the start.
    const agent = new NodeAgent({
      ...this.#bodyOf(node, node, instance),
      offer: this.#agents.size,
      running: this.#running,
    });
    this.#agents.set(node, agent);
    return agent;
  }

  /** A second process under the id of an existing node. It runs no jobs. */
  #impostor(node: string, name: string, instance: number): NodeAgent {
    const impostor = new NodeAgent({ ...this.#bodyOf(node, name, instance), offer: this.#impostors.size });
    this.#impostors.set(name, impostor);
    return impostor;
  }

  /** @param concern of its randomness: its own, even where another process has the same node id */
  #bodyOf(node: string, concern: string, instance: number) {
    const { random, scenario, schedulers } = this.#options;
    const scheduler = schedulers[instance];
    if (scheduler === undefined) throw new RangeError(`no instance ${instance}`);
    const { maxJobsPerNode: maxJobs, maxJobsOnReturn = maxJobs } = scenario.topology;
    const streams = {
      draw: random(concern),
      offers: random(`${concern} offers`),
      readings: random(`${concern} readings`),
    };
    return {
      node,
      maxJobs,
      maxJobsOnReturn,
      instance,
      scheduler,
      ...streams,
      names: this.#names,
      caller: this.#caller,
    };
  }

  /** Resolves when the call has returned; the ledger has recorded it by then. */
  async act(action: Action): Promise<void> {
    const { instance } = action;
    const scheduler = this.#options.schedulers[instance];
    if (scheduler === undefined) return;
    switch (action.kind) {
      case "read":
      case "read_each":
      case "look_up":
      case "read_missing": {
        const { node } = action;
        await this.#caller.call({ instance, op: "get_node", node }, () => scheduler.getNode(node), readResult);
        return;
      }
      case "select":
        await this.#select(scheduler, action);
        return;
      case "put_config":
        await this.#putConfig(scheduler, action);
        return;
      case "dispatch":
        await this.#jobs.dispatch(instance, action.job, action);
        return;
      case "reserve":
        await this.#jobs.reserve(instance, action.node, action.job, action);
        return;
      case "finish":
        await this.#jobs.finish(instance, action.job, action.how);
        return;
      case "odd_call":
        await callAtLimit(this.#caller, scheduler, action);
        return;
      default:
        await this.#actAsNode(action);
    }
  }

  async #select(scheduler: Target, { instance, wish }: ActionOf<"select">): Promise<void> {
    const asked = { count: defaultCount, ...(wish ?? wanted) };
    await this.#caller.call(
      { instance, op: "select_nodes", asked },
      () => scheduler.selectNodes(asked),
      selectionResult,
    );
  }

  async #putConfig(scheduler: Target, action: ActionOf<"put_config">): Promise<void> {
    const { instance } = action;
    const content = configOf(action, this.#names);
    const seen = configVersionIn(scheduler);
    const expected = seen && versionText(seen);
    await this.#caller.call(
      {
        instance,
        op: "put_config",
        configuration: configurationOf(content),
        ...(expected === undefined ? {} : { expected }),
      },
      () => scheduler.putConfig(content, seen === undefined ? (scheduler.config()?.version ?? null) : seen),
      writeResult,
    );
  }

  async #actAsNode(action: NodeAction): Promise<void> {
    const { instance, node } = action;
    const agent = this.#agents.get(node);
    switch (action.kind) {
      case "heartbeat":
        return await agent?.beat();
      case "late_heartbeat":
        return await agent?.beatLate();
      case "late_goodbye":
        return await agent?.leaveLate();
      case "repeat_heartbeat":
        return await agent?.beatAgain();
      case "bad_heartbeat":
        return await agent?.beatBadly();
      case "impersonate":
        await this.#impostor(node, action.name, instance).register();
        return;
      case "impostor_beats":
        return await this.#impostors.get(action.name)?.beat();
      case "arrive":
        await this.#agent(node, instance).register();
        return;
      case "go_offline":
        return await agent?.goOffline(action.absence);
      case "fall_silent":
        agent?.fallSilent(action.absence);
        return;
      case "come_back":
        return await agent?.comeBack(action.absence);
    }
  }
}

type ActionOf<Kind extends Action["kind"]> = Extract<Action, { readonly kind: Kind }>;

/** The actions of a node's process, its own or an impostor's. */
type NodeAction = ActionOf<
  | "heartbeat"
  | "late_heartbeat"
  | "late_goodbye"
  | "repeat_heartbeat"
  | "bad_heartbeat"
  | "impersonate"
  | "impostor_beats"
  | "arrive"
  | "go_offline"
  | "fall_silent"
  | "come_back"
>;

/** null: none is in force; undefined: an instance that is not there says nothing, and the call that is made next is refused for that. */
function configVersionIn(scheduler: Target): Version | null | undefined {
  try {
    return scheduler.config()?.version ?? null;
  } catch {
    return undefined;
  }
}
