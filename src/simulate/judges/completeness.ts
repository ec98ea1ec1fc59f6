/**
 * Whether the judges were shown the whole run, under the faults that its plan declares. A judge decides by what it hears, and cannot know what it was
 * not shown; so before any `held` counts, the events have to fit together: every call has its end, every answer its step at the store, every view and
 * mode the word that it changed, every fault a time in which it was in force.
 *
 * A violation stays one whatever was missing.
 */
import type { Fault } from "../../../scenarios/declare/fault-kinds.ts";
import type { Judgement } from "../../check/judgement.ts";
import type { Millis } from "../../protocol/time.ts";
import type { Version } from "../../protocol/version.ts";
import type { Listener } from "../trace/bus.ts";
import type { FaultDone, InstanceChanged, Said, Sent, Settled, Sighted, SimEvent, Stepped } from "../trace/events.ts";
import type { Case } from "./case.ts";

/** The kinds of events that have to be there and are not. */
type Lack = "calls" | "steps" | "requests" | "instances" | "servers" | "faults" | "phases";

/** A fault of one call or message is done when that comes, which may be never; its heal may be at once. */
const ofOneMessage: ReadonlySet<Fault["kind"]> = new Set<Fault["kind"]>([
  ...(["reply_lost", "command_delayed", "command_held", "command_repeated", "wake_up_dropped"] as const),
]);

/** Four: load, healed, quiet, end. */
const phases = 4;
/** A request without an end this long after its deadline has none. */
const patience: Millis = 1_000;

/** The times that were heard of one fault. */
interface FaultHeard {
  injectedAt: Millis | null;
  healedAt: Millis | null;
}

/** The state that an instance reports of itself. */
interface Claimed {
  mode: string;
  /** By partition; none where it holds nothing. */
  readonly views: Version[];
}

export class Completeness implements Listener {
  readonly hears = [
    ...(["called", "returned", "sent.but_polls", "stepped.but_polls", "settled.but_polls"] as const),
    ...(["instance", "server", "fault", "phase", "sighted"] as const),
    ...(["scheduler.mode_changed", "scheduler.view_advanced", "scheduler.resynced"] as const),
  ] as const;
  readonly #plan: Case["plan"];
  readonly #lacking: Record<Lack, number> = {
    ...{ calls: 0, steps: 0, requests: 0, instances: 0, servers: 0, faults: 0, phases: 0 },
  };
  readonly #faults: readonly FaultHeard[];
  /** By number: requests without an end, and those of them that the store has run. Numbers grow by one, so that a list is quicker than a map. */
  readonly #open: (Sent | undefined)[] = [];
  readonly #run: (Sent | undefined)[] = [];
  readonly #started = new Set<number>();
  /** By instance: its mode and its views by its own word. */
  readonly #claimed: readonly Claimed[];
  readonly #servers = new Set<number>();
  readonly #phases = new Set<string>();
  #heard = 0;
  #calls = 0;
  #lastCall = 0;

  constructor({ instances, plan }: Case) {
    this.#plan = plan;
    this.#claimed = Array.from({ length: instances }, () => ({ mode: "normal", views: [] }));
    this.#faults = plan.faults.map(() => ({ injectedAt: null, healedAt: null }));
  }

  on(event: SimEvent): void {
    this.#heard += 1;
    switch (event.kind) {
      case "called":
        this.#call(event.call);
        break;
      case "returned":
        this.#call(event.call.id);
        break;
      case "sent":
        this.#open[event.request] = event;
        break;
      case "stepped":
        this.#step(event);
        break;
      case "settled":
        this.#settled(event);
        break;
      case "instance":
        this.#instance(event);
        break;
      case "server":
        this.#servers.add(event.server);
        break;
      case "fault":
        this.#fault(event);
        break;
      case "scheduler":
        this.#said(event);
        break;
      case "sighted":
        this.#sighted(event);
        break;
      case "phase":
        this.#phases.add(event.name);
        if (event.name === "end") this.#end(event.at);
        break;
      default:
        break;
    }
  }

  /** As the judge said, unless that is `held` of a run that it has not seen the whole of, or whose faults were none. */
  judge(judgement: Judgement): Judgement {
    if (judgement.verdict !== "held") return judgement;
    const idle = this.#idle;
    if (idle !== null) return { ...judgement, exercised: 0, verdict: "not_exercised", reason: idle };
    const open = this.#incomplete;
    return open === null ? judgement : { ...judgement, verdict: "unknown", reason: open };
  }

  /** Which fault was not in force; null: all were that had to be, and one at least if there are any. */
  get #idle(): string | null {
    const { faults } = this.#plan;
    if (faults.length === 0) return null;
    let done = 0;
    for (const [index, fault] of faults.entries()) {
      const { healedAt, injectedAt } = this.#faults[index] as FaultHeard;
      if (injectedAt === null) continue;
      done += 1;
      const isSpell = "lasts" in fault && !ofOneMessage.has(fault.kind);
      if (isSpell && healedAt !== null && healedAt <= injectedAt)
        return `fault ${index} (${fault.kind}) was in force for no time`;
    }
    return done === 0 ? "no fault of the plan was ever in force" : null;
  }

  /** The text that says which events are missing, and of how many; null: none are. */
  get #incomplete(): string | null {
    const lacking = {
      ...this.#lacking,
      calls: 2 * this.#lastCall - this.#calls,
      phases: phases - this.#phases.size,
      faults: this.#plan.faults.filter((fault, index) => this.#isUnheard(fault, index)).length,
    };
    const found = Object.entries(lacking).filter(([, count]) => count > 0);
    const missing = found.reduce((sum, [, count]) => sum + count, 0);
    if (missing === 0) return null;
    const words = found.map(([what, count]) => `${what} ${count}`).join(", ");
    const share = Math.round((missing / (missing + this.#heard)) * 1_000) / 10;
    return `the judges were not shown the whole run: at least ${missing} of ${missing + this.#heard} events (${share} %) are missing (${words})`;
  }

  #isUnheard({ kind }: Fault, index: number): boolean {
    const { healedAt, injectedAt } = this.#faults[index] as FaultHeard;
    if (ofOneMessage.has(kind) && injectedAt === null) return false;
    return injectedAt === null || healedAt === null;
  }

  /** Calls are numbered from 1 on, and each is heard of twice. */
  #call(id: number): void {
    this.#calls += 1;
    if (id > this.#lastCall) this.#lastCall = id;
  }

  #step({ command, request, server }: Stepped): void {
    if (this.#servers.size === 0) this.#servers.add(server);
    if (!this.#servers.has(server)) {
      this.#servers.add(server);
      this.#lacking.servers += 1;
    }
    if (command.kind === "changes_since") return; // its sending is a poll, and not heard of
    this.#run[request] = this.#open[request];
  }

  #settled({ outcome, partition, request }: Settled): void {
    const sent = this.#open[request];
    const hasRun = this.#run[request] !== undefined;
    this.#open[request] = undefined;
    if (sent === undefined) this.#lacking.requests += 1;
    else if (outcome === "answered" && partition !== "cfg" && !hasRun) this.#lacking.steps += 1;
  }

  #instance({ instance, state }: InstanceChanged): void {
    if (state === "started") this.#started.add(instance);
    const claimed = this.#claimed[instance];
    if (claimed !== undefined && (state === "started" || state === "crashed")) {
      claimed.mode = "local_only";
      claimed.views.length = 0;
    }
    if (state !== "crashed") return;
    for (const [request, sent] of this.#open.entries())
      if (sent?.instance === instance) this.#open[request] = undefined;
  }

  #fault({ at, fault, step }: FaultDone): void {
    const heard = this.#faults[fault];
    if (heard === undefined) return;
    if (step === "inject") heard.injectedAt ??= at;
    else heard.healedAt = at;
  }

  #said({ instance, what }: Said): void {
    const claimed = this.#claimed[instance];
    if (claimed === undefined) return;
    if (what.kind === "mode_changed") claimed.mode = what.to;
    else if (what.kind === "view_advanced" || what.kind === "resynced") claimed.views[what.partition] = what.version;
  }

  /** Compares the state seen in an instance with the state that its own events report. */
  #sighted({ instance, mode, views }: Sighted): void {
    const claimed = this.#claimed[instance];
    if (!this.#started.has(instance) || claimed?.mode !== mode) this.#lacking.instances += 1;
    for (const [partition, { epoch, sequence }] of views.entries()) {
      const known = claimed?.views[partition];
      if ((known?.epoch ?? "") !== epoch || (known?.sequence ?? 0) !== sequence) this.#lacking.instances += 1;
    }
  }

  #end(at: Millis): void {
    for (const sent of this.#open) {
      if (sent !== undefined && sent.at + sent.deadline + patience < at) this.#lacking.requests += 1;
    }
  }
}
