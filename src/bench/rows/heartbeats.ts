/** Heartbeats: the latency of one, and the throughput of one connection. */
import type { Scheduler } from "../../scheduler/scheduler.ts";
import { claims } from "../claims.ts";
import { meets, type Round } from "../measure/round.ts";
import { besidePeer } from "../peers/peer-rounds.ts";
import type { HeartbeatJob, HeartbeatResult } from "../programs/heartbeat-process.ts";
import { runSecondProcess } from "../programs/second-process.ts";
import { closedLoop, openLoop } from "../world/load.ts";
import { metrics, nodeName, type Population, populate } from "../world/population.ts";
import type { World } from "../world/world.ts";

const fewNodes = 50;
/** Each node every 20 ms: what 37,500 nodes send that beat every 15 s. */
const perSecond = 2_500;

/** As many as redis-limit has keys. */
const manyNodes = 1_000;
/** As many as redis-benchmark has in flight: 50 connections, 16 each. It needs a setting, since an instance allows 256 by default. */
const width = 800;
const maxCalls = 1_000;

/** Before those that are timed. */
const warmUp = 2_500;

/**
 * B1: each node's heartbeats at fixed times, one at a time per node, in a process of their own. The CPU starvation of thread and server during each one,
 * as the kernel reports it, is subtracted, and nothing else. Bare PINGs at the same rate tell whether this machine could meet the threshold at all; a
 * mutant is judged without them, as on a quiet machine.
 */
export async function timeHeartbeats(world: World): Promise<readonly Round[]> {
  const server = await world.server();
  const { lasts } = world.sizes;
  return await world.repeat("heartbeat", async () => {
    const { mutant, ...instance } = world.instanceOptions(server); // functions do not travel
    const job: HeartbeatJob = {
      ...{ instance, seed: world.seed, nodes: fewNodes, perSecond, warmUp, server: server.pid },
      count: Math.ceil((perSecond * lasts) / 1_000),
      late: mutant?.heartbeat ?? null,
    };
    let cpu = 0;
    const run = async (): Promise<HeartbeatResult> => {
      const made = await runSecondProcess<HeartbeatResult>("heartbeat-process", job, world.signal);
      ({ cpu } = made);
      return made;
    };
    const { result, taken } = await world.watch(server, run, () => cpu);
    const { count, adjustedP99, bareP99, p99 } = result;
    const bare = world.isMutant ? {} : { bare: bareP99 };
    return { value: p99, best: Math.min(p99, adjustedP99), worst: p99, ...bare, exercised: count, taken };
  });
}

/** Rates that are tried, in order. B1 is measured at the first. */
const rates = [2_500, 3_500, 5_000, 7_000, 10_000, 14_000, 20_000, 28_000, 40_000] as const;
/** The length of a trial of one rate, in ms. */
const trial = 200;
/** A missed rate is tried again: one pause of the machine is enough to miss it. */
const trials = 2;

/**
 * Performance under stress: the highest rate at which B1 is met. The first round raises the rate until it is missed; the others begin at the rate
 * that was found. `timeHeartbeats` decides whether the lowest rate is met: missed here alone, it is open.
 */
export async function rateHeartbeats(world: World): Promise<readonly Round[]> {
  const server = await world.server();
  await using instance = await world.instance(server);
  const population = await populate(instance.scheduler, fewNodes, world.seed, world.signal);
  const beat = beating(instance.scheduler, population);
  const lasts = Math.min(trial, world.sizes.lasts);
  let at = 0;
  return await world.repeat("heartbeat_rate", async () => {
    let exercised = 0;
    let taken = 0;
    const meetsAt = async (index: number): Promise<boolean> => {
      const perSecond = rates[index];
      if (perSecond === undefined) return false;
      for (let time = 0; time < trials && !world.signal.aborted; time += 1) {
        const count = Math.ceil((perSecond * lasts) / 1_000);
        const watched = await world.watch(server, () =>
          openLoop({ perSecond, count, lanes: fewNodes, signal: world.signal, call: (_, lane) => beat(lane) }),
        );
        exercised += watched.result.count;
        taken = Math.max(taken, watched.taken);
        if (meets(claims.heartbeat, watched.result.adjustedAt(99, watched.stalls))) return true;
      }
      return false;
    };
    while (at >= 0 && !(await meetsAt(at))) at -= 1;
    while (at >= 0 && (await meetsAt(at + 1))) at += 1;
    const value = rates[at] ?? 0;
    at = Math.max(0, at);
    return { value, best: Math.max(value, claims.heartbeat_rate.threshold), worst: value, exercised, taken };
  });
}

/** Many at once through the one connection of an instance, compared with redis-benchmark with 50 connections and -P 16. */
export async function countHeartbeats(world: World): Promise<readonly Round[]> {
  const server = await world.server();
  await using instance = await world.instance(server, { maxCalls });
  const population = await populate(instance.scheduler, manyNodes, world.seed, world.signal);
  const beat = beating(instance.scheduler, population);
  const loop = { width, signal: world.signal, call: (index: number) => beat(index % manyNodes) };
  await closedLoop({ ...loop, count: world.sizes.heartbeats / 10 }); // warms up
  return await besidePeer(world, "heartbeats", async () => {
    const { result, taken } = await world.watch(server, () => closedLoop({ ...loop, count: world.sizes.heartbeats }));
    return { ours: result.perSecond, exercised: result.done, taken };
  });
}

/** @returns sends one heartbeat, with a growing seq; true: it was renewed */
function beating(scheduler: Scheduler, { count, incarnations }: Population): (node: number) => Promise<boolean> {
  const sent = new Array<number>(count).fill(0);
  const names = Array.from({ length: count }, (_, node) => nodeName(node));
  return async (node) => {
    const seq = sent[node] ?? 0;
    sent[node] = seq + 1;
    const incarnation = incarnations[node] ?? "";
    const answer = await scheduler.heartbeat({ node: names[node] ?? "", incarnation, seq, metrics, running: [] });
    return answer.kind === "renewed";
  };
}
