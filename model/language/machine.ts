/** A model: a scope to choose, and for each choice a machine of states, actions and properties. */
import type { Domain, ValueOf } from "./domain.ts";
import type { Draft, InFlightSchema, Schema, StructSchema } from "./schema.ts";

export interface ScopeEntry {
  /** The short form, which `--scope` takes as well and which tokens and reports print. Absent: the name itself. */
  readonly short?: string;
  /** In words: `highest version`. */
  readonly means: string;
  readonly least: number;
  readonly most: number;
  readonly standard: number;
}

export type ScopeTable = Readonly<Record<string, ScopeEntry>>;
export type Scope<T extends ScopeTable = ScopeTable> = { readonly [Name in keyof T]: number };

/** A choice of bounds that has a name, so that what is claimed of it can be said again. */
export interface NamedScope<T extends ScopeTable = ScopeTable> {
  readonly means: string;
  /** Bounds that are not here have their standard value. */
  readonly bounds: Partial<Scope<T>>;
  /** Whether states that differ only in names are counted once. */
  readonly isSymmetric: boolean;
}

export interface Model<T extends ScopeTable = ScopeTable> {
  readonly name: string;
  readonly scope: T;
  readonly scopes?: Readonly<Record<string, NamedScope<T>>>;
  /** Mutants of the model: id, and the difference, in words. */
  readonly mutants: Readonly<Record<string, string>>;
  /** Pure: the same machine for the same arguments, in every thread. */
  build(scope: Scope<T>, mutant: string | null): Machine;
}

type Fields = Readonly<Record<string, Schema>>;

export interface Machine {
  readonly schema: StructSchema<Fields>;
  /** Makes the first state out of one in which everything has its first value: false, 0, none, empty. */
  readonly initial: (state: never) => void;
  /**
   * Makes of each state the one that is kept for it. Absent: each state is kept as it is. States that become one must be alike
   * to every later step and to every `always` and `sometimes`; why they are is for the model to say.
   */
  readonly normal?: ((state: never) => void) | undefined;
  readonly actions: readonly Action[];
  readonly properties: readonly Property[];
  /** Claims of other scopes that this scope cannot judge: not judged is not held. */
  readonly notJudged?: readonly NotJudged[];
}

export interface NotJudged extends Named {
  /** The reason why the scope cannot judge it. */
  readonly reason: string;
}

/** The range of an action: all values of a domain, or the values that are in flight. */
export type Parameter = Domain<unknown> | InFlightSchema<unknown>;
type Argument<P> = P extends InFlightSchema<infer Value> ? Value : ValueOf<P>;
type Arguments<P extends readonly Parameter[]> = { [Index in keyof P]: Argument<P[Index]> };

/**
 * Weak fairness: what may happen from some point on for ever does happen. `each`: for every choice of arguments by itself;
 * `some`: for the action, whatever its arguments. An action without it may never be taken at all.
 */
export type Fairness = "each" | "some";

interface Doing<State, Args extends readonly unknown[]> {
  /** Whether it can happen; changes nothing. Absent: always. */
  readonly when?: (state: State, ...args: Args) => boolean;
  /** Makes the next state of the draft. @returns false where it cannot happen after all: then the draft is thrown away */
  readonly next: (state: State, ...args: Args) => boolean;
  readonly fair?: Fairness | undefined;
}

export interface Action extends Doing<never, never> {
  readonly name: string;
  readonly over: readonly Parameter[];
}

/** `action("Register", [nodes], { when: (state, node) => …, next: (state, node) => … })`, typed by the schema. */
export function actionsOf<F extends Fields>(_schema: StructSchema<F>) {
  return <const P extends readonly Parameter[]>(
    name: string,
    over: P,
    doing: Doing<Draft<StructSchema<F>>, Arguments<P>>,
  ): Action => ({ name, over, ...(doing as unknown as Doing<never, never>) });
}

interface Named {
  /** An id of the registry of properties. */
  readonly id: string;
  readonly claim: string;
}

export type Property =
  /** Holds in every state. `premise` says in which states the claim means something; absent: in all. */
  | (Named & { readonly kind: "always"; readonly holds: Predicate; readonly premise?: Predicate | undefined })
  /** Some state is like this, or the run has shown nothing. */
  | (Named & { readonly kind: "sometimes"; readonly holds: Predicate })
  /** On every fair path `holds` comes to hold: after each state where `after` holds, or, where that is absent, after the first state. */
  | (Named & { readonly kind: "eventually"; readonly holds: Predicate; readonly after?: Predicate | undefined });

export type Predicate = (state: never) => boolean;

type StatePredicate<F extends Fields> = (state: Draft<StructSchema<F>>) => boolean;

/** The three kinds of property, typed by the schema. */
export function propertiesOf<F extends Fields>(_schema: StructSchema<F>) {
  return {
    always: (id: string, claim: string, holds: StatePredicate<F>, premise?: StatePredicate<F>): Property => ({
      kind: "always",
      id,
      claim,
      holds,
      premise,
    }),
    sometimes: (id: string, claim: string, holds: StatePredicate<F>): Property => ({
      kind: "sometimes",
      id,
      claim,
      holds,
    }),
    eventually: (id: string, claim: string, holds: StatePredicate<F>, after?: StatePredicate<F>): Property => ({
      kind: "eventually",
      id,
      claim,
      holds,
      after,
    }),
  };
}
