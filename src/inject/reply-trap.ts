/** Chooses the call whose reply is lost, on the hops of the instances that a fault names. */
import { type Fault, instancesOf } from "../../scenarios/fault-kinds.ts";
import { loadScripts, type Script } from "../redis/scripts.ts";
import type { Trap } from "./hop.ts";
import type { World } from "./world.ts";

type LostReplyFault = Extract<Fault, { kind: "reply_lost" }>;

export interface Traps {
  arm(): void;
  /** The end of the fault; connections that it silenced are cut. */
  disarm(): void;
}

export function setTraps(fault: LostReplyFault, index: number, world: Pick<World, "links" | "recorder">): Traps {
  const script = loadScripts().scripts[fault.script];
  const set = instancesOf(fault, world.links.length).map((instance) => {
    const hop = world.links[instance]?.hop;
    if (!hop) throw new Error(`instance ${instance} has no hop to lose a reply on`);
    const state = { sprung: false };
    const trap = trapFor(fault, index, instance, script, world, state);
    return { hop, trap, instance, state };
  });
  return {
    arm() {
      for (const { hop, trap } of set) hop.set(trap);
    },
    disarm() {
      for (const { hop, trap, instance, state } of set) {
        const asked = world.recorder.now();
        hop.remove(trap);
        if (!state.sprung || fault.connection === "cut") continue;
        world.recorder.event({ ...placeOf(fault, index, instance), step: "heal", asked, done: world.recorder.now() });
      }
    },
  };
}

/** In force from the moment at which the reply is withheld; a cut is over at once, since nothing keeps the instance from connecting again. */
function trapFor(
  fault: LostReplyFault,
  index: number,
  instance: number,
  script: Script,
  { recorder }: Pick<World, "recorder">,
  state: { sprung: boolean },
): Trap {
  let seen = 0;
  return {
    connection: fault.connection,
    matches(request) {
      if (!isCallOf(script, request)) return false;
      seen += 1;
      return seen === fault.nth;
    },
    sprung(request, reply) {
      state.sprung = true;
      const at = recorder.now();
      const { node, job } = subjectOf(request);
      recorder.event({ kind: "lost_reply", at, instance, script: fault.script, node, job, reply: reply[0] ?? "" });
      const place = placeOf(fault, index, instance);
      recorder.event({ ...place, step: "inject", asked: at, done: at });
      if (fault.connection === "cut") recorder.event({ ...place, step: "heal", asked: at, done: at });
    },
  };
}

function placeOf(fault: LostReplyFault, index: number, instance: number) {
  const cuts_off = fault.connection === "silent";
  return { kind: "fault", fault: index, name: fault.kind, instance, link: "commands", cuts_off } as const;
}

/** By its SHA-1, or whole where the server did not know it yet. */
function isCallOf({ sha, source }: Script, [command, body]: readonly string[]): boolean {
  const name = command?.toLowerCase();
  return (name === "evalsha" && body === sha) || (name === "eval" && body === source);
}

/** Node and, where there is one, job: the arguments after those that all scripts have. */
function subjectOf(request: readonly string[]): { readonly node: string; readonly job: string } {
  const args = request.slice(3 + Number(request[2]) + 3);
  return { node: args[0] ?? "", job: args[1] ?? "" };
}
