/** Systems that lie: what each tells its clients or the harness instead of the truth. */
import {
  type Call,
  type HistoryEvent,
  type NodeContent,
  orphansReported,
  type Version,
} from "../../../src/check/history.ts";
import type { Observation } from "../../../src/check/observed/observation.ts";
import type { PropertyId } from "../../../src/check/properties.ts";
import { changed, type Spoil } from "./spoilt.ts";

const invented = (sequence: number): Version => ({ epoch: "made-up", sequence });

const calls =
  (lie: (call: Call) => Call): Spoil =>
  (trial) =>
    changed(trial, (event) => [event.kind === "call" && event.to !== null ? lie(event) : event]);

const configurationsAre = (reply: string): Spoil =>
  calls((call) => (call.op === "put_config" && call.outcome === "ok" ? { ...call, reply } : call));

/** Calls of no other client: 1 ms each, one every 10 ms. */
const besides =
  (count: number, lie: (index: number) => Partial<Call> & Pick<Call, "op" | "reply">): Spoil =>
  (trial) => {
    const more = Array.from({ length: count }, (_, index): Call => {
      const from = 1_000 + 10 * index;
      const reported = { kind: "call", id: 1_000_000 + index, instance: 0, from, to: from + 1, outcome: "ok" } as const;
      return { ...reported, node: "node-0", job: `fake-${index}`, ...lie(index) };
    });
    return changed(trial, (event) => [event], more);
  };

const placing: ReadonlySet<string> = new Set(["dispatch", "reserve_job"]);

/** Gives every answered call for a place this reply. */
const alwaysReplies = (reply: string): Spoil =>
  calls((call) => (placing.has(call.op) && call.outcome === "ok" ? { ...call, reply } : call));

const showing = (change: (node: NodeContent) => NodeContent): Spoil =>
  calls((call) => ({
    ...call,
    ...(call.read?.node ? { read: { ...call.read, node: change(call.read.node) } } : {}),
    ...(call.selected ? { selected: call.selected.map(change) } : {}),
  }));

/** One read in two hundred. */
const nowAndThen = (change: (node: NodeContent) => NodeContent): Spoil => {
  let turn = 0;
  return showing((node) => {
    turn += 1;
    return turn % 200 === 0 ? change(node) : node;
  });
};

const nonsense = nowAndThen((node) => ({ ...node, status: "purple", current_jobs: -5, version: invented(1) }));
const oldAsNew = showing((node) => ({
  ...node,
  version: { ...node.version, sequence: node.version.sequence + 100_000 },
}));
const elsewhere = showing((node) => ({ ...node, version: invented(node.version.sequence) }));

/** Changes the versions of the views that an instance reports. */
const views =
  (change: (view: Version) => Version): Spoil =>
  (trial) =>
    changed(trial, (event) => {
      if (event.kind !== "view" && event.kind !== "sample") return [event];
      return [{ ...event, views: event.views.map((view) => (view === null ? null : change(view))) }];
    });

const without =
  (isLeft: (event: HistoryEvent) => boolean): Spoil =>
  (trial) =>
    changed(trial, (event) => (isLeft(event) ? [] : [event]));

const reads = (change: (read: NonNullable<Call["read"]>) => NonNullable<Call["read"]>): Spoil =>
  calls((call) => (call.read === undefined ? call : { ...call, read: change(call.read) }));

const unexplained = besides(50, () => ({ op: "reserve_job", reply: "reserved" }));
const madeUp = besides(50, (index) => ({ op: "reserve_job", reply: "reserved", version: invented(index) }));
const beyond = besides(50, () => ({ op: "heartbeat", reply: "renewed", version: invented(3) }));
const seemingly = besides(50, () => ({ op: "reserve_job", reply: "already" }));

/** Each is late by a second. */
const slow = (op: Call["op"]): Spoil => calls((call) => (call.op === op ? { ...call, to: call.from + 1_000 } : call));

/** Presents content of a cache as if it had just been read from the store. */
const freshElsewhere = reads((read) =>
  read.node === null
    ? read
    : { ...read, source: "redis", stale: false, age_ms: 0, node: { ...read.node, version: invented(1) } },
);

const blind = reads((read) => ({ ...read, found: false, node: null }));
const ahead = views(({ epoch, sequence }) => ({ epoch, sequence: sequence + 100_000 }));
const astray = views(({ sequence }) => invented(sequence));

/** The last job of a node that ended, as a client was answered, has its place for good. */
const neverEnded: Spoil = (trial) => {
  const { observations } = trial;
  const ends = (one: Observation): boolean =>
    one.kind === "entry" && (one.change.kind === "completed" || one.change.kind === "released");
  const last = observations.findLast(
    (one, index) =>
      ends(one) && !observations.slice(index + 1).some((later) => nodeOf(later) === nodeOf(one) && losesJobs(later)),
  );
  if (last?.kind !== "entry" || !("job" in last.change)) return trial;
  const { job, node } = last.change;
  let isLater = false;
  return {
    ...trial,
    observations: observations.map((one): Observation => {
      isLater ||= one === last;
      if (one === last) return { ...last, change: { kind: "health", node, health_milli: 500 } };
      if (one.kind !== "dump" || !isLater) return one;
      return {
        ...one,
        nodes: one.nodes.map((held) => (held.content.node === node ? { ...held, jobs: [...held.jobs, job] } : held)),
      };
    }),
  };
};

const losing: ReadonlySet<string> = new Set(["registered", "offline", "expired", "removed", "lapsed"]);

function losesJobs(one: Observation): boolean {
  return one.kind === "entry" && losing.has(one.change.kind);
}

function nodeOf(one: Observation): string {
  return one.kind === "entry" ? one.change.node : "";
}

/** Jobs lose their places where they would have ended, long before their leases are over. */
const lapsing: Spoil = (trial) => ({
  ...trial,
  observations: trial.observations.map((one): Observation => {
    if (one.kind !== "entry" || one.change.kind !== "completed") return one;
    const { current_jobs, job, node } = one.change;
    return { ...one, change: { kind: "lapsed", node, jobs: [job], current_jobs } };
  }),
});

/** As by TTLs that are all the same. */
const allAtOnce: Spoil = (trial) => {
  const isExpiry = (one: Observation): boolean => one.kind === "entry" && one.change.kind === "expired";
  const last = trial.observations.findLast(isExpiry)?.at ?? 0;
  const changes = trial.observations.map((one) => (isExpiry(one) ? { ...one, at: last - (last - one.at) / 50 } : one));
  return { ...trial, observations: changes.toSorted((a, b) => a.at - b.at) };
};

/** As if no node were ever under strain. */
const madeUpScores: Spoil = (trial) => ({
  ...trial,
  observations: trial.observations.map((one): Observation => {
    if (one.kind !== "dump") return one;
    const nodes = one.nodes.map((held) => ({ ...held, content: { ...held.content, health_milli: 1_000 } }));
    return { ...one, nodes };
  }),
});
const sameSelections: Spoil = (trial) => {
  const first = new Map<string, Call["selected"]>();
  return changed(trial, (event) => {
    if (event.kind !== "call" || !event.selected?.length) return [event];
    const request = JSON.stringify([event.instance, event.asked]);
    const selected = first.get(request) ?? event.selected;
    first.set(request, selected);
    return [{ ...event, selected }];
  });
};
const isCallback = (event: HistoryEvent): boolean => event.kind === "note" && event.what === orphansReported;

/** The lies that concern each property. */
export const lies: Readonly<Partial<Record<PropertyId, Readonly<Record<string, Spoil>>>>> = {
  J1: { nonsense },
  J2: {
    "full, always": alwaysReplies("full"),
    "more jobs than places": nowAndThen((node) => ({ ...node, current_jobs: node.max_jobs + 1 })),
  },
  J3: {
    "already, always": alwaysReplies("already"),
    "none was ever finished": (trial) => ({
      ...trial,
      observations: trial.observations.map((one): Observation => {
        if (one.kind !== "entry" || one.change.kind !== "completed") return one;
        return { ...one, change: { ...one.change, finished: 0 } };
      }),
    }),
  },
  J4: {
    "completed, though it was not": neverEnded,
  },
  H1: { "scores that are made up": madeUpScores },
  J5: { lapsing },
  V1: { madeUp, "heartbeats of another epoch": beyond },
  V2: {
    ...{ nonsense, oldAsNew, elsewhere },
    "finished jobs that are made up": nowAndThen((node) => ({ ...node, finished: (node.finished ?? 0) + 7 })),
    "a mode that there is not": reads((read) => ({ ...read, mode: "dreaming" })),
  },
  V3: { ahead, astray },
  V4: { ahead, astray },
  N1: {
    "old heartbeats renewed in another epoch": calls((call) =>
      call.op === "heartbeat" ? { ...call, reply: "renewed", version: invented(call.id) } : call,
    ),
    "old heartbeats renewed": calls((call) =>
      call.op === "heartbeat" ? { ...call, reply: "renewed", version: undefined } : call,
    ),
  },
  N2: {
    "the first selection, for ever": sameSelections,
    oldAsNew,
    elsewhere,
    "empty selections": calls((call) => (call.op === "select_nodes" ? { ...call, selected: [] } : call)),
  },
  S1: {
    "gone, always": showing((node) => ({ ...node, status: "offline" })),
    "full, always": showing((node) => ({ ...node, current_jobs: node.max_jobs })),
    "each node twice": calls((call) =>
      call.selected ? { ...call, selected: call.selected.flatMap((node) => [node, node]) } : call,
    ),
    "empty selections": calls((call) => (call.op === "select_nodes" ? { ...call, selected: [] } : call)),
  },
  N3: { blind, oldAsNew, elsewhere },
  S2: {
    blind,
    "empty selections": calls((call) => (call.op === "select_nodes" ? { ...call, selected: [] } : call)),
  },
  S3: {
    "the first selection, for ever": sameSelections,
    "empty selections": calls((call) => (call.op === "select_nodes" ? { ...call, selected: [] } : call)),
  },
  N4: {
    "nodes expire as soon as the store is back": (trial) => ({
      ...trial,
      observations: trial.observations.map((one): Observation => {
        if (one.kind !== "entry" || one.change.kind !== "reserved" || one.at < 5_600) return one;
        return { ...one, change: { kind: "expired", node: one.change.node } };
      }),
    }),
  },
  O1: {
    "no callback is ever made": without(isCallback),
    "every lost job was dispatched here": (trial) =>
      changed(trial, (event) =>
        event.kind === "note" && isCallback(event)
          ? [{ ...event, facts: { ...event.facts, dispatchedHere: event.facts["jobs"] } }]
          : [event],
      ),
  },
  P1: {
    astray: (trial) => {
      const load = {
        kind: "request",
        instance: 0,
        partition: 0,
        from: 1_000,
        to: 1_001,
        nodes: [],
        page: "first",
      } as const;
      return changed(astray(trial), (event) => [event], [{ ...load, outcome: "answered" }]);
    },
  },
  D1: { slow: slow("get_node") },
  D2: { "normal for ever": without(({ kind }) => kind === "mode") },
  D3: {
    "normal for ever": without(({ kind }) => kind === "mode"),
    "never normal again": without((event) => event.kind === "mode" && event.at > 0 && event.to === "normal"),
  },
  D4: { unexplained, madeUp, "heartbeats of another epoch": beyond, "already, for nothing": seemingly },
  D5: {
    "another mode": reads((read) => ({ ...read, mode: "dreaming" })),
    "stale, always": reads((read) => ({ ...read, stale: true })),
    "confirmed, always": reads((read) => (read.source === "l2" ? { ...read, stale: false } : read)),
    "just now, always": reads((read) => ({ ...read, age_ms: 0 })),
    "selections that are stale, always": calls((call) =>
      call.op === "select_nodes" ? { ...call, stale: true } : call,
    ),
    "normal by its status, always": (trial) =>
      changed(trial, (event) => [event.kind === "sample" ? { ...event, mode: "l2_only" } : event]),
  },
  D6: {
    "places that were given are said not to be": calls((call) =>
      call.op === "reserve_job" && call.reply === "reserved"
        ? { ...call, outcome: "fail", reply: "disconnected" }
        : call,
    ),
    "writes that wait": slow("heartbeat"),
  },
  L1: {
    unexplained,
    "registered without its pools": calls((call) =>
      call.offer === undefined ? call : { ...call, offer: { ...call.offer, pools: ["another"] } },
    ),
    madeUp,
    "fresh reads of another epoch": freshElsewhere,
    "heartbeats of another epoch": beyond,
    "already, for nothing": seemingly,
    "already, always": alwaysReplies("already"),
    "full, always": alwaysReplies("full"),
    "configurations are stored, always": configurationsAre("stored"),
    "configurations conflict, always": configurationsAre("conflict"),
    "full, without a version": besides(50, () => ({ op: "reserve_job", reply: "full" })),
    "finished, for nothing": besides(50, () => ({ op: "reserve_job", reply: "finished" })),
    "not online, for nothing": besides(50, () => ({ op: "reserve_job", reply: "not_online" })),
  },
  F1: { ahead, astray },
  C1: { blind, "all nodes expire at once": allAtOnce },
  C2: { "a miss, always": reads((read) => ({ ...read, found: false, node: null, source: "miss" })) },
  K3: {
    slow: (trial) =>
      changed(trial, (event) => [event.kind === "store_call" ? { ...event, to: event.from + 1_000 } : event]),
  },
  K4: {
    "a command that waits": (trial) => {
      const waited = { kind: "commands", instance: 0, command: "blpop", count: 1, declared: false } as const;
      return changed(trial, (event) => [event], [waited]);
    },
  },
  B2: { slow: slow("select_nodes") },
};

/** Right, and of the system that does not tell its clients versions; that of a stored configuration is required of all. */
export const withoutVersions = calls((call) => (call.op === "put_config" ? call : { ...call, version: undefined }));
