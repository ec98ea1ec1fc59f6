import { describe, expect, it } from "vitest";
import type { Answer, ReserveReply } from "../../../src/protocol/replies.ts";
import { Dispatcher } from "../../../src/scheduler/selection/dispatch.ts";
import { resolveSettings } from "../../../src/scheduler/settings.ts";
import type { Writes } from "../../../src/scheduler/writing/writes.ts";

const unknown: Answer<ReserveReply> = {
  ...{ kind: "failed", applied: "unknown", cause: "deadline", after: 30, message: "no answer in time" },
};
const version = { epoch: "e", sequence: 1 };

describe("a dispatch of which it is not known what became", () => {
  it("is asked about first by the next one, though the job was reported to have lost an earlier place meanwhile", async () => {
    const asked: string[] = [];
    const answers = [unknown, unknown];
    const offered = ["n", "m"];
    const writes = {
      reserveJob: (node: string) => {
        asked.push(node);
        if (asked.length === 1) dispatcher.orphaned("n", ["j"], { lostAt: version, current: "e" });
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
    const request = { pool: "p", source: "en", target: "de", services: [], job: "j" };
    expect(await dispatcher.dispatch(request)).toMatchObject({ applied: "unknown", node: "n" });
    expect(await dispatcher.dispatch(request)).toMatchObject({ kind: "dispatched", node: "n", outcome: "already" });
    expect(asked).toEqual(["n", "n", "n"]);
  });

  it("is asked about first by the next one, though the job was said once more to have ended on another node", async () => {
    const asked: string[] = [];
    const answers = [unknown, unknown];
    const writes = {
      reserveJob: (node: string) => {
        asked.push(node);
        return Promise.resolve(answers.shift() ?? { kind: "already", version });
      },
    } as unknown as Writes;
    const offered = ["n", "m"];
    const dispatcher = new Dispatcher({
      settings: resolveSettings({ partitions: 1 }),
      writes,
      emit: () => {},
      select: () => ({ nodes: [{ node: offered.shift() ?? "m" }] }) as never,
      isOpen: () => true,
    });
    const request = { pool: "p", source: "en", target: "de", services: [], job: "j" };
    await dispatcher.dispatch(request);
    dispatcher.ended("other", "j");
    expect(await dispatcher.dispatch(request)).toMatchObject({ node: "n", outcome: "already" });
    dispatcher.ended("n", "j");
    expect(await dispatcher.dispatch(request)).toMatchObject({ node: "m" });
    expect(asked).toEqual(["n", "n", "n", "m"]);
  });
});
