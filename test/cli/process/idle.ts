/** A context for a program that is inspected and not run. */

import { createOutput } from "../../../src/cli/printing/output.ts";
import type { Context } from "../../../src/cli/process/context.ts";

const nowhere = { write: () => true };

export const idleContext: Context = {
  output: createOutput(nowhere, nowhere, {}),
  env: {},
  layers: () => Promise.reject(new Error("this program is only looked at")),
  interrupted: new AbortController().signal,
  endsBySignal: () => {},
  now: () => 0,
  wallClock: () => "1970-01-01T00:00:00.000Z",
  timeLimit: () => new AbortController().signal,
  drawSeed: () => 0,
  noteSeed: () => {},
  judged: () => {},
  exit: () => {},
  onFault: () => {},
};
