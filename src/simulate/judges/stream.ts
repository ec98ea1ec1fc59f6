/** A simulated run as the common judges are given it: exact, and no event that none of them hears. */
import type { FeedEntry } from "../../../model/partition/command.ts";
import type { Millis } from "../../check/history.ts";
import type { FeedRead, JudgeEvent, JudgeEventKind, RequestEnded, Returned } from "../../judges/event.ts";
import type { Panel } from "../../judges/panel.ts";
import type { LongStep, Processors } from "../cost/processors.ts";
import { incarnationText } from "../servers/epoch-text.ts";
import { knownMetrics, toPort } from "../servers/protocol-values.ts";
import type { Heard, Listener } from "../trace/bus.ts";
import type {
  Compared,
  ConfigStepped,
  LinkChanged,
  Lost,
  PhaseBegun,
  Said,
  Sent,
  Settled as SettledEvent,
  Sighted,
  SimEvent,
  Stepped,
  Truth as TruthSeen,
  Withheld,
} from "../trace/events.ts";
import { ChangesAnswers, callSent } from "./calls.ts";
import type { Case } from "./case.ts";
import { InFlight, lateAt } from "./in-flight.ts";
import type { SimulatedTruth } from "./simulated-world.ts";
import { type EpochLine, placesOf, SimulatedNode } from "./truth.ts";
import { isJobScript, jobRequested, jobServed, leasesServed, nodeRequested, written } from "./writes.ts";

/** The events of a run that each kind is made of. */
const madeOf: Readonly<Record<JudgeEventKind, readonly Heard[]>> = {
  called: ["called"],
  returned: ["returned"],
  epoch: ["stepped.but_polls"],
  epoch_ended: [], // what an instance is to follow there says so
  change: ["stepped.but_polls"],
  reached: ["stepped.but_polls"],
  node: ["stepped.but_polls"],
  partition: ["truth"],
  feed_read: ["stepped"],
  served: ["stepped.but_polls"],
  requested: ["sent.but_polls"],
  request_ended: ["settled.but_polls"],
  job_requested: ["sent.but_polls"],
  node_requested: ["sent.but_polls"],
  sweep_requested: ["sent.but_polls"],
  job_served: ["stepped.but_polls"],
  node_full: [], // what a script has run says so
  job_request_ended: ["settled.but_polls"],
  leases_served: ["stepped.but_polls"],
  written: ["stepped.but_polls"],
  sent: ["sent"],
  settled: ["sent", "returned", "stepped", "config_stepped", "settled"],
  overdue: ["sent", "settled", "phase", "instance"],
  computed: ["returned", "phase"],
  lost_reply: ["withheld"],
  resolved: ["scheduler.ambiguity_resolved"],
  lost_wake_up: ["lost"],
  command_link: ["link"],
  feed_link: ["link"],
  reach: ["server", "fault"],
  mode: ["scheduler.mode_changed"],
  view: ["scheduler.view_advanced", "scheduler.resynced"],
  orphans_reported: ["orphans_reported"],
  fault: ["fault"],
  instance: ["instance"],
  closed: ["closed"],
  counted: ["counted"],
  emitted: ["scheduler"],
  phase: ["phase"],
  sample: ["compared", "sighted"],
  configuration: ["sighted"],
  configuration_taken: ["scheduler.config_changed"],
  configuration_stored: ["config_stepped"],
};

/** The kinds of event that are most of a run. */
type OfTheStore = "change" | "reached" | "node" | "written" | "feed_read";
type Frequent = OfTheStore | "sent" | "settled" | "view" | "sample" | "emitted";

/** Which nodes a page did not have. */
type Page = NonNullable<RequestEnded["missing"]>;

export class SimulatedStream implements Listener {
  readonly hears: readonly Heard[];
  readonly #panel: Panel;
  readonly #truth: SimulatedTruth;
  readonly #instances: number;
  readonly #partitions: number;
  /** The hearers of the kinds that are most of a run; undefined: no judge hears them. */
  readonly #hearers: Readonly<Record<Frequent, ReturnType<Panel["hearersOf"]>>>;
  /** Absent: what instances compute takes no time. */
  readonly #processors: Pick<Processors, "longSteps"> | undefined;
  #stepsGiven = 0;
  /** null: no judge asks what becomes of them. */
  readonly #inFlight: InFlight | null;
  /** Requests for nodes that have not ended -> what the server has answered; null: it has not run them. */
  readonly #requests = new Map<number, Page | null>();
  readonly #polls = new ChangesAnswers();
  /** As the truth had it. */
  #readableSince = Number.NEGATIVE_INFINITY;

  /** @param truth has heard each event before */
  constructor(
    panel: Panel,
    truth: SimulatedTruth,
    { instances, partitions, processors, settings }: Pick<Case, "instances" | "partitions" | "processors" | "settings">,
  ) {
    this.#processors = processors;
    this.#panel = panel;
    this.#truth = truth;
    this.#instances = instances;
    this.#partitions = partitions;
    this.#hearers = {
      ...{ change: panel.hearersOf("change"), reached: panel.hearersOf("reached"), node: panel.hearersOf("node") },
      ...{ written: panel.hearersOf("written"), settled: panel.hearersOf("settled"), view: panel.hearersOf("view") },
      ...{ sample: panel.hearersOf("sample"), feed_read: panel.hearersOf("feed_read") },
      ...{ emitted: panel.hearersOf("emitted"), sent: panel.hearersOf("sent") },
    };
    const isAsked = panel.kinds.has("overdue") || panel.kinds.has("settled");
    this.#inFlight = isAsked ? new InFlight(settings.deadlineGrace) : null;
    this.hears = [...new Set([...panel.kinds].flatMap((kind) => madeOf[kind]))];
  }

  on(event: SimEvent): void {
    switch (event.kind) {
      case "called":
      case "orphans_reported":
      case "closed":
      case "counted":
        this.#give(event);
        break;
      case "returned":
        this.#returned(event);
        break;
      case "instance":
        if (event.state === "crashed") this.#inFlight?.crashed(event.instance);
        this.#give(event);
        break;
      case "phase":
        this.#phase(event);
        break;
      case "fault":
        this.#give(event);
        if (this.#readableSince !== this.#truth.readableSince) this.#reach(event.at);
        break;
      case "server":
        this.#reach(event.at);
        break;
      case "link":
        this.#link(event);
        break;
      case "lost":
      case "withheld":
        this.#lost(event);
        break;
      case "settled":
        this.#settled(event);
        break;
      case "sent":
        this.#sent(event);
        break;
      case "stepped":
        this.#stepped(event);
        break;
      case "config_stepped":
        this.#configStepped(event);
        break;
      case "truth":
        this.#partition(event);
        break;
      case "compared":
      case "sighted":
        this.#sampled(event);
        break;
      case "scheduler":
        this.#said(event);
        break;
      default:
        break;
    }
  }

  #giveIf(event: JudgeEvent | null): void {
    if (event !== null) this.#give(event);
  }

  #give(event: JudgeEvent): void {
    this.#panel.on(event);
  }

  /** Those that have gone to another server at this moment; or all, if the store can be read again, or cannot any more. */
  #reach(at: Millis): void {
    const { readableSince } = this.#truth;
    const hasChanged = readableSince !== this.#readableSince;
    this.#readableSince = readableSince;
    const isReached = readableSince <= at;
    for (let instance = 0; instance < this.#instances; instance += 1) {
      if (!hasChanged && this.#truth.movedAt(instance) !== at) continue;
      for (let partition = 0; partition < this.#partitions; partition += 1) {
        this.#give({ kind: "reach", at, instance, partition, isReached });
      }
    }
  }

  #link({ at, instance, link, state }: LinkChanged): void {
    const kind = link === "feed" ? "feed_link" : "command_link";
    this.#give({ kind, at, instance, isUp: state === "up" });
  }

  #lost(event: Lost | Withheld): void {
    if (event.kind === "withheld") {
      this.#give({ ...event, kind: "lost_reply" });
      return;
    }
    const { at, instance, partition, version, what } = event;
    if (what !== "wake_up" || version === null || typeof partition !== "number") return;
    this.#give({ kind: "lost_wake_up", at, instance, version });
  }

  /** Gives the long steps since the last call, before the events that were late because of them. */
  #computed(): void {
    if (this.#processors === undefined) return;
    const { longSteps } = this.#processors;
    for (; this.#stepsGiven < longSteps.length; this.#stepsGiven += 1) {
      this.#give({ kind: "computed", ...(longSteps[this.#stepsGiven] as LongStep) });
    }
  }

  #returned(event: Returned): void {
    this.#computed();
    for (const sent of this.#inFlight?.returned(event.call) ?? [])
      this.#hearers.settled?.hear(this.#polls.settled(lateAt(event.at, sent), sent));
    this.#give(event);
  }

  #phase(event: PhaseBegun): void {
    this.#computed();
    this.#give(event);
    if (event.name === "end") for (const overdue of this.#inFlight?.endedAt(event.at) ?? []) this.#give(overdue);
  }

  #settled(event: SettledEvent): void {
    const heard = this.#inFlight?.heard(event) ?? event;
    this.#hearers.settled?.hear(this.#polls.settled(heard, this.#inFlight?.settled(event)));
    const { at, instance, request, script } = event;
    if (script === "changes_since") return;
    this.#ended(event);
    const { outcome } = heard;
    if (isJobScript(script)) this.#give({ kind: "job_request_ended", at, request, instance, outcome });
  }

  #configStepped(event: ConfigStepped): void {
    const { at, reply } = event;
    if (this.#hearers.settled !== undefined) this.#polls.stepped(event);
    if (reply.kind === "stored") this.#give({ kind: "configuration_stored", at, version: toPort(reply.version) });
  }

  #sent(event: Sent): void {
    this.#inFlight?.sent(event);
    this.#hearers.sent?.hear(callSent(event));
    if (event.script === "changes_since") return;
    this.#giveIf(jobRequested(event) ?? nodeRequested(event));
    const { at, deadline, instance, question, request } = event;
    if (question.kind !== "nodes") return;
    const { asked, partition } = question;
    if (asked.kind !== "snapshot") return;
    const { after, limit, records } = asked;
    const page = limit === 0 ? "none" : after === "" ? "first" : "next";
    const nodes = page === "none" ? records : [];
    this.#requests.set(request, null);
    this.#give({ kind: "requested", at, request, instance, partition, nodes, page, deadline });
  }

  #stepped(event: Stepped): void {
    const { after, at, before, changes, command, partition, server } = event;
    const { begun } = this.#truth;
    if (begun !== null) this.#give({ kind: "epoch", at, line: begun });
    if (command.kind === "snapshot" && command.limit === 0) this.#served(event, command.records);
    const line = this.#truth.current(server, partition);
    if (line === undefined) return;
    if (command.kind === "changes_since") {
      if (this.#hearers.settled !== undefined) this.#polls.stepped(event);
      this.#feedRead(event, command, line);
    }
    if (after.meta === before.meta && !("node" in command)) return;
    this.#giveIf(jobServed(event, line) ?? leasesServed(event));
    if (this.#hearers.written !== undefined) {
      const run = written(event, line);
      if (run !== null) this.#hearers.written.hear(run);
    }
    if (after.meta !== null && after.meta !== before.meta) {
      for (let sequence = after.meta.sequence - changes.length + 1; sequence <= after.meta.sequence; sequence += 1) {
        const entry = line.entry(sequence);
        if (entry !== undefined) this.#hearers.change?.hear({ kind: "change", at, line, entry });
      }
      this.#hearers.reached?.hear({ kind: "reached", at, line, sequence: after.meta.sequence });
    }
    const about = "node" in command ? command.node : null;
    if (about !== null) this.#node(event, about);
    for (const change of changes) if (change.kind !== "config" && change.node !== about) this.#node(event, change.node);
  }

  /** A request that the network repeats counts once, as the instance sent it once. */
  #served({ at, instance, reply, request }: Stepped, nodes: readonly string[]): void {
    if (this.#requests.get(request) !== null) return;
    const { records = [] } = reply.kind === "page" ? reply : {};
    const epoch = reply.kind === "page" ? toPort(reply.version).epoch : "";
    this.#requests.set(request, { epoch, nodes: nodes.filter((_, index) => records[index] === null) });
    for (const node of nodes) this.#give({ kind: "served", at, instance, request, node });
  }

  #ended({ at, instance, outcome, request }: SettledEvent): void {
    const page = this.#requests.get(request);
    if (page === undefined) return;
    this.#requests.delete(request);
    const heard = { isHeard: outcome === "answered", isAnswered: outcome === "answered" };
    this.#give({ kind: "request_ended", at, request, instance, ...heard, missing: page ?? { epoch: "", nodes: [] } });
  }

  /** Most ask where nothing has changed, and are answered that: so it is, and no judge could say otherwise. */
  #feedRead(
    { after: { meta }, at, instance, reply }: Stepped,
    { limit, since }: Extract<Stepped["command"], { kind: "changes_since" }>,
    line: EpochLine,
  ): void {
    const isSame = meta?.epoch === since.epoch && meta.sequence === since.sequence;
    if (isSame && reply.kind === "changes" && reply.entries.length === 0) return;
    const entries = "entries" in reply ? reply.entries.map((entry) => readEntry(entry, line)) : null;
    if (entries === null && reply.kind !== "resync") return;
    this.#hearers.feed_read?.hear({ kind: "feed_read", at, instance, line, since: toPort(since), limit, entries });
  }

  #partition({ at, state }: TruthSeen): void {
    const line = state.meta === null ? undefined : this.#truth.line(toPort(state.meta).epoch);
    if (line === undefined || state.meta === null) return;
    const nodes = new Map(
      [...state.nodes].map(([node, record]) => [
        node,
        { record: new SimulatedNode(record), places: placesOf(state, node) },
      ]),
    );
    const now = this.#truth.serverClock + Math.floor(at);
    const leases = [...state.jobs].flatMap(([node, jobs]) =>
      [...jobs].map(([job, until]) => ({ node, job, left: until - now })),
    );
    this.#give({ kind: "partition", at, line, sequence: state.meta.sequence, nodes, leases });
  }

  #sampled(event: Compared | Sighted): void {
    const { at, instance, mode } = event;
    const views = event.views.map((view) => (view.epoch === "" ? null : view));
    const nodes = event.kind === "sighted" ? { nodes: event.nodes } : {};
    this.#hearers.sample?.hear({ kind: "sample", at, instance, mode, views, ...nodes });
    if (event.kind === "sighted") this.#give({ kind: "configuration", at, instance, ...event.config });
  }

  #node({ after, at, command, partition, server }: Stepped, node: string): void {
    const hearers = this.#hearers.node;
    const line = this.#truth.current(server, partition);
    if (line === undefined || after.meta === null || hearers === undefined) return;
    const record = after.nodes.get(node);
    const beat = command.kind === "heartbeat" && command.node === node ? command : undefined;
    hearers.hear({
      kind: "node",
      at,
      since: at,
      partition,
      line,
      sequence: after.meta.sequence,
      node,
      record: record === undefined ? null : new SimulatedNode(record),
      places: placesOf(after, node),
      heartbeatSeq: record?.heartbeatSeq ?? -1,
      metrics: beat && (record === undefined ? null : knownMetrics(record)),
      heartbeat: beat && { incarnation: incarnationText(beat.incarnation), seq: beat.seq },
    });
  }

  #said({ at, instance, what }: Said): void {
    this.#hearers.emitted?.hear({ kind: "emitted", at, instance, what });
    if (what.kind === "ambiguity_resolved") this.#give({ ...what, kind: "resolved", at, instance });
    if (what.kind === "config_changed") {
      this.#give({ kind: "configuration_taken", at, instance, version: what.version });
    } else if (what.kind === "mode_changed") {
      const { cause, from, to } = what;
      this.#give({ kind: "mode", at, instance, from, to, cause });
    } else if (what.kind === "view_advanced" || what.kind === "resynced") {
      const { partition, version } = what;
      const by = what.kind === "resynced" ? "load" : "feed";
      this.#hearers.view?.hear({ kind: "view", at, instance, partition, version, by });
    }
  }
}

function readEntry({ change, sequence }: FeedEntry, line: EpochLine): NonNullable<FeedRead["entries"]>[number] {
  return { sequence, isAsMade: line.entry(sequence)?.change === change };
}
