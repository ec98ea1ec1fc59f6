/**
 * Program: times heartbeats of one instance in a process of its own, and reports how much of each time the machine took. It begins with a collected heap:
 * the first collection of a young process takes longer than any later one, and 400 ms hold no other.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Millis } from "../../check/history.ts";
import type { Scheduler } from "../../scheduler/scheduler.ts";
import { ownCpu } from "../measure/cpu.ts";
import { MachineShare } from "../measure/machine-share.ts";
import { type InstanceOptions, startInstance, type WrapStore } from "../world/instance.ts";
import { type OpenLoop, openLoop } from "../world/load.ts";
import { metrics, nodeName, populate } from "../world/population.ts";
import { openBarePing } from "./bare-ping.ts";
import { serveJob } from "./second-process.ts";

interface Late {
  readonly ms: Millis;
  readonly every: number;
}

export interface HeartbeatJob {
  readonly instance: InstanceOptions;
  readonly seed: number;
  readonly nodes: number;
  readonly perSecond: number;
  readonly count: number;
  /** Heartbeats before those that are timed: the first ones compile. */
  readonly warmUp: number;
  /** The process of the server. */
  readonly server: number;
  /** A mutant delays one of `every` heartbeats by `ms`. */
  readonly late: Late | null;
}

export interface HeartbeatResult {
  /** ms, as measured and without the time that the machine is known to have taken. */
  readonly p99: Millis;
  readonly adjustedP99: Millis;
  /** ms: of bare PINGs at the same rate, as measured. */
  readonly bareP99: Millis;
  readonly count: number;
  /** Seconds of CPU of this process. */
  readonly cpu: number;
}

const signal = new AbortController().signal;

serveJob<HeartbeatJob, HeartbeatResult>(async (job, started) => {
  const { count, late, nodes, perSecond, seed, server, warmUp } = job;
  const pace = { perSecond, lanes: nodes, signal };
  const bareP99 = await timeBarePings(job.instance.url, { ...pace, count });
  const wrap = late === null ? {} : { wrap: delaying(late) };
  await using instance = await startInstance({ ...job.instance, ...wrap });
  const { incarnations } = await populate(instance.scheduler, nodes, seed, signal);
  const beat = beating(instance.scheduler, incarnations);
  const loop = { ...pace, call: (_: number, lane: number) => beat(lane) };
  await openLoop({ ...loop, count: warmUp });
  globalThis.gc?.();
  started();
  using machine = new MachineShare(server);
  const result = await openLoop({ ...loop, count });
  const p99 = { p99: result.at(99), adjustedP99: result.adjustedAt(99, machine), bareP99 };
  return { ...p99, count: result.count, cpu: ownCpu() };
});

/** Before the instance exists, so that nothing of it can delay them. */
async function timeBarePings(url: string, pace: Omit<OpenLoop, "call">): Promise<Millis> {
  await using bare = await openBarePing(url);
  const answered = async (): Promise<boolean> => {
    // One without an answer would count as slow, and excuse slow heartbeats.
    if (!(await bare.ping())) throw new Error("the server ended the connection of the bare PINGs");
    return true;
  };
  const pings = await openLoop({ ...pace, call: answered });
  return pings.at(99);
}

function delaying({ every, ms }: Late): WrapStore {
  let sent = 0;
  return (store) => ({
    ...store,
    async heartbeat(request, deadline) {
      sent += 1;
      if (sent % every === 0) await sleep(ms);
      return await store.heartbeat(request, deadline);
    },
  });
}

/** @returns sends one heartbeat, with a growing seq; true: it was renewed */
function beating(scheduler: Scheduler, incarnations: readonly string[]): (node: number) => Promise<boolean> {
  const sent = incarnations.map(() => 0);
  return async (node) => {
    const seq = sent[node] ?? 0;
    sent[node] = seq + 1;
    const incarnation = incarnations[node] ?? "";
    const answer = await scheduler.heartbeat({ node: nodeName(node), incarnation, seq, metrics, running: [] });
    return answer.kind === "renewed";
  };
}
