/** A program in the middle of a fault, which it says; run by the tests that end it there. Arguments: the fault, as JSON; the topology. */
import type { Fault } from "../../../scenarios/declare/fault-kinds.ts";
import { type RedisTopology, redisTopologies } from "../../../scenarios/declare/fault-places.ts";
import { openLab } from "../../../src/lab/lab.ts";
import { openFaultWorld } from "./fault-world.ts";

const [fault = "{}", wanted] = process.argv.slice(2);
const kind: RedisTopology = redisTopologies.find((one) => one === wanted) ?? "single";
const lab = await openLab();
await using stack = new AsyncDisposableStack();
const world = await openFaultWorld(lab, stack, kind, 2);
const { begun, ended } = world.inject(JSON.parse(fault) as Fault);
await begun;
const { data, sentinels } = world.servers;
process.stdout.write(
  `${JSON.stringify({ folder: lab.folder, pids: [...data, ...sentinels].map(({ pid }) => pid) })}\n`,
);
await ended;
