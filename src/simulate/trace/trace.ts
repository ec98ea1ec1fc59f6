/**
 * The trace of a run: one line an event, and one hash over all lines (docs/simulation.md has the legend).
 *
 * Both are made from the same words and numbers. The hash is computed without text; the text is built only on demand. Neither depends on clocks,
 * locales or the order of an object's fields.
 */
import type { SchedulerEvent } from "../../scheduler/events.ts";
import { toPort } from "../servers/protocol-values.ts";
import { ticksInMs } from "../world/virtual-time.ts";
import type { SimEvent } from "./events.ts";

interface Sink {
  word(text: string): void;
  /** A whole number. */
  number(value: number): void;
  end(): void;
}

/** Numbers that are buffered before they are mixed in one loop, which is faster than one by one. */
const mostWaiting = 4_096;
const lineEnd = 0x0a;

/** Two FNV-1a hashes side by side, over the same words. */
export class TraceHash implements Sink {
  #one = 0x811c9dc5 | 0;
  #other = 0x01000193;
  readonly #waiting = new Int32Array(mostWaiting);
  #count = 0;

  word(text: string): void {
    let hash = text.length;
    for (let index = 0; index < text.length; index += 1) hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
    this.#put(hash);
  }

  number(value: number): void {
    const low = value | 0;
    this.#put(low);
    if (low !== value) this.#put(Math.floor(value / 2 ** 32) | 0); // what 32 bits do not hold
  }

  end(): void {
    this.#put(lineEnd);
  }

  on(event: SimEvent): void {
    describe(event, this);
  }

  get text(): string {
    this.#mix();
    const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, "0");
    return hex(this.#one) + hex(this.#other);
  }

  #put(part: number): void {
    if (this.#count === mostWaiting) this.#mix();
    this.#waiting[this.#count++] = part;
  }

  #mix(): void {
    const waiting = this.#waiting;
    let one = this.#one;
    let other = this.#other;
    for (let index = 0; index < this.#count; index += 1) {
      const part = waiting[index] as number;
      one = Math.imul(one ^ part, 0x01000193);
      one ^= one >>> 15;
      other = Math.imul(other ^ part, 0x85ebca6b) ^ (one >>> 13);
    }
    this.#one = one;
    this.#other = other;
    this.#count = 0;
  }
}

/** The lines themselves. */
export class TraceText implements Sink {
  readonly lines: string[] = [];
  #line: string[] = [];

  word(text: string): void {
    this.#line.push(text === "" ? "-" : text);
  }

  number(value: number): void {
    this.#line.push(String(value));
  }

  end(): void {
    this.lines.push(this.#line.join(" "));
    this.#line = [];
  }

  on(event: SimEvent): void {
    describe(event, this);
  }
}

type Of<Kind extends SimEvent["kind"]> = Extract<SimEvent, { kind: Kind }>;

/**
 * A line begins with the time in ticks and the kind; the rest depends on the kind. Each kind with more than one word has a function of its own, since V8
 * caches the offset of `event.instance` per function and kinds differ in it.
 */
function describe(event: SimEvent, sink: Sink): void {
  sink.number(Math.round(event.at * ticksInMs));
  sink.word(event.kind);
  describeRest(event, sink);
  sink.end();
}

function describeRest(event: SimEvent, sink: Sink): void {
  switch (event.kind) {
    case "called":
      describeCall(event, sink);
      break;
    case "returned":
      describeReturn(event, sink);
      break;
    case "sent":
      describeSent(event, sink);
      break;
    case "settled":
      describeSettled(event, sink);
      break;
    case "stepped":
      describeStep(event, sink);
      break;
    case "config_stepped":
      describeConfigStep(event, sink);
      break;
    case "refused":
      describeRefusal(event, sink);
      break;
    case "lost":
    case "withheld":
      if (event.kind === "lost") describeLoss(event, sink);
      else describeWithheld(event, sink);
      break;
    case "woken":
      describeWakeUp(event, sink);
      break;
    case "link":
      describeLink(event, sink);
      break;
    case "fault":
      describeFault(event, sink);
      break;
    case "instance":
    case "closed":
    case "counted":
      describeInstance(event, sink);
      break;
    case "server":
      describeServer(event, sink);
      break;
    case "scheduler":
    case "orphans_reported":
      describeSaid(event, sink);
      break;
    case "compared":
    case "sighted":
      describeViews(event, sink);
      break;
    case "truth":
      describeTruth(event, sink);
      break;
    default:
      sink.word(event.name);
  }
}

function describeCall(event: Of<"called">, sink: Sink): void {
  sink.number(event.instance);
  sink.number(event.call);
  sink.word(event.op);
  sink.word(event.node);
  sink.word(event.job);
}

function describeSent(event: Of<"sent">, sink: Sink): void {
  sink.number(event.instance);
  sink.number(event.request);
  sink.word(event.script);
  sink.word(String(event.partition));
}

function describeSettled(event: Of<"settled">, sink: Sink): void {
  sink.number(event.instance);
  sink.number(event.request);
  sink.word(event.script);
  sink.word(String(event.partition));
  sink.word(event.outcome);
}

function describeConfigStep(event: Of<"config_stepped">, sink: Sink): void {
  sink.number(event.server);
  sink.number(event.instance);
  sink.number(event.request);
  sink.word(event.command.kind);
  sink.word(event.reply.kind);
}

function describeRefusal(event: Of<"refused">, sink: Sink): void {
  sink.number(event.instance);
  sink.number(event.request);
  sink.word(event.script);
  sink.word(event.cause);
}

function describeLoss(event: Of<"lost">, sink: Sink): void {
  sink.number(event.instance);
  sink.word(event.what);
  sink.number(event.request);
}

function describeWithheld(event: Of<"withheld">, sink: Sink): void {
  sink.number(event.instance);
  sink.number(event.request);
  sink.word(event.script);
  sink.word(event.reply);
}

function describeWakeUp(event: Of<"woken">, sink: Sink): void {
  sink.number(event.instance);
  sink.word(String(event.partition));
  describeVersion(event.version, sink);
}

function describeLink(event: Of<"link">, sink: Sink): void {
  sink.number(event.instance);
  sink.word(event.link);
  sink.word(event.state);
  sink.word(event.reason);
}

function describeFault(event: Of<"fault">, sink: Sink): void {
  sink.number(event.fault);
  sink.word(event.name);
  sink.word(event.instance === null ? "all" : String(event.instance));
  sink.word(event.link);
  sink.word(event.step);
}

function describeInstance(event: Of<"instance" | "closed" | "counted">, sink: Sink): void {
  sink.number(event.instance);
  if (event.kind === "instance") sink.word(event.state);
  else if (event.kind === "counted") sink.number(event.counters.size);
  else for (const left of [event.timers, event.connections]) sink.number(left);
}

function describeServer(event: Of<"server">, sink: Sink): void {
  sink.number(event.server);
  sink.word(event.what);
  sink.word(event.data);
}

function describeSaid(event: Of<"scheduler" | "orphans_reported">, sink: Sink): void {
  sink.number(event.instance);
  if (event.kind === "scheduler") describeSaying(event.what, sink);
  else describeOrphans(event, sink);
}

function describeOrphans(event: Of<"orphans_reported">, sink: Sink): void {
  sink.number(event.partition);
  sink.word(event.node);
  sink.word(event.because);
  for (const job of event.jobs) sink.word(job);
  sink.number(event.dispatchedHere.length);
  for (const job of event.dispatchedHere) sink.word(job);
}

function describeViews(event: Of<"compared" | "sighted">, sink: Sink): void {
  sink.number(event.instance);
  sink.word(event.mode);
  for (const view of event.views) describeVersion(view, sink);
}

function describeTruth({ partition, state }: Of<"truth">, sink: Sink): void {
  sink.number(partition);
  sink.number(state.nodes.size);
  sink.number(state.meta?.sequence ?? 0);
}

function describeReturn({ call }: Of<"returned">, sink: Sink): void {
  sink.number(call.instance);
  sink.number(call.id);
  sink.word(call.outcome);
  sink.word(call.reply);
  if (call.version !== undefined) describeVersion(call.version, sink);
  if (call.read !== undefined) {
    sink.word(call.read.source);
    if (call.read.stale) sink.word("stale");
    if (call.read.node !== null) describeVersion(call.read.node.version, sink);
  }
  if (call.asked !== undefined) {
    const { attempts, count, key, lease, pool, services, source, target } = call.asked;
    sink.word(pool ?? "any");
    if (key !== undefined) sink.word(key);
    sink.word(`${source}:${target}`);
    for (const service of services) sink.word(service);
    for (const number of [count, attempts, lease]) if (number !== undefined) sink.number(number);
  }
  if (call.selected !== undefined) for (const { node } of call.selected) sink.word(node);
  if (call.running !== undefined) for (const job of call.running) sink.word(job);
}

function describeStep(event: Of<"stepped">, sink: Sink): void {
  const { command } = event;
  sink.number(event.server);
  sink.number(event.instance);
  sink.number(event.request);
  sink.number(event.partition);
  sink.word(command.kind);
  if ("node" in command) sink.word(command.node);
  if ("job" in command) sink.word(command.job);
  sink.word(event.reply.kind);
  if (event.after.meta !== null) describeVersion(toPort(event.after.meta), sink);
  for (const change of event.changes) sink.word(change.kind);
}

function describeSaying(what: SchedulerEvent, sink: Sink): void {
  sink.word(what.kind);
  switch (what.kind) {
    case "mode_changed":
      sink.word(what.from);
      sink.word(what.to);
      sink.word(what.cause);
      break;
    case "answered":
      sink.word(what.node);
      sink.word(what.source);
      break;
    case "selected":
      for (const node of what.nodes) sink.word(node);
      break;
    case "gap_found":
      sink.number(what.partition);
      sink.number(what.after);
      sink.number(what.to);
      sink.word(what.by);
      break;
    case "resync_started":
      sink.number(what.partition);
      sink.word(what.reason);
      break;
    case "resynced":
    case "view_advanced":
    case "contradiction":
      sink.number(what.partition);
      describeVersion(what.version, sink);
      break;
    case "swept":
      sink.number(what.partition);
      for (const node of what.expired) sink.word(node);
      for (const node of what.removed) sink.word(node);
      for (const node of what.lapsed) sink.word(node);
      for (const { message } of what.failed) sink.word(message);
      break;
    case "fault":
      sink.word(what.task);
      sink.word(String(what.error));
      break;
    case "jobs_orphaned":
      sink.word(what.node);
      for (const job of what.jobs) sink.word(job);
      break;
    default:
      break;
  }
}

function describeVersion({ epoch, sequence }: { readonly epoch: string; readonly sequence: number }, sink: Sink): void {
  sink.word(epoch);
  sink.number(sequence);
}
