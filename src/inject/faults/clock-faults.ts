/** Jumps of the servers' clock, as every script sees it that an instance calls. */
import type { Fault } from "../../../scenarios/declare/fault-kinds.ts";
import type { Millis } from "../../check/history.ts";
import { waitFor } from "../../lab/process/wait.ts";
import type { Hop } from "../network/hop.ts";
import type { ServerClock } from "../network/server-clock.ts";
import type { Placed, Step } from "./step.ts";

type ClockJump = Extract<Fault, { readonly kind: "clock_jump" }>;

/** Heartbeats and sweeps, which read the clock, come much more often than this. */
const readWithin = { timeout: 5_000, interval: 2 };

/** How far ahead each clock should be, after all jumps of its run. */
const declaredAhead = new WeakMap<ServerClock, Millis>();
/** The time that a call carries is rounded, and the clock goes on meanwhile. */
const tolerance: Millis = 50;

/**
 * The clock stays as it is after a jump. The history records the interval in which instances noticed it: from the jump until a call of each has read
 * the clock since. A jump that no instance noticed is not recorded.
 */
export function clockSteps({ fault, index, world }: Placed<ClockJump>): readonly Step[] {
  const { links, recorder, servers } = world;
  const place = { fault: index, name: fault.kind, instance: null, link: "server" } as const;
  return [
    {
      at: fault.at,
      does: "inject",
      places: [`readings of the clock after faults[${index}]`],
      async run() {
        const hops = links.map(({ commands }) => commands.hops);
        if (hops.some((own) => own.length === 0)) throw new Error(`an instance has no hop to meet ${fault.kind} on`);
        const { clock } = servers;
        const before = new Map(hops.flat().map((hop) => [hop, clock.readingsAt(hop)]));
        const ahead = (declaredAhead.get(clock) ?? 0) + fault.by;
        declaredAhead.set(clock, ahead);
        const asked = recorder.now();
        clock.jump(fault.by);
        const done = recorder.now();
        const hasRead = (hop: Hop): boolean => clock.readingsAt(hop) > (before.get(hop) ?? 0);
        const haveRead = (): boolean => hops.every((own) => own.some(hasRead));
        await waitFor(() => (haveRead() ? true : undefined), readWithin);
        const readers = hops.flat().filter(hasRead);
        if (readers.length === 0) return;
        recorder.event({ ...place, kind: "fault", step: "inject", cuts_off: false, asked, done, due: fault.at });
        const healed = recorder.now();
        recorder.event({ ...place, kind: "fault", step: "heal", cuts_off: false, asked: healed, done: healed });
        const met = readers.filter((hop) => Math.abs(clock.aheadAt(hop) - ahead) <= tolerance).length;
        const seen = met === readers.length ? { from: done, to: healed } : { from: null, to: null };
        recorder.event({ ...place, kind: "in_force", at: healed, ...seen, met, seen_by: "hop", ahead });
      },
    },
  ];
}
