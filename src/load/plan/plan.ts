/** The load of a run, fixed before it begins: which instance does what when. A function of the scenario and the seed alone. */
import type { Load, Scenario } from "../../../scenarios/declare/declare.ts";
import { ScenarioError } from "../../../scenarios/declare/error.ts";
import type { Wish } from "../../check/history.ts";
import type { Random } from "../../scheduler/ports.ts";
import { type Names, namesOf } from "./names.ts";
import { drawJobWish, drawOptions, drawSelection, wanted } from "./request.ts";

/** Options of a reservation beside the node and the job. */
export interface ReservationOptions {
  readonly lease?: number;
  readonly abort?: number;
}

interface Planned {
  /** ms since the start of the load. */
  readonly at: number;
  readonly instance: number;
}

export type Action = Planned &
  (
    | { readonly kind: "read" | "read_missing" | "read_each" | "look_up"; readonly node: string }
    | { readonly kind: "heartbeat" | "late_heartbeat" | "late_goodbye" | "arrive"; readonly node: string }
    /** `wish` absent: for what every node offers. */
    | { readonly kind: "select"; readonly wish?: Wish }
    /** `abort`: its caller gives it up by a signal, so many ms after it was made; 0: before. */
    | { readonly kind: "dispatch"; readonly job: string; readonly wish?: Wish; readonly abort?: number }
    | ({ readonly kind: "reserve"; readonly node: string; readonly job: string } & ReservationOptions)
    /** Ends the job on the node that has it by then; does nothing where none has. */
    | { readonly kind: "finish"; readonly job: string; readonly how: "complete_job" | "release_job" }
    /** `absence` names it, so that it is ended by its own end and no other's. */
    | { readonly kind: "repeat_heartbeat" | "bad_heartbeat"; readonly node: string }
    /** `name` distinguishes impostors. */
    | { readonly kind: "impersonate" | "impostor_beats"; readonly node: string; readonly name: string }
    /** The `nth` of src/load/plan/odd-calls.ts, from 0 on. */
    | { readonly kind: "odd_call"; readonly nth: number; readonly name: string }
    | { readonly kind: "put_config"; readonly hashSeed: number; readonly enabled: boolean }
    | { readonly kind: "go_offline" | "fall_silent" | "come_back"; readonly node: string; readonly absence: string }
  );

type Finish = Extract<Action, { readonly kind: "finish" }>;
type Dispatch = Extract<Action, { readonly kind: "dispatch" }>;

const nodeNames: string[] = [];

/** Returns the same string object for a node every time: strings built anew would be compared character by character in every lookup. */
export function nodeName(index: number): string {
  nodeNames[index] ??= `node-${index}`;
  return nodeNames[index];
}

/** Limit on the turns of all loads together; each turn gives one action or a few. */
const mostTurns = 500_000;

/** @throws ScenarioError for a load with a plan that would not fit into memory */
function checkTurns({ duration, load, name, topology }: Scenario): void {
  const turns = load.reduce((sum, { every, from, instances, until }) => {
    const lasts = Math.max(0, Math.min(until ?? duration, duration) - from);
    return sum + (lasts / every) * (instances?.length ?? topology.instances);
  }, 0);
  if (turns <= mostTurns) return;
  throw new ScenarioError(`a load of ${Math.round(turns)} turns, allowed at most ${mostTurns}`, {
    where: `scenarios/${name}.ts: load`,
    fix: "declare a longer `every`, a shorter duration or fewer instances",
  });
}

/** In order of time. @throws ScenarioError for a load that is too large */
export function planLoad(scenario: Scenario, random: (concern: string) => Random): readonly Action[] {
  checkTurns(scenario);
  const actions: Action[] = [];
  const names = namesOf(scenario.topology);
  scenario.load.forEach((load, index) => {
    for (let instance = 0; instance < scenario.topology.instances; instance += 1) {
      if (load.instances?.includes(instance) === false) continue;
      const draw = random(`load ${index} ${load.kind} ${instance}`);
      const wish = random(`load ${index} ${load.kind} ${instance} wish`);
      // Instances begin at different moments, so that they do not act at the same time.
      const offset = (draw.nextUint32() / 2 ** 32) * load.every;
      const end = Math.min(load.until ?? scenario.duration, scenario.duration);
      const own = { scenario, names, load, instance, draw, wish };
      let turn = 0;
      for (let at = load.from + offset; at < end; at += load.every) {
        actions.push(...act({ ...own, at, turn, name: `${index}-${instance}-${turn}` }));
        turn += 1;
      }
    }
  });
  return actions.filter(({ at }) => at >= 0 && at < scenario.duration).sort((a, b) => a.at - b.at);
}

interface Turn {
  readonly scenario: Scenario;
  readonly names: Names;
  readonly load: Load;
  readonly instance: number;
  readonly at: number;
  readonly draw: Random;
  /** Draws what a selection, a dispatch or a reserve asks for. */
  readonly wish: Random;
  readonly turn: number;
  readonly name: string;
}

function act(turned: Turn): readonly Action[] {
  const { scenario, load, instance, at, draw, name } = turned;
  const { nodes } = scenario.topology;
  const when = { at, instance };
  const node = nodeName(draw.nextUint32() % nodes);
  const job = `job-${name}`;
  const how = draw.nextUint32() % 2 === 0 ? "release_job" : "complete_job";
  const finish: Action = { ...when, at: at + load.holds, kind: "finish", job, how };
  switch (load.kind) {
    case "read":
      return [{ ...when, kind: "read", node }];
    case "read_each":
      return [{ ...when, kind: "read_each", node: nodeName(turned.turn % Math.min(nodes, load.among ?? nodes)) }];
    case "read_missing":
      return [{ ...when, kind: "read_missing", node: `missing-${draw.nextUint32() % (load.among ?? 4)}` }];
    case "select":
      return [selection(turned)];
    case "dispatch":
      return [dispatch(turned, job), finish];
    case "dispatch_again": {
      const { abort: _, ...first } = dispatch(turned, job);
      const again = [at, at + load.holds / 2, at + 2 * load.holds].map((later) => ({ ...first, at: later }));
      return [first, ...again, finish, { ...finish, at: at + 3 * load.holds }];
    }
    case "reserve":
      return [{ ...when, kind: "reserve", node, job, ...reservationOptions(turned) }, finish];
    case "deliver_twice":
      return [
        { ...when, kind: "reserve", node, job, ...reservationOptions(turned) },
        finish,
        ...secondDelivery(turned, node, job),
      ];
    case "finish_and_return":
      return finishAndReturn(turned, job);
    case "arrive":
      return arrival(turned, `new-${name}`);
    case "odd_id":
      return arrival(turned, oddId(turned));
    case "odd_job":
      return oddJob(turned, node, how);
    case "odd_call":
      return [{ ...when, kind: "odd_call", nth: turned.turn * scenario.topology.instances + instance, name }];
    case "impersonate":
      return impersonation(turned);
    case "put_config":
      return [{ ...when, kind: "put_config", hashSeed: draw.nextUint32(), enabled: draw.nextUint32() % 4 !== 0 }];
    case "heartbeat":
    case "late_heartbeat":
    case "late_goodbye":
    case "repeat_heartbeat":
    case "bad_heartbeat":
    case "go_offline":
    case "fall_silent":
      return ofOwnNode(load.kind, turned);
  }
}

function selection({ at, names, instance, wish: random }: Turn): Action {
  const wish = drawSelection(random, names);
  return { at, instance, kind: "select", ...(wish && { wish }) };
}

function dispatch({ at, names, instance, load, wish: random }: Turn, job: string): Dispatch {
  const drawn = drawJobWish(random, names);
  const { abort, ...options } = drawOptions(random, load.holds);
  const wish = Object.keys(options).length === 0 ? drawn : { ...(drawn ?? wanted), ...options };
  return { at, instance, kind: "dispatch", job, ...(wish && { wish }), ...(abort !== undefined && { abort }) };
}

function reservationOptions({ load, wish: random }: Turn): ReservationOptions {
  const { attempts: _, ...wishes } = drawOptions(random, load.holds);
  return wishes;
}

type OfOwnNode = Extract<
  Load["kind"],
  "heartbeat" | "late_heartbeat" | "late_goodbye" | "repeat_heartbeat" | "bad_heartbeat" | "go_offline" | "fall_silent"
>;

/** Node n belongs to instance n modulo the number of instances. */
function ofOwnNode(kind: OfOwnNode, { scenario, load, instance, at, turn, name }: Turn): readonly Action[] {
  const { nodes, instances } = scenario.topology;
  const own = Math.ceil((nodes - instance) / instances);
  if (own <= 0) return [];
  const node = nodeName(instance + (turn % own) * instances);
  if (kind !== "go_offline" && kind !== "fall_silent") return [{ at, instance, kind, node }];
  const absence = `absence-${name}`;
  return [
    { at, instance, kind, node, absence },
    { at: at + load.holds, instance, kind: "come_back", node, absence },
  ];
}

/** ms between the end of a job and the next registration of its node, and between that and the job's second delivery. */
const besideReturn = 80;

/** The node has room: its places end with their leases while it is silent, and its next incarnation begins without any. */
function finishAndReturn(turned: Turn, job: string): readonly Action[] {
  const absence = ofOwnNode("fall_silent", turned);
  const back = absence[1];
  if (back?.kind !== "come_back") return [];
  const { at, instance, node } = back;
  const own = { instance, job };
  return [
    ...absence,
    { ...own, at: at - 2 * besideReturn, kind: "reserve", node },
    { ...own, at: at - besideReturn, kind: "finish", how: "complete_job" },
    { ...own, at: at + besideReturn, kind: "reserve", node },
    { ...own, at: at + 2 * besideReturn, kind: "finish", how: "release_job" },
  ];
}

/** To another instance, where there is one. A job that had been released is placed again, and ends. */
function secondDelivery({ scenario, load, instance, at }: Turn, node: string, job: string): readonly Action[] {
  const other = (instance + 1) % scenario.topology.instances;
  return [
    { at: at + 2 * load.holds, instance: other, kind: "reserve", node, job },
    { at: at + 3 * load.holds, instance: other, kind: "finish", job, how: "release_job" },
  ];
}

/** ms between two lookups of a node around its arrival. */
const lookUpEvery = 40;

function arrival({ scenario, load, instance, at }: Turn, node: string): readonly Action[] {
  const actions: Action[] = [{ at, instance, kind: "arrive", node }];
  for (let by = 0; by < scenario.topology.instances; by += 1) {
    for (let when = at - load.holds; when <= at + load.holds; when += lookUpEvery) {
      actions.push({ at: when, instance: by, kind: "look_up", node });
    }
  }
  return actions;
}

/** The first character that can be seen, and how many there are of one byte. */
const [firstSeen, seen] = [0x21, 0x7e - 0x21] as const;

/** Glob, key, format and protocol characters, the shortest id and the longest, and ids that are refused: empty, and one byte too long. */
const oddities: readonly ((name: string, nth: number) => string)[] = [
  (_, nth) => String.fromCharCode(firstSeen + (nth % seen)),
  (name) => `{}${name}`,
  (name) => `{p0}:meta:${name}`,
  (name) => `${name}:*?[a-z]`,
  (name) => `line\r\n$5\r\n${name}`,
  (name) => `\u0000${name}`,
  (name) => `%s %d \\ " ' ${name}`,
  (name) => `${name}é結点🧩`,
  (name) => name.padEnd(256, "x"),
  (name) => name.padEnd(257, "x"),
  () => "",
];

/** Another id of each kind every time, as long as there are others. */
function oddId({ instance, name, scenario, turn }: Turn): string {
  const nth = Math.floor(turn / oddities.length) * scenario.topology.instances + instance;
  return oddities[turn % oddities.length]?.(name, nth) ?? name;
}

/** On a node drawn beforehand, as `reserve`. No two jobs have the empty id. */
function oddJob(turned: Turn, node: string, how: Finish["how"]): readonly Action[] {
  const { at, instance, load } = turned;
  const job = oddId(turned) || turned.name;
  return [
    { at, instance, kind: "reserve", node, job },
    { at: at + load.holds, instance, kind: "finish", job, how },
  ];
}

/** How often an impostor sends a heartbeat before it falls silent. */
const impostorBeats = 4;

/** A second process for one of the next instance's nodes; none where there is only one instance. */
function impersonation({ scenario, load, instance, at, turn, name }: Turn): readonly Action[] {
  const { nodes, instances } = scenario.topology;
  if (instances < 2) return [];
  const owner = (instance + 1) % instances;
  const own = Math.ceil((nodes - owner) / instances);
  if (own <= 0) return [];
  const who = { instance, node: nodeName(owner + (turn % own) * instances), name: `impostor-${name}` };
  const beats = Array.from({ length: impostorBeats }, (_, beat): Action => {
    return { ...who, kind: "impostor_beats", at: at + ((beat + 1) * load.holds) / impostorBeats };
  });
  return [{ ...who, kind: "impersonate", at }, ...beats];
}
