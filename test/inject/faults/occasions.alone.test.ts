/** A fault that has nothing to act on at its time waits for an occasion, and no longer than the load lasts. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Fault } from "../../../scenarios/declare/fault-kinds.ts";
import { faultWindows } from "../../../src/check/faults/windows.ts";
import { ofKind } from "../../../src/check/history.ts";
import { type Lab, openLab } from "../../../src/lab/lab.ts";
import { read, storeCall } from "../../check/trials.ts";
import { asCommand, calls, type FaultWorld, openFaultWorld, space } from "./fault-world.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(async () => {
  await lab.close();
});

const never = new AbortController().signal;
/** Far behind the end that the fault declares. */
const late = 400;
const loadEnds = 20_000;
const wait = (duration: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, duration));

async function inWorld(test: (world: FaultWorld) => Promise<void>): Promise<void> {
  await using stack = new AsyncDisposableStack();
  await test(await openFaultWorld(lab, stack));
}

const offer = { partition: 0, max_jobs: 9, ttl: 60_000, pools: [], languages: [], services: [] };
const register = asCommand(calls.registerNode({ ...offer, node: "n1", registration: "token", expected: null }));

/** The call of the instance, once the declared time is over. */
interface Occasion {
  readonly fault: Fault;
  readonly comes: (world: FaultWorld) => Promise<unknown>;
}

const onCall = { at: 0, lasts: 60, script: "register_node", nth: 1 } as const;
const occasions: readonly Occasion[] = [
  {
    fault: { kind: "reply_lost", ...onCall, connection: "silent" },
    comes: async ({ dial, port }) => (await dial(port("commands"))).send(...register),
  },
  {
    fault: { kind: "command_repeated", ...onCall },
    comes: async ({ dial, port }) => (await dial(port("commands"))).ask(...register),
  },
  {
    fault: { kind: "wake_up_dropped", at: 0, lasts: 60, nth: 1, count: 5 },
    async comes({ dial, port, servers }) {
      await (await dial(port("feed"))).ask("SUBSCRIBE", "news");
      await servers.primary.ask("PUBLISH", "news", "one");
    },
  },
  {
    fault: { kind: "redis_half_open", at: 0, lasts: 60, link: "commands" },
    comes: async ({ dial, port }) => (await dial(port("commands"))).send("PING"),
  },
  {
    fault: { kind: "client_kill", at: 0, link: "both" },
    async comes({ dial, port, recorder }) {
      const client = await dial(port("commands"));
      client.send("CLIENT", "SETNAME", "lockproof-i0-commands");
      await client.until(() => client.isClosed);
      recorder.event(read(recorder.now(), recorder.now()));
    },
  },
  {
    fault: { kind: "feed_entry_deleted", at: 0 },
    async comes({ recorder, servers }) {
      await servers.primary.ask("XADD", space.feed, "1-0", "k", "v");
      while ((await servers.primary.ask("XLEN", space.feed)) !== ":0") await wait(2);
      await servers.primary.ask("XADD", space.feed, "2-0", "k", "v");
      await wait(50);
      expect(recorder.events.filter(({ kind }) => kind === "fault")).toHaveLength(1);
      recorder.event(read(recorder.now(), recorder.now()));
    },
  },
  {
    fault: { kind: "redis_out_of_memory", at: 0, lasts: 60 },
    async comes({ recorder, servers }) {
      recorder.event(read(recorder.now(), recorder.now()));
      await wait(50);
      expect(await servers.primary.ask("SET", "key", "1")).toMatch(/^-OOM/);
      recorder.event(storeCall(recorder.now(), recorder.now(), { outcome: "out_of_memory" }));
    },
  },
];

describe("a fault with a late occasion", () => {
  it.each(occasions)("$fault.kind is done all the same, and is in force as declared", ({ comes, fault }) =>
    inWorld(async (world) => {
      const { ended } = world.inject(fault, never, loadEnds);
      await wait(late);
      await comes(world);
      await ended;
      const [window] = faultWindows(world.recorder.events, 1);
      expect(window).toMatchObject({ name: fault.kind, lack: null });
      expect(window?.healed).toBeGreaterThanOrEqual(late - 1);
      expect(world.recorder.now()).toBeLessThan(loadEnds / 2);
    }),
  );

  it.each(occasions)("$fault.kind does not wait beyond the load, where it never comes", ({ fault }) =>
    inWorld(async ({ inject, recorder }) => {
      await inject(fault, never, 300).ended;
      expect(recorder.now()).toBeGreaterThanOrEqual(299);
      expect(recorder.now()).toBeLessThan(5_000);
      const begun = ofKind(recorder.events, "fault").filter(({ step }) => step === "inject");
      expect(begun.map(({ name }) => name)).toEqual(fault.kind === "redis_out_of_memory" ? [fault.kind] : []);
    }),
  );
});
