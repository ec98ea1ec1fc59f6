import { PassThrough } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readFrames, writeFrame } from "../../../src/inject/hosted/frames.ts";
import { endOf, shifted } from "../../../src/inject/hosted/shifted.ts";

/** The messages that are read when their bytes arrive in chunks of these sizes. */
async function sent(messages: readonly unknown[], sizes: readonly number[]): Promise<readonly unknown[]> {
  const written = new PassThrough();
  for (const message of messages) writeFrame(written, message);
  const bytes = (written.read() as Buffer | null) ?? Buffer.alloc(0);
  const pipe = new PassThrough();
  const taken: unknown[] = [];
  readFrames(pipe, (message) => taken.push(message));
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? bytes.length;
    pipe.write(bytes.subarray(at, at + size));
    at += size;
  }
  pipe.end();
  await new Promise((resolve) => pipe.on("end", resolve));
  return taken;
}

describe("messages over a pipe", () => {
  const message = fc.oneof(
    fc.string(),
    fc.double(),
    fc.record({ age: fc.constant(Number.POSITIVE_INFINITY) }),
    fc.object(),
  );

  it("arrive whole and in order, however their bytes are cut", async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 10 }), sizes, async (messages, cuts) => {
        expect(await sent(messages, cuts)).toEqual(messages);
      }),
    );
  });
});

describe("an event of a hosted instance", () => {
  it("is converted to the clock of the run, and a mode in the field `from` stays one", () => {
    const changed = { kind: "mode", at: 1_030, instance: 0, from: "normal", to: "l2_only", cause: "deadline" } as const;
    expect(shifted(changed, (time) => time - 1_000)).toEqual({ ...changed, at: 30 });
    const called = {
      ...({ kind: "store_call", instance: 0, script: "reserve_job", from: 990, to: 1_010 } as const),
      ...{ deadline: 25, outcome: "answered" },
    };
    const moved = shifted(called, (time) => time - 1_000);
    expect(moved).toEqual({ ...called, from: -10, to: 10 });
    expect(endOf(moved)).toBe(10);
    expect(endOf(shifted(changed, (time) => time - 2_000))).toBe(-970);
  });
});
