/**
 * The fields of each kind of line in the history of a run. They follow the types of src/check/history.ts and src/check/observed/observation.ts: a field
 * that is added there does not compile without a rule here.
 */
import type {
  Call,
  Configuration,
  ConfiguredPool,
  HistoryEvent,
  LanguagePair,
  NodeContent,
  NodeOffer,
  Op,
  ReadAnswer,
  Version,
  Wish,
} from "../../check/history.ts";
import type {
  Dump,
  DumpedNode,
  DumpedTimes,
  Entry,
  EntryRead,
  ObservedChange,
} from "../../check/observed/observation.ts";
import {
  anything,
  count,
  duration,
  flag,
  integer,
  listOf,
  nullable,
  number,
  objectOf,
  oneOf,
  optional,
  type Required,
  type Rules,
  type RulesOf,
  text,
  time,
} from "../lines/rules.ts";

const shape = <Fields>(rules: RulesOf<Fields>): Required => objectOf(rules as Rules);

const texts = listOf(text);
const version = shape<Version>({ epoch: text, sequence: integer });
const languages = listOf(shape<LanguagePair>({ source: text, target: text }));

/** Impossible values are allowed here: the judges decide about them. */
const content = shape<NodeContent>({
  node: text,
  status: text,
  incarnation: text,
  version,
  max_jobs: number,
  current_jobs: number,
  health_milli: number,
  pools: texts,
  languages,
  services: texts,
  finished: optional(number),
});

const wish = shape<Wish>({
  pool: optional(text),
  source: text,
  target: text,
  services: texts,
  count: optional(number),
  key: optional(text),
  attempts: optional(number),
  lease: optional(duration),
});

const offer = shape<NodeOffer>({ max_jobs: number, pools: texts, languages, services: texts });

const configuration = shape<Configuration>({
  enabled: flag,
  hash_seed: number,
  fallback_scan_all_pools: flag,
  pools: listOf(shape<ConfiguredPool>({ id: text, required_services: texts, language_pairs: languages })),
});

const read = shape<ReadAnswer>({
  found: flag,
  source: text,
  stale: flag,
  age_ms: time,
  mode: text,
  node: nullable(content),
});

const op = oneOf<Op>({
  get_node: true,
  select_nodes: true,
  register_node: true,
  heartbeat: true,
  offline_node: true,
  dispatch: true,
  reserve_job: true,
  complete_job: true,
  release_job: true,
  put_config: true,
});

/** All fields are in the order of the line. */
const subject = {
  id: count,
  instance: count,
  op,
  node: optional(text),
  job: optional(text),
  seq: optional(integer),
  running: optional(texts),
  incarnation: optional(text),
  expected: optional(nullable(text)),
  metrics: optional(anything),
  offer: optional(offer),
  asked: optional(wish),
  lease: optional(duration),
  configuration: optional(configuration),
  allowed: optional(flag),
  from: time,
};

type Without<Fields> = Omit<Fields, "kind">;
type Event<Kind extends HistoryEvent["kind"]> = Without<Extract<HistoryEvent, { readonly kind: Kind }>>;

const events: { readonly [Kind in HistoryEvent["kind"]]: RulesOf<Event<Kind>> } = {
  call: {
    ...subject,
    to: nullable(time),
    outcome: oneOf<Call["outcome"]>({ ok: true, fail: true, info: true }),
    reply: text,
    aborted: optional(time),
    version: optional(version),
    read: optional(read),
    searched: optional(texts),
    tried: optional(texts),
    unknown: optional(texts),
    stale: optional(flag),
    selected: optional(listOf(content)),
    ran: optional(duration),
    waited: optional(duration),
  },
  mode: { at: time, since: optional(time), instance: count, from: text, to: text, cause: text },
  fault: {
    fault: count,
    name: text,
    instance: nullable(count),
    link: oneOf<Event<"fault">["link"]>({ commands: true, feed: true, server: true, process: true }),
    step: oneOf<Event<"fault">["step"]>({ inject: true, heal: true }),
    cuts_off: flag,
    asked: time,
    done: time,
    due: optional(time),
    lasts: optional(time),
  },
  in_force: {
    at: time,
    fault: count,
    name: text,
    instance: nullable(count),
    link: oneOf<Event<"fault">["link"]>({ commands: true, feed: true, server: true, process: true }),
    from: nullable(time),
    to: nullable(time),
    healed: optional(nullable(time)),
    met: count,
    seen_by: oneOf<Event<"in_force">["seen_by"]>({ probe: true, hop: true, process: true, server: true }),
    ahead: optional(number),
  },
  stall: {
    since: time,
    at: time,
    lasted: duration,
    waited: optional(duration),
    ran: optional(duration),
    others: optional(duration),
    collected: optional(duration),
    ours: optional(duration),
    instance: optional(count),
  },
  frozen: { since: time, at: time, lasted: duration, processor: optional(count) },
  starved: { since: time, at: time, process: text, waited: duration },
  observer_read: { at: time, took: duration, partition: optional(count) },
  overlooked: { at: time, partition: count, epoch: text, from: integer, to: integer },
  store_call: { instance: count, script: text, from: time, to: time, deadline: duration, outcome: text },
  overdue: { at: time, instance: count, operation: text, from: time, deadline: duration },
  note: { at: time, instance: count, what: text, facts: anything },
  sample: { at: time, instance: count, mode: text, views: listOf(nullable(version)), nodes: listOf(content) },
  phase: {
    at: time,
    name: oneOf<Event<"phase">["name"]>({ load: true, healed: true, quiet: true, end: true }),
    calls: optional(count),
    observations: optional(count),
  },
  lost_reply: { at: time, instance: count, script: text, node: text, job: text, reply: text },
  request: {
    instance: count,
    partition: count,
    from: time,
    to: time,
    deadline: optional(duration),
    nodes: texts,
    page: oneOf<Event<"request">["page"]>({ first: true, next: true, none: true }),
    outcome: text,
  },
  node_full: { instance: count, node: text, job: text, from: time, to: time, version },
  served: { at: time, instance: count, node: text },
  commands: { instance: count, command: text, count, declared: flag },
  lock_search: { files: count, functions: count, found: texts },
  view: { at: time, instance: count, views: listOf(nullable(version)) },
  pace: { at: time, planned: count, made: count, not_made: optional(anything), late_ms_p95: time, late_ms_max: time },
  pipe: { at: time, instance: count, took: duration },
  system: {
    at: time,
    instance: count,
    name: text,
    version: text,
    claims: texts,
    withheld: anything,
    ops: optional(texts),
  },
  hosted: { at: time, instance: count, life: count, reports: optional(flag) },
  proxy_call: { at: time, until: time, method: text, proxy: optional(text), detail: anything, outcome: text },
  lost_wake_up: { at: time, instance: count, version: text },
  fault_missed: { at: time, fault: count, name: text, instance: count, commands: anything },
  refused: { at: time, instance: count, cause: text },
  closed: { at: time, instance: count, link: oneOf<Event<"closed">["link"]>({ commands: true, feed: true }) },
};

type ChangeKind = ObservedChange["kind"];
type ChangeOf<Kind extends ChangeKind> = ObservedChange extends infer One
  ? One extends { readonly kind: infer Kinds }
    ? Kind extends Kinds
      ? Without<One>
      : never
    : never
  : never;

/** Further fields of the feed, which no judge uses. */
const unjudged = { lease_until_ms: optional(number) };
const atNode = { node: text };
const orphaned = optional(texts);
const ofJob = { node: text, job: text, current_jobs: number };
const finished = optional(number);

const changes: { readonly [Kind in ChangeKind]: RulesOf<ChangeOf<Kind>> } = {
  registered: {
    ...{ node: text, incarnation: text, max_jobs: number, pools: texts, languages, services: texts },
    ...{ health_milli: number, finished, orphaned },
  },
  health: { node: text, health_milli: number },
  offline: { ...atNode, orphaned },
  expired: { ...atNode, orphaned },
  reserved: ofJob,
  completed: { ...ofJob, finished },
  released: ofJob,
  lapsed: { node: text, jobs: texts, current_jobs: number },
  removed: atNode,
};

const changeKind = oneOf(Object.fromEntries(Object.keys(changes).map((kind) => [kind, true] as const)));
const changeRules = new Map(
  Object.entries(changes).map(([kind, rules]) => [kind, objectOf({ kind: text, ...(rules as Rules), ...unjudged })]),
);

const change: Required = {
  isOptional: false,
  allowed: "an object",
  check: (value, seen) => {
    const kind = (value as { readonly kind?: unknown } | null)?.kind;
    const rules = changeRules.get(kind as string);
    if (rules !== undefined) return rules.check(value, seen);
    return `.kind${changeKind.check(kind, seen) ?? ""}`;
  },
};

const dumped = shape<DumpedNode>({
  content,
  heartbeat_seq: integer,
  metrics: optional(nullable(anything)),
  jobs: texts,
  times: optional(
    shape<DumpedTimes>({
      expires_at_ms: integer,
      expiry: nullable(number),
      lease: nullable(number),
      deadlines: listOf(number),
    }),
  ),
});

const observations: {
  readonly dump: RulesOf<Without<Dump>>;
  readonly entry: RulesOf<Without<Entry>>;
} = {
  dump: {
    ...{ partition: count, at: time, version: nullable(version), left: optional(version), nodes: listOf(dumped) },
    dangling: optional(texts),
    ...{ midway: optional(flag), partly: optional(flag), absent: optional(texts), server_ms: optional(integer) },
  },
  entry: {
    ...{ partition: count, at: time, epoch: text, sequence: integer, change },
    read: optional(shape<EntryRead>({ server_ms: integer, held_ms: nullable(integer) })),
  },
};

/** The call of an operation; its return has a line of its own. */
const begun: Rules = subject;

/** By the kind of the line. */
export const lineRules: ReadonlyMap<string, Required> = new Map(
  Object.entries({ ...events, ...observations, begun }).map(([kind, rules]) => [
    kind,
    objectOf({ kind: text, ...(rules as Rules) }),
  ]),
);

/** The replies of answered calls; the words for failures belong to the system. */
const replies: Readonly<Record<Op, readonly string[]>> = {
  get_node: ["found", "missing"],
  select_nodes: ["normal", "l2_only", "local_only"],
  register_node: ["registered", "already", "superseded", "conflict"],
  heartbeat: ["renewed", "already", "stale", "superseded", "unknown_node", "not_online"],
  offline_node: ["offline", "already", "superseded", "unknown_node"],
  dispatch: ["reserved", "already", "full", "not_online", "finished", "finished_unknown", "no_node"],
  reserve_job: ["reserved", "already", "full", "not_online", "finished", "finished_unknown"],
  complete_job: ["completed", "unknown"],
  release_job: ["completed", "unknown"],
  put_config: ["stored", "already", "conflict"],
};
const replyRules = new Map(
  Object.entries(replies).map(([name, words]) => [
    name,
    oneOf(Object.fromEntries(words.map((word) => [word, true] as const))),
  ]),
);

/** @returns null where the reply is allowed */
export function wrongReply({ op: name, outcome, reply }: Pick<Call, "op" | "outcome" | "reply">): string | null {
  if (outcome !== "ok") return null;
  const wrong = replyRules.get(name)?.check(reply, { members: 0 }) ?? null;
  return wrong === null ? null : `reply of ${name}${wrong}`;
}
