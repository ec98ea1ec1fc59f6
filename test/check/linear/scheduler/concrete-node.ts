/**
 * One node, played concretely: a second implementation of docs/protocol.md, section 4, for the oracle and for making histories. It knows everything about
 * the node, where the object under test keeps open what no answer has shown.
 */
import type { NodeInput, NodeOutput } from "../../../../src/check/linear/scheduler/calls.ts";
import type { Loss, NodeTerms } from "../../../../src/check/linear/scheduler/terms.ts";

export interface World {
  record: {
    status: "online" | "offline" | "expired";
    name: string;
    token: string | null;
    seq: number;
    max: number;
    /** Job -> when it may lapse. */
    jobs: Record<number, number>;
    /** Jobs that the history never names, which may lapse at any time. */
    strangers: number;
    due: number;
    hadOther: boolean;
    /** Job -> when it was finished, and how many before it. */
    done: Record<number, readonly [at: number, before: number]>;
    finished: number;
    firstDone: number;
    mayForget: boolean;
  } | null;
  hadOther: boolean;
  /** Names that were ever used. */
  names: string[];
  latest: number;
  lost: number[];
  /** Earlier states to which the store may return: a world as text -> the latest time at which it may have been left. */
  past: Readonly<Record<string, number>>;
}

export interface Setting {
  readonly terms: NodeTerms;
  readonly losses: readonly Loss[];
  /** Names that answers `registered` give. */
  readonly given: readonly string[];
  /** Other names that the history mentions. */
  readonly mentioned: readonly string[];
}

export const emptyWorld: World = { record: null, hadOther: false, names: [], latest: -1e9, lost: [], past: {} };

function copy(world: World): World {
  const { record } = world;
  return {
    ...world,
    record: record && { ...record, jobs: { ...record.jobs }, done: { ...record.done } },
    names: [...world.names],
  };
}

export interface Possible {
  readonly output: NodeOutput;
  readonly world: World;
}

/** All answers that there can be, each with what the node is then. */
export function possibleAnswers(setting: Setting, world: World, input: NodeInput, until: number): readonly Possible[] {
  const found = answers(setting, world, input, until);
  for (const { world: next } of found) {
    if (setting.losses.length === 0) break;
    next.latest = Math.max(next.latest, input.at);
    if (JSON.stringify(next.record) !== JSON.stringify(world.record)) next.past = leaving(setting, world, until);
  }
  return found;
}

/** The past once a world is left, by `until`. */
function leaving({ losses }: Setting, world: World, until: number): World["past"] {
  if (losses.every(({ since }) => since === null || since > until)) return world.past;
  const { hadOther, record } = world;
  const key = JSON.stringify({ hadOther, record });
  const past = { ...world.past, [key]: Math.max(until, world.past[key] ?? until) };
  return Object.fromEntries(Object.entries(past).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function answers(setting: Setting, world: World, input: NodeInput, until: number): readonly Possible[] {
  const same = (output: NodeOutput): Possible => ({ output, world: copy(world) });
  const { record } = world;
  switch (input.op) {
    case "register_node":
      return registrations(setting, world, input);
    case "heartbeat":
      return [beat(setting, world, input)];
    case "offline_node": {
      if (record === null) return [same({ outcome: "unknown_node" })];
      const stale = same({ outcome: "superseded" });
      if (input.incarnation !== null && input.incarnation !== record.name) return [stale];
      const perhaps = input.incarnation === null && record.hadOther ? [stale] : [];
      if (record.status !== "online") return [same({ outcome: "already" }), ...perhaps];
      const left = copy(world);
      Object.assign(left.record as object, { status: "offline", jobs: {}, strangers: 0 });
      (left.record as { due: number }).due = input.at + setting.terms.retention;
      return [{ output: { outcome: "offline" }, world: left }, ...perhaps];
    }
    case "reserve_job":
      return reservations(setting, world, input, until);
    case "complete_job": {
      if (record === null) return [same({ outcome: "unknown" })];
      if (!(input.job in record.jobs)) return [same({ outcome: input.job in record.done ? "completed" : "unknown" })];
      const next = copy(world);
      const after = next.record as NonNullable<World["record"]>;
      delete after.jobs[input.job];
      after.done[input.job] = [input.at, after.finished];
      after.finished += 1;
      after.firstDone = Math.min(after.firstDone, input.at);
      return [{ output: { outcome: "completed" }, world: next }];
    }
    case "release_job": {
      if (record === null || !(input.job in record.jobs)) return [same({ outcome: "unknown" })];
      const next = copy(world);
      delete next.record?.jobs[input.job];
      return [{ output: { outcome: "completed" }, world: next }];
    }
    case "get_node": {
      if (record === null) return [same({ outcome: "missing" })];
      const taken = Object.keys(record.jobs).length + record.strangers;
      const shown = { status: record.status, incarnation: record.name, places: { capacity: record.max, taken } };
      return [same({ outcome: "shown", shown })];
    }
  }
}

function registrations(
  { given, mentioned, terms }: Setting,
  world: World,
  input: Extract<NodeInput, { op: "register_node" }>,
): readonly Possible[] {
  const { record } = world;
  const stored = record?.name ?? null;
  if (record !== null && input.token !== null && record.token === input.token) {
    const outcome = record.status === "online" ? "already" : "superseded";
    return [{ output: { outcome, incarnation: stored }, world: copy(world) }];
  }
  const refused: Possible = { output: { outcome: "conflict", incarnation: stored }, world: copy(world) };
  if (input.expected !== undefined && input.expected !== stored) return [refused];
  const named = [...mentioned, ...given];
  const fresh = `life${world.names.length}`;
  const free = [...named, named.includes(fresh) ? `${fresh}'` : fresh].filter((name) => !world.names.includes(name));
  const begun = free.map((name): Possible => {
    const next = copy(world);
    next.names.push(name);
    next.hadOther ||= record !== null;
    next.record = {
      ...{ status: "online", name, token: input.token, seq: -1, max: input.capacity, jobs: {}, strangers: 0 },
      ...{ due: input.at + terms.ttl, hadOther: next.hadOther },
      ...{ done: record?.done ?? {}, finished: record?.finished ?? 0 },
      ...{ firstDone: record?.firstDone ?? 1e9, mayForget: record?.mayForget ?? false },
    };
    return { output: { outcome: "registered", incarnation: name }, world: next };
  });
  return input.expected === undefined ? [...begun, refused] : begun;
}

function beat({ terms }: Setting, world: World, input: Extract<NodeInput, { op: "heartbeat" }>): Possible {
  const { record } = world;
  const next = copy(world);
  const saying = (outcome: NodeOutput["outcome"]): Possible => ({ output: { outcome }, world: next });
  if (record === null || next.record === null) return saying("unknown_node");
  if (record.name !== input.incarnation) return saying("superseded");
  if (record.status !== "online") return saying("not_online");
  if (input.seq === record.seq) return saying("already");
  if (input.seq < record.seq) return saying("stale");
  next.record.seq = input.seq;
  next.record.due = input.at + terms.ttl;
  for (const job of input.running) {
    const due = next.record.jobs[job];
    if (due !== undefined) next.record.jobs[job] = Math.max(due, input.at + terms.lease);
  }
  return saying("renewed");
}

function reservations(
  { terms }: Setting,
  world: World,
  { at, job, lease }: Extract<NodeInput, { op: "reserve_job" }>,
  until: number,
): readonly Possible[] {
  const { record } = world;
  const same = (outcome: NodeOutput["outcome"]): Possible => ({ output: { outcome }, world: copy(world) });
  if (record === null) return [same("not_online")];
  if (job in record.done) return [same("finished")];
  if (job in record.jobs) return [same("already")];
  const isForgetful = record.mayForget || record.firstDone + terms.doneFor <= until || record.finished > terms.doneMax;
  const doubt = isForgetful ? [same("finished_unknown")] : [];
  if (record.status !== "online") return [same("not_online"), ...doubt];
  if (Object.keys(record.jobs).length + record.strangers >= record.max) return [same("full"), ...doubt];
  const next = copy(world);
  (next.record as NonNullable<World["record"]>).jobs[job] = at + (lease ?? terms.lease);
  return [{ output: { outcome: "reserved" }, world: next }, ...doubt];
}

/** Returns the possible worlds after one change by `until` that no call makes. */
export function ownChanges(setting: Setting, world: World, until: number): readonly World[] {
  const { terms } = setting;
  const changes: World[] = [];
  const change = (due: number, make: (next: World) => void) => {
    const next = copy(world);
    make(next);
    next.past = leaving(setting, world, until);
    if (setting.losses.length > 0) next.latest = Math.max(world.latest, due);
    changes.push(next);
  };
  const { record } = world;
  if (record !== null && record.due <= until) {
    change(record.due, (next) => {
      if (record.status === "online") {
        const due = record.due + terms.retention;
        Object.assign(next.record as object, { status: "expired", jobs: {}, strangers: 0, due });
      } else {
        next.record = null;
        next.hadOther = true;
      }
    });
  }
  for (const [job, due] of Object.entries(record?.jobs ?? {})) {
    if (due <= until) change(due, (next) => delete next.record?.jobs[Number(job)]);
  }
  if ((record?.strangers ?? 0) > 0) change(-1e9, (next) => ((next.record as { strangers: number }).strangers -= 1));
  for (const [job, [at, before]] of Object.entries(record?.done ?? {})) {
    const others = (record?.finished ?? 0) - before - 1;
    const due = others >= terms.doneMax ? -1e9 : at + terms.doneFor;
    if (due <= until) change(due, (next) => delete next.record?.done[Number(job)]);
  }
  return [...changes, ...lossesOf(setting, world, until)];
}

function lossesOf(setting: Setting, world: World, until: number): readonly World[] {
  return setting.losses.flatMap(({ from, since, until: end }, index) => {
    if (world.lost.includes(index) || from > until || world.latest > end) return [];
    const common = {
      names: world.names,
      lost: [...world.lost, index].sort(),
      latest: Math.max(world.latest, from),
      // A world that is left before a loss is left before the loss ends.
      past: Object.fromEntries(
        Object.entries(leaving(setting, world, until)).map(([text, left]) => [text, Math.min(left, end)]),
      ),
    };
    if (since === null) return [{ ...common, record: null, hadOther: world.hadOther || world.record !== null }];
    return Object.entries(world.past)
      .filter(([, left]) => left >= since)
      .map(([text]) => ({ ...(JSON.parse(text) as Pick<World, "record" | "hadOther">), ...common }));
  });
}
