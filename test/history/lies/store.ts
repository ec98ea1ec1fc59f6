/** Observations of the store, and of the views of instances, bent. */
import type { NodeContent } from "../../../src/check/history.ts";
import { addAfter, edit, editAll, type Lie, type LineOf } from "./lie.ts";

type Change = LineOf<"entry">["change"];
const changed = (kind: Change["kind"], parts: object): Lie[1] =>
  edit(
    "entry",
    ({ at, change }) => at > 0 && change.kind === kind,
    ({ change }) => ({ change: { ...change, ...parts } }),
  );

const other = "00ff00ff00ff00ff";

const ofEntries: readonly Lie[] = [
  ["a reservation of another job", changed("reserved", { job: "job-none" }), { violated: "L1" }],
  ["a reservation on another node", changed("reserved", { node: "node-99" }), { violated: "L1" }],
  ["a reservation that counts two", changed("reserved", { current_jobs: 9 }), { violated: "J1" }],
  ["an end of another job", changed("completed", { job: "job-none" }), { violated: "J1" }],
  ["a release that is an end", changed("released", { kind: "completed" }), { violated: "L1" }],
  ["a registration with room for more", changed("registered", { max_jobs: 99 }), { violated: "L1" }],
  ["a registration of another life", changed("registered", { incarnation: `${other}:3` }), { violated: "L1" }],
  ["a registration for other services", changed("registered", { services: ["none"] }), { violated: "L1" }],
  ["an offline node that expired", changed("offline", { kind: "expired" }), { violated: "L1" }],
  ["another health", changed("health", { health_milli: 3 }), { violated: "V2" }],
  [
    "an entry of another epoch",
    edit(
      "entry",
      ({ at }) => at > 0,
      () => ({ epoch: other }),
    ),
    { violated: "V1" },
  ],
  [
    "an entry twice",
    addAfter(
      "entry",
      ({ at }) => at > 0,
      (one) => [{ ...one }],
    ),
    { violated: "V1" },
  ],
  [
    "an entry that is late",
    edit(
      "entry",
      ({ at }) => at > 0,
      ({ at }) => ({ at: at + 600 }),
    ),
    { refused: /allowed is the order/ },
  ],
];

type Content = Pick<NodeContent, "node">;
const contents: readonly (readonly [string, object])[] = [
  ["status", { status: "expired" }],
  ["incarnation", { incarnation: `${other}:1` }],
  ["max_jobs", { max_jobs: 99 }],
  ["health_milli", { health_milli: 1 }],
  ["pools", { pools: ["none"] }],
  ["services", { services: ["none"] }],
  ["languages", { languages: [] }],
  ["finished", { finished: 4_711 }],
  ["version", { version: { epoch: other, sequence: 3 } }],
];
/** The node as it may be some time. */
const ahead = (one: NodeContent | undefined): object =>
  one ? { version: { ...one.version, sequence: one.version.sequence + 9_000 } } : {};
const firstOf = <One extends Content>(nodes: readonly One[], parts: object): readonly object[] =>
  nodes.map((one, index) => (index === 0 ? { ...one, ...parts } : one));

const ofDumps: readonly Lie[] = [
  ...contents.map(
    ([field, parts]): Lie => [
      `another ${field} in a dump`,
      edit(
        "dump",
        ({ at, nodes }) => at > 0 && nodes[0]?.content.status === "online",
        ({ nodes }) => ({
          nodes: nodes.map((one, index) => (index === 0 ? { ...one, content: { ...one.content, ...parts } } : one)),
        }),
      ),
      { violated: "F1" },
    ],
  ),
  [
    "a dump without a node",
    edit(
      "dump",
      ({ at, nodes }) => at > 0 && nodes.length > 0,
      ({ nodes }) => ({ nodes: nodes.slice(1) }),
    ),
    { violated: "F1" },
  ],
  [
    "a dump with a job more",
    edit(
      "dump",
      ({ at, nodes }) => at > 0 && nodes.length > 0,
      ({ nodes }) => ({
        nodes: nodes.map((one, index) => (index === 0 ? { ...one, jobs: [...one.jobs, "job-none"] } : one)),
      }),
    ),
    { violated: "J1" },
  ],
  [
    "a dump with another job in the place of one",
    edit(
      "dump",
      ({ at, nodes }) => at > 0 && nodes.some(({ jobs }) => jobs.length > 0),
      ({ nodes }) => ({ nodes: nodes.map((one) => ({ ...one, jobs: one.jobs.map((job) => `${job}-other`) })) }),
    ),
    { violated: "F1" },
  ],
  [
    "a dump with a node that never registered",
    edit(
      "dump",
      ({ at, nodes }) => at > 0 && nodes.length > 0,
      ({ nodes }) => ({
        nodes: [
          ...nodes,
          ...nodes.map((one) => ({ ...one, content: { ...one.content, node: "node-none" } })).slice(-1),
        ],
      }),
    ),
    { violated: "F1" },
  ],
  [
    "a dump at another version",
    edit(
      "dump",
      ({ at, version }) => at > 0 && version !== null,
      ({ version }) => ({ version: version && { ...version, sequence: version.sequence + 1 } }),
    ),
    { violated: "V1" },
  ],
  [
    "a dump with an old heartbeat",
    edit(
      "dump",
      ({ nodes }) => nodes.some((one) => one.heartbeat_seq > 9),
      ({ nodes }) => ({
        nodes: nodes.map((one) => ({ ...one, heartbeat_seq: Math.min(one.heartbeat_seq, 1) })),
      }),
    ),
    { violated: "N1" },
  ],
];

const isLater = ({ at }: { readonly at: number }): boolean => at > 0;

const ofViews: readonly Lie[] = [
  ...contents.map(
    ([field, parts]): Lie => [
      `another ${field} in a sample`,
      edit(
        "sample",
        ({ at, nodes }) => at > 0 && nodes[0]?.status === "online",
        ({ nodes }) => ({ nodes: firstOf(nodes, parts) }),
      ),
      { violated: "F1" },
    ],
  ),
  [
    "a sample with a version that never was",
    edit(
      "sample",
      ({ at, nodes }) => at > 0 && nodes.length > 0,
      ({ nodes }) => ({ nodes: firstOf(nodes, ahead(nodes[0])) }),
    ),
    { violated: "F1" },
  ],
  [
    "a sample without a node",
    edit(
      "sample",
      ({ nodes }) => nodes.length > 0,
      ({ nodes }) => ({ nodes: nodes.slice(1) }),
    ),
    { violated: "F1" },
  ],
  [
    "a sample with a node twice",
    edit(
      "sample",
      ({ nodes }) => nodes.length > 0,
      ({ nodes }) => ({ nodes: [...nodes, nodes[0]] }),
    ),
    { violated: "F1" },
  ],
  [
    "a sample of another mode",
    edit("sample", isLater, ({ mode }) => ({ mode: mode === "normal" ? "l2_only" : "normal" })),
    { violated: "D5" },
  ],
  [
    "a view that is ahead",
    edit("view", isLater, ({ views }) => ({
      views: views.map((one) => one && { ...one, sequence: one.sequence + 900 }),
    })),
    { violated: "F1" },
  ],
  [
    "a view that goes back",
    edit("view", isLater, ({ views }) => ({ views: views.map((one) => one && { ...one, sequence: 1 }) })),
    { violated: "F1" },
  ],
  [
    "a view of another epoch",
    edit("view", isLater, ({ views }) => ({ views: views.map((one) => one && { ...one, epoch: other }) })),
    { violated: "F1" },
  ],
  [
    "a view of nothing",
    edit("view", isLater, ({ views }) => ({ views: views.map(() => null) })),
    { open: /holds nothing of a partition, and did before/ },
  ],
  [
    "views that are late",
    editAll("view", ({ at, instance }) => (instance === 0 ? { at: at + 700 } : {})),
    { violated: "F1" },
  ],
];

export const store: readonly Lie[] = [...ofEntries, ...ofDumps, ...ofViews];
