/**
 * A long run with a feed, for measuring L1: nodes that hold jobs, calls on them as clients saw them, and the changes as an observer read them.
 * Each line is taken through JSON, as the judges of a run get it. Of 100 calls 33 ask for a place, 27 complete a job, 5 are heartbeats and
 * 35 are reads, 15 of those from a cache; 2 of 100 are not answered. About 65 of 100 change something.
 */
import type { Call, HistoryEvent, NodeContent } from "../../../src/check/history.ts";
import type { Trial } from "../../../src/check/judgement.ts";
import type { Observation, ObservedChange } from "../../../src/check/observed/observation.ts";
import { numbers } from "../../check/linear/made-long.ts";

const partitions = 4;
const places = 64;
/** Calls of a millisecond, and how long one takes at most. */
const perMs = 20;
const longest = 8;
/** The observer reads what has changed so much later. */
const seenAfter = 5;

interface Held {
  readonly name: string;
  readonly partition: number;
  readonly jobs: string[];
  sequence: number;
}

export function madeRun(count: number, nodes = 200): Trial {
  const below = numbers();
  const history: HistoryEvent[] = [];
  const observations: Observation[] = [];
  const sequences = new Array<number>(partitions).fill(0);
  const held: Held[] = Array.from({ length: nodes }, (_, index) => {
    return { name: `node-${index}`, partition: index % partitions, jobs: [], sequence: 0 };
  });
  const change = (node: Held, at: number, what: ObservedChange): void => {
    const sequence = (sequences[node.partition] ?? 0) + 1;
    sequences[node.partition] = sequence;
    node.sequence = sequence;
    const entry = { kind: "entry", partition: node.partition, at, epoch: epochOf(node), sequence, change: what };
    observations.push(taken(entry as Observation));
  };
  for (let partition = 0; partition < partitions; partition += 1) {
    const version = { epoch: `epoch-of-partition-${partition}`, sequence: 0 };
    observations.push({ kind: "dump", partition, at: -100, version, nodes: [] });
  }
  for (const node of held) change(node, -50, registration(node));
  for (let id = 1; id <= count; id += 1) {
    const node = held[below(nodes)] as Held;
    const effect = id / perMs;
    const draw = below(100);
    const asked = ask(draw, node, id, below);
    if (asked.change !== null) change(node, effect + seenAfter, asked.change);
    const call = {
      kind: "call",
      id,
      instance: below(3),
      node: node.name,
      from: effect - below(longest),
      ...asked.call,
    };
    const version = { epoch: epochOf(node), sequence: sequences[node.partition] ?? 0 };
    const answer = { to: effect + below(longest), outcome: "ok", ...asked.answer };
    const isLost = draw < 65 && below(50) === 0;
    const lost = { to: effect + longest, outcome: "info", reply: "deadline" };
    history.push(taken({ ...call, ...(isLost ? lost : { ...answer, version }) } as unknown as HistoryEvent));
  }
  history.sort((a, b) => ((a as Call).to ?? 0) - ((b as Call).to ?? 0));
  const bounds = { budget: 50, recovery: 1_000, convergence: 500, staleness: 300 };
  const terms = { missTtl: 1_000, l1Ttl: 1_000, heartbeatTtl: 2_000, ttlSpread: 0.2, feedMax: 10 };
  return { side: "fault", history, observations, instances: 3, bounds, terms };
}

interface Asked {
  readonly change: ObservedChange | null;
  readonly call: Readonly<Record<string, unknown>>;
  readonly answer: Readonly<Record<string, unknown>>;
}

function ask(draw: number, node: Held, id: number, below: (limit: number) => number): Asked {
  const { jobs, name } = node;
  if (draw < 33) {
    const job = `job-${id}`;
    const call = { op: "reserve_job", job };
    if (jobs.length >= places) return { change: null, call, answer: { reply: "full" } };
    jobs.push(job);
    const reserved = { kind: "reserved", node: name, job, current_jobs: jobs.length } as const;
    return { change: reserved, call, answer: { reply: "reserved" } };
  }
  if (draw < 60) {
    const job = jobs.shift() ?? `none-${id}`;
    const call = { op: "complete_job", job };
    if (job.startsWith("none")) return { change: null, call, answer: { reply: "unknown" } };
    const completed = { kind: "completed", node: name, job, current_jobs: jobs.length } as const;
    return { change: completed, call, answer: { reply: "completed" } };
  }
  if (draw < 65) {
    const change = { kind: "health", node: name, health_milli: below(1_000) } as const;
    return { change, call: { op: "heartbeat", incarnation: lifeOf(node), seq: id }, answer: { reply: "renewed" } };
  }
  const source = draw < 85 ? "redis" : "l1";
  const read = { found: true, source, stale: false, age_ms: 0, mode: "normal", node: contentOf(node) };
  return { change: null, call: { op: "get_node" }, answer: { reply: "found", read } };
}

function contentOf(node: Held): NodeContent {
  const version = { epoch: epochOf(node), sequence: node.sequence };
  const { incarnation, max_jobs, pools, languages, services, health_milli } = registration(node);
  const base = { node: node.name, status: "online", incarnation, version, max_jobs, current_jobs: node.jobs.length };
  return { ...base, health_milli, pools, languages, services };
}

function registration(node: Held): Extract<ObservedChange, { kind: "registered" }> {
  const what = { max_jobs: places, pools: ["general"], languages: [], services: ["asr"], health_milli: 900 };
  return { kind: "registered", node: node.name, incarnation: lifeOf(node), ...what };
}

const epochOf = ({ partition }: Held): string => `epoch-of-partition-${partition}`;
const lifeOf = (node: Held): string => `${epochOf(node)}:${node.name}`;

function taken<Line>(line: Line): Line {
  return JSON.parse(JSON.stringify(line)) as Line;
}
