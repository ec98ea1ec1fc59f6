/** Does to the world what a scenario declares, at the declared times, and takes down when it was asked for and when it was done. */
import { endOf, type Fault, instancesOf, linksOf } from "../../scenarios/fault-kinds.ts";
import type { FaultStep, Millis } from "../check/history.ts";
import type { Toxic } from "../lab/toxic.ts";
import type { InstanceLinks, LinkName } from "./links.ts";
import { setTraps } from "./reply-trap.ts";
import type { World } from "./world.ts";

interface Step {
  readonly at: Millis;
  readonly order: number;
  readonly run: () => Promise<void>;
}

/** Runs the timeline to its end, or until `signal`. The load's time 0 is the recorder's. */
export async function runFaults(faults: readonly Fault[], world: World, signal: AbortSignal): Promise<void> {
  // Of two steps at one time the new fault comes first, so that what follows at once leaves no moment of health between.
  const steps = faults
    .flatMap((fault, index) => stepsOf(fault, index, world))
    .sort((a, b) => a.at - b.at || a.order - b.order);
  for (const step of steps) {
    const wait = step.at - world.recorder.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    if (signal.aborted) return;
    await step.run();
  }
}

function stepsOf(fault: Fault, index: number, world: World): readonly Step[] {
  const inject = (run: () => Promise<void>): Step => ({ at: fault.at, order: 0, run });
  const heal = (run: () => Promise<void>): Step => ({ at: endOf(fault), order: 1, run });
  switch (fault.kind) {
    case "redis_latency":
    case "redis_blackhole": {
      const toxics = toxicsOf(fault, index);
      return [
        inject(() => onLinks(fault, index, "inject", world, addAll(toxics))),
        heal(() => onLinks(fault, index, "heal", world, removeAll(toxics))),
      ];
    }
    case "redis_refused":
      return [
        inject(() => onLinks(fault, index, "inject", world, (proxy) => proxy.setEnabled(false))),
        heal(() => onLinks(fault, index, "heal", world, (proxy) => proxy.setEnabled(true))),
      ];
    case "redis_restart":
      return [inject(() => restart(fault, index, world))];
    case "reply_lost": {
      const traps = setTraps(fault, index, world);
      return [inject(async () => traps.arm()), heal(async () => traps.disarm())];
    }
  }
}

type Spell = Extract<Fault, { readonly link: unknown }>;
type OnLink = (proxy: InstanceLinks[LinkName], inForce: () => void) => Promise<void>;

/** On all targeted links at the same time. */
async function onLinks(fault: Spell, index: number, step: FaultStep["step"], world: World, act: OnLink): Promise<void> {
  const { links, recorder } = world;
  const work = instancesOf(fault, links.length).flatMap((instance) =>
    linksOf(fault.link).map(async (link) => {
      const proxy = links[instance]?.[link];
      if (proxy === undefined) return;
      const asked = recorder.now();
      let first: Millis | null = null;
      await act(proxy, () => {
        first ??= recorder.now();
      });
      // A fault is in force with its first half, and healed with its last.
      const done = step === "inject" && first !== null ? first : recorder.now();
      const cuts_off = link === "commands" && !(fault.kind === "redis_latency" && fault.adds < slow);
      recorder.event({ kind: "fault", fault: index, name: fault.kind, instance, link, step, cuts_off, asked, done });
    }),
  );
  await Promise.all(work);
}

/** Latency below this leaves some answers within a deadline of 25 ms. */
const slow = 50;

function addAll(toxics: readonly Toxic[]): OnLink {
  return async (proxy, inForce) => {
    for (const toxic of toxics) {
      await proxy.addToxic(toxic);
      inForce();
    }
  };
}

function removeAll(toxics: readonly Toxic[]): OnLink {
  return async (proxy) => {
    for (const { name } of toxics) await proxy.removeToxic(name);
  };
}

/** What is lost is lost in both directions, and what is held is held in both; jitter and chance have no part in it. */
function toxicsOf(
  fault: Extract<Fault, { kind: "redis_latency" | "redis_blackhole" }>,
  index: number,
): readonly Toxic[] {
  const streams = ["upstream", "downstream"] as const;
  if (fault.kind === "redis_latency") {
    const attributes = { latency: fault.adds, jitter: 0 };
    return [{ name: `f${index}`, stream: "downstream", type: "latency", attributes }];
  }
  return streams.map((stream): Toxic => {
    const name = `f${index}-${stream}`;
    return fault.bytes === "lost"
      ? { name, stream, type: "timeout", attributes: { timeout: 0 } }
      : { name, stream, type: "bandwidth", attributes: { rate: 0 } };
  });
}

async function restart(
  fault: Extract<Fault, { kind: "redis_restart" }>,
  index: number,
  { redis, observer, recorder }: World,
): Promise<void> {
  const place = {
    kind: "fault",
    fault: index,
    name: fault.kind,
    instance: null,
    link: "server",
    cuts_off: true,
  } as const;
  const asked = recorder.now();
  await observer.quiesce();
  const keepData = fault.data === "kept";
  // The server saves before it is killed, so with data kept the two cannot be told apart here.
  if (!keepData) await redis.kill();
  const killed = recorder.now();
  recorder.event({ ...place, step: "inject", asked, done: killed });
  await redis.restart({ keepData });
  recorder.event({ ...place, step: "heal", asked: killed, done: recorder.now() });
}
