/** Runs as a system that lies would have made them: the events of a right run, with what a property is about turned into what is not so. */
import type { NodeRecord } from "../../../model/partition/command.ts";
import type { Call, NodeContent } from "../../../src/check/history.ts";
import type { PropertyId } from "../../../src/check/properties.ts";
import type { SimEvent, Stepped } from "../../../src/simulate/trace/events.ts";

export type Events = readonly SimEvent[];
/** The replacement of one event. */
type Turn = (event: SimEvent) => SimEvent | readonly SimEvent[];

const all =
  (turn: Turn) =>
  (events: Events): Events =>
    events.flatMap((event) => turn(event));

/** The first event of which something else is made, and no other. */
const first =
  (turn: (event: SimEvent) => SimEvent | readonly SimEvent[] | null) =>
  (events: Events): Events => {
    const index = events.findIndex((event) => turn(event) !== null);
    if (index < 0) throw new Error("nothing to lie about in this run");
    return events.flatMap((event, at) => (at === index ? (turn(event) ?? []) : event));
  };

const returned = (change: (call: Call) => Partial<Call> | null | undefined) =>
  all((event) => {
    if (event.kind !== "returned") return event;
    const lie = change(event.call);
    return lie === null || lie === undefined ? event : { ...event, call: { ...event.call, ...lie } };
  });

const without = (isGone: (event: SimEvent) => boolean) => all((event) => (isGone(event) ? [] : event));

/** A step after which a node's record is another. */
function recorded(event: Stepped, node: string, change: Partial<NodeRecord>): Stepped {
  const record = event.after.nodes.get(node);
  if (record === undefined) throw new Error(`no node ${node}`);
  const nodes = new Map(event.after.nodes).set(node, { ...record, ...change });
  return { ...event, after: { ...event.after, nodes } };
}

const isChange = (event: SimEvent, kind: string): event is Stepped =>
  event.kind === "stepped" && event.changes.some((change) => change.kind === kind);

/** For each property one lie at least that concerns it. */
export const lies: readonly (readonly [property: PropertyId, lie: string, (events: Events) => Events])[] = [
  [
    "J1",
    "a place is counted twice",
    first((event) => {
      const change = isChange(event, "reserved") ? event.changes.find(({ kind }) => kind === "reserved") : undefined;
      if (event.kind !== "stepped" || change === undefined || !("node" in change)) return null;
      return recorded(event, change.node, { currentJobs: 99 });
    }),
  ],
  [
    "J2",
    "every reserve is answered full",
    all((event) => {
      if (event.kind !== "stepped" || event.command.kind !== "reserve_job" || !("version" in event.reply)) return event;
      return { ...event, reply: { kind: "full", version: event.reply.version } };
    }),
  ],
  [
    "J3",
    "a place is given to a job that has one",
    first((event) => {
      const { meta } = event.kind === "stepped" ? event.after : {};
      if (!meta || !isChange(event, "reserved") || event.changes.length > 1) return null;
      const after = { ...event.after, meta: { ...meta, sequence: meta.sequence + 1 } };
      return [event, { ...event, before: event.after, after }];
    }),
  ],
  [
    "J3",
    "a job is completed, and not counted",
    first((event) => {
      const change = isChange(event, "completed") ? event.changes.find(({ kind }) => kind === "completed") : undefined;
      if (event.kind !== "stepped" || change === undefined || !("node" in change)) return null;
      return recorded(event, change.node, { finished: 0 });
    }),
  ],
  [
    "J4",
    "the count of a node that has become empty stays",
    first((event) => {
      const change = isChange(event, "completed") ? event.changes.find(({ kind }) => kind === "completed") : undefined;
      if (event.kind !== "stepped" || change === undefined || !("node" in change)) return null;
      return event.after.nodes.get(change.node)?.currentJobs === 0
        ? recorded(event, change.node, { currentJobs: 1 })
        : null;
    }),
  ],
  [
    "J5",
    "a lease is over, and its place is kept",
    all((event) => {
      if (event.kind !== "truth") return event;
      const jobs = new Map(event.state.jobs).set("left", new Map([["a", 0]]));
      return { ...event, state: { ...event.state, jobs } };
    }),
  ],
  ["V1", "an invented sequence", returned(({ version }) => version && { version: { ...version, sequence: 1e6 } })],
  ["V1", "an invented epoch", returned(({ version }) => version && { version: { ...version, epoch: "dead" } })],
  [
    "V2",
    "old content under a new version",
    returned(({ read }) => (read?.node ? { read: { ...read, node: { ...read.node, current_jobs: 77 } } } : null)),
  ],
  [
    "V2",
    "an invented epoch",
    returned(({ read }) =>
      read?.node ? { read: { ...read, node: { ...read.node, version: { epoch: "dead", sequence: 1 } } } } : null,
    ),
  ],
  [
    "V2",
    "another number of finished jobs",
    returned(({ read }) => (read?.node ? { read: { ...read, node: { ...read.node, finished: 77 } } } : null)),
  ],
  [
    "V3",
    "a view that stays behind",
    all((event) => {
      const isLook = event.kind === "compared" || event.kind === "sighted";
      return isLook ? { ...event, views: event.views.map(() => behind) } : event;
    }),
  ],
  [
    "V4",
    "normal for ever, and nothing is followed any longer",
    without((event) => event.kind === "scheduler" && event.at > 200 && isMove(event.what.kind)),
  ],
  [
    "N1",
    "every heartbeat is said to be taken",
    returned(({ op }) => (op === "heartbeat" ? { reply: "renewed" } : null)),
  ],
  ["N2", "the first selection is given for ever", (events) => selectedAsAtFirst(events)],
  [
    "S1",
    "a node that serves no pair is selected",
    returned(({ selected }) => selected && { selected: selected.map((node) => ({ ...node, languages: [] })) }),
  ],
  ["S1", "a full node is selected", returned(({ selected }) => selected && { selected: selected.map(filled) })],
  [
    "N3",
    "nothing is ever found",
    returned(({ read }) => read && { read: { ...read, found: false, node: null }, reply: "missing" }),
  ],
  [
    "S2",
    "nothing is ever found",
    returned(({ read }) => read && { read: { ...read, found: false, node: null }, reply: "missing" }),
  ],
  ["S2", "empty selections", returned(({ selected }) => selected && { selected: [] })],
  ["N4", "a node expires as soon as the store is back", first(expiredAtOnceAfterAll)],
  ["O1", "no callback is ever made", without((event) => event.kind === "orphans_reported")],
  [
    "O1",
    "every lost job was dispatched here",
    all((event) => (event.kind === "orphans_reported" ? { ...event, dispatchedHere: event.jobs } : event)),
  ],
  ["O1", "each callback is made twice", all((event) => (event.kind === "orphans_reported" ? [event, event] : event))],
  ["P1", "everything is loaded again", (events) => loadedAgain(events)],
  ["D1", "reads are answered late", returned(({ op, to }) => (op === "get_node" && to ? { to: to + 60 } : null))],
  ["D1", "reads fail", returned(({ op }) => (op === "get_node" ? { outcome: "fail" } : null))],
  [
    "D5",
    "what L1 keeps is said to be stale",
    returned(({ read }) => (read?.source === "l1" ? { read: { ...read, stale: true } } : null)),
  ],
  ["D5", "its mode is another", returned(({ read }) => (read ? { read: { ...read, mode: "dreaming" } } : null))],
  [
    "D6",
    "a place that was given is said not to be",
    returned(({ op, reply }) => (op === "reserve_job" && reply === "reserved" ? { outcome: "fail" } : null)),
  ],
  ["D5", "a degraded instance asks first", returned(({ op, to }) => (op === "get_node" && to ? { to: to + 5 } : null))],
  [
    "D2",
    "normal for ever",
    without((event) => event.kind === "scheduler" && event.what.kind === "mode_changed" && event.at > 0),
  ],
  [
    "D3",
    "never normal again",
    without(
      (event) =>
        event.kind === "scheduler" && event.at > 0 && event.what.kind === "mode_changed" && event.what.to === "normal",
    ),
  ],
  [
    "D4",
    "what is not known is acknowledged",
    returned(({ op, outcome }) =>
      outcome === "ok" || (op !== "reserve_job" && op !== "complete_job")
        ? null
        : { outcome: "ok", reply: made[op] ?? "" },
    ),
  ],
  [
    "D4",
    "every failed heartbeat is acknowledged",
    returned(({ op, outcome }) =>
      op === "heartbeat" && outcome !== "ok" ? { outcome: "ok", reply: "renewed" } : null,
    ),
  ],
  [
    "F1",
    "the feed leaves out a change",
    first((event) => {
      if (event.kind !== "stepped" || event.reply.kind !== "changes" || event.reply.entries.length < 2) return null;
      return { ...event, reply: { ...event.reply, entries: event.reply.entries.slice(1) } };
    }),
  ],
  [
    "L1",
    "a registration leaves out its pools",
    returned(({ offer }) => offer && { offer: { ...offer, pools: ["another"] } }),
  ],
  [
    "L1",
    "every job is there already",
    returned(({ job, op, outcome }) =>
      op !== "dispatch" || outcome !== "ok" || !job ? null : { reply: "already", job: `${job}x` },
    ),
  ],
  [
    "L1",
    "every node is full",
    returned(({ op }) =>
      op === "complete_job" ? { op: "reserve_job", reply: "full", job: "x", outcome: "ok" } : null,
    ),
  ],
  [
    "S4",
    "no instance has a configuration",
    all((event) => (event.kind === "sighted" ? { ...event, config: { ...event.config, shown: null } } : event)),
  ],
  ["S3", "the first selection is given for ever", (events) => selectedAsAtFirst(events)],
  ["C1", "all nodes expire at once", (events) => expiredAtOnce(events)],
  ["C2", "no mark is kept", (events) => askedAgain(events)],
  [
    "K2",
    "what runs twice happens twice",
    first((event) => {
      if (!isChange(event, "reserved")) return null;
      return [event, { ...event, before: event.after, at: event.at }];
    }),
  ],
  ["S5", "a node is asked again and again", (events) => askedAndAsked(events)],
  [
    "B2",
    "selections are answered late",
    returned(({ op, to }) => (op === "select_nodes" && to ? { to: to + 60 } : null)),
  ],
  [
    "H1",
    "every score is made up",
    all((event) => {
      if (event.kind !== "stepped" || event.command.kind !== "heartbeat" || event.reply.kind !== "renewed")
        return event;
      return recorded(event, event.command.node, { healthMilli: 1 });
    }),
  ],
  [
    "K5",
    "every reserve is in flight for longer than is said",
    all((event) =>
      event.kind === "settled" && event.script === "reserve_job" ? { ...event, from: event.from - 40 } : event,
    ),
  ],
  [
    "K5",
    "nothing is asked",
    without((event) => event.kind === "settled" && event.script === "changes_since" && event.at > 0),
  ],
  [
    "M1",
    "reads are not counted",
    all((event) => {
      if (event.kind !== "counted") return event;
      const counters = [...event.counters].map(
        ([series, count]) => [series, series.includes("reads_total") ? 0 : count] as const,
      );
      return { ...event, counters: new Map(counters) };
    }),
  ],
  ["K6", "a timer is left", all((event) => (event.kind === "closed" ? { ...event, timers: 1 } : event))],
  ["K6", "selections are always fresh", returned(({ op }) => (op === "select_nodes" ? { stale: false } : null))],
  [
    "K7",
    "nothing is refused",
    returned(({ allowed }) => (allowed === false ? { outcome: "ok", reply: "renewed" } : null)),
  ],
  ["K7", "everything is refused", returned(() => ({ outcome: "fail", reply: "threw InvalidInputError: no" }))],
  ["K3", "no call is given up", all((event) => (event.kind === "settled" ? { ...event, at: event.at + 100 } : event))],
];

/** In `redis-gone-long` the store is back after 5.5 s. */
function expiredAtOnceAfterAll(event: SimEvent): SimEvent | null {
  if (event.kind !== "stepped" || event.command.kind !== "heartbeat" || event.at < 5_600) return null;
  const { meta } = event.after;
  if (meta === null || event.changes.length > 0) return null;
  const after = { ...event.after, meta: { ...meta, sequence: meta.sequence + 1 } };
  return { ...event, after, changes: [{ kind: "expired", node: event.command.node, orphaned: [] }] };
}

function filled(node: NodeContent): NodeContent {
  return { ...node, current_jobs: node.max_jobs };
}

const behind = { epoch: "dead", sequence: 1 };
const made: Readonly<Record<string, string>> = { reserve_job: "reserved", complete_job: "completed" };

function isMove(kind: string): boolean {
  return kind === "view_advanced" || kind === "resynced";
}

function expiredAtOnce(events: Events): Events {
  const times = events.flatMap((event) => (isChange(event, "expired") ? [event.at] : []));
  const at = times[Math.floor(times.length / 2)] ?? 0;
  return all((event) => (isChange(event, "expired") ? { ...event, at } : event))(events);
}

function selectedAsAtFirst(events: Events): Events {
  const early = events.flatMap((event) => (event.kind === "returned" ? (event.call.selected ?? []) : []));
  const known = [...new Map(early.slice(0, 50).map((one) => [one.node, one])).values()];
  return returned(({ selected }) => selected && { selected: known })(events);
}

/** The last load of each partition, once more at the end. */
function loadedAgain(events: Events): Events {
  const loads = events.filter(
    (event) =>
      event.kind === "sent" &&
      event.question.kind === "nodes" &&
      event.question.asked.kind === "snapshot" &&
      event.question.asked.limit > 0 &&
      event.question.asked.after === "",
  );
  const at = events.findLastIndex(({ kind }) => kind === "phase");
  return events.toSpliced(at, 0, ...loads.slice(-2));
}

/** The first reserve that a dispatch makes, twice more. */
function askedAndAsked(events: Events): Events {
  const jobs = new Set(
    events.flatMap((event) => (event.kind === "called" && event.op === "dispatch" ? event.job : [])),
  );
  return first((event) => {
    if (event.kind !== "sent" || event.question.kind !== "nodes") return null;
    const { asked } = event.question;
    if (asked.kind !== "reserve_job" || !jobs.has(asked.job)) return null;
    return [event, { ...event, request: event.request + 2e6 }, { ...event, request: event.request + 3e6 }];
  })(events);
}

/** After each look for a missing node, at once another. */
function askedAgain(events: Events): Events {
  const asked = new Map<number, Extract<SimEvent, { kind: "sent" }>>();
  let request = 1e6;
  return all((event) => {
    if (event.kind === "sent" && event.question.kind === "nodes" && event.question.asked.kind === "snapshot") {
      if (event.question.asked.limit === 0) asked.set(event.request, event);
    }
    const before = event.kind === "settled" ? asked.get(event.request) : undefined;
    request += 1;
    return before === undefined ? event : [event, { ...before, at: event.at, request }];
  })(events);
}
