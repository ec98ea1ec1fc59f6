// @module-tag slow
/** A world that confirms a fault without injecting it: each fault reports that its effect was not observed. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Fault } from "../../../scenarios/declare/fault-kinds.ts";
import type { RedisTopology } from "../../../scenarios/declare/fault-places.ts";
import { lackingFaults } from "../../../src/check/faults/windows.ts";
import { type Lab, openLab } from "../../../src/lab/lab.ts";
import { asCommand, calls, type FaultWorld, openFaultWorld, space } from "./fault-world.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(async () => {
  await lab.close();
});

const nothing = async (): Promise<void> => {};
const offer = { partition: 0, max_jobs: 9, ttl: 60_000, pools: [], languages: [], services: [] };
const register = (node: string) =>
  asCommand(calls.registerNode({ ...offer, node, registration: node, expected: null }));

interface Lie {
  readonly fault: Fault;
  /** Makes the world confirm without doing anything. */
  readonly lie: (world: FaultWorld) => void;
  /** Done while the fault lasts. */
  readonly meanwhile?: (world: FaultWorld) => Promise<unknown>;
  readonly redis?: RedisTopology;
}

const lasts = 250;
const lies: readonly Lie[] = [
  {
    fault: { kind: "redis_pause", at: 0, lasts },
    lie: ({ servers }) => Object.assign(servers.primary, { pause: nothing }),
  },
  {
    fault: { kind: "redis_restart", at: 0, data: "kept" },
    lie: ({ servers }) => Object.assign(servers.primary, { restart: nothing }),
  },
  {
    fault: { kind: "client_pause", at: 0, lasts },
    lie: ({ observer }) => Object.assign(observer, { hold: nothing }),
  },
  {
    fault: { kind: "redis_out_of_memory", at: 0, lasts },
    lie: ({ servers }) => Object.assign(servers.primary, { execute: nothing }),
  },
  {
    fault: { kind: "clock_jump", at: 0, by: 60_000 },
    lie: ({ servers }) => Object.assign(servers.clock, { jump: () => {} }),
    meanwhile: async ({ dial, port }) => (await dial(port("commands"))).ask(...register("n2")),
  },
  {
    fault: { kind: "redis_failover", at: 0, lasts },
    redis: "replica",
    lie: ({ servers }) => Object.assign(servers.wayTo(servers.primary), { addToxic: nothing, removeToxics: nothing }),
    // Writes of the primary reach the replica, though the link between them should be cut.
    async meanwhile({ servers }) {
      await new Promise((resolve) => setTimeout(resolve, lasts / 2));
      await servers.primary.ask("SET", "key", "1");
    },
  },
  {
    fault: { kind: "redis_readonly", at: 0, lasts },
    redis: "replica",
    lie: ({ links }) => Object.assign(links[0]?.commands ?? {}, { pointAt: nothing }),
  },
  {
    fault: { kind: "redis_half_open", at: 0, lasts, link: "commands" },
    lie: ({ links }) => {
      for (const hop of links[0]?.commands.hops ?? []) Object.assign(hop, { deaden: () => 2 });
    },
  },
  {
    fault: { kind: "redis_slow_close", at: 0, lasts, delay: 80, link: "commands" },
    lie: ({ links }) => {
      for (const { proxy } of links[0]?.commands.routes ?? []) {
        Object.assign(proxy, { addToxic: nothing, removeToxics: nothing });
      }
    },
  },
];

async function run({ fault, lie, meanwhile = nothing, redis }: Lie, isLying: boolean): Promise<readonly string[]> {
  await using stack = new AsyncDisposableStack();
  const world = await openFaultWorld(lab, stack, redis);
  await (await world.dial(world.port("commands"))).ask(...register("n1"));
  if (isLying) lie(world);
  const { ended } = world.inject(fault);
  await meanwhile(world).catch(() => {});
  await ended;
  return lackingFaults({ history: world.recorder.events, instances: 1 });
}

describe("a fault that the world confirms", () => {
  it.each(lies)("$fault.kind that was injected counts", async (lie) => {
    expect(await run(lie, false)).toEqual([]);
  });

  it.each(lies)("$fault.kind that was only confirmed does not", async (lie) => {
    expect(await run(lie, true)).toEqual([
      `${lie.fault.kind} (faults[0]) on instance 0: nothing of it was seen where it has its effect`,
    ]);
  });

  it("redis_pause that ends too early does not", async () => {
    await using stack = new AsyncDisposableStack();
    const { inject, recorder, servers } = await openFaultWorld(lab, stack);
    const { begun, ended } = inject({ kind: "redis_pause", at: 0, lasts });
    await begun;
    setTimeout(() => servers.primary.resume(), 40);
    await ended;
    expect(lackingFaults({ history: recorder.events, instances: 1 })).toEqual([
      expect.stringMatching(/it was in force for 0 ms/),
    ]);
    expect(await servers.primary.ask("EXISTS", space.meta)).toBe(":0");
  });

  const migration: Fault = { kind: "slot_migration", at: 0, lasts: 600, partition: 0 };

  it("slot_migration that was injected counts", async () => {
    expect(await run({ fault: migration, lie: () => {}, redis: "cluster" }, false)).toEqual([]);
  });

  it("slot_migration that ends too early does not", async () => {
    await using stack = new AsyncDisposableStack();
    const { inject, observer, recorder, servers } = await openFaultWorld(lab, stack, "cluster");
    const source = servers.primary;
    const target = servers.primaries.find((each) => each !== source) ?? source;
    await source.ask(...register("n1"));
    const { begun, ended } = inject(migration);
    await begun;
    const slot = (await source.ask("CLUSTER", "KEYSLOT", space.meta)).slice(1);
    for (const key of (await observer.command(source, "CLUSTER", "GETKEYSINSLOT", slot, "1000")) as string[])
      await source.ask("MIGRATE", "127.0.0.1", String(target.port), key, "0", "5000");
    const owner = (await target.ask("CLUSTER", "MYID")).slice(1);
    for (const each of [target, source]) await each.execute("CLUSTER", "SETSLOT", slot, "NODE", owner);
    await ended;
    expect(lackingFaults({ history: recorder.events, instances: 1 })).toEqual([
      expect.stringMatching(/it was in force for 0 ms/),
    ]);
  });
});
