import { expect, it } from "vitest";
import { historyName } from "../../src/inject/files.ts";

it("each run on a seed has files of its own, and the first has no number", () => {
  const run = { scenario: "steady", redis: "single", seed: 7, properties: [] } as const;
  expect(historyName(run, "fault")).toBe("inject-steady-7-fault.jsonl");
  expect(historyName({ ...run, attempt: 1 }, "control")).toBe("inject-steady-7-control.jsonl");
  expect(historyName({ ...run, attempt: 2, redis: "cluster" }, "fault")).toBe(
    "inject-steady-cluster-7-fault-run-2.jsonl",
  );
});
