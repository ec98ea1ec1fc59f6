/** Records a run as `inject` does: a history and observations, for the judges of recorded runs. */
import type { Partition } from "../../../model/partition/partition.ts";
import {
  type HistoryEvent,
  type ModeChange,
  type NodeFull,
  orphansReported,
  type Version,
} from "../../check/history.ts";
import type { Bounds, Terms, Trial } from "../../check/judgement.ts";
import type { Dump, Observation, ObservedChange } from "../../check/observed/observation.ts";
import { noted } from "../../load/clients/noted.ts";
import type { Millis } from "../../protocol/time.ts";
import { knownMetrics, toFeedEntry, toNodeState, toPort } from "../servers/protocol-values.ts";
import type { InstanceChanged, Said, Sent, Settled, SimEvent, Stepped } from "./events.ts";

export class Record {
  readonly history: HistoryEvent[] = [];
  readonly observations: Observation[] = [];
  readonly #instances: number;
  readonly #views: (Version | null)[][];
  readonly #asked = new Map<number, Sent>();
  /** Requests for places that were refused for want of room, as the store answered first. */
  readonly #full = new Map<number, Pick<NodeFull, "node" | "job" | "version">>();
  readonly #pausedSince = new Map<number, Millis>();
  /** By instance: the mode that it was last in. */
  readonly #modes = new Map<number, string>();
  /** By partition: its last state. */
  readonly #states = new Map<number, Partition>();

  constructor(instances: number, partitions: number) {
    this.#instances = instances;
    this.#views = Array.from({ length: instances }, () => Array.from({ length: partitions }, () => null));
  }

  on(event: SimEvent): void {
    switch (event.kind) {
      case "returned":
        this.history.push(event.call);
        break;
      case "sent":
        if (event.script === "snapshot") this.#asked.set(event.request, event);
        break;
      case "settled":
        this.#settled(event);
        break;
      case "stepped":
        this.#stepped(event);
        break;
      case "fault": {
        const { at, cutsOff: cuts_off, ...step } = event;
        this.history.push({ ...step, cuts_off, asked: at, done: at });
        break;
      }
      case "instance":
        this.#instance(event);
        break;
      case "withheld": {
        const { request: _, kind: __, ...lost } = event;
        this.history.push({ kind: "lost_reply", ...lost });
        break;
      }
      case "scheduler":
        this.#said(event);
        break;
      case "orphans_reported": {
        const { at, instance, kind: _, ...facts } = event;
        this.history.push({ kind: "note", at, instance, what: orphansReported, facts });
        break;
      }
      case "sighted": {
        const { at, instance, mode, nodes, views } = event;
        this.history.push({ kind: "sample", at, instance, mode, nodes, views: views.map(orNull) });
        break;
      }
      case "truth":
        this.observations.push(dumpOf(event.state, event.partition, event.at));
        break;
      case "phase":
        this.history.push(event);
        break;
      default:
        break;
    }
  }

  trial(bounds: Bounds, terms: Terms): Trial {
    const { history, observations } = this;
    return { side: "fault", history, observations, instances: this.#instances, bounds, terms };
  }

  /** A pause concerns one instance; the others go on. A new life begins in `local_only`, as that of a process does. */
  #instance({ at, instance, state }: InstanceChanged): void {
    const from = this.#modes.get(instance);
    if (state === "started" && from !== undefined)
      this.#changed({ at, instance, from, to: "local_only", cause: "restarted" });
    if (state === "paused") this.#pausedSince.set(instance, at);
    const since = this.#pausedSince.get(instance);
    if (state !== "resumed" || since === undefined) return;
    this.history.push({ kind: "stall", since, at, lasted: at - since, instance });
  }

  #settled({ at, deadline, from, instance, outcome, partition, request, script }: Settled): void {
    this.history.push({ kind: "store_call", instance, script, from, to: at, deadline, outcome });
    const full = this.#full.get(request);
    this.#full.delete(request);
    if (full !== undefined && outcome === "answered")
      this.history.push({ kind: "node_full", instance, from, to: at, ...full });
    const sent = this.#asked.get(request);
    if (sent?.question.kind !== "nodes" || sent.question.asked.kind !== "snapshot" || partition === "cfg") return;
    this.#asked.delete(request);
    const { after, limit, records } = sent.question.asked;
    const page = limit === 0 ? "none" : after === "" ? "first" : "next";
    const nodes = page === "none" ? records : [];
    this.history.push({ kind: "request", instance, partition, from, to: at, nodes, page, outcome });
  }

  #stepped({ after, at, before, changes, command, instance, partition, reply, request }: Stepped): void {
    if (command.kind === "reserve_job" && reply.kind === "full" && !this.#full.has(request))
      this.#full.set(request, { node: command.node, job: command.job, version: toPort(reply.version) });
    if (command.kind === "snapshot" && command.limit === 0) {
      for (const node of command.records) this.history.push({ kind: "served", at, instance, node });
    }
    if (after.meta === null || after.meta === before.meta) return;
    const { epoch, sequence } = toPort(after.meta);
    const last = this.#states.get(partition);
    this.#states.set(partition, after);
    if (before.meta?.epoch !== after.meta.epoch) {
      if (last !== undefined) this.observations.push(dumpOf(last, partition, at));
      // The state as the server that takes over has it.
      if (before.meta !== null) {
        const taken = { ...dumpOf(before, partition, at), version: null, left: toPort(before.meta) };
        this.observations.push(taken);
      }
      const begun = { ...before, meta: { ...after.meta, sequence: 0 } };
      this.observations.push(dumpOf(begun, partition, at));
    }
    changes.forEach((change, index) => {
      const number = sequence - changes.length + 1 + index;
      const entry = toFeedEntry({ sequence: number, change });
      const seen = entry.change as ObservedChange;
      this.observations.push({ kind: "entry", partition, at, epoch, sequence: number, change: seen });
    });
  }

  #changed(change: Omit<ModeChange, "kind">): void {
    this.#modes.set(change.instance, change.to);
    this.history.push({ kind: "mode", ...change });
  }

  #said({ at, instance, what }: Said): void {
    if (what.kind === "mode_changed") {
      const { cause, from, to } = what;
      this.#changed({ at, instance, from, to, cause });
      return;
    }
    if (what.kind === "view_advanced" || what.kind === "resynced") {
      const views = this.#views[instance] ?? [];
      views[what.partition] = what.version;
      this.history.push({ kind: "view", at, instance, views: [...views] });
    }
    if (!noted.has(what.kind)) return;
    const { at: _, kind, ...facts } = what;
    const plain = what.kind === "fault" ? { error: String(what.error) } : facts;
    this.history.push({ kind: "note", at, instance, what: kind, facts: plain });
  }
}

function dumpOf(state: Partition, partition: number, at: Millis): Dump {
  return {
    kind: "dump",
    partition,
    at,
    version: state.meta === null ? null : toPort(state.meta),
    nodes: [...state.nodes].map(([node, record]) => ({
      content: toNodeState(node, record),
      heartbeat_seq: record.heartbeatSeq,
      metrics: knownMetrics(record),
      jobs: [...(state.jobs.get(node)?.keys() ?? [])],
    })),
  };
}

function orNull(version: Version): Version | null {
  return version.epoch === "" ? null : version;
}
