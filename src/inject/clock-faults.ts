/** Jumps of the servers' clock, as every script sees it that an instance calls. */
import type { Fault } from "../../scenarios/fault-kinds.ts";
import { waitFor } from "../lab/wait.ts";
import type { Placed, Step } from "./step.ts";

type ClockJump = Extract<Fault, { readonly kind: "clock_jump" }>;

/** Nodes send heartbeats and sweeps are made much more often than this. */
const readWithin = { deadline: 5_000, interval: 2 };

/**
 * It stays as it is after a jump. Taken down is the time in which instances met it: from the jump until a call of each has read the clock
 * since. Where none did, nobody met it, and it is not taken down.
 */
export function clockSteps({ fault, index, world }: Placed<ClockJump>): readonly Step[] {
  const { links, recorder, servers } = world;
  const place = { kind: "fault", fault: index, name: fault.kind, instance: null, link: "server" } as const;
  return [
    {
      at: fault.at,
      does: "inject",
      places: [`readings of the clock after faults[${index}]`],
      async run() {
        const hops = links.map(({ commands }) => commands.hops);
        if (hops.some((own) => own.length === 0)) throw new Error(`an instance has no hop to meet ${fault.kind} on`);
        const readings = (own: (typeof hops)[number]): number =>
          own.reduce((sum, hop) => sum + servers.clock.readingsAt(hop), 0);
        const before = hops.map(readings);
        const asked = recorder.now();
        servers.clock.jump(fault.by);
        const done = recorder.now();
        const haveRead = () => hops.map((own, instance) => readings(own) > (before[instance] ?? 0));
        await waitFor(() => (haveRead().every(Boolean) ? true : undefined), readWithin);
        if (!haveRead().some(Boolean)) return;
        recorder.event({ ...place, step: "inject", cuts_off: false, asked, done });
        recorder.event({ ...place, step: "heal", cuts_off: false, asked: recorder.now(), done: recorder.now() });
      },
    },
  ];
}
