import { expect, it } from "vitest";
import { cutShort } from "../../src/cli/cut-short.ts";
import { createOutput } from "../../src/cli/output.ts";
import { idleContext } from "./idle.ts";

it("a batch that nobody ended adds nothing; one that a signal ended is broken, and says of what it is", () => {
  const err: string[] = [];
  const output = createOutput({ write: () => true }, { write: (text: string) => err.push(text) > 0 }, {});
  expect(cutShort({ ...idleContext, output })).toEqual([]);
  expect(err).toEqual([]);
  expect(cutShort({ ...idleContext, output, interrupted: AbortSignal.abort() })).toEqual(["broken"]);
  expect(err.join("")).toContain("ended before its time: what it says is of the seeds that ran");
});
