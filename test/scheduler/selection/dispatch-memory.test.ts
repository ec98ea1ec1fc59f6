import { describe, expect, it } from "vitest";
import type { Answer, ReserveReply } from "../../../src/protocol/replies.ts";
import { Dispatcher } from "../../../src/scheduler/selection/dispatch.ts";
import { resolveSettings } from "../../../src/scheduler/settings.ts";
import type { Writes } from "../../../src/scheduler/writing/writes.ts";

const unknown: Answer<ReserveReply> = {
  ...{ kind: "failed", applied: "unknown", cause: "deadline", after: 30, message: "no answer in time" },
};
const version = { epoch: "e", sequence: 1 };
const request = { pool: "p", source: "en", target: "de", services: [], job: "j" };

/** Returns a dispatcher: the first two reserves have no answer; node n is offered first, then m. @param onAsked gets the number of reserves so far */
function dispatching(onAsked: (count: number, dispatcher: Dispatcher) => void = () => {}) {
  const asked: string[] = [];
  const answers = [unknown, unknown];
  const offered = ["n", "m"];
  const writes = {
    reserveJob: (node: string) => {
      asked.push(node);
      onAsked(asked.length, dispatcher);
      return Promise.resolve(answers.shift() ?? { kind: "already", version });
    },
  } as unknown as Writes;
  const dispatcher: Dispatcher = new Dispatcher({
    settings: resolveSettings({ partitions: 1 }),
    writes,
    emit: () => {},
    select: () => ({ nodes: [{ node: offered.shift() ?? "m" }] }) as never,
    isOpen: () => true,
  });
  return { asked, dispatcher };
}

describe("a dispatch of which it is not known what became", () => {
  it("is asked about first by the next one, though the job was reported to have lost an earlier place meanwhile", async () => {
    const { asked, dispatcher } = dispatching((count, own) => {
      if (count === 1) own.orphaned("n", ["j"], { lostAt: version, current: "e" });
    });
    expect(await dispatcher.dispatch(request)).toMatchObject({ applied: "unknown", node: "n" });
    expect(await dispatcher.dispatch(request)).toMatchObject({ kind: "dispatched", node: "n", outcome: "already" });
    expect(asked).toEqual(["n", "n", "n"]);
  });

  it("is asked about first by the next one, though the job was said once more to have ended on another node", async () => {
    const { asked, dispatcher } = dispatching();
    await dispatcher.dispatch(request);
    dispatcher.ended("other", "j");
    expect(await dispatcher.dispatch(request)).toMatchObject({ node: "n", outcome: "already" });
    dispatcher.ended("n", "j");
    expect(await dispatcher.dispatch(request)).toMatchObject({ node: "m" });
    expect(asked).toEqual(["n", "n", "n", "m"]);
  });
});
