/** Faults of single calls, chosen on the hops of the instances that a fault names. */
import { type Fault, instancesOf } from "../../../../scenarios/declare/fault-kinds.ts";
import { budget } from "../../../check/documented-settings.ts";
import type { Hop } from "../../network/hop.ts";
import type { Effect, Interceptor } from "../../network/interceptor.ts";
import { Beginning, type Placed, type Step, spanSteps, untilMet } from "../step.ts";
import { answerTo, type CallSubject, choiceOf } from "./choice.ts";
import { CommandLog } from "./command-log.ts";

type CallFault = Extract<Fault, { readonly script: unknown }>;

/** In force on each instance that the fault names, from the chosen call on. Where no instance makes that call in time, the fault waits for one. */
export function callSteps(placed: Placed<CallFault>): readonly Step[] {
  const { fault, world } = placed;
  const set = instancesOf(fault, world.links.length).map((instance): Armed => {
    const hops = world.links[instance]?.commands.hops ?? [];
    if (hops.length === 0) throw new Error(`instance ${instance} has no hop to meet ${fault.kind} on`);
    const met = new Beginning();
    const target = { hops, instance, met };
    return { ...target, log: new CommandLog(hops), interceptor: interceptorFor(placed, target) };
  });
  const places = [`calls that faults[${placed.index}] chooses`];
  return spanSteps(fault, places, {
    async inject() {
      for (const { hops, interceptor, log } of set) {
        log.begin();
        for (const hop of hops) hop.add(interceptor);
      }
    },
    async heal() {
      await untilMet(world, () => set.some(({ met }) => met.at !== null));
      await Promise.all(set.map((each) => disarm(placed, each)));
    },
  });
}

/** The calls of one instance. */
interface Target {
  readonly hops: readonly Hop[];
  readonly instance: number;
  readonly met: Beginning;
}

interface Armed extends Target {
  readonly log: CommandLog;
  readonly interceptor: Interceptor;
}

async function disarm(placed: Placed<CallFault>, { hops, instance, interceptor, met, log }: Armed): Promise<void> {
  const { fault, world } = placed;
  await met.untilLasted(fault.lasts, world);
  const asked = world.recorder.now();
  for (const hop of hops) hop.remove(interceptor);
  if (met.at === null) return log.record(placed, instance);
  const done = world.recorder.now();
  const place = placeOf(placed, instance);
  // A cut is over at once: the instance may connect again.
  if (!isCut(fault)) world.recorder.event({ ...place, step: "heal", asked, done });
  const to = isCut(fault) ? met.at : asked;
  const { cuts_off: _, ...seen } = place;
  world.recorder.event({ ...seen, kind: "in_force", at: done, from: met.at, to, met: 1, seen_by: "hop" });
}

/** A history is a text file: what others reply may be long. */
const longest = 200;

function isCut(fault: CallFault): boolean {
  return fault.kind === "reply_lost" && fault.connection === "cut";
}

/** In force from the chosen call on; for a lost reply, from the moment at which the reply is withheld. */
function interceptorFor(placed: Placed<CallFault>, { hops, instance, met }: Target): Interceptor {
  const { fault, world } = placed;
  const inFlight = world.processes[instance]?.inFlight;
  const choose = choiceOf(fault.script, inFlight);
  let seen = 0;
  let chosen: CallSubject = { node: "", job: "", place: 0 };
  return {
    effect: effectOf(fault),
    matches(call) {
      const subject = choose(call);
      if (subject === null) return false;
      seen += 1;
      chosen = subject;
      return seen === fault.nth;
    },
    triggered(_, reply) {
      const at = world.recorder.now();
      met.record(at);
      const place = placeOf(placed, instance);
      if (fault.kind === "reply_lost") {
        const { job, node } = chosen;
        const subject = { instance, script: fault.script, node, job };
        world.recorder.event({ kind: "lost_reply", at, ...subject, reply: answerTo(chosen, reply).slice(0, longest) });
      }
      const injected = { ...place, step: "inject", asked: at, done: at } as const;
      if (isCut(fault)) {
        world.recorder.event(injected);
        world.recorder.event({ ...place, step: "heal", asked: at, done: at });
      } else if (place.cuts_off && inFlight !== undefined) {
        // A client that has other connections goes on. Of a hosted instance the harness knows that it has none.
        const before = answersOf(hops);
        const isAnswered = (): boolean => answersOf(hops) > before;
        setTimeout(() => world.recorder.event({ ...injected, cuts_off: !isAnswered(), lasts: fault.lasts }), budget);
      } else world.recorder.event({ ...injected, lasts: fault.lasts });
    },
  };
}

function answersOf(hops: readonly Hop[]): number {
  return hops.reduce((sum, { answers }) => sum + answers, 0);
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
