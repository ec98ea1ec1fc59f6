/** Replies and addresses that are taken for others than they are. */
import type { RedisMutant } from "./mutant.ts";

export const wrongReplies: readonly RedisMutant[] = [
  {
    id: "half-fields-accepted",
    origin: "a field without a value has an empty one",
    check: "replies",
    property: "K7",
    edits: [
      {
        file: "src/redis/scripts/reply.ts",
        find: "  if (flat.length % 2 !== 0) return unexpected(",
        replace: "  if (flat.length < 0) return unexpected(",
      },
    ],
  },
  {
    id: "any-status",
    origin: "whatever a record says of its node is a status",
    check: "replies",
    property: "K7",
    edits: [
      {
        file: "src/redis/scripts/reply.ts",
        find: `return found === "online" || found === "offline" || found === "expired" ? found`,
        replace: `return typeof found === "string" ? (found as NodeStatus)`,
      },
    ],
  },
  {
    id: "slots-in-migration-unknown",
    origin: "an error that comes only while slots are moved is not in the list of those that say that nothing ran",
    check: "error-replies",
    property: "L1",
    edits: [{ file: "src/redis/failure.ts", find: `  ["TRYAGAIN", "moved"],\n`, replace: "" }],
  },
  {
    id: "refuses-in-silence",
    origin: "the calls fail, and the program that has started the instance does not hear why",
    check: "unfit-server",
    property: "K7",
    edits: [
      {
        file: "src/redis/connection/link.ts",
        find: "    onRefused?.(refusal);\n    return inTheWay(refusal);",
        replace: "    return inTheWay(refusal);",
      },
    ],
  },
  {
    id: "sentinels-on-the-servers-port",
    origin: "a Sentinel without a port is looked for where servers are",
    check: "addresses",
    property: "K7",
    edits: [
      {
        file: "src/redis/connection/topology.ts",
        find: `addresses("redis.sentinels", given.sentinels, 26_379)`,
        replace: `addresses("redis.sentinels", given.sentinels, 6_379)`,
      },
    ],
  },
  {
    id: "prefix-in-a-cluster",
    origin: "the options of a Cluster client are looked at, and not those of its nodes",
    check: "existing-clients",
    property: "K7",
    edits: [{ file: "src/redis/connection/existing.ts", find: "  refuse(nodeOptions);\n", replace: "" }],
  },
];
