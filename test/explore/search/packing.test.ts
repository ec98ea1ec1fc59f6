import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bool, integer, names, oneOf, optional } from "../../../model/language/domain.ts";
import type { Machine } from "../../../model/language/machine.ts";
import { type Draft, inFlight, mapOf, sequenceOf, struct } from "../../../model/language/schema.ts";
import { setOf } from "../../../model/language/subset.ts";
import { record, union } from "../../../model/language/value.ts";
import { compileExpander } from "../../../src/explore/search/expander.ts";
import { pack } from "../../../src/explore/search/packing.ts";
import { fieldLines, fieldTexts } from "../../../src/explore/view/state-text.ts";

const nodes = names("node", 3);
/** In flight are values that a domain has made. */
const nodeId = record("id", { node: nodes });
const Set3 = setOf(nodes);
const Status = oneOf("online", "offline", "expired");
const Node = record("node", { status: Status, load: integer(-3, 12), friends: Set3, next: optional(nodes) });
const Message = union("message", { Ping: { to: nodes }, Load: { to: nodes, node: Node, urgent: bool }, Stop: {} });
const schema = struct({
  node: mapOf(nodes, Node),
  seen: mapOf(nodes, mapOf(nodes, optional(Status))),
  net: inFlight(Message, 4, "is_outside"),
  log: sequenceOf(Message, 3),
  box: mapOf(nodes, struct({ open: bool, held: inFlight(nodeId, 2, "is_outside") })),
  inner: struct({ only: integer(7, 7), flag: bool, big: integer(0, 2 ** 29) }),
});
type State = Draft<typeof schema>;

const node = fc.nat(2);
const status = fc.constantFrom("online" as const, "offline" as const, "expired" as const);
const nodeValue = fc
  .record({ status, load: fc.integer({ min: -3, max: 12 }), friends: fc.subarray([0, 1, 2]), next: fc.option(node) })
  .map(({ friends, ...fields }) => Node.of({ ...fields, friends: Set3.of(...friends) }));
const message = fc.oneof(
  node.map((to) => Message.make.Ping({ to })),
  fc.record({ to: node, node: nodeValue, urgent: fc.boolean() }).map(Message.make.Load),
  fc.constant(Message.make.Stop({})),
);
const three = <Value>(each: fc.Arbitrary<Value>) => fc.array(each, { minLength: 3, maxLength: 3 });
const content = fc.record({
  node: three(nodeValue),
  seen: three(three(fc.option(status))),
  net: fc.array(message, { maxLength: 4 }),
  log: fc.array(message, { maxLength: 3 }),
  open: three(fc.boolean()),
  held: three(fc.array(node, { maxLength: 2 })),
  flag: fc.boolean(),
  big: fc.nat(2 ** 29),
});
type Content = typeof content extends fc.Arbitrary<infer Value> ? Value : never;

function fill(state: State, given: Content): void {
  for (const n of nodes.all) {
    const own = given.node[n];
    if (own !== undefined) state.node.set(n, own);
    state.box.get(n).open = given.open[n] ?? false;
    for (const held of given.held[n] ?? []) state.box.get(n).held.add(nodeId.of({ node: held }));
    for (const m of nodes.all) state.seen.get(n).set(m, given.seen[n]?.[m] ?? null);
  }
  for (const each of given.net) state.net.add(each);
  for (const each of given.log) state.log.push(each);
  state.inner.flag = given.flag;
  state.inner.big = given.big;
}

function machine(initial: (state: State) => void): Machine {
  return { schema, initial, actions: [], properties: [] };
}

function packed(given: Content) {
  const expander = compileExpander(
    machine((state) => fill(state, given)),
    { emit: () => {} },
  );
  const words = expander.initial();
  const text = (): string => fieldLines(fieldTexts(schema, expander.draft)).join("\n");
  const before = text();
  expander.load(new Int32Array(words.length), 0);
  expander.load(Int32Array.from(words), 0);
  return { words, before, after: text() };
}

describe("a schema's code", () => {
  it("gives back every state that it packs", () => {
    fc.assert(
      fc.property(content, (given) => {
        const { before, after } = packed(given);
        expect(after).toBe(before);
      }),
    );
  });

  it("gives two states the same words only if they are the same, in whatever order a set was filled", () => {
    fc.assert(
      fc.property(content, content, fc.boolean(), (one, other, isSame) => {
        const second = isSame ? { ...one, net: [...one.net].reverse() } : other;
        const a = packed(one);
        const b = packed(second);
        expect(String(a.words) === String(b.words)).toBe(a.before === b.before);
        if (isSame) expect(b.words).toEqual(a.words);
      }),
    );
  });

  it("lets no slot straddle a word or share a bit", () => {
    const slot = fc
      .integer({ min: 1, max: 2 ** 30 })
      .map((size) => ({ size, kind: {}, where: "", mentions: [], rename: Number }));
    fc.assert(
      fc.property(fc.array(slot, { minLength: 1, maxLength: 40 }), (slots) => {
        const { words, fields } = pack(slots);
        const used = new Map<string, number>();
        for (const [index, { word, shift, bits }] of fields.entries()) {
          expect(2 ** bits).toBeGreaterThanOrEqual(slots[index]?.size ?? Number.NaN);
          expect(shift + bits).toBeLessThanOrEqual(32);
          expect(word).toBeLessThan(words);
          for (let bit = shift; bit < shift + bits; bit += 1) {
            expect(used.get(`${word} ${bit}`)).toBeUndefined();
            used.set(`${word} ${bit}`, index);
          }
        }
      }),
    );
  });
});

describe("a value outside its domain is refused, by field, value and bound", () => {
  it.each([
    [
      "node.load is 13, allowed an integer from -3 to 12",
      () => Node.of({ status: "online", load: 13, friends: Set3.empty, next: null }),
    ],
    [
      "node.next is 3, allowed a node from 0 to 2",
      () => Node.of({ status: "online", load: 0, friends: Set3.empty, next: 3 }),
    ],
    ["node.load is 0.5,", () => Node.of({ status: "online", load: 0.5, friends: Set3.empty, next: null })],
    ["Ping.to is -1, allowed a node from 0 to 2", () => Message.make.Ping({ to: -1 })],
    [
      "huge is 1099511627776 values, allowed from 1 to 1073741824",
      () => record("huge", { a: integer(0, 2 ** 20 - 1), b: integer(0, 2 ** 20 - 1) }),
    ],
  ])("%s", (text, make) => expect(make).toThrow(text));

  it.each<[string, (state: State) => void]>([
    [
      "inner.big is 536870913, allowed an integer from 0 to 536870912",
      (state) => {
        state.inner.big = 2 ** 29 + 1;
      },
    ],
    [
      "inner.big is null, allowed an integer",
      (state) => {
        state.inner.big = Number.NaN;
      },
    ],
    [
      "inner.flag is 1, allowed a boolean",
      (state) => {
        state.inner.flag = 1 as unknown as boolean;
      },
    ],
    [
      "seen.3 is not there, allowed names 0 to 2",
      (state) => {
        state.seen.get(3);
      },
    ],
    [
      "log is 4 values with",
      (state) => {
        for (let n = 0; n < 4; n += 1) state.log.push(Message.make.Stop({}));
      },
    ],
    [
      "net is 5 values with",
      (state) => {
        for (let load = 0; load < 5; load += 1)
          state.net.add(
            Message.make.Load({
              to: 0,
              urgent: false,
              node: Node.of({ status: "online", load, friends: Set3.empty, next: null }),
            }),
          );
      },
    ],
    ['node.1 is {"code":0,"status":"online"', (state) => state.node.set(1, { ...state.node.get(1) })],
  ])("%s", (text, spoil) => {
    const expander = compileExpander(machine(spoil), { emit: () => {} });
    expect(() => expander.initial()).toThrow(text);
  });
});
