/** This scheduler, as the migration sees it. Its deadlines are those of its settings. */

import type { NodeState } from "../../protocol/node.ts";
import type { Answer } from "../../protocol/replies.ts";
import type { NodeAnswer } from "../reading/reads.ts";
import type { Scheduler } from "../scheduler.ts";
import { failed } from "./legacy.ts";
import type {
  HeartbeatResult,
  Lookup,
  NodeFacts,
  OfflineResult,
  Registered,
  Registry,
  RegistryFailure,
} from "./registry.ts";

/** The part of a scheduler that is needed; the scheduler may run in another process. */
export type MigrationScheduler = Pick<
  Scheduler,
  | "getNode"
  | "selectNodes"
  | "registerNode"
  | "heartbeat"
  | "offlineNode"
  | "reserveJob"
  | "completeJob"
  | "releaseJob"
  | "nodes"
  | "status"
>;

/** An incarnation that no node ever has. */
const noIncarnation = "0000000000000000:0";

/**
 * A registry knows no incarnations of a node. A call is meant for the current one, also where this instance sees another one.
 *
 * An input that the scheduler refuses and a scheduler that has stopped are failures here: the other registry may go on.
 */
export function schedulerRegistry(scheduler: MigrationScheduler): Registry {
  return {
    getNode: (node) => answered(async () => lookupOf(await scheduler.getNode(node))),
    selectNodes: (wanted) =>
      answered(async () => {
        const { nodes } = scheduler.selectNodes(wanted);
        return { kind: "selected", nodes: nodes.map(({ node }) => node) };
      }),
    listNodes: () =>
      answered(async () => {
        const partitions = scheduler.status().view.map((_, partition) => scheduler.nodes(partition));
        const online = partitions.flat().filter(({ status }) => status === "online");
        return { kind: "listed", nodes: online.map(({ node }) => node) };
      }),
    registerNode: (offer) =>
      answered(async () => {
        const answer = await scheduler.registerNode(offer);
        if (answer.kind !== "conflict") return registered(answer);
        return registered(await scheduler.registerNode({ ...offer, expected: answer.incarnation }));
      }),
    heartbeat: (beat) =>
      answered(async () => {
        const { node } = await scheduler.getNode(beat.node);
        const answer = await scheduler.heartbeat({ ...beat, incarnation: node?.incarnation ?? noIncarnation });
        if (answer.kind !== "superseded") return beaten(answer);
        return beaten(await scheduler.heartbeat({ ...beat, incarnation: answer.incarnation }));
      }),
    offlineNode: (node) =>
      answered(async () => {
        const answer = await scheduler.offlineNode(node);
        if (answer.kind !== "superseded") return wentOffline(answer);
        return wentOffline(await scheduler.offlineNode(node, answer.incarnation));
      }),
    reserveJob: (node, job) => answered(() => scheduler.reserveJob(node, job)),
    completeJob: (node, job) => answered(() => scheduler.completeJob(node, job)),
    releaseJob: (node, job) => answered(() => scheduler.releaseJob(node, job)),
  };
}

async function answered<Reply>(call: () => Promise<Reply>): Promise<Reply | RegistryFailure> {
  try {
    return await call();
  } catch (error) {
    // Input is checked before anything is sent, and a scheduler that has stopped sends nothing.
    return failed("no", "refused", error instanceof Error ? error.message : String(error));
  }
}

function lookupOf({ found, node, stale, age_ms }: NodeAnswer): Lookup {
  if (stale) return failed("no", "stale", "the answer could not be confirmed in time");
  if (!found || node === undefined) return { kind: "absent", age_ms };
  return { kind: "found", facts: factsOf(node), age_ms };
}

function factsOf({ node, status, max_jobs, current_jobs, pools, languages, services }: NodeState): NodeFacts {
  return { node, online: status === "online", max_jobs, current_jobs, jobs: null, pools, languages, services };
}

function registered(answer: Awaited<ReturnType<Scheduler["registerNode"]>>): Registered {
  if (answer.kind === "failed") return answer;
  if (answer.kind === "superseded" || answer.kind === "conflict")
    return failed("no", "superseded", "a later registration of the node stands");
  return { kind: "registered" };
}

function beaten(answer: Awaited<ReturnType<Scheduler["heartbeat"]>>): HeartbeatResult {
  switch (answer.kind) {
    case "failed":
      return answer;
    case "renewed":
    case "already":
    case "stale":
      return { kind: "renewed" };
    case "superseded":
    case "unknown_node":
    case "not_online":
      return { kind: "not_online" };
  }
}

/** @param answer `unknown_node`: it is not online, which is all that was asked for */
function wentOffline(answer: Answer<{ readonly kind: string }>): OfflineResult {
  if (answer.kind === "superseded") return failed("no", "superseded", "a later registration of the node stands");
  if ("applied" in answer) return answer;
  return { kind: "offline" };
}
