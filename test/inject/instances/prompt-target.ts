/** A scheduler that answers everything at once, with answers as large as real ones: what is measured on it is who asks. */
import type { Target } from "../../../src/load/clients/target.ts";
import { node as contentOf } from "../../check/trials.ts";

const pools = ["pool-a", "pool-b"];
const services = ["translate"];
const epoch = "0123456789abcdef";

export function promptTarget(): Target {
  let sequence = 0;
  const version = () => {
    sequence += 1;
    return { epoch, sequence };
  };
  const shown = (node: string) =>
    ({
      ...contentOf(sequence, { node, pools, services, incarnation: `${epoch}:1`, version: { epoch, sequence } }),
      status: "online",
      finished: 0,
    }) as const;
  return {
    registerNode: async () => ({ kind: "registered", version: version(), incarnation: `${epoch}:${sequence}` }),
    heartbeat: async () => ({ kind: "renewed", version: version() }),
    offlineNode: async () => ({ kind: "offline", version: version() }),
    reserveJob: async () => ({ kind: "reserved", version: version() }),
    completeJob: async () => ({ kind: "completed", version: version() }),
    releaseJob: async () => ({ kind: "completed", version: version() }),
    getNode: async (node) =>
      ({ found: true, node: shown(node), source: "l1", age_ms: 1, stale: false, mode: "normal" }) as const,
    selectNodes: () => ({ nodes: ["node-0", "node-1", "node-2", "node-3"].map(shown), mode: "normal" }),
    dispatch: async () => ({ kind: "dispatched", node: "node-0", outcome: "reserved", version: version() }),
    config: () => null,
    putConfig: async () => ({ kind: "stored", version: version() }),
  };
}
