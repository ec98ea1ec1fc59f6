/** Replies and addresses that are taken for others than they are, and requests that say something else. */
import { mutantsIn, type RedisMutant } from "./mutant.ts";

const mutant = mutantsIn("redis");

const errors = ["error-replies", "L1"] as const;
const requests = ["requests", "K7"] as const;
const send = "scripts/send.ts";
const wire = "scripts/wire.ts";
const unknownAlone = "if (!isNoScript(error)) throw error;";

const wrongRequests: readonly RedisMutant[] = [
  mutant(
    "changes-asked-for-whole",
    requests,
    "the most bytes that the protocol allows are asked for, whatever is wanted",
    [wire, "String(limit), String(maxBytes)]", "String(limit), String(mostBytes)]"],
  ),
  mutant("pages-of-the-largest-size", requests, "a page is asked for with the most bytes that the protocol allows", [
    wire,
    "String(request.maxBytes ?? mostBytes)",
    "String(mostBytes)",
  ]),
  mutant("changes-of-a-usual-size", requests, "changes come in small parts where no size is asked for", [
    wire,
    "maxBytes = mostBytes, partition",
    "maxBytes = 1_000, partition",
  ]),
  mutant("swept-with-a-swap", requests, "two times of a sweep take each other's place", [
    wire,
    "gap, grace, offset].map",
    "grace, gap, offset].map",
  ]),
  mutant("metrics-with-a-swap", requests, "two metrics take each other's place", [
    wire,
    "[cpu, gpu, memory",
    "[gpu, cpu, memory",
  ]),
];

const wrongErrors: readonly RedisMutant[] = [
  ...["BUSY", "LOADING", "READONLY", "TRYAGAIN"].map((prefix) =>
    mutant(`resent-after-${prefix.toLowerCase()}`, errors, `a call that was answered ${prefix} is sent once more`, [
      send,
      unknownAlone,
      `if (!isNoScript(error) && !String(error).includes("${prefix}")) throw error;`,
    ]),
  ),
  mutant("unknown-by-any-word", errors, "an error that mentions a script that is not known is taken for one", [
    "failure.ts",
    `error.message.startsWith("NOSCRIPT")`,
    `error.message.includes("NOSCRIPT")`,
  ]),
  mutant("redirected-whatever-came-last", errors, "a call that broke off after redirections has not run", [
    "failure.ts",
    "ReplyError: (MOVED|ASK|TRYAGAIN|CLUSTERDOWN)\\b/u",
    "/u",
  ]),
  mutant(
    "refused-and-resent-in-a-cluster",
    ["sent-once-in-a-cluster", "J3"],
    "a refused write is sent again once its connection is made anew",
    [
      "connection/connection.ts",
      "reconnectOnError: (error) => (onError(error) ? 1 : false),",
      "reconnectOnError: (error) => (onError(error) ? 2 : false),",
    ],
  ),
];

export const wrongReplies: readonly RedisMutant[] = [
  ...wrongRequests,
  ...wrongErrors,
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
