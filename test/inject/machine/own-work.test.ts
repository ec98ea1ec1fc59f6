import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { OwnWork } from "../../../src/inject/machine/own-work.ts";

function spin(duration: number): void {
  const until = performance.now() + duration;
  while (performance.now() < until);
}

describe("the harness's own work", () => {
  it("is what was measured, once where one part of it is within another, and also where it throws", () => {
    const work = new OwnWork();
    const from = performance.now();
    const spinning = (): string => {
      spin(5);
      return "done";
    };
    expect(work.measure(() => work.measure(spinning))).toBe("done");
    expect(() =>
      work.measure(() => {
        spin(5);
        throw new Error("broken");
      }),
    ).toThrow("broken");
    const took = performance.now() - from;
    expect(work.spent).toBeGreaterThanOrEqual(10);
    expect(work.spent).toBeLessThanOrEqual(took);
  });

  it("is what the listeners of a socket do, those before and those after, and nothing between two messages", () => {
    const work = new OwnWork();
    const socket = new EventEmitter();
    socket.on("data", () => spin(5));
    work.measureListenersOf(socket);
    socket.emit("data");
    spin(5);
    const from = performance.now();
    socket.emit("data");
    const took = performance.now() - from;
    expect(work.spent).toBeGreaterThanOrEqual(10);
    const before = work.spent;
    spin(1);
    expect(work.spent).toBe(before);
    expect(took).toBeGreaterThanOrEqual(5);
  });
});
