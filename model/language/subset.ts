/** Sets of names as values: immutable, one object for each, `===` is equality. */
import { type Domain, type Names, sizeWithin, unknownCode } from "./domain.ts";
import type { Source } from "./source.ts";
import type { Interned } from "./value.ts";

export interface Subset extends Interned {
  readonly size: number;
  has(name: number): boolean;
  with(name: number): Subset;
  without(name: number): Subset;
}

export interface SubsetDomain extends Domain<Subset> {
  readonly empty: Subset;
  of(...members: readonly number[]): Subset;
}

/** At most 16 names: all 65,536 sets are made at once. */
const mostNames = 16;

export function setOf(of: Names): SubsetDomain {
  const title = `a set of ${of.noun}s`;
  sizeWithin(of.size <= mostNames ? 2 ** of.size : Number.POSITIVE_INFINITY, `${title}, at most ${mostNames} of them,`);
  const all: Bits[] = [];
  for (let bits = 0; bits < 2 ** of.size; bits += 1) all.push(new Bits(all, bits));
  const valueAt = (code: number): Subset => all[code] ?? unknownCode(title, code);
  return {
    title,
    size: all.length,
    mentions: [of],
    empty: valueAt(0),
    of: (...members) => members.reduce((set, name) => set.with(name), valueAt(0)),
    valueAt,
    rename: (code, renaming) =>
      of.all.reduce((bits, name) => ((code >> name) & 1 ? bits | (1 << renaming(of, name)) : bits), 0),
    writeCode(expression: string, where: string, source: Source) {
      const value = source.local(expression);
      source.refuseUnless(`${value}.all === ${source.constant(all)}`, value, where, title);
      return `${value}.code`;
    },
    writeValue: (expression, source) => `${source.constant(all)}[${expression}]`,
  };
}

class Bits implements Subset {
  readonly all: readonly Bits[];
  readonly code: number;
  readonly size: number;

  constructor(all: readonly Bits[], bits: number) {
    this.all = all;
    this.code = bits;
    let size = 0;
    for (let rest = bits; rest !== 0; rest &= rest - 1) size += 1;
    this.size = size;
  }

  has(name: number): boolean {
    return ((this.code >> name) & 1) === 1;
  }

  with(name: number): Subset {
    return this.#at(this.code | (1 << name));
  }

  without(name: number): Subset {
    return this.#at(this.code & ~(1 << name));
  }

  toJSON(): readonly number[] {
    return Array.from({ length: 32 }, (_, name) => name).filter((name) => this.has(name));
  }

  #at(bits: number): Subset {
    return this.all[bits] ?? unknownCode("a set", bits);
  }
}
