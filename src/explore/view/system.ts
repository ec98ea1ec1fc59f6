/** The view of the `system` model: nodes and the clients of jobs to the left, the store in the middle, the instances to the right. */
import type { Scope } from "../../../model/language/machine.ts";
import type { Instance, State, Store, StoredNode } from "../../../model/system/state.ts";
import type { Lane, LaneState } from "../../evidence/timeline.ts";
import type { InFlightMessage, ModelView } from "./model-view.ts";
import { actOf } from "./system-actions.ts";
import { answerKeys, changeText, inFlightMessage, laneOf, seenText, versionText } from "./system-names.ts";

export function systemView({ nodes = 0, jobs = 0, instances = 0, replicas = 0 }: Scope): ModelView<State> {
  const each = (count: number) => Array.from({ length: count }, (_, name) => name);
  const lanes: readonly Lane[] = [
    ...each(nodes).map((n): Lane => ({ id: laneOf.node(n), name: `node ${n}`, kind: "node" })),
    ...each(jobs).map((j): Lane => ({ id: laneOf.job(j), name: `client of job ${j}`, kind: "client" })),
    { id: laneOf.network, name: "network", kind: "network" },
    { id: laneOf.store, name: "store", kind: "store" },
    ...(replicas === 1 ? [{ id: laneOf.replica, name: "replica", kind: "store" } as const] : []),
    ...each(instances).map((i): Lane => ({ id: laneOf.instance(i), name: `instance ${i}`, kind: "instance" })),
  ];
  return {
    lanes,
    holds: (state) => [
      ...each(nodes).map((n): LaneState => ({ lane: laneOf.node(n), lines: [agentText(state, n)] })),
      ...each(jobs).map((j): LaneState => ({ lane: laneOf.job(j), lines: [jobText(state, j)] })),
      { lane: laneOf.store, lines: storeLines(state.store, jobs) },
      ...(replicas === 1 ? [{ lane: laneOf.replica, lines: replicaLines(state, jobs) }] : []),
      ...each(instances).map(
        (i): LaneState => ({ lane: laneOf.instance(i), lines: beliefLines(state.instance.get(i)) }),
      ),
    ],
    inFlight: (state) => [
      ...[...state.net].map(inFlightMessage),
      ...each(instances).flatMap((i) => answersTo(state, i)),
    ],
    act: actOf,
  };
}

/** Wake-ups and answers of the store, which are not in the network of the model but beside it. */
function answersTo(state: State, i: number): readonly InFlightMessage[] {
  const { isWoken, change, page } = state.instance.get(i);
  const way = { from: laneOf.store, to: laneOf.instance(i) };
  return [
    ...(isWoken ? [{ key: answerKeys.wakeUp(i), ...way, words: "wake-up" }] : []),
    ...(change === null
      ? []
      : [{ key: answerKeys.change(i), ...way, words: `${versionText(change.version)} ${changeText(change.change)}` }]),
    ...(page.version === null
      ? []
      : [{ key: answerKeys.page(i), ...way, words: `page at ${versionText(page.version)}` }]),
  ];
}

function agentText({ agent }: State, n: number): string {
  const { life, incarnation, seq } = agent.get(n);
  if (life === 0) return "it has not begun to live";
  // Epoch 0: which one it is was forgotten, since nothing reads it (scope `normalForm=1`).
  const known =
    incarnation === null
      ? "not answered yet"
      : incarnation.epoch === 0
        ? "registered"
        : `registered as ${versionText(incarnation)}`;
  return `life ${life}, ${known}${seq === 0 ? "" : `, heartbeat ${seq} sent`}`;
}

function jobText({ job }: State, j: number): string {
  const state = job.get(j);
  switch (state.kind) {
    case "idle":
      return "not dispatched";
    case "asked":
      return `asked of node ${state.n}, not answered`;
    case "held":
      return `reserved on node ${state.n}, acknowledged`;
    case "lost":
      return `its reservation on node ${state.n} was named as lost`;
    case "ending":
      return `done on node ${state.n}, its end not answered`;
    case "over":
      return "over";
  }
}

function replicaLines({ replica, isReplicaFormer }: State, jobCount: number): readonly string[] {
  return [...(isReplicaFormer ? ["a former primary, which goes on"] : []), ...storeLines(replica, jobCount)];
}

function storeLines({ meta, feed, node }: Store, jobCount: number): readonly string[] {
  const { epoch, sequence, isForeign, succession } = meta;
  const place = succession.generation > 0 ? `, generation ${succession.generation}` : "";
  const server = isForeign ? ", written by another server than the one that answers now" : "";
  const entries = [...feed].map((entry) => `${entry.sequence} ${changeText(entry.change)}`);
  return [
    epoch === 0 ? "no epoch" : `epoch ${epoch}${place}, sequence ${sequence}${server}`,
    ...(entries.length === 0 ? [] : [`feed: ${entries.join("; ")}`]),
    ...node.values.flatMap((each, n) => (each === null ? [] : [`node ${n}: ${storedText(each, jobCount)}`])),
  ];
}

function storedText({ status, incarnation, version, count, jobs, done }: StoredNode, jobCount: number): string {
  const names = (set: { has(name: number): boolean }) =>
    Array.from({ length: jobCount }, (_, j) => j)
      .filter((j) => set.has(j))
      .join(", ");
  const counted = count === jobs.size ? "" : `, counted as ${count}`;
  const finished = done.size === 0 ? "" : `, finished {${names(done)}}`;
  return `${status}, life ${versionText(incarnation)}, jobs {${names(jobs)}}${counted}${finished}, changed at ${versionText(version)}`;
}

function beliefLines({ version, seen, missed }: Instance): readonly string[] {
  return [
    version.epoch === 0 ? "nothing yet" : `all up to ${versionText(version)}`,
    ...seen.values.flatMap((each, n) => {
      if (each !== null) return [`node ${n}: ${seenText(each)}${missed.get(n) ? ", and marked as missing" : ""}`];
      return missed.get(n) ? [`node ${n}: marked as missing`] : [];
    }),
  ];
}
