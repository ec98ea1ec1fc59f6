/** Makes the steps of the trace viewer of what judges are given, so that simulated, real and stored runs look the same. */
import type { Call, Version } from "../check/history.ts";
import type { PropertyId } from "../check/properties.ts";
import type { JudgeEvent } from "../judges/event.ts";
import type { EpochLine, HeldNode, LineEntry, Places } from "../judges/truth.ts";
import type { Change, StepKind, ViewedFault, ViewedRun, ViewedStep } from "./viewed-run.ts";

type Of<Kind extends JudgeEvent["kind"]> = Extract<JudgeEvent, { kind: Kind }>;

/** Most calls to the store only ask whether something has changed. They are shown where they fail. */
const polls: ReadonlySet<string> = new Set(["changes_since", "check_config", "version_check"]);
/** The kinds of events emitted by instances that nothing else shows. */
const said: ReadonlySet<string> = new Set([
  "gap_found",
  "resync_started",
  "contradiction",
  "store_behind",
  "dropped_reply",
  "fault",
]);
const mostCached = 12;

/** The kinds of events that the viewer uses. */
export const viewedKinds: readonly JudgeEvent["kind"][] = [
  ...([
    "called",
    "returned",
    "sent",
    "settled",
    "change",
    "epoch",
    "epoch_ended",
    "reached",
    "node",
    "view",
    "mode",
  ] as const),
  ...(["sample", "fault", "instance", "command_link", "feed_link", "lost_reply", "lost_wake_up"] as const),
  ...(["orphans_reported", "emitted", "phase"] as const),
];

export class RunView {
  readonly #lanes: readonly string[];
  readonly #store: number;
  readonly #steps: ViewedStep[] = [];
  /** By lane, what is shown. */
  readonly #shown: readonly Map<string, string>[];
  /** Changes by events that are no step of their own: shown with the next one. */
  #changes: Change[] = [];
  readonly #epochs = new Map<string, string>();
  readonly #faults = new Map<number, ViewedFault>();
  #broken: ViewedRun["broken"] = null;

  constructor(instances: number) {
    this.#lanes = [...Array.from({ length: instances }, (_, index) => `instance ${index}`), "store"];
    this.#store = instances;
    this.#shown = this.#lanes.map(() => new Map());
  }

  take(event: JudgeEvent): void {
    switch (event.kind) {
      case "called":
        return void this.#called(event);
      case "returned":
        return void this.#returned(event);
      case "sent":
        return void this.#sent(event);
      case "settled":
        return void this.#settled(event);
      case "change":
        return void this.#changed(event);
      case "epoch":
        return void this.#epoch(event);
      case "reached":
        return void this.#set(
          this.#store,
          `partition ${event.line.partition}`,
          this.#versionIn(event.line, event.sequence),
        );
      case "node":
        return void this.#node(event.node, event.record, event.places);
      case "view":
        return void this.#viewed(event);
      case "mode":
        this.#set(event.instance, "mode", event.to);
        return void this.#step(event, event.instance, "mode", `goes from ${event.from} to ${event.to}: ${event.cause}`);
      case "sample":
        return void this.#set(event.instance, "mode", event.mode);
      case "fault":
        return void this.#fault(event);
      default:
        return void this.#takeRare(event);
    }
  }

  #takeRare(event: JudgeEvent): void {
    switch (event.kind) {
      case "instance":
        return void this.#instance(event);
      case "command_link":
        return void this.#link(event, "commands");
      case "feed_link":
        return void this.#link(event, "feed");
      case "lost_reply": {
        const words = `the reply to ${named(event.script, event.node, event.job)} of instance ${event.instance} is lost`;
        return void this.#step(event, this.#store, "fault", words);
      }
      case "lost_wake_up": {
        const words = `a wake-up of instance ${event.instance} at ${this.#version(event.version)} is lost`;
        return void this.#step(event, this.#store, "fault", words);
      }
      case "orphans_reported": {
        const words = `reports ${event.jobs.join(", ")} of ${event.node} as lost: ${event.because}`;
        return void this.#step(event, event.instance, "step", words);
      }
      case "epoch_ended":
        this.#set(this.#store, `partition ${event.partition}`, null);
        return void this.#step(event, this.#store, "step", `has lost the epoch of partition ${event.partition}`);
      case "emitted":
        if (!said.has(event.what.kind)) return;
        return void this.#step(event, event.instance, "step", `says: ${event.what.kind.replaceAll("_", " ")}`);
      case "phase":
        return void this.#step(event, this.#store, "phase", phases[event.name]);
      default:
        return;
    }
  }

  /** The event that was taken last shows the violation. */
  breaks(property: PropertyId, found: string): void {
    if (this.#broken !== null) return;
    const last = this.#steps.length - 1;
    this.#broken = { step: Math.max(0, last), property, found };
  }

  build(rest: Pick<ViewedRun, "title" | "again" | "isObserved">): ViewedRun {
    const known = { lanes: this.#lanes, steps: this.#steps, faults: [...this.#faults.values()], omitted: 0 };
    return { ...rest, ...known, broken: this.#broken };
  }

  #called({ at, call, instance, job, node, op }: Of<"called">): void {
    const what = named(op, node, job);
    this.#set(instance, `call ${call}`, what);
    this.#step({ at }, instance, "call", `is asked ${what}`);
  }

  #returned({ at, call }: Of<"returned">): void {
    if (!Number.isFinite(at)) return;
    const { id, instance, job = "", node = "", op, outcome, reply, version } = call;
    this.#set(instance, `call ${id}`, null);
    this.#cached(call);
    if (version !== undefined && job !== "" && (reply === "reserved" || reply === "placed")) {
      this.#set(instance, `place ${node} ${job}`, this.#version(version));
      this.#seen(instance);
    }
    const where = version === undefined ? "" : ` at ${this.#version(version)}`;
    const selected = (call.selected ?? []).map((one) => one.node).join(", ");
    const what = named(op, node, job);
    const words =
      outcome === "info"
        ? `does not know what became of ${what}: ${reply}`
        : `answers ${what}: ${reply}${where}${selected === "" ? "" : ` (${selected})`}`;
    this.#step({ at }, instance, "answer", words);
  }

  /** Shows the last answer about a node, and its source. */
  #cached({ instance, read }: Call): void {
    if (read === undefined || read.node === null) return;
    const { node, version } = read.node;
    const key = `cache ${node}`;
    const known = [...(this.#shown[instance]?.keys() ?? [])].filter((each) => each.startsWith("cache "));
    if (known.length >= mostCached && !known.includes(key)) this.#set(instance, known[0] ?? key, null);
    const age = `${read.source}, ${Math.round(read.age_ms)} ms old${read.stale ? ", stale" : ""}`;
    this.#set(instance, key, `${this.#version(version)} from ${age}`);
  }

  #sent(event: Of<"sent">): void {
    const { at, instance, isProbe, job = "", node = "", script } = event;
    if (polls.has(script) || isProbe === true) return;
    const what = named(script, node, job);
    this.#set(instance, requestKey(event.request, script, at), what);
    this.#step(event, instance, "step", `sends ${what}`);
  }

  #settled({ at, from, instance, outcome, request, script }: Of<"settled">): void {
    const key = requestKey(request, script, from);
    const what = this.#shown[instance]?.get(key) ?? script;
    const isPoll = polls.has(script) || !this.#shown[instance]?.has(key);
    this.#set(instance, key, null);
    if (outcome !== "answered") this.#step({ at }, instance, "step", `gives up on ${what}: ${outcome}`);
    else if (!isPoll) this.#step({ at }, instance, "step", `hears the answer to ${what}`);
  }

  #changed({ at, entry, line }: Of<"change">): void {
    const { job, kind, node, places, record, sequence } = entry;
    this.#set(this.#store, `partition ${line.partition}`, this.#versionIn(line, sequence));
    if (record !== undefined) this.#node(node, record, places);
    const jobs = [job ?? "", ...lostIn(entry)].filter((one) => one !== "").join(", ");
    const words = `${node} ${kind}${jobs === "" ? "" : ` ${jobs}`}: partition ${line.partition} at ${this.#versionIn(line, sequence)}`;
    this.#step({ at }, this.#store, "step", words);
  }

  #epoch({ at, line }: Of<"epoch">): void {
    this.#set(this.#store, `partition ${line.partition}`, this.#versionIn(line, 0));
    for (const [node, record] of line.base) this.#node(node, record, undefined);
    this.#step(
      { at },
      this.#store,
      "step",
      `begins epoch ${this.#epochText(line.epoch)} of partition ${line.partition}`,
    );
  }

  #node(node: string, record: HeldNode | null, places: Places | undefined): void {
    if (record === null) return void this.#set(this.#store, `node ${node}`, null);
    const { currentJobs, maxJobs, status } = record;
    const jobs = places === undefined ? "" : [...places.keys()].join(", ");
    this.#set(this.#store, `node ${node}`, `${status}, ${currentJobs} of ${maxJobs}${jobs === "" ? "" : `: ${jobs}`}`);
  }

  #viewed({ at, by, instance, partition, version }: Of<"view">): void {
    this.#set(instance, `partition ${partition}`, this.#version(version));
    this.#seen(instance);
    const how = by === "load" ? "has loaded" : "follows";
    this.#step({ at }, instance, "step", `${how} partition ${partition} to ${this.#version(version)}`);
  }

  /** A place that the view shows is no longer pending. */
  #seen(instance: number): void {
    const shown = this.#shown[instance];
    for (const [key, value] of shown ?? []) {
      if (!key.startsWith("place ")) continue;
      const [epoch = "", sequence] = value.split(":");
      for (const [other, view] of shown ?? []) {
        const [of, upTo] = view.split(":");
        if (other.startsWith("partition ") && of === epoch && Number(upTo) >= Number(sequence))
          this.#set(instance, key, null);
      }
    }
  }

  #fault({ at, fault, instance, name, step }: Of<"fault">): void {
    // It may begin and end at each instance by itself: it is drawn once, from its first beginning to its last end.
    const begun = this.#faults.get(fault);
    if (step === "inject") this.#faults.set(fault, begun ?? { name, from: at, to: Number.POSITIVE_INFINITY });
    else if (begun !== undefined) this.#faults.set(fault, { ...begun, to: at });
    const lane = instance ?? this.#store;
    this.#set(lane, `fault ${fault}`, step === "inject" ? name : null);
    this.#step({ at }, lane, "fault", `${step === "inject" ? "begins" : "ends"} ${name}`);
  }

  #instance({ at, instance, state }: Of<"instance">): void {
    if (state === "crashed")
      for (const key of [...(this.#shown[instance]?.keys() ?? [])])
        if (!key.startsWith("fault ")) this.#set(instance, key, null);
    this.#set(instance, "process", state);
    this.#step({ at }, instance, state === "started" ? "step" : "fault", `is ${state}`);
  }

  #link({ at, instance, isUp }: Of<"command_link" | "feed_link">, name: string): void {
    this.#set(instance, name, isUp ? "up" : "down");
    this.#step({ at }, instance, "step", `its connection for ${name} is ${isUp ? "up" : "down"}`);
  }

  #set(lane: number, key: string, value: string | null): void {
    const shown = this.#shown[lane];
    if (shown === undefined || (shown.get(key) ?? null) === value) return;
    if (value === null) shown.delete(key);
    else shown.set(key, value);
    this.#changes.push([lane, key, value]);
  }

  #step({ at }: { readonly at: number }, lane: number, kind: StepKind, words: string): void {
    const time = Math.max(Math.round(at * 100) / 100, this.#steps.at(-1)?.at ?? Number.NEGATIVE_INFINITY);
    if (!Number.isFinite(time)) return;
    this.#steps.push({ at: time, lane, kind, words, changes: this.#changes });
    this.#changes = [];
  }

  #versionIn(line: EpochLine, sequence: number): string {
    return this.#version({ epoch: line.epoch, sequence });
  }

  #version({ epoch, sequence }: Version): string {
    return `${this.#epochText(epoch)}:${sequence}`;
  }

  /** Epochs have long names, so they are numbered: e1, e2, … in order of appearance. */
  #epochText(epoch: string): string {
    const known = this.#epochs.get(epoch) ?? `e${this.#epochs.size + 1}`;
    this.#epochs.set(epoch, known);
    return known;
  }
}

const phases = {
  load: "the load begins",
  healed: "the load has ended, and everything has healed",
  quiet: "no call is in flight any more: from here on views have to converge",
  end: "the end",
} as const;

function named(op: string, node: string, job: string): string {
  return [op, node, job].filter((part) => part !== "").join(" ");
}

function requestKey(request: number | undefined, script: string, sentAt: number): string {
  return `request ${request ?? `${script} ${Math.round(sentAt * 100) / 100}`}`;
}

function lostIn({ lapsed, orphaned = [] }: LineEntry): readonly string[] {
  return [...new Set([...lapsed, ...orphaned])];
}
