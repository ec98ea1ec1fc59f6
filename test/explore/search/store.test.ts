import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Graph } from "../../../src/explore/search/graph.ts";
import { createStore, OutOfMemory } from "../../../src/explore/search/store.ts";

const words = 3;
/** Few different words, so that states often agree in some of them and come twice. */
const state = fc.tuple(fc.integer({ min: -2, max: 2 }), fc.constantFrom(0, -1, 2 ** 31 - 1), fc.integer({ max: 40 }));

describe("the store", () => {
  it("keeps every state once, in the order in which it came first", () => {
    fc.assert(
      fc.property(fc.array(state, { maxLength: 400 }), (states) => {
        const store = createStore({ words, mostBytes: 2 ** 20 });
        for (const each of states) store.insert(...each);
        const expected = [...new Set(states.map(String))];
        expect(store.size()).toBe(expected.length);
        const kept = expected.map((_, index) =>
          String([...store.states().subarray(index * words, (index + 1) * words)]),
        );
        expect(kept).toEqual(expected);
      }),
    );
  });

  const many = 50_000;
  const wordsOf = (index: number): [number, number, number] => [index % 100, Math.imul(index, 0x9e3779b1), -index];

  it("finds all of them again, and nothing else, after it has grown", () => {
    const store = createStore({ words, mostBytes: 2 ** 26 });
    for (let index = 0; index < many; index += 1) store.insert(...wordsOf(index));
    for (let index = 0; index < many; index += 1) store.insert(...wordsOf(index));
    expect(store.size()).toBe(many);
    const found = Array.from({ length: many }, (_, index) => store.find(...wordsOf(index)));
    expect(found.every((place, index) => place === index)).toBe(true);
    const strangers = Array.from({ length: many }, (_, index) => store.find(index % 100, index, index + 1));
    expect(strangers.every((place) => place === -1)).toBe(true);
  });

  it("is read by others from its memory", () => {
    const store = createStore({ words, mostBytes: 2 ** 26 });
    for (let index = 0; index < many; index += 1) {
      store.setParent(index - 1);
      store.insert(...wordsOf(index));
    }
    const graph = new Graph(words, [{ memory: store.memory, size: store.size() }]);
    expect(graph.find(wordsOf(many - 1))).toBe(many - 1);
    expect(graph.find([1, 2, 3])).toBe(-1);
    expect(graph.pathTo(5)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(graph.wordsOf(7)).toEqual(wordsOf(7));
  });

  it("refuses to outgrow its memory, and keeps what it has", () => {
    const store = createStore({ words, mostBytes: 2 ** 18 });
    const fill = (): void => {
      for (let index = 0; index < many; index += 1) store.insert(...wordsOf(index));
    };
    expect(fill).toThrow(OutOfMemory);
    expect(store.bytes()).toBeLessThanOrEqual(2 ** 18);
    expect(store.size()).toBeGreaterThan(4000);
    expect(store.find(...wordsOf(4000))).toBe(4000);
    expect(store.find(...wordsOf(store.size()))).toBe(-1);
  });
});
