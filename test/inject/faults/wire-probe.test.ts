/** Probes of a fault where Toxiproxy confirms one thing and does another. */
import { describe, expect, it } from "vitest";
import type { Fault } from "../../../scenarios/declare/fault-kinds.ts";
import { faultWindows, lackingFaults } from "../../../src/check/faults/windows.ts";
import { ofKind } from "../../../src/check/history.ts";
import { runFaults } from "../../../src/inject/faults/faults.ts";
import { type FakeProxy, fakeWorld, openWire, prompt, type Wire } from "../fake-world.ts";

const lasts = 400;
const place = { at: 20, lasts, link: "commands" } as const;
const latency: Fault = { kind: "redis_latency", ...place, instances: [0], adds: 60, direction: "replies" };
const blackhole: Fault = { kind: "redis_blackhole", ...place, instances: [0], bytes: "lost", direction: "both" };

/** The effect of a proxy's calls; it confirms each call at once. */
type Doing = (wire: Wire) => Pick<FakeProxy, "addToxic" | "removeToxics">;

const add = (wire: Wire): void => {
  wire.latency = 60;
  wire.isSilent = true;
};
const remove = (wire: Wire): void => {
  wire.latency = 0;
  wire.isSilent = false;
};

const honest: Doing = (wire) => ({ addToxic: async () => add(wire), removeToxics: async () => remove(wire) });

/** A question may be answered late for other reasons, of which a test beside others has many. */
const never = /instance 0: (?:nothing of it was seen|it was in force for \d\d?(?:\.\d)? ms)/;

const liars: readonly (readonly [what: string, says: RegExp, doing: Doing])[] = [
  ["is never applied", never, () => prompt],
  [
    "is removed at once",
    /it was in force for \d/,
    (wire) => ({
      ...prompt,
      async addToxic() {
        add(wire);
        setTimeout(() => remove(wire), 70);
      },
    }),
  ],
  [
    "is applied in the middle of its time",
    /it was in force for \d/,
    (wire) => ({ ...honest(wire), addToxic: async () => void setTimeout(() => add(wire), 200) }),
  ],
  [
    "goes on for a second",
    /it healed \d+(?:\.\d)? ms after/,
    (wire) => ({ ...honest(wire), removeToxics: async () => void setTimeout(() => remove(wire), 800) }),
  ],
];

async function seenOf(fault: Fault, doing: Doing, isSilent: boolean) {
  await using stack = new AsyncDisposableStack();
  const { port, wire } = await openWire(stack);
  // One wire for both kinds: of a latency only the delay counts, of a black hole only the silence.
  const own: Wire = {
    get isSilent() {
      return wire.isSilent;
    },
    set isSilent(value) {
      wire.isSilent = value && isSilent;
    },
    get latency() {
      return wire.latency;
    },
    set latency(value) {
      wire.latency = isSilent ? 0 : value;
    },
  };
  const { recorder, world } = fakeWorld(1, () => ({ ...prompt, ...doing(own), listenPort: port }));
  recorder.begin();
  await runFaults([fault], world, new AbortController().signal);
  return recorder.events;
}

describe.each([
  ["redis_latency", latency, false],
  ["redis_blackhole", blackhole, true],
] as const)("the probe of a link with %s", (_name, fault, isSilent) => {
  it("sees it for as long as it was in force, and its healing", async () => {
    const history = await seenOf(fault, honest, isSilent);
    const [seen] = ofKind(history, "in_force");
    expect(seen).toMatchObject({ seen_by: "probe", link: "commands", instance: 0, healed: expect.any(Number) });
    expect(seen?.met).toBeGreaterThan(5);
    expect(lackingFaults({ history, instances: 1 })).toEqual([]);
    expect(faultWindows(history, 1)[0]?.healed).toBeGreaterThanOrEqual(19 + lasts);
  });

  it.each(liars)("says of one that %s that it was not what is declared", async (_what, says, doing) => {
    const history = await seenOf(fault, doing, isSilent);
    expect(lackingFaults({ history, instances: 1 })).toEqual([expect.stringMatching(says)]);
  });
});

it("says of a link that another fault was meant for that nothing was seen on its own", async () => {
  await using stack = new AsyncDisposableStack();
  const wires = [await openWire(stack), await openWire(stack)];
  const { recorder, world } = fakeWorld(2, (instance) => {
    const [own, other] = [wires[instance], wires[1 - instance]];
    if (own === undefined || other === undefined) throw new Error("no such link");
    return { ...prompt, ...honest(other.wire), listenPort: own.port };
  });
  recorder.begin();
  await runFaults([blackhole], world, new AbortController().signal);
  expect(lackingFaults({ history: recorder.events, instances: 2 })).toEqual([expect.stringMatching(never)]);
});
