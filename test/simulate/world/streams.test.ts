import { describe, expect, it } from "vitest";
import { type Draw, type Draws, streamsOf } from "../../../src/simulate/world/streams.ts";

function drawn(of: Draws, stream: string, count = 4, now: () => number = () => 0): readonly number[] {
  const random = streamsOf(of, now)(stream);
  return Array.from({ length: count }, () => random.nextUint32());
}

describe("the draws of a run", () => {
  it("come from its seed, each stream its own", () => {
    expect(drawn({ seed: 7 }, "order")).toEqual(drawn({ seed: 7 }, "order"));
    expect(drawn({ seed: 7 }, "order")).not.toEqual(drawn({ seed: 8 }, "order"));
    expect(drawn({ seed: 7 }, "order")).not.toEqual(drawn({ seed: 7 }, "node-1"));
  });

  it("are plain where they are written out, whatever the seed: every message takes equally long, what was first stays first", () => {
    expect(drawn({ seed: 7, draws: [] }, "latency 0 commands 1")).toEqual([2 ** 31, 2 ** 31, 2 ** 31, 2 ** 31]);
    expect(drawn({ seed: 7, draws: [] }, "order")).toEqual([0, 0, 0, 0]);
    expect(drawn({ seed: 7, draws: [] }, "node-1")).toEqual(drawn({ seed: 8, draws: [] }, "node-1"));
    expect(new Set(drawn({ seed: 7, draws: [] }, "node-1")).size).toBe(4);
  });

  it("are plain but for those that are written down", () => {
    const draws = [{ stream: "order", nth: 2, value: 9 }];
    expect(drawn({ seed: 7, draws }, "order")).toEqual([0, 0, 9, 0]);
    expect(drawn({ seed: 7, draws }, "latency 0 feed 1")[2]).toBe(2 ** 31);
  });

  it("are the same again when all that a seed drew is written down", () => {
    const draws: Draw[] = [];
    const random = streamsOf(
      { seed: 7 },
      () => 0,
      (draw) => draws.push(draw),
    )("instance 0");
    const values = Array.from({ length: 5 }, () => random.nextUint32());
    expect(drawn({ seed: 0, draws }, "instance 0", 5)).toEqual(values);
  });

  it("come from another seed from a time on, and are the same up to there", () => {
    let now = 0;
    const random = streamsOf({ seed: 7, reseeded: [{ from: 10, seed: 8 }] }, () => now)("order");
    const values = [0, 5, 10, 15].map((at) => {
      now = at;
      return random.nextUint32();
    });
    expect(values.slice(0, 2)).toEqual(drawn({ seed: 7 }, "order").slice(0, 2));
    expect(values.slice(2)).toEqual(drawn({ seed: 8 }, "order").slice(2));
  });

  it("come from a third seed where two take over, one after the other", () => {
    let now = 0;
    const reseeded = [
      { from: 10, seed: 8 },
      { from: 15, seed: 9 },
    ];
    const random = streamsOf({ seed: 7, reseeded }, () => now)("order");
    const values = [0, 10, 14, 15].map((at) => {
      now = at;
      return random.nextUint32();
    });
    expect(values).toEqual([7, 8, 8, 9].map((seed, nth) => drawn({ seed }, "order")[nth]));
  });
});
