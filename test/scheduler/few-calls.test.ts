import { describe, expect, it } from "vitest";
import { startedOn } from "./support/instance.ts";
import { ModelServer } from "./support/model-server.ts";
import { VirtualClock } from "./support/virtual-clock.ts";

describe("an instance that may have few calls in flight", () => {
  it.each([1, 2, 3])("starts with %d, partition after partition", async (maxCalls) => {
    const clock = new VirtualClock();
    const { scheduler } = await startedOn(new ModelServer(clock, 4), { maxCalls });
    expect(scheduler.status().mode).toBe("normal");
    await clock.until(scheduler.close());
  });
});
