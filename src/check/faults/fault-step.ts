/** Records of faults in a history: the steps that begin and end them, and their observed effects. */
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
  /** The declared start of a fault, on the step that begins it. Absent: an event starts it, or the history does not say. */
  readonly due?: Millis;
  /** The declared duration of the fault, on such a step. Absent: an event ends it, or the history does not say. */
  readonly lasts?: Millis;
}

/** The observed effect of a fault, at the place where it acts, whatever the world had answered to the request for it. */
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
  /** How far a clock that has jumped is ahead of the run's from then on. Absent in histories from before it was recorded. */
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
