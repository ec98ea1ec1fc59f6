/** The events that the common judges are given about scripts that write about a node: requests about jobs, and each run of a script. */
import type { Command } from "../../../model/partition/command.ts";
import type { JobRequested, JobScript, JudgeEvent } from "../../judges/event.ts";
import { incarnationText } from "../servers/epoch-text.ts";
import type { Asked, Sent, Stepped } from "../trace/events.ts";
import { type EpochLine, SimulatedNode } from "./truth.ts";

const jobScripts: ReadonlySet<string> = new Set<JobScript>(["reserve_job", "complete_job", "release_job"]);

type OfJob<Any> = Extract<Any, { readonly kind: JobScript }>;

export function isJobScript(script: string): boolean {
  return jobScripts.has(script);
}

function isOfJob<Any extends Asked | Command>(asked: Any): asked is OfJob<Any> {
  return jobScripts.has(asked.kind);
}

/** null: it is about no job. */
export function jobRequested({ at, deadline, instance, question, request }: Sent): JudgeEvent | null {
  if (question.kind !== "nodes" || !isOfJob(question.asked)) return null;
  const { asked, partition } = question;
  const { job, kind: script, node } = asked;
  return { kind: "job_requested", at, request, instance, partition, script, node, job, ...figuresOf(asked), deadline };
}

function figuresOf(asked: OfJob<Asked>): Partial<JobRequested> {
  if (asked.kind === "reserve_job") return { lease: asked.lease };
  return asked.kind === "complete_job" ? { doneFor: asked.doneFor, doneMax: asked.doneMax } : {};
}

/** null: it is about no node as such, and sweeps none. */
export function nodeRequested({ at, instance, question, request }: Sent): JudgeEvent | null {
  if (question.kind !== "nodes") return null;
  const { asked } = question;
  if (asked.kind === "sweep") return { kind: "sweep_requested", at, instance, retention: asked.retention };
  if (asked.kind !== "register_node" && asked.kind !== "heartbeat" && asked.kind !== "offline_node") return null;
  const lasts = asked.kind === "offline_node" ? asked.retention : asked.ttl;
  return { kind: "node_requested", at, request, instance, script: asked.kind, node: asked.node, lasts };
}

/** null: it is about no job. */
export function jobServed(event: Stepped, line: EpochLine): JudgeEvent | null {
  const { after, at, changes, command, instance, reply, request } = event;
  if (!isOfJob(command)) return null;
  const { job, kind: script, node } = command;
  const last = after.meta?.sequence ?? 0;
  const versions = { before: last - changes.length, after: last };
  return { kind: "job_served", at, request, instance, script, node, job, line, ...versions, reply: reply.kind };
}

/** null: it only reads, or sweeps, which has no arguments but what is due. */
export function written(event: Stepped, line: EpochLine): JudgeEvent | null {
  const { after, at, before, changes, command, reply, request } = event;
  const own = argumentsOf(command);
  if (own === null || !("node" in command)) return null;
  const { kind: script, node } = command;
  const run = { script, node, arguments: own, reply: reply.kind, changes: changes.length };
  return { kind: "written", at, request, line, ...run, before: held(before, node), after: held(after, node) };
}

function held({ nodes }: Stepped["before"], node: string): SimulatedNode | null {
  const record = nodes.get(node);
  return record === undefined ? null : new SimulatedNode(record);
}

/** Those that say that it is the same call. */
function argumentsOf(command: Command): string | null {
  switch (command.kind) {
    case "register_node":
      return `${command.expected === null ? "" : incarnationText(command.expected)} ${pairKey(command.node, command.registration)}`;
    case "heartbeat":
      return `${command.seq} ${command.chunk} ${pairKey(command.node, incarnationText(command.incarnation))}`;
    case "offline_node":
      return pairKey(command.node, incarnationText(command.incarnation));
    case "reserve_job":
      return `${command.seen} ${pairKey(command.node, command.job)}`;
    case "complete_job":
    case "release_job":
      return pairKey(command.node, command.job);
    default:
      return null;
  }
}

/** One text for a pair of ids, whatever is in them. */
function pairKey(one: string, other: string): string {
  return `${one.length}:${one}${other}`;
}

const noLeases: ReadonlyMap<string, number> = new Map();

/** null: it is no heartbeat that was taken, or one of a node without places. */
export function leasesServed({ after, at, before, command, reply }: Stepped): JudgeEvent | null {
  if (command.kind !== "heartbeat" || reply.kind !== "renewed") return null;
  const { at: now, incarnation, node, seq } = command;
  const leases = before.jobs.get(node);
  if (leases === undefined) return null;
  const served = { before: leases, after: after.jobs.get(node) ?? noLeases };
  return { kind: "leases_served", at, node, incarnation: incarnationText(incarnation), seq, now, ...served };
}
