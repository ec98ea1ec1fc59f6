/** Which calls acknowledge something, and whether the store held it. */
import type { Call, Millis, Op } from "../../check/history.ts";
import type { ChangeKind, EpochLine, HeldNode, LineEntry } from "../truth.ts";

export type Answered = Call & { readonly to: Millis };

/** By operation and reply: the change that is acknowledged; null: that the store holds what was asked for, whichever call made it so. */
const table: Partial<Readonly<Record<Op, Readonly<Record<string, ChangeKind | null>>>>> = {
  register_node: { registered: "registered", already: null },
  heartbeat: { renewed: null, already: null },
  offline_node: { offline: "offline", already: null },
  dispatch: { reserved: "reserved", already: null },
  reserve_job: { reserved: "reserved", already: null },
  complete_job: { completed: "completed", already: null },
  release_job: { completed: "released", already: null },
  put_config: { stored: null, already: null },
};
/** Operations whose calls may acknowledge something. */
export const acknowledging = Object.keys(table) as readonly Op[];
const acknowledged = new Map(Object.entries(table).map(([op, replies]) => [op, new Map(Object.entries(replies))]));

/** undefined: it acknowledges nothing; null: a state. */
export function changeOf({ op, outcome, reply }: Call): ChangeKind | null | undefined {
  return outcome === "ok" ? acknowledged.get(op)?.get(reply) : undefined;
}

export function isAnswered(call: Call): call is Answered {
  return call.to !== null;
}

/** Whether the change is the one that the call reports. A completion may be reported again, at any later version: that is a state. */
export function isMadeBy(call: Call, { job, kind, node }: LineEntry): boolean {
  return kind === changeOf(call) && node === call.node && (job === null || job === call.job);
}

/** Whether what is acknowledged was true at a sequence, whichever call had made it true; undefined: it is not known. */
export function isSo(call: Call, line: EpochLine, sequence: number): boolean | undefined {
  const { job = "", node = "", op } = call;
  switch (op) {
    case "dispatch":
    case "reserve_job":
      return line.holds(node, job, sequence);
    case "complete_job":
      return line.finished(node, job, sequence);
    case "release_job":
      return false; // only its change says that it was released
    default: {
      const record = line.at(node, sequence);
      if (record === undefined) return undefined;
      return record !== null && isOfLife(call, record) && (record.status === "online") === (op !== "offline_node");
    }
  }
}

function isOfLife({ incarnation }: Call, record: HeldNode): boolean {
  return incarnation === undefined || incarnation === record.incarnation;
}
