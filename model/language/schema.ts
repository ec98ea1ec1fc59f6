/**
 * How the state of a model is described: what it consists of, and what each part may be.
 *
 * A field of a state is of a domain (domain.ts, value.ts, subset.ts), or one of the containers here.
 */
import type { Domain, Names } from "./domain.ts";
import type { InFlight } from "./in-flight.ts";
import type { Sequence } from "./sequence.ts";
import type { Table } from "./table.ts";

export interface StructSchema<out F extends Readonly<Record<string, Schema>>> {
  readonly container: "struct";
  readonly fields: F;
}
export interface MapSchema<out Each extends Schema> {
  readonly container: "map";
  readonly keys: Names;
  readonly each: Each;
}
export interface InFlightSchema<out Value> {
  readonly container: "in_flight";
  readonly of: Domain<Value>;
  readonly most: number;
  readonly full: "disables" | "is_outside";
}
export interface SequenceSchema<out Value> {
  readonly container: "sequence";
  readonly of: Domain<Value>;
  readonly most: number;
}

export type Schema =
  | Domain<unknown>
  | StructSchema<Readonly<Record<string, Schema>>>
  | MapSchema<Schema>
  | InFlightSchema<unknown>
  | SequenceSchema<unknown>;

/** A state as actions see it: a scratch copy, which they may change, of one state, which nothing changes. */
export type Draft<S> =
  S extends StructSchema<infer F>
    ? { -readonly [Name in keyof F]: Draft<F[Name]> }
    : S extends MapSchema<infer Each>
      ? Table<Draft<Each>>
      : S extends InFlightSchema<infer Value>
        ? InFlight<Value>
        : S extends SequenceSchema<infer Value>
          ? Sequence<Value>
          : S extends Domain<infer Value>
            ? Value
            : never;

export function struct<const F extends Readonly<Record<string, Schema>>>(fields: F): StructSchema<F> {
  return { container: "struct", fields };
}

/** One value for every name. */
export function mapOf<Each extends Schema>(keys: Names, each: Each): MapSchema<Each> {
  return { container: "map", keys, each };
}

/**
 * A set of at most `most` values out of many, such as the messages in a network.
 * @param full what adding one too many does: `disables` the action, or `is_outside` the schema, which is an error of the model
 */
export function inFlight<Value>(
  of: Domain<Value>,
  most: number,
  full: "disables" | "is_outside",
): InFlightSchema<Value> {
  return { container: "in_flight", of, most, full };
}

/** At most `most` values, in order. */
export function sequenceOf<Value>(of: Domain<Value>, most: number): SequenceSchema<Value> {
  return { container: "sequence", of, most };
}
