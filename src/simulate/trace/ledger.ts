/** Records what the clients of a run observe as events of the run. */
import type { Ledger } from "../../load/clients/caller.ts";
import type { World } from "../world/world.ts";

export function ledgerOf({ bus, timeline }: World): Ledger {
  let calls = 0;
  return {
    now: () => timeline.now,
    nextCall() {
      calls += 1;
      return calls;
    },
    begun(call, { asked, instance, job = "", lease, node = "", offer, op }) {
      bus.emit({ kind: "called", at: timeline.now, call, instance, op, node, job, offer, lease, asked });
    },
    event(event) {
      if (event.kind === "call") bus.emit({ kind: "returned", at: timeline.now, call: event });
    },
  };
}
