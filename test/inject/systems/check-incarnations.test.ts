/** The step of `sut check` about replaced incarnations, against systems that are only said to answer. */
import { describe, expect, it } from "vitest";
import { operationSteps } from "../../../src/inject/systems/check/operations.ts";
import type { Bench } from "../../../src/inject/systems/check/step.ts";

interface Request {
  readonly op: string;
  readonly registration?: string;
  readonly expected?: string;
  readonly incarnation?: string;
}

/** @param flaw what it does not compare with its incarnation, or does not claim */
function systemThat(flaw: string): Bench {
  let current = { incarnation: "", registration: "" };
  const answer = ({ expected, incarnation, op, registration = "" }: Request): object => {
    const isFormer = incarnation !== current.incarnation && op !== flaw;
    switch (op) {
      case "register_node":
        if (registration === current.registration) return { outcome: "already", incarnation: current.incarnation };
        if (expected !== undefined && expected !== current.incarnation && op !== flaw) return { outcome: "conflict" };
        current = { incarnation: `of ${registration}`, registration };
        return { outcome: "registered", incarnation: current.incarnation };
      case "heartbeat":
        return { outcome: isFormer ? "superseded" : "renewed" };
      case "offline_node":
        return { outcome: isFormer ? "superseded" : "offline" };
      default:
        return { outcome: "reserved" };
    }
  };
  const ask = async (request: Request) => ({ kind: "answered", request: "", line: "", reply: answer(request) });
  return { start: async () => ({ talk: { ask }, has: (op: string) => `no ${op}` !== flaw }) } as unknown as Bench;
}

const step = operationSteps.find(({ name }) => name.startsWith("incarnations"));
const run = async (flaw: string) => await step?.run(systemThat(flaw));

describe("replaced incarnations", () => {
  it("pass where all that they ask for is refused, and where heartbeats are not claimed", async () => {
    expect(await run("")).toBe("all of them refused");
    expect(await run("no offline_node")).toBe("all of them refused");
    expect(await run("no heartbeat")).toContain("not claimed");
  });

  it.each([
    ["register_node", "found registered; allowed: conflict"],
    ["heartbeat", "found renewed; allowed: superseded"],
    ["offline_node", "found offline; allowed: superseded"],
  ])("fail where one is taken by %s", async (op, why) => {
    await expect(run(op)).rejects.toThrow(why);
  });
});
