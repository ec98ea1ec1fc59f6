import { describe, expect, it } from "vitest";
import { judgeFeedOrder } from "../../../src/judges/feed-order.ts";
import { inSimulation } from "./in-simulation.ts";
import { register, release, reserve, Stage } from "./stage.ts";

/** Version 1: registered. */
function begun(make: ConstructorParameters<typeof Stage>[0], options?: ConstructorParameters<typeof Stage>[1]): Stage {
  const stage = new Stage(make, options);
  stage.run(1, register());
  return stage;
}

describe("F1", () => {
  const since = (sequence: number, limit = 100) =>
    ({ kind: "changes_since", since: { epoch: 1, sequence }, limit }) as const;

  function three(options?: ConstructorParameters<typeof Stage>[1]): Stage {
    const stage = begun(inSimulation(judgeFeedOrder), options);
    stage.run(2, reserve("a"));
    stage.run(3, release("a"));
    return stage;
  }

  it("holds where every change follows from where one asks, as many as are wanted", () => {
    const stage = three();
    stage.run(4, since(0));
    stage.run(4, since(1, 1));
    stage.run(4, since(3));
    expect(stage.finish()).toMatchObject({ verdict: "held", exercised: 4 });
  });

  it("holds where the feed has been trimmed, and says so", () => {
    const stage = three({ feedMax: 2 });
    stage.run(4, since(0));
    stage.run(4, since(1));
    expect(stage.finish()).toMatchObject({ verdict: "held", exercised: 2 });
  });

  it("is not exercised where nothing was read", () => {
    expect(three().finish()).toMatchObject({ verdict: "not_exercised" });
  });

  it.each([
    ["one is left out", (entries: readonly unknown[]) => [entries[0], entries[2]], /change 3, allowed 2/],
    ["one comes twice", (entries: readonly unknown[]) => [entries[0], entries[0], entries[1]], /change 1, allowed 2/],
    ["the last is missing", (entries: readonly unknown[]) => entries.slice(0, 2), /2 changes, allowed 3/],
    [
      "one is another",
      (entries: readonly unknown[]) => [{ ...(entries[1] as object), sequence: 1 }, ...entries.slice(1)],
      /change 1 is another than was made/,
    ],
  ])("is violated where %s", (_, spoil, story) => {
    const stage = three();
    const right = stage.run(4, since(0));
    const { reply } = right;
    if (reply.kind !== "changes") throw new Error("no changes");
    stage.run(5, since(0), { wrong: { reply: { ...reply, entries: spoil(reply.entries) as typeof reply.entries } } });
    expect(stage.finish().violations.flat().join("\n")).toMatch(story);
  });

  it("is violated where it refuses what it has", () => {
    const stage = three();
    const { after } = stage.run(4, since(3));
    const version = { epoch: after.meta?.epoch ?? 0, sequence: 3 };
    stage.run(5, since(1), { wrong: { reply: { kind: "resync", version, generation: 1, past: [] } } });
    expect(stage.finish().violations[0]?.[0]).toMatch(/a refusal, although it has all that follows/);
  });

  it("is violated where a view goes back, or takes up an epoch that it has left; not in a new life", () => {
    const stage = three();
    const [old, later] = [{ ...stage.version(), sequence: 1 }, stage.version()];
    stage.view(4, later);
    stage.instance(5, "crashed");
    stage.view(6, old);
    stage.view(7, later);
    expect(stage.finish().violations).toEqual([]);
    stage.view(8, old);
    stage.view(9, { epoch: "00000000000000ff", sequence: 1 });
    stage.view(10, later);
    expect(stage.finish().violations.map(([first]) => first)).toEqual([
      expect.stringMatching(/went from .*:3 to .*:1, allowed only forward/),
      expect.stringMatching(/was at 00000000000000ff:1, which the store never had/),
      expect.stringMatching(/went from 00000000000000ff:1 to .*:3/),
    ]);
  });

  it("is violated where a view is not what the feed says up to its version", () => {
    const stage = three();
    const view = stage.version();
    const sighted = (nodes: readonly ReturnType<Stage["content"]>[]) =>
      ({ kind: "sighted", at: 9, instance: 0, mode: "normal", views: [view], nodes }) as never;
    stage.hear(sighted([stage.content()]));
    expect(stage.finish().violations).toEqual([]);
    stage.hear(sighted([]), sighted([{ ...stage.content(), health_milli: 1 }]));
    expect(stage.finish().violations.map(([, second]) => second)).toEqual([
      "partition 0, node n: is not there",
      "partition 0, node n: health_milli 1 instead of 500",
    ]);
  });
});
