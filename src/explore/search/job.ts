/** The messages to and from the threads of a search. Everything here can be sent to another thread. */
import type { Machine, Model, Scope } from "../../../model/language/machine.ts";
import { BrokenRunError, messageOf, UsageError } from "../../evidence/failure.ts";
import { nearestFix } from "../../evidence/nearest.ts";
import type { ModelTable } from "../models.ts";
import type { Tally } from "../properties/checks.ts";
import type { Lasso } from "../properties/liveness.ts";
import { shortScope } from "../scope.ts";
import type { StoredStates } from "./graph.ts";
import type { Progress, Shard } from "./shard.ts";

/** Which machine is explored. */
export interface Subject {
  /** URL of the module that exports `models`, a `ModelTable`. */
  readonly table: string;
  readonly model: string;
  readonly scope: Scope;
  readonly mutant: string | null;
  readonly isSymmetric: boolean;
}

export interface Job extends Subject {
  readonly thread: number;
  readonly threads: number;
  readonly mostBytes: number;
  readonly control: SharedArrayBuffer;
  /** From each thread (outer) to each (inner). */
  readonly mailboxes: readonly (readonly SharedArrayBuffer[])[];
}

export interface Done extends Omit<Shard, "crash"> {
  readonly kind: "done";
  readonly generated: number;
  readonly kept: StoredStates;
  readonly bytes: number;
  readonly tallies: readonly Tally[];
  readonly crash: Crash | null;
}

/** To a thread that is done: judge the `eventually` properties over the states of all threads. */
export interface JudgeLiveness {
  readonly kind: "judge";
  readonly kept: readonly StoredStates[];
  /** For what the judging keeps of states and steps. */
  readonly mostBytes: number;
}

export interface Judged {
  readonly kind: "judged";
  /** One a property, in their order; null: not refuted, or not an `eventually`. As a whole null: out of memory. */
  readonly lassos: readonly (Lasso | null)[] | null;
  readonly crash: Crash | null;
}

/** `begun`: its modules are loaded, and from now on it heeds the control. */
export type FromThread = Done | Judged | (Progress & { readonly kind: "progress" }) | { readonly kind: "begun" };

/** An error that travels. */
export interface Crash {
  readonly message: string;
  readonly where: string;
  readonly fix: string;
  readonly stack: string;
}

export function packCrash(error: unknown): Crash {
  const { where, fix } = error instanceof BrokenRunError ? error : { where: "explore", fix: "report it: this is ours" };
  return { message: messageOf(error), where, fix, stack: error instanceof Error ? (error.stack ?? "") : "" };
}

export function unpackCrash({ message, where, fix, stack }: Crash): BrokenRunError {
  return new BrokenRunError(message, { where, fix }, stack === "" ? undefined : new Error(stack));
}

/** @throws UsageError for a model that is not in the table */
export async function loadModel(table: string, name: string): Promise<Model> {
  const { models } = (await import(table)) as { readonly models: ModelTable };
  const load = Object.hasOwn(models, name) ? models[name] : undefined;
  if (load !== undefined) return load();
  const known = Object.keys(models);
  throw new UsageError(`unknown model ${JSON.stringify(name)}; allowed: ${known.join(", ")}`, {
    where: "--model",
    fix: nearestFix(name, known, "choose one of the models named above"),
  });
}

/** @throws BrokenRunError where the model cannot be built in this scope */
export function buildMachine(model: Model, { scope, mutant }: Pick<Subject, "scope" | "mutant">): Machine {
  try {
    return model.build(scope, mutant);
  } catch (error) {
    throw new BrokenRunError(
      `model ${model.name}: ${messageOf(error)}`,
      {
        where: `scope ${JSON.stringify(shortScope(model, scope))}`,
        fix: "choose a smaller scope, or split the value into several fields",
      },
      error,
    );
  }
}
