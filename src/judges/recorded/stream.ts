/** A recorded run as the common judges are given it: what its history and its observer noted, in the order of their times. */
import { faultWindows } from "../../check/faults/windows.ts";
import {
  type HistoryEvent,
  type Millis,
  ofKind,
  orphansReported,
  type Version,
  type ViewChange,
} from "../../check/history.ts";
import type { Trial } from "../../check/judgement.ts";
import type { Dump, Observation } from "../../check/observed/observation.ts";
import type { JudgeEvent } from "../event.ts";
import type { EpochLine } from "../truth.ts";
import { type RecordedLine, RecordedNode } from "./line.ts";
import { hasOwnKeys } from "./own-keys.ts";
import { reachEvents } from "./reach.ts";
import type { RecordedTruth } from "./truth.ts";

/** How far the views of a run have come, as the events of its history are read one by one. */
class Views {
  readonly #versions = new Map<string, Version>();
  /** Those of which a load has begun since they last moved. */
  readonly #loading = new Set<string>();

  loads(instance: number, partition: unknown): void {
    this.#loading.add(`${instance} ${partition}`);
  }

  /** By the word of the instance, which the next look confirms. */
  *loaded({ at, facts, instance }: Note): Generator<JudgeEvent> {
    const [partition, version] = [facts["partition"], readVersion(facts["version"])];
    if (typeof partition !== "number" || version === undefined) return;
    const key = `${instance} ${partition}`;
    this.#loading.delete(key);
    this.#versions.set(key, version);
    yield { kind: "view", at, instance, partition, version, by: "load" };
  }

  *moved({ at, instance, views }: ViewChange): Generator<JudgeEvent> {
    for (const [partition, version] of views.entries()) {
      const key = `${instance} ${partition}`;
      const before = this.#versions.get(key);
      if (version === null || (before?.epoch === version.epoch && before.sequence === version.sequence)) continue;
      this.#versions.set(key, version);
      const isLoad = this.#loading.delete(key) || before?.epoch !== version.epoch;
      yield { kind: "view", at, instance, partition, version, by: isLoad ? "load" : "feed" };
    }
  }
}

/** Returns all events in order. At equal times the store's come first: a state is observed after it began. */
export function eventsOf(trial: Trial, truth: RecordedTruth): readonly JudgeEvent[] {
  const { history, observations } = trial;
  const views = new Views();
  const requests = { count: 0 };
  // The registrations of a scheduler written elsewhere. Where the store is seen, it says which nodes there are when the load begins.
  const hasEarly = ofKind(history, "system").length > 0 && !hasOwnKeys(trial);
  const isEarly = (event: HistoryEvent): boolean => hasEarly && event.kind === "call" && event.from < 0;
  const events: JudgeEvent[] = [
    ...firstModes(trial),
    ...observedEvents(observations, truth),
    ...history.flatMap((event) => (isEarly(event) ? [] : [...historyEvents(event, views, requests)])),
    ...faultEvents(trial),
    ...reachEvents(trial, truth),
  ];
  return events.sort((a, b) => a.at - b.at);
}

/**
 * An instance whose first change was from another mode than `normal` had begun before that, and was in that mode. After a crash the mode that it came from is one of
 * its next process, and says nothing of how it began.
 */
function firstModes({ history, instances }: Trial): readonly JudgeEvent[] {
  const crashes = ofKind(history, "fault").filter(({ name, step }) => name === "instance_crash" && step === "inject");
  const changes = ofKind(history, "mode");
  return Array.from({ length: instances }, (_, instance) => instance).flatMap((instance) => {
    const first = changes.find((change) => change.instance === instance);
    const crash = crashes.find((fault) => fault.instance === instance);
    if (first === undefined || first.from === "normal" || (crash !== undefined && crash.asked <= first.at)) return [];
    return [{ kind: "instance", at: Number.NEGATIVE_INFINITY, instance, state: "started", mode: first.from } as const];
  });
}

function* observedEvents(observations: readonly Observation[], truth: RecordedTruth): Generator<JudgeEvent> {
  const current = new Map<number, RecordedLine>();
  const next = linesToCome(observations, truth);
  for (const one of observations) {
    const line = lineOf(one, truth);
    if (line !== null && current.get(one.partition) !== line)
      yield { kind: "epoch", at: one.at, line, ...beginOf(one) };
    if (line !== null) current.set(one.partition, line);
    else if (current.has(one.partition)) {
      yield { kind: "epoch_ended", at: one.at, partition: one.partition };
      // A watch reads one server: whatever goes on in that epoch again has come back to it.
      if (one.kind === "dump" && one.partly === true) current.delete(one.partition);
    }
    if (one.kind === "dump")
      yield* lookedAt(one, truth.looks.startOf(one) ?? one.at - truth.lag, line, next.get(one) ?? null);
    else {
      const entry = line?.entry(one.sequence);
      const after = truth.looks.beforeOf(one);
      if (line !== null && entry !== undefined)
        yield { kind: "change", at: one.at, after, line, entry, read: one.read };
    }
  }
}

/** Where the observation of the epoch begins, if that is not its beginning. */
function beginOf(one: Observation): { readonly from?: number } {
  return one.kind === "dump" && one.midway === true && one.version !== null ? { from: one.version.sequence } : {};
}

/** null: no epoch had begun. */
function lineOf(one: Observation, truth: RecordedTruth): RecordedLine | null {
  const epoch = one.kind === "entry" ? one.epoch : one.version?.epoch;
  return epoch === undefined ? null : (truth.line(epoch) ?? null);
}

/** For each look before an epoch had begun: the epoch that began with what was found. */
function linesToCome(observations: readonly Observation[], truth: RecordedTruth): ReadonlyMap<Dump, RecordedLine> {
  const coming = new Map<number, RecordedLine>();
  const next = new Map<Dump, RecordedLine>();
  for (const one of observations.toReversed()) {
    const line = lineOf(one, truth);
    const known = coming.get(one.partition);
    if (line !== null) coming.set(one.partition, line);
    else if (one.kind === "dump" && known !== undefined) next.set(one, known);
  }
  return next;
}

/** Yields the results of a look, as judges are given them. */
export function* lookedAt(
  { absent = [], at, dangling, nodes, partition, partly, server_ms: server, version }: Dump,
  since: Millis,
  line: EpochLine | null,
  next: EpochLine | null,
): Generator<JudgeEvent> {
  const sequence = version?.sequence ?? 0;
  const seen = nodes.map(({ content, heartbeat_seq: heartbeatSeq, jobs, metrics, times }) => {
    const known = metrics === undefined ? {} : { metrics };
    const timed = times === undefined || server === undefined ? {} : { times: { ...times, server_ms: server } };
    const node = { record: new RecordedNode(content), places: new Set(jobs), heartbeatSeq, ...known, ...timed };
    return [content.node, node] as const;
  });
  if (line !== null) {
    const part = partly === true ? { only: [...seen.map(([node]) => node), ...absent] } : {};
    const lacking = dangling === undefined ? {} : { dangling };
    yield { kind: "reached", at, line, sequence };
    yield { kind: "partition", at, line, sequence, nodes: new Map(seen), ...part, ...lacking };
  }
  for (const [node, held] of seen)
    yield { kind: "node", at, since, partition, line: line ?? next, sequence, node, ...held };
}

function* historyEvents(event: HistoryEvent, views: Views, requests: { count: number }): Generator<JudgeEvent> {
  switch (event.kind) {
    case "call": {
      const { asked, configuration, from, id: call, instance, job = "", lease, node = "", offer, op, to } = event;
      yield { kind: "called", at: from, call, instance, op, node, job, offer, lease, asked, configuration };
      yield { kind: "returned", at: to ?? Number.POSITIVE_INFINITY, call: event };
      break;
    }
    case "request":
      requests.count += 1;
      yield* requestEvents(event, requests.count);
      break;
    case "view":
      yield* views.moved(event);
      break;
    case "store_call": {
      const { deadline, from, instance, outcome, script, to } = event;
      yield { kind: "sent", at: from, instance, script };
      yield { kind: "settled", at: to, instance, script, from, deadline, outcome };
      break;
    }
    case "node_full": {
      const { to: at, ...refusal } = event;
      yield { ...refusal, at };
      break;
    }
    case "overdue": {
      const { at, deadline, from, instance, operation: script } = event;
      yield { kind: "overdue", at, instance, script, from, deadline };
      break;
    }
    case "lost_wake_up":
      yield { ...event, version: versionOf(event.version) };
      break;
    case "note":
      if (event.what === "resync_started") views.loads(event.instance, event.facts["partition"]);
      if (event.what === "resynced") yield* views.loaded(event);
      yield* noted(event);
      break;
    case "served":
    case "lost_reply":
    case "mode":
    case "phase":
    case "sample":
      yield event;
      break;
    default:
      break;
  }
}

function versionOf(text: string): Version {
  const end = text.lastIndexOf(":");
  return { epoch: text.slice(0, end), sequence: Number(text.slice(end + 1)) };
}

function* requestEvents(event: Extract<HistoryEvent, { kind: "request" }>, request: number): Generator<JudgeEvent> {
  const { deadline = Number.POSITIVE_INFINITY, from, instance, nodes, outcome, page, partition, to } = event;
  yield { kind: "requested", at: from, request, instance, partition, nodes, page, deadline };
  const isAnswered = outcome === "answered";
  const isHeard = isAnswered && to - from < deadline;
  yield { kind: "request_ended", at: to, request, instance, isHeard, isAnswered };
}

type Note = Extract<HistoryEvent, { kind: "note" }>;

function* noted(note: Note): Generator<JudgeEvent> {
  const { at, facts, instance, what } = note;
  const { job, node } = facts;
  if (what === orphansReported) yield* reportedOrphans(note);
  if (what !== "ambiguity_resolved" || typeof node !== "string" || typeof job !== "string") return;
  yield { kind: "resolved", at, instance, node, job };
}

function* reportedOrphans({ at, facts, instance }: Note): Generator<JudgeEvent> {
  const { because, node, partition } = facts;
  const [jobs, dispatchedHere] = [facts["jobs"], facts["dispatchedHere"]].map(texts);
  if (typeof partition !== "number" || typeof node !== "string" || !jobs || !dispatchedHere) return;
  const lost = {
    partition,
    node,
    jobs,
    because: String(because),
    dispatchedHere,
    lostAt: readVersion(facts["lostAt"]),
  };
  yield { kind: "orphans_reported", at, instance, ...lost };
}

function readVersion(value: unknown): Version | undefined {
  const { epoch, sequence } = Object(value) as Readonly<Record<string, unknown>>;
  return typeof epoch === "string" && typeof sequence === "number" ? { epoch, sequence } : undefined;
}

function texts(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every((each) => typeof each === "string") ? value : undefined;
}

/** Returns the events of faults, for each instance that a fault met. */
function faultEvents({ history, instances }: Trial): readonly JudgeEvent[] {
  const links = new Map(ofKind(history, "fault").map(({ fault, link }) => [fault, link]));
  return faultWindows(history, instances).flatMap(
    ({ asked, fault, from, healed, to, ...window }): readonly JudgeEvent[] => {
      const common = { kind: "fault", fault, link: links.get(fault) ?? "server", ...window } as const;
      return [
        { ...common, step: "inject", at: asked, inForce: from },
        { ...common, step: "heal", at: healed, inForce: to },
      ];
    },
  );
}
