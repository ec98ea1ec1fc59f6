import fc from "fast-check";
import { expect, it } from "vitest";
import { type Member, SwapRemoveSet } from "../../src/scheduler/calls/swap-remove-set.ts";

interface One extends Member {
  readonly name: number;
}

const steps = fc.array(fc.record({ name: fc.nat(9), isLeaving: fc.boolean() }), { maxLength: 60 });

it("holds the members that have joined and not left", () => {
  fc.assert(
    fc.property(steps, (all) => {
      const set = new SwapRemoveSet<One>();
      const here = new Map<number, One>();
      for (const { isLeaving, name } of all) {
        const known = here.get(name);
        if (isLeaving && known !== undefined) {
          set.leave(known);
          set.leave(known); // once is enough
          here.delete(name);
        } else if (known === undefined) {
          const one: One = { name, place: 0 };
          set.join(one);
          here.set(name, one);
        }
        expect(set.size).toBe(here.size);
        expect([...set].map((one) => one.name).sort()).toEqual([...here.keys()].sort());
      }
    }),
  );
});

it("goes through those who were here when it began, also when each leaves in its turn", () => {
  const set = new SwapRemoveSet<One>();
  for (let name = 0; name < 5; name += 1) set.join({ name, place: 0 });
  const met: number[] = [];
  for (const one of set) {
    met.push(one.name);
    set.leave(one);
  }
  expect(met).toEqual([0, 1, 2, 3, 4]);
  expect(set.size).toBe(0);
});
