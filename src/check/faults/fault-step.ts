/** What a history says of faults: what was done to the world, and what was seen of it. */
import type { Millis } from "../../protocol/time.ts";

/** One thing done to the world; it took effect at some moment from `asked` to `done`. */
export interface FaultStep {
  readonly kind: "fault";
  /** Its place in the scenario's list. */
  readonly fault: number;
  readonly name: string;
  /** null: the server, hence all. */
  readonly instance: number | null;
  readonly link: "commands" | "feed" | "server" | "process";
  readonly step: "inject" | "heal";
  /** While it is in force no command can be answered within its deadline. */
  readonly cuts_off: boolean;
  readonly asked: Millis;
  readonly done: Millis;
  /** Of a step that begins a fault: when it is declared to begin. Absent: when something happens, or the history does not say. */
  readonly due?: Millis;
  /** Of such a step: for how long the fault is declared to be in force. Absent: until something happens, or the history does not say. */
  readonly lasts?: Millis;
}

/** What was seen of a fault where it has its effect, whatever the world had answered to the request for it. */
export interface InForce {
  readonly kind: "in_force";
  readonly at: Millis;
  /** As in `FaultStep`. */
  readonly fault: number;
  readonly name: string;
  readonly instance: number | null;
  readonly link: FaultStep["link"];
  /** The first moment at which the effect was seen, and the last; null: it never was. */
  readonly from: Millis | null;
  readonly to: Millis | null;
  /** When the effect was first seen to be gone after healing had been asked for; null: never. Absent: it was not observed. */
  readonly healed?: Millis | null;
  /** How many calls, messages, probes or looks met it. */
  readonly met: number;
  readonly seen_by: "probe" | "hop" | "process" | "server";
  /** Of a jump of the clock: how far it is ahead of the run's from then on. Absent in histories from before it was recorded. */
  readonly ahead?: Millis;
}

/** A fault of single calls or messages found none of its kind on an instance. */
export interface FaultMissed {
  readonly kind: "fault_missed";
  readonly at: Millis;
  /** As in `FaultStep`. */
  readonly fault: number;
  readonly name: string;
  readonly instance: number;
  /** The commands that passed while it waited, by name, and how often. */
  readonly commands: Readonly<Record<string, number>>;
}
