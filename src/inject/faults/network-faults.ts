/** Faults of the bytes between an instance and Redis: by Toxiproxy, without jitter, on every connection. */
import { endOf, type Fault, instancesOf, linksOf } from "../../../scenarios/declare/fault-kinds.ts";
import type { FaultStep, Millis } from "../../check/history.ts";
import type { Toxic } from "../../lab/toxiproxy/toxic.ts";
import { cutsOff } from "../declared/cuts-off.ts";
import type { InstanceLink, Route } from "../network/links.ts";
import { Beginning, declared, linkPlace, noTarget, type Placed, type Step, spanSteps, untilMet } from "./step.ts";

import { type Effect, WireProbe } from "./wire-probe.ts";

type NetworkFault = Extract<Fault, { readonly link: unknown; readonly lasts: number }>;
type ToxicFault = Exclude<NetworkFault, { readonly kind: "redis_refused" | "redis_half_open" }>;
type Act = (route: Route, inForce: () => void) => Promise<unknown>;

/** Each link has steps of its own, so a slow one delays no other link. */
export function networkSteps(placed: Placed<NetworkFault>): readonly Step[] {
  const { fault, world } = placed;
  return instancesOf(fault, world.links.length).flatMap((instance) =>
    linksOf(fault.link).flatMap((name): readonly Step[] => {
      const link = world.links[instance]?.[name];
      if (link === undefined) return [];
      const met = { ...placed, instance, link };
      const [begin, end] = actsOf(placed, link);
      const places = [linkPlace(instance, name)];
      const beginning = new Beginning();
      const effect = effectOf(fault);
      const route = link.routes[0];
      const probe = effect && route && new WireProbe(route.proxy.listenPort, effect, () => world.recorder.now());
      const healed = Promise.withResolvers<Millis | null>();
      const inject = async (): Promise<void> => {
        probe?.start(fault.lasts);
        if (effect?.isOfOldConnections) await probe?.untilReady();
        const attempt = async (): Promise<boolean> => {
          const done = await onLink(met, "inject", begin);
          if (done !== null) beginning.record(done);
          return done !== null;
        };
        if (!(await attempt())) await untilMet(world, attempt);
      };
      const heal = async (): Promise<void> => {
        if (beginning.at === null) return healed.resolve(null);
        await beginning.untilLasted(fault.lasts, world);
        const asked = world.recorder.now();
        await onLink(met, "heal", end);
        healed.resolve(asked);
      };
      const look = async (): Promise<void> => {
        if (probe) await recordInForce(met, probe, await healed.promise);
      };
      return [
        ...spanSteps(fault, places, { inject, heal }),
        { at: endOf(fault), does: "heal", places: [`probe of faults[${placed.index}], ${places.join()}`], run: look },
      ];
    }),
  );
}

/** A link is probed for at least so long after healing. */
const watchedFor: Millis = 1_000;

async function recordInForce({ fault, index, instance, link, world }: OnLink, probe: WireProbe, asked: Millis | null) {
  const { recorder } = world;
  if (asked === null) return probe[Symbol.dispose]();
  const since = recorder.now();
  const seen = await probe.untilHealed(asked, () => Math.max(world.loadEnds ?? 0, since + watchedFor));
  if (seen === null) return;
  const place = { fault: index, name: fault.kind, instance, link: link.name } as const;
  recorder.event({ kind: "in_force", at: recorder.now(), ...place, ...seen, seen_by: "probe" });
}

/** A probe's answer may seem a little early, since sockets and timers use different clocks. */
const nearly = 0.9;
/** The bytes of a probe take so long over a link of limited bandwidth, each way. */
const narrowed: Millis = 20;
const slices = 4;

/** The effect of a fault on a probe; null: a gap of nothing shows none. */
function effectOf(fault: NetworkFault): Effect | null {
  switch (fault.kind) {
    case "redis_latency":
      return { by: "reply", slowerThan: nearly * fault.adds * (fault.direction === "both" ? 2 : 1) };
    case "redis_bandwidth":
      return { by: "reply", slowerThan: nearly * narrowed, bytes: Math.max(100, fault.kb_per_second * narrowed) };
    case "redis_sliced":
      return fault.gap === 0 ? null : { by: "reply", slowerThan: slices * fault.gap, bytes: slices * fault.bytes };
    case "redis_blackhole":
    case "redis_refused":
    case "redis_reset":
      return { by: "reply", slowerThan: Number.POSITIVE_INFINITY };
    case "redis_half_open":
      return { by: "reply", slowerThan: Number.POSITIVE_INFINITY, isOfOldConnections: true };
    case "redis_slow_close":
      return { by: "close", slowerThan: nearly * fault.delay };
  }
}

function actsOf({ fault, index }: Placed<NetworkFault>, { routes }: InstanceLink): readonly [begin: Act, end: Act] {
  switch (fault.kind) {
    case "redis_refused":
      return [({ proxy }) => proxy.setEnabled(false), ({ proxy }) => proxy.setEnabled(true)];
    case "redis_half_open":
      return [deadening(routes[0]), async () => {}];
    default: {
      const toxics = toxicsOf(fault, index);
      return [
        async ({ proxy }, inForce) => {
          for (const toxic of toxics) {
            await proxy.addToxic(toxic);
            inForce();
          }
        },
        ({ proxy }) => proxy.removeToxics(toxics.map(({ name }) => name)),
      ];
    }
  }
}

/** @param probed the route on which the probe has a connection, which is not one of the instance's */
function deadening(probed: Route | undefined): Act {
  let ofProbe = 1;
  return async (route) => {
    const { hop } = route;
    if (hop === null) return noTarget;
    const deadened = hop.deaden();
    const own = route === probed ? Math.min(ofProbe, deadened) : 0;
    ofProbe -= own;
    return deadened === own ? noTarget : undefined;
  };
}

interface OnLink extends Placed<NetworkFault> {
  readonly instance: number;
  readonly link: InstanceLink;
}

/** On all routes of a link at the same time. @returns when it was done; null: there was nothing to inject the fault into */
async function onLink(
  { fault, index, instance, link, world }: OnLink,
  step: FaultStep["step"],
  act: Act,
): Promise<Millis | null> {
  const { recorder } = world;
  const asked = recorder.now();
  // With several toxics a fault is in force with its first, and with several routes with the last of them.
  const begun = await Promise.all(
    link.routes.map(async (route) => {
      let first: Millis | null = null;
      const result = await act(route, () => {
        first ??= recorder.now();
      });
      if (result === noTarget) return [];
      return [step === "inject" && first !== null ? first : recorder.now()];
    }),
  );
  if (begun.flat().length === 0) return null;
  const place = { kind: "fault", fault: index, name: fault.kind, instance, link: link.name, step } as const;
  const cuts_off = link.name === "commands" && cutsOff(fault);
  const done = Math.max(...begun.flat());
  recorder.event({ ...place, cuts_off, asked, done, ...(step === "inject" ? declared(fault) : {}) });
  return done;
}

type Stream = Toxic["stream"];
const bothWays: readonly Stream[] = ["upstream", "downstream"];
const streamsOf: Readonly<Record<"requests" | "replies" | "both", readonly Stream[]>> = {
  requests: ["upstream"],
  replies: ["downstream"],
  both: bothWays,
};

function toxicsOf(fault: ToxicFault, index: number): readonly Toxic[] {
  const named = (stream: Stream) => ({ name: `f${index}-${stream}`, stream });
  switch (fault.kind) {
    case "redis_latency":
      return streamsOf[fault.direction].map((stream) => ({
        ...named(stream),
        type: "latency",
        attributes: { latency: fault.adds, jitter: 0 },
      }));
    case "redis_bandwidth":
      return bothWays.map((stream) => ({
        ...named(stream),
        type: "bandwidth",
        attributes: { rate: fault.kb_per_second },
      }));
    case "redis_blackhole":
      return streamsOf[fault.direction].map((stream) =>
        fault.bytes === "lost"
          ? { ...named(stream), type: "timeout", attributes: { timeout: 0 } }
          : { ...named(stream), type: "bandwidth", attributes: { rate: 0 } },
      );
    case "redis_reset":
      return [{ ...named("upstream"), type: "reset_peer", attributes: { timeout: 0 } }];
    case "redis_slow_close":
      return bothWays.map((stream) => ({ ...named(stream), type: "slow_close", attributes: { delay: fault.delay } }));
    case "redis_sliced":
      return bothWays.map((stream) => ({
        ...named(stream),
        type: "slicer",
        attributes: { average_size: fault.bytes, size_variation: 0, delay: fault.gap * 1_000 },
      }));
  }
}
