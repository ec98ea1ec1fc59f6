/** Faults of single calls and messages, chosen on the hops of the instances that a fault names. */
import { type Fault, instancesOf } from "../../../scenarios/declare/fault-kinds.ts";
import { loadScripts, type Script } from "../../redis/scripts/scripts.ts";
import type { Hop } from "../network/hop.ts";
import type { Effect, Interceptor } from "../network/interceptor.ts";
import { Beginning, type Placed, type Step, spanSteps, untilMet } from "./step.ts";

type CallFault = Extract<Fault, { readonly script: unknown }>;
type MessageFault = Extract<Fault, { readonly kind: "wake_up_dropped" }>;

/** In force on each instance that the fault names, from the chosen call on. Where no instance makes that call in time, the fault waits for one. */
export function callSteps(placed: Placed<CallFault>): readonly Step[] {
  const { fault, world } = placed;
  const script = loadScripts().scripts[fault.script];
  const set = instancesOf(fault, world.links.length).map((instance): Armed => {
    const hops = world.links[instance]?.commands.hops ?? [];
    if (hops.length === 0) throw new Error(`instance ${instance} has no hop to meet ${fault.kind} on`);
    const met = new Beginning();
    return { hops, instance, met, interceptor: interceptorFor(placed, instance, script, met) };
  });
  const places = [`calls that faults[${placed.index}] chooses`];
  return spanSteps(fault, places, {
    async inject() {
      for (const { hops, interceptor } of set) for (const hop of hops) hop.add(interceptor);
    },
    async heal() {
      await untilMet(world, () => set.some(({ met }) => met.at !== null));
      await Promise.all(set.map((each) => disarm(placed, each)));
    },
  });
}

interface Armed {
  readonly hops: readonly Hop[];
  readonly instance: number;
  readonly met: Beginning;
  readonly interceptor: Interceptor;
}

async function disarm(placed: Placed<CallFault>, { hops, instance, met, interceptor }: Armed): Promise<void> {
  const { fault, world } = placed;
  await met.untilLasted(fault.lasts, world);
  const asked = world.recorder.now();
  for (const hop of hops) hop.remove(interceptor);
  if (met.at === null) return;
  const done = world.recorder.now();
  const place = placeOf(placed, instance);
  // A cut is over at once: the instance may connect again.
  if (!isCut(fault)) world.recorder.event({ ...place, step: "heal", asked, done });
  const to = isCut(fault) ? met.at : asked;
  const { cuts_off: _, ...seen } = place;
  world.recorder.event({ ...seen, kind: "in_force", at: done, from: met.at, to, met: 1, seen_by: "hop" });
}

function isCut(fault: CallFault): boolean {
  return fault.kind === "reply_lost" && fault.connection === "cut";
}

/** In force from the chosen call on; for a lost reply, from the moment at which the reply is withheld. */
function interceptorFor(placed: Placed<CallFault>, instance: number, script: Script, met: Beginning): Interceptor {
  const { fault, world } = placed;
  let seen = 0;
  return {
    effect: effectOf(fault),
    matches(request) {
      if (!isCallOf(script, request)) return false;
      seen += 1;
      return seen === fault.nth;
    },
    triggered(request, reply) {
      const at = world.recorder.now();
      met.record(at);
      const place = placeOf(placed, instance);
      if (fault.kind === "reply_lost") {
        const subject = { instance, script: fault.script, ...subjectOf(request) };
        world.recorder.event({ kind: "lost_reply", at, ...subject, reply: reply[0] ?? "" });
      }
      const injected = { ...place, step: "inject", asked: at, done: at } as const;
      world.recorder.event(isCut(fault) ? injected : { ...injected, lasts: fault.lasts });
      if (isCut(fault)) world.recorder.event({ ...place, step: "heal", asked: at, done: at });
    },
  };
}

function effectOf(fault: CallFault): Effect {
  switch (fault.kind) {
    case "reply_lost":
      return { kind: "lose_reply", connection: fault.connection };
    case "command_delayed":
      return { kind: "delay", by: fault.adds };
    case "command_held":
      return { kind: "hold" };
    case "command_repeated":
      return { kind: "repeat" };
  }
}

function placeOf({ fault, index }: Placed<CallFault>, instance: number) {
  const cuts_off = fault.kind === "reply_lost" && fault.connection === "silent";
  return { kind: "fault", fault: index, name: fault.kind, instance, link: "commands", cuts_off } as const;
}

/** Scripts are called by their SHA-1, or with their source where the server did not know them yet. */
function isCallOf({ sha, source }: Script, [command, body]: readonly string[]): boolean {
  const name = command?.toLowerCase();
  return (name === "evalsha" && body === sha) || (name === "eval" && body === source);
}

/** The node and, where there is one, the job: the arguments after the three that all scripts have. */
function subjectOf(request: readonly string[]): { readonly node: string; readonly job: string } {
  const args = request.slice(3 + Number(request[2]) + 3);
  return { node: args[0] ?? "", job: args[1] ?? "" };
}

/** In force from the first dropped message until the fault ends. Where no message came in time, the fault waits for one. */
export function messageSteps({ fault, index, world }: Placed<MessageFault>): readonly Step[] {
  const { links, recorder } = world;
  const place = { fault: index, name: fault.kind, link: "feed" } as const;
  const set = instancesOf(fault, links.length).map((instance) => {
    const hops = links[instance]?.feed.hops ?? [];
    if (hops.length === 0) throw new Error(`instance ${instance} has no hop to drop messages on`);
    let seen = 0;
    const met = new Beginning();
    const dropped = { last: 0, count: 0 };
    const filter = (message: readonly string[]): boolean => {
      seen += 1;
      if (seen < fault.nth || seen >= fault.nth + fault.count) return false;
      const at = recorder.now();
      if (met.at === null)
        recorder.event({ kind: "fault", ...place, instance, step: "inject", cuts_off: false, asked: at, done: at });
      met.record(at);
      dropped.last = at;
      dropped.count += 1;
      recorder.event({ kind: "lost_wake_up", at, instance, version: message[2] ?? "" });
      return true;
    };
    return { hops, instance, filter, met, dropped };
  });
  const places = [`messages that faults[${index}] chooses`];
  return spanSteps(fault, places, {
    async inject() {
      for (const { hops, filter } of set) for (const hop of hops) hop.addFilter(filter);
    },
    async heal() {
      await untilMet(world, () => set.some(({ met }) => met.at !== null));
      const at = recorder.now();
      for (const { dropped, hops, instance, met, filter } of set) {
        for (const hop of hops) hop.removeFilter(filter);
        if (met.at === null) continue;
        recorder.event({ kind: "fault", ...place, instance, step: "heal", cuts_off: false, asked: at, done: at });
        const seen = { from: met.at, to: dropped.last, met: dropped.count, seen_by: "hop" } as const;
        recorder.event({ kind: "in_force", ...place, instance, at, ...seen });
      }
    },
  });
}
