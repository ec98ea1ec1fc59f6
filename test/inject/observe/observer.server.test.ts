/** The observer of a run, which looks at the store from before the load on. */
import { expect, it } from "vitest";
import { openLab } from "../../../src/lab/lab.ts";
import { asCommand, calls, openFaultWorld } from "../faults/fault-world.ts";

it("records what it saw as the load began with the time at which it saw it", async () => {
  await using lab = await openLab();
  await using stack = new AsyncDisposableStack();
  const { dial, observer, port, recorder } = await openFaultWorld(lab, stack);
  const [event, observed] = [recorder.event.bind(recorder), recorder.observed.bind(recorder)];
  let [isRegistered, hasBegun] = [false, false];
  const ahead: number[] = [];
  // The look has read the store, and has recorded nothing of it yet.
  recorder.event = (one) => {
    if (one.kind === "observer_read" && isRegistered && !hasBegun) {
      hasBegun = true;
      recorder.begin();
    }
    event(one);
  };
  recorder.observed = (one) => {
    if (one.kind === "entry" && hasBegun) ahead.push(one.at - recorder.now());
    observed(one);
  };
  const offer = { partition: 0, max_jobs: 9, ttl: 60_000, pools: [], languages: [], services: [] };
  const register = calls.registerNode({ ...offer, node: "n1", registration: "n1", expected: null });
  await observer.hide([0]);
  await (await dial(port("commands"))).ask(...asCommand(register));
  isRegistered = true;
  await observer.show([0]);
  expect(ahead[0]).toBeLessThanOrEqual(0);
});
