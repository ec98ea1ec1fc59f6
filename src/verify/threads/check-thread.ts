/** The thread that reads and judges a stored history, so that its loops over millions of lines do not delay signals. */
import { parentPort, workerData } from "node:worker_threads";
import { addScenario } from "../../../scenarios/registry.ts";
import { BrokenRunError, UsageError } from "../../evidence/failure.ts";
import { checkFile } from "../../history/check-file.ts";
import { now } from "../clock.ts";
import type { ThreadAnswer, ThreadRequest } from "./checking.ts";

function answer(): ThreadAnswer {
  const { own, ...request } = workerData as ThreadRequest;
  for (const scenario of own) addScenario(scenario, "--scenarios");
  try {
    return { kind: "checked", checked: checkFile({ ...request, now }) };
  } catch (error) {
    // A message between threads does not preserve classes.
    if (!(error instanceof UsageError) && !(error instanceof BrokenRunError)) throw error;
    const { fix, message, where } = error;
    return { kind: error instanceof UsageError ? "usage" : "broken", message, where, fix };
  }
}

parentPort?.postMessage(answer());
