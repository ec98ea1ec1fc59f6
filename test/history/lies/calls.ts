/** Calls of clients and of instances, bent. */
import type { NodeContent, Op } from "../../../src/check/history.ts";
import { addAfter, edit, editAll, type Lie, type LineOf } from "./lie.ts";

type Call = LineOf<"call">;
const other = "00ff00ff00ff00ff";
const answered = (op: Op, reply: string) => (call: Call) =>
  call.op === op && call.outcome === "ok" && call.reply === reply && call.from > 0;

const replies: readonly (readonly [Op, string, string, string])[] = [
  ["register_node", "registered", "already", "L1"],
  ["register_node", "registered", "conflict", "L1"],
  ["heartbeat", "renewed", "superseded", "L1"],
  ["heartbeat", "renewed", "not_online", "L1"],
  ["offline_node", "offline", "superseded", "L1"],
  ["reserve_job", "reserved", "full", "L1"],
  ["reserve_job", "reserved", "finished", "L1"],
  ["reserve_job", "full", "reserved", "D4"],
  ["reserve_job", "not_online", "full", "L1"],
  ["dispatch", "reserved", "full", "L1"],
  ["complete_job", "completed", "unknown", "L1"],
  ["release_job", "unknown", "completed", "L1"],
  ["put_config", "stored", "conflict", "S1"],
];

const acknowledged: readonly (readonly [Op, string])[] = [
  ["register_node", "registered"],
  ["heartbeat", "renewed"],
  ["offline_node", "offline"],
  ["reserve_job", "reserved"],
  ["dispatch", "reserved"],
  ["complete_job", "completed"],
  ["release_job", "completed"],
];

const ofWrites: readonly Lie[] = [
  ...replies.map(
    ([op, from, to, violated]): Lie => [
      `${op} answered ${to} for ${from}`,
      edit("call", answered(op, from), () => ({ reply: to })),
      { violated },
    ],
  ),
  ...acknowledged.flatMap(([op, reply]): readonly Lie[] => [
    [
      `${op} of an epoch that there was not`,
      edit("call", answered(op, reply), ({ version }) => ({ version: { ...version, epoch: other } })),
      { violated: "L1" },
    ],
    [
      `${op} at a version before`,
      edit(
        "call",
        (call) => answered(op, reply)(call) && (call.version?.sequence ?? 0) > 5,
        ({ version }) => ({ version: { ...version, sequence: (version?.sequence ?? 0) - 3 } }),
      ),
      { violated: "L1" },
    ],
    [
      `${op} of another node`,
      edit("call", answered(op, reply), ({ node }) => ({ node: node === "node-0" ? "node-1" : "node-0" })),
      { violated: "L1" },
    ],
  ]),
  [
    "a dispatch that was given a place on no node",
    edit(
      "call",
      ({ op, reply }) => op === "dispatch" && reply === "no_node",
      () => ({ reply: "reserved" }),
    ),
    { violated: "L1" },
  ],
  [
    "a dispatch for other services than its node has",
    edit("call", answered("dispatch", "reserved"), ({ asked }) => ({ asked: { ...asked, services: ["none"] } })),
    { violated: "S1" },
  ],
  [
    "reserve_job that failed",
    edit("call", answered("offline_node", "offline"), () => ({
      outcome: "fail",
      reply: "disconnected",
      version: undefined,
    })),
    { violated: "L1" },
  ],
  [
    "a write that took 400 ms more",
    edit("call", answered("heartbeat", "renewed"), ({ to }) => ({ to: (to ?? 0) + 400 })),
    { violated: "K3" },
  ],
];

type Read = NonNullable<Call["read"]>;
const isRead = (source: string) => (call: Call) =>
  call.read?.source === source && call.read.node !== null && call.from > 200;
const reads = (source: string, change: (read: Read) => object): Lie[1] =>
  edit("call", isRead(source), ({ read }) => ({ read: read && { ...read, ...change(read) } }));
const shown = (source: string, parts: object): Lie[1] => reads(source, ({ node }) => ({ node: { ...node, ...parts } }));

const contents: readonly (readonly [string, Partial<NodeContent>])[] = [
  ["status", { status: "expired" }],
  ["incarnation", { incarnation: `${other}:1` }],
  ["current_jobs", { current_jobs: 77, max_jobs: 99 }],
  ["health_milli", { health_milli: 1 }],
  ["pools", { pools: ["none"] }],
  ["version", { version: { epoch: other, sequence: 3 } }],
  ["finished", { finished: 4_711 }],
];

const ofReads: readonly Lie[] = [
  ...["l1", "l2"].flatMap((source) =>
    contents.map(
      ([field, parts]): Lie => [`another ${field} from ${source}`, shown(source, parts), { violated: "V2" }],
    ),
  ),
  ["an answer from l1 that says it is stale", reads("l1", ({ stale }) => ({ stale: !stale })), { violated: "D5" }],
  ["an answer from l1 of another mode", reads("l1", () => ({ mode: "local_only" })), { violated: "D5" }],
  ["an answer from l2 that was in no cache", reads("l2", () => ({ source: "none" })), { violated: "D5" }],
];

const isSelection = (call: Call): boolean =>
  call.op === "select_nodes" && (call.selected?.length ?? 0) > 1 && call.from > 200;
const selection = (change: (selected: readonly NodeContent[], call: Call) => object): Lie[1] =>
  edit("call", isSelection, (call) => change(call.selected ?? [], call));

const ofSelections: readonly Lie[] = [
  ...contents.map(
    ([field, parts]): Lie => [
      `another ${field} in a selection`,
      selection((selected) => ({ selected: selected.map((one, index) => (index === 0 ? { ...one, ...parts } : one)) })),
      { violated: "V2" },
    ],
  ),
  ["a node selected twice", selection((selected) => ({ selected: [...selected, selected[0]] })), { violated: "S1" }],
  ["more than was asked for", selection((_, { asked }) => ({ asked: { ...asked, count: 1 } })), { violated: "S1" }],
  [
    "a selection for other services",
    selection((_, { asked }) => ({ asked: { ...asked, services: ["none"] } })),
    { violated: "S1" },
  ],
];

const isOrphans = ({ what }: LineOf<"note">): boolean => what === "orphans_reported";
const orphans = (parts: object): Lie[1] => edit("note", isOrphans, ({ facts }) => ({ facts: { ...facts, ...parts } }));
const isLost = ({ at, from }: LineOf<"mode">): boolean => from === "normal" && at > 500;

const ofInstances: readonly Lie[] = [
  ["orphans with other jobs", orphans({ jobs: ["job-none"] }), { violated: "O1" }],
  ["orphans of another node", orphans({ node: "node-77" }), { violated: "O1" }],
  ["orphans reported twice", addAfter("note", isOrphans, (note) => [{ ...note, at: note.at + 5 }]), { violated: "O1" }],
  ["a degradation that is late", edit("mode", isLost, ({ at }) => ({ at: at + 250 })), { violated: "D2" }],
  [
    "another mode",
    edit(
      "mode",
      ({ to }) => to === "l2_only",
      () => ({ to: "local_only" }),
    ),
    { violated: "D5" },
  ],
  [
    "a call to the store that took long",
    edit(
      "store_call",
      ({ from, outcome }) => from > 100 && outcome === "answered",
      ({ to }) => ({ to: to + 900 }),
    ),
    { violated: "K3" },
  ],
  [
    "calls to the store that were not answered",
    editAll("store_call", () => ({ outcome: "deadline" })),
    { violated: "D6" },
  ],
  [
    "a refusal that was not",
    addAfter("call", answered("reserve_job", "reserved"), ({ from, instance, node, to, version }) => [
      {
        kind: "node_full",
        instance,
        node,
        job: "job-none",
        from,
        to,
        version: { ...version, sequence: (version?.sequence ?? 0) - 1 },
      },
    ]),
    { violated: "J2" },
  ],
  [
    "refusals at other versions",
    editAll("node_full", ({ version }) => ({ version: { ...version, sequence: version.sequence - 1 } })),
    { violated: "J2" },
  ],
  [
    "a load of all nodes while it runs well",
    addAfter(
      "call",
      ({ from }) => from > 400 && from < 700,
      ({ from, instance, to }) => [
        {
          kind: "request",
          instance,
          partition: 0,
          from,
          to,
          deadline: 25,
          nodes: [],
          page: "first",
          outcome: "answered",
        },
      ],
    ),
    { violated: "P1" },
  ],
];

export const calls: readonly Lie[] = [...ofWrites, ...ofReads, ...ofSelections, ...ofInstances];
