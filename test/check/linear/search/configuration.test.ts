import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Configuration, ConfigurationSet, withOneMore } from "../../../../src/check/linear/search/configuration.ts";

/** States are numbers; few of them, and hashes that collide. */
const object = { covers: (a: number, b: number) => a === b, hash: (state: number) => state & 1 };

interface Plain {
  readonly state: number;
  readonly low: number;
  readonly used: readonly number[];
}

const used = fc.constantFrom([], withOneMore([], 0), withOneMore([], 1), withOneMore(withOneMore([], 0), 1));
const configuration = fc.record({ state: fc.nat(3), low: fc.nat(3), used });
const rounds = fc.array(fc.array(configuration, { maxLength: 40 }), { minLength: 2, maxLength: 6 });

const covers = (one: Plain, other: Plain): boolean =>
  one.state === other.state &&
  one.low === other.low &&
  one.used.every((count, kind) => count <= (other.used[kind] ?? 0));

describe("a set of configurations", () => {
  it("takes what no other covers, begun anew as often as may be", () => {
    fc.assert(
      fc.property(rounds, (all) => {
        const set = new ConfigurationSet<number>(object);
        for (const round of all) {
          set.clear();
          const held: Plain[] = [];
          for (const one of round) {
            const isNew = !held.some((other) => covers(other, one));
            if (isNew) held.push(one);
            expect(set.add(new Configuration(one.state, one.low, 0, one.used))).toBe(isNew);
          }
          expect(set.held.map(({ low, state }) => [state, low])).toEqual(held.map(({ low, state }) => [state, low]));
        }
      }),
    );
  });
});
