/**
 * Records and tagged unions as values: immutable, and only one object for each, so that `===` is equality
 * and packing one into a word is reading its code.
 */
import { type Domain, type Renaming, sizeWithin, unknownCode, type ValueOf } from "./domain.ts";
import { OutsideSchema } from "./outside.ts";
import { Source } from "./source.ts";

/** Marks a value that a domain has made: an object literal will not do in its place. */
export interface Interned {
  readonly code: number;
}

export type Fields = Readonly<Record<string, Domain<unknown>>>;
type FieldValues<F extends Fields> = { readonly [Name in keyof F]: ValueOf<F[Name]> };

export interface RecordDomain<F extends Fields> extends Domain<Interned & FieldValues<F>> {
  /** @throws OutsideSchema where a field is outside its domain */
  of(fields: FieldValues<F>): Interned & FieldValues<F>;
}

export type Kinds = Readonly<Record<string, Fields>>;
type KindValue<K extends Kinds, Kind extends keyof K> = Interned & { readonly kind: Kind } & FieldValues<K[Kind]>;
type UnionValue<K extends Kinds> = { [Kind in keyof K]: KindValue<K, Kind> }[keyof K];

export interface UnionDomain<K extends Kinds> extends Domain<UnionValue<K>> {
  /** One function a kind. They throw OutsideSchema where a field is outside its domain. */
  readonly make: { readonly [Kind in keyof K]: (fields: FieldValues<K[Kind]>) => KindValue<K, Kind> };
}

export function record<const F extends Fields>(title: string, fields: F): RecordDomain<F> {
  const interned = intern(title, { [title]: fields }, false);
  return { ...interned.domain, of: interned.make[title] } as RecordDomain<F>;
}

/** A value of one of several kinds, each with its own fields. */
export function union<const K extends Kinds>(title: string, kinds: K): UnionDomain<K> {
  const interned = intern(title, kinds, true);
  return { ...interned.domain, make: interned.make } as unknown as UnionDomain<K>;
}

type Make = (fields: Readonly<Record<string, unknown>>) => Interned;

/** The values of one kind have the numbers from `first` on: `first` plus the mixed-radix number of the codes of the fields. */
interface Block {
  readonly kind: string;
  readonly first: number;
  readonly size: number;
  readonly fields: readonly (readonly [name: string, domain: Domain<unknown>])[];
}

function intern(
  title: string,
  kinds: Kinds,
  isTagged: boolean,
): { domain: Domain<Interned>; make: Record<string, Make> } {
  const blocks = blocksOf(title, kinds);
  const size = sizeWithin(
    blocks.reduce((sum, block) => sum + block.size, 0),
    title,
  );
  const family = Symbol(title);
  checkNames(title, blocks);
  const names = [...new Set(blocks.flatMap((block) => block.fields.map(([name]) => name)))];
  const properties = [...(isTagged ? ["kind"] : []), ...names];
  const compiled = compile({ title, blocks, size, family, properties, isTagged });
  const domain: Domain<Interned> = {
    title,
    size,
    mentions: [...new Set(blocks.flatMap(({ fields }) => fields.flatMap(([, each]) => each.mentions)))],
    valueAt: compiled.at,
    rename: (code, renaming) => renameWithin(blocks, title, code, renaming),
    writeCode(expression, where, source) {
      const value = source.local(expression);
      source.refuseUnless(
        `${value}.family === ${source.constant(family)}`,
        value,
        where,
        `a ${title} that its domain has made`,
      );
      return `${value}.code`;
    },
    writeValue: (expression, source) => `${source.constant(compiled.at)}(${expression})`,
  };
  return { domain, make: compiled.make };
}

/** Names stand in generated code, next to those that every value has. */
function checkNames(title: string, blocks: readonly Block[]): void {
  const taken = ["code", "kind", "family", "toJSON"];
  for (const [name] of blocks.flatMap(({ fields }) => fields)) {
    if (/^[A-Za-z_]\w*$/.test(name) && !taken.includes(name)) continue;
    throw new OutsideSchema(`${title}.${name}`, "no name for a field", `an identifier other than ${taken.join(", ")}`);
  }
}

function blocksOf(title: string, kinds: Kinds): readonly Block[] {
  let first = 0;
  return Object.entries(kinds).map(([kind, fields]) => {
    const entries = Object.entries(fields);
    const size = sizeWithin(
      entries.reduce((product, [, domain]) => product * domain.size, 1),
      `${title} ${kind}`,
    );
    const block = { kind, first, size, fields: entries };
    first += size;
    return block;
  });
}

/** A domain to be compiled. */
interface Family {
  readonly title: string;
  readonly blocks: readonly Block[];
  readonly size: number;
  /** Marks the values of this domain. */
  readonly family: symbol;
  /** The properties of every value, in order. */
  readonly properties: readonly string[];
  /** Whether a value has a `kind`. */
  readonly isTagged: boolean;
}

interface Compiled {
  readonly at: (code: number) => Interned;
  readonly make: Record<string, Make>;
}

/** Above this the values are kept in a map: an array would be mostly holes. */
const mostInArray = 2 ** 20;

/** All kinds of a union are objects of one shape, with `undefined` where a kind lacks a field: reading a field is then one load. */
function compile({ title, blocks, size, family, properties, isTagged }: Family): Compiled {
  const source = new Source();
  writeClass(properties, family, source);
  const isSmall = size <= mostInArray;
  source.line(isSmall ? `const table = new Array(${size}).fill(undefined);` : "const table = new Map();");
  source.block("function build(code)", () => {
    for (const block of blocks) writeBuild(block, properties, isTagged, source);
    source.line(`${source.constant(unknownCode)}(${JSON.stringify(title)}, code);`);
  });
  source.block("function at(code)", () => {
    source.line(`const known = ${isSmall ? "table[code]" : "table.get(code)"};`);
    source.line("if (known !== undefined) return known;");
    source.line("const built = build(code);");
    source.line(isSmall ? "table[code] = built;" : "table.set(code, built);");
    source.line("return built;");
  });
  source.line("const make = {};");
  for (const block of blocks) writeMake(block, isTagged ? block.kind : title, source);
  source.line("return { at, make };");
  return source.run() as Compiled;
}

function writeClass(properties: readonly string[], family: symbol, source: Source): void {
  source.block("class Value", () => {
    source.block(`constructor(code, ${properties.map((_, index) => `field${index}`).join(", ")})`, () => {
      source.line("this.code = code;");
      properties.forEach((name, index) => {
        source.line(`this.${name} = field${index};`);
      });
      source.line("Object.freeze(this);");
    });
    source.line(`toJSON() { const { code, ...fields } = this; return fields; }`);
  });
  source.line(`Value.prototype.family = ${source.constant(family)};`);
}

function writeBuild(block: Block, properties: readonly string[], isTagged: boolean, source: Source): void {
  source.block(`if (code >= ${block.first} && code < ${block.first + block.size})`, () => {
    source.line(`let rest = code - ${block.first};`);
    const values = new Map<string, string>(isTagged ? [["kind", JSON.stringify(block.kind)]] : []);
    for (const [name, domain] of [...block.fields].reverse()) {
      const code = source.local(`rest % ${domain.size}`);
      source.line(`rest = (rest - ${code}) / ${domain.size};`);
      values.set(name, source.local(domain.writeValue(code, source)));
    }
    source.line(`return new Value(code, ${properties.map((name) => values.get(name) ?? "undefined").join(", ")});`);
  });
}

function writeMake(block: Block, title: string, source: Source): void {
  source.block(`make[${JSON.stringify(block.kind)}] = function (fields)`, () => {
    const code = block.fields.reduce((sum, [name, domain]) => {
      const field = domain.writeCode(`fields.${name}`, `${title}.${name}`, source);
      return sum === "0" ? field : `(${sum}) * ${domain.size} + ${field}`;
    }, "0");
    source.line(`return at(${block.first} + ${code});`);
  });
}

function renameWithin(blocks: readonly Block[], title: string, code: number, renaming: Renaming): number {
  const block = blocks.find(({ first, size }) => code >= first && code < first + size);
  if (block === undefined) return unknownCode(title, code);
  let rest = code - block.first;
  let weight = 1;
  let renamed = 0;
  for (const [, domain] of [...block.fields].reverse()) {
    renamed += domain.rename(rest % domain.size, renaming) * weight;
    rest = Math.floor(rest / domain.size);
    weight *= domain.size;
  }
  return block.first + renamed;
}
