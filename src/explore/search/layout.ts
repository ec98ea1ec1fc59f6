/** Where each part of a state lies: a draft to work on, and slots of so many bits in the packed words. */
import type { Domain, Names, Renaming } from "../../../model/language/domain.ts";
import { InFlight } from "../../../model/language/in-flight.ts";
import type { Draft, InFlightSchema, Schema, SequenceSchema, StructSchema } from "../../../model/language/schema.ts";
import { Sequence } from "../../../model/language/sequence.ts";
import type { Source } from "../../../model/language/source.ts";
import { Table } from "../../../model/language/table.ts";

/** A number of 0 to `size` - 1 that is part of a state. */
export interface Slot {
  /** The field, as a path from the state: `cache.0.1`. */
  readonly where: string;
  readonly size: number;
  /** Slots of one kind have the same codes for the same content. */
  readonly kind: object;
  /** The domains of names that occur in its values. */
  readonly mentions: readonly Names[];
  /** The code of the same content after names have been permuted. */
  rename(code: number, renaming: Renaming): number;
}

/** Slots that are read and written together: one field, or the places of one container. */
export interface Part {
  readonly slots: readonly Slot[];
  /** Writes statements into generated code that read the draft. @returns one expression a slot */
  read(source: Source): readonly string[];
  /** Writes statements into generated code that fill the draft from `codes`, one expression a slot. */
  write(codes: readonly string[], source: Source): void;
  /** Where the names decide which part it is: those it is under, outermost first. */
  readonly under: readonly (readonly [names: Names, name: number])[];
  /** Its path without those names: parts of one family change places. */
  readonly family: string;
  /** Whether its places are a set, to be put in order after names have been permuted. */
  readonly isSet: boolean;
}

export interface Layout {
  readonly draft: Draft<StructSchema<Readonly<Record<string, Schema>>>>;
  readonly parts: readonly Part[];
  /** Which draft object belongs to which set in flight; under a map there are several of one. */
  readonly sets: readonly (readonly [InFlightSchema<unknown>, InFlight<unknown>])[];
}

type Under = Part["under"];
interface Place {
  readonly where: string;
  readonly family: string;
  readonly under: Under;
}

export function slotsOf({ parts }: Layout): readonly Slot[] {
  return parts.flatMap((part) => part.slots);
}

export function layOut(schema: StructSchema<Readonly<Record<string, Schema>>>): Layout {
  const parts: Part[] = [];
  const sets: [InFlightSchema<unknown>, InFlight<unknown>][] = [];

  function build(schema: Schema, place: Place, holder: object, key: string): unknown {
    if (!("container" in schema)) {
      parts.push(fieldPart(schema, place, holder, key));
      return schema.valueAt(0);
    }
    switch (schema.container) {
      case "struct": {
        const draft: Record<string, unknown> = {};
        for (const [name, each] of Object.entries(schema.fields)) {
          draft[name] = build(each, inside(place, name), draft, `.${name}`);
        }
        return draft;
      }
      case "map": {
        const values: unknown[] = [];
        for (const name of schema.keys.all) {
          const under = [...place.under, [schema.keys, name] as const];
          const inner = { where: `${place.where}.${name}`, family: `${place.family}.*`, under };
          values.push(build(schema.each, inner, values, `[${name}]`));
        }
        return new Table(place.where, values);
      }
      case "in_flight": {
        const set = new InFlight(place.where, schema.of, schema.most, schema.full === "is_outside");
        parts.push(setPart(schema, set, place));
        sets.push([schema, set]);
        return set;
      }
      case "sequence": {
        const sequence = new Sequence<unknown>(place.where, schema.most);
        parts.push(sequencePart(schema, sequence, place));
        return sequence;
      }
    }
  }

  const draft = build(schema, { where: "", family: "", under: [] }, {}, "") as Layout["draft"];
  return { draft, parts, sets };
}

function inside({ where, family, under }: Place, name: string): Place {
  const path = (before: string): string => (before === "" ? name : `${before}.${name}`);
  return { where: path(where), family: path(family), under };
}

function fieldPart(domain: Domain<unknown>, place: Place, holder: object, key: string): Part {
  const { size, mentions } = domain;
  return {
    ...place,
    slots: [
      { where: place.where, size, kind: domain, mentions, rename: (code, renaming) => domain.rename(code, renaming) },
    ],
    isSet: false,
    read: (source) => [domain.writeCode(`${source.constant(holder)}${key}`, place.where, source)],
    write: ([code = ""], source) =>
      source.line(`${source.constant(holder)}${key} = ${domain.writeValue(source.local(code), source)};`),
  };
}

/** A place holds 0 where it is empty, else the code of its value plus 1. */
function placesOf(schema: { readonly of: Domain<unknown>; readonly most: number }, where: string): readonly Slot[] {
  const { of, most } = schema;
  return Array.from({ length: most }, (_, index) => ({
    where: `${where}.${index}`,
    size: of.size + 1,
    kind: schema,
    mentions: of.mentions,
    rename: (code, renaming) => (code === 0 ? 0 : of.rename(code - 1, renaming) + 1),
  }));
}

function setPart(schema: InFlightSchema<unknown>, set: InFlight<unknown>, place: Place): Part {
  const slots = placesOf(schema, place.where);
  return {
    ...place,
    slots,
    isSet: true,
    read: (source) => slots.map((_, index) => `${source.constant(set.codes)}[${index}] + 1`),
    write: (codes, source) => {
      const places = codes.map((code) => source.local(code));
      places.forEach((code, index) => {
        source.line(`${source.constant(set.codes)}[${index}] = ${code} - 1;`);
      });
      source.line(`${source.constant(set)}.size = ${places.map((code) => `(${code} === 0 ? 0 : 1)`).join(" + ")};`);
    },
  };
}

function sequencePart(schema: SequenceSchema<unknown>, sequence: Sequence<unknown>, place: Place): Part {
  const slots = placesOf(schema, place.where);
  return {
    ...place,
    slots,
    isSet: false,
    read: (source) => {
      const values = source.constant(sequence.values);
      return slots.map((slot, index) => {
        const code = source.declare("0");
        source.block(`if (${values}.length > ${index})`, () =>
          source.line(`${code} = ${schema.of.writeCode(`${values}[${index}]`, slot.where, source)} + 1;`),
        );
        return code;
      });
    },
    write: (codes, source) => {
      const values = source.constant(sequence.values);
      source.line(`${values}.length = 0;`);
      for (const code of codes.map((each) => source.local(each))) {
        source.block(`if (${code} !== 0)`, () =>
          source.line(`${values}.push(${schema.of.writeValue(`${code} - 1`, source)});`),
        );
      }
    },
  };
}
