/** Converts the events of a run to those of a timeline: calls, messages, steps of the store, faults, and what each lane holds. */
import { wishText } from "../../check/suitable.ts";
import type { Lane, LaneState, Message, Span, Timeline, TimelineEvent } from "../../evidence/timeline.ts";
import { toPort } from "../servers/protocol-values.ts";
import type { SimEvent } from "../trace/events.ts";
import { schedulerEventText } from "../trace/run-log.ts";
import { Held } from "./holdings.ts";

/** A message that was sent and has neither arrived nor been lost. */
interface InFlight {
  readonly sent: number;
  readonly from: Lane["id"];
  readonly to: Lane["id"];
  readonly words: string;
}

/** A call or a fault that has begun and not ended. */
interface OpenSpan {
  readonly from: number;
  readonly lane: string;
  readonly span: Omit<Span, "to" | "from" | "lane">;
}

type Of<Kind extends SimEvent["kind"]> = Extract<SimEvent, { kind: Kind }>;

const store = "store";
const network = "network";
const laneOf = (instance: number): string => `instance ${instance}`;

export class TimelineBuilder {
  readonly #quiet: ReadonlySet<number>;
  readonly #held = new Held();
  readonly #events: TimelineEvent[] = [];
  readonly #messages: Message[] = [];
  readonly #spans: Span[] = [];
  readonly #requests = new Map<number, InFlight>();
  readonly #replies = new Map<number, InFlight>();
  readonly #open = new Map<string, OpenSpan>();

  /** @param quiet requests that are left out */
  constructor(quiet: ReadonlySet<number>) {
    this.#quiet = quiet;
  }

  /** The current content of each lane. */
  holdings(): Timeline["before"] {
    return [this.#stored(), ...this.#held.instances.map((instance) => this.#viewOf(instance))];
  }

  /** Follows an event that is left out: only its effect on what is held is kept. */
  skip(event: SimEvent): void {
    this.#held.follow(event);
  }

  take(event: SimEvent): void {
    if ("request" in event && this.#quiet.has(event.request)) {
      this.skip(event);
      return;
    }
    switch (event.kind) {
      case "called":
        this.#called(event);
        break;
      case "returned":
        this.#returned(event);
        break;
      case "sent":
        this.#send(event);
        break;
      case "stepped":
      case "config_stepped":
      case "refused":
        this.#serve(event);
        break;
      case "settled":
        this.#settle(event);
        break;
      case "lost":
      case "withheld":
        this.#lose(event);
        break;
      case "woken":
        this.#woken(event);
        break;
      case "fault":
        this.#fault(event);
        break;
      case "instance":
        this.#add(event.at, laneOf(event.instance), { kind: "fault", words: `has ${event.state}` });
        break;
      case "server": {
        const words = `server ${event.server}: ${event.what}, data ${event.data}`;
        this.#add(event.at, store, { kind: "fault", words });
        break;
      }
      case "scheduler":
        this.#say(event);
        break;
      case "phase":
        if (event.name === "quiet") this.#step(event.at, network, "has healed, and the load has ended");
        break;
      default:
        this.skip(event);
    }
  }

  /** Takes the event with which the property breaks. @param words describe one that the timeline has no words for */
  breakAt(event: SimEvent, words: string): number {
    const before = this.#events.length;
    this.take(event);
    if (this.#events.length > before) return this.#events.length - 1;
    const lane = "instance" in event && event.instance !== null ? laneOf(event.instance) : store;
    return this.#step(event.at, lane, words);
  }

  build(): Pick<Timeline, "lanes" | "events" | "messages" | "spans"> {
    const inFlight = [...this.#requests.values(), ...this.#replies.values()];
    const messages = [
      ...this.#messages,
      ...inFlight.map((one) => ({ ...one, ended: null, fate: "on_its_way" as const })),
    ];
    const spans = [
      ...this.#spans,
      ...[...this.#open.values()].map(({ from, lane, span }) => ({ ...span, from, lane, to: null })),
    ];
    const used = new Set([
      store,
      ...this.#events.map(({ lane }) => lane),
      ...messages.flatMap(({ from, to }) => [from, to]),
      ...this.#held.instances.map(laneOf),
    ]);
    const rank = (id: string): string => (id === store ? "2" : id === network ? "1" : `0 ${id.padStart(12)}`);
    const lanes = [...used]
      .sort((a, b) => (rank(a) < rank(b) ? -1 : 1))
      .map((id): Lane => {
        return { id, name: id, kind: id === store ? "store" : id === network ? "network" : "instance" };
      });
    return { lanes, events: this.#events, messages, spans };
  }

  #called(event: Of<"called">): void {
    const name = nameOf(event);
    const from = this.#add(event.at, laneOf(event.instance), { kind: "call", words: `is asked: ${name}` });
    this.#begin(`call ${event.call}`, from, { kind: "call", words: name });
  }

  #returned({ at, call }: Of<"returned">): void {
    const { asked, id, instance, op, outcome, reply, version } = call;
    const of = asked === undefined ? "" : ` of ${wishText(asked)}`;
    const as = version === undefined ? "" : ` at ${this.#held.version(version)}`;
    const seen = (call.selected ?? []).map(({ node }) => node).join(", ");
    const words =
      outcome === "info"
        ? `does not know what became of ${op} (${reply})`
        : `answers ${op}${of}: ${reply}${as} ${seen}`;
    this.#end(`call ${id}`, this.#add(at, laneOf(instance), { kind: "answer", words: words.trimEnd() }));
  }

  #woken({ at, instance, partition, version }: Of<"woken">): void {
    this.#step(at, laneOf(instance), `is woken: partition ${partition} is at ${this.#held.version(version)}`);
  }

  #send({ at, instance, question, request, script }: Of<"sent">): void {
    const { asked } = question;
    const subject = { op: script, node: "node" in asked ? asked.node : "", job: "job" in asked ? asked.job : "" };
    const words = nameOf(subject);
    const sent = this.#step(at, laneOf(instance), `sends ${words}`);
    this.#requests.set(request, { sent, from: laneOf(instance), to: store, words });
  }

  #serve(event: Of<"stepped" | "config_stepped" | "refused">): void {
    const { at, request } = event;
    if (event.kind === "refused" && event.cause === "no_script") {
      this.#step(at, store, `does not know the script ${event.script}, and will be sent it`);
      return;
    }
    const asked = this.#requests.get(request);
    const reply = event.kind === "refused" ? `refuses it: ${event.cause}` : this.#replyText(event);
    this.#held.follow(event);
    const holds = event.kind === "stepped" && event.changes.length > 0 ? [this.#stored()] : [];
    const what = asked?.words ?? (event.kind === "refused" ? event.script : event.command.kind);
    const index = this.#step(at, store, `${event.kind === "refused" ? "gets" : "runs"} ${what}: ${reply}`, holds);
    if (asked !== undefined) {
      this.#messages.push({ ...asked, ended: index, fate: "arrived" });
      this.#requests.delete(request);
    }
    const to = laneOf(event.instance);
    if (!this.#replies.has(request)) this.#replies.set(request, { sent: index, from: store, to, words: reply });
  }

  #replyText(event: Of<"stepped" | "config_stepped">): string {
    const { after, reply } = event;
    const at = after.meta === null ? "" : ` at ${this.#held.version(toPort(after.meta))}`;
    const server = event.server === 1 ? "" : ` (server ${event.server})`;
    const entries = "entries" in reply ? ` (${reply.entries.length})` : "";
    return `${reply.kind}${entries}${at}${server}`;
  }

  #settle({ at, instance, outcome, request, script }: Of<"settled">): void {
    const reply = this.#replies.get(request);
    const what = reply?.words ?? this.#requests.get(request)?.words ?? script;
    const isAnswered = outcome === "answered" && reply !== undefined;
    const words = outcome === "answered" ? `hears: ${what}` : `gives up on ${what}: ${outcome}`;
    const index = this.#step(at, laneOf(instance), words);
    if (!isAnswered) return;
    this.#messages.push({ ...reply, ended: index, fate: "arrived" });
    this.#replies.delete(request);
  }

  #lose(event: Of<"lost" | "withheld">): void {
    const { at, instance, request } = event;
    const what = event.kind === "withheld" ? "reply" : event.what;
    const table = what === "request" ? this.#requests : this.#replies;
    const message = table.get(request);
    const lost = message?.words ?? "";
    const words =
      what === "wake_up"
        ? `loses a wake-up for instance ${instance}`
        : `loses the ${what} ${lost} of instance ${instance}`;
    const index = this.#add(at, network, { kind: "fault", words });
    if (message === undefined) return;
    this.#messages.push({ ...message, ended: index, fate: "lost" });
    table.delete(request);
  }

  #fault({ at, fault, instance, link, name, step }: Of<"fault">): void {
    const lane = link === "server" ? store : link === "process" && instance !== null ? laneOf(instance) : network;
    const whom = link === "server" ? "the server" : `${link} of ${instance === null ? "all" : `instance ${instance}`}`;
    const words = `${step === "inject" ? "begins" : "ends"} ${name} (${whom})`;
    const index = this.#add(at, lane, { kind: "fault", words });
    const key = `fault ${fault} ${instance} ${link}`;
    if (step === "inject") this.#begin(key, index, { kind: "fault", words: name });
    else this.#end(key, index);
  }

  #say(event: Of<"scheduler">): void {
    const { at, instance, what } = event;
    const holds = this.#held.follow(event) ? [this.#viewOf(instance)] : [];
    if (what.kind === "view_advanced") {
      this.#step(at, laneOf(instance), `takes ${what.entries} changes of partition ${what.partition}`, holds);
      return;
    }
    const said = schedulerEventText(what);
    const kind = what.kind === "mode_changed" ? "mode" : "step";
    if (said !== null) this.#add(at, laneOf(instance), { kind, words: said, holds });
  }

  #stored(): LaneState {
    return { lane: store, lines: this.#held.storeLines() };
  }

  #viewOf(instance: number): LaneState {
    return { lane: laneOf(instance), lines: this.#held.viewLines(instance) };
  }

  /** @returns the index of the event */
  #add(at: number, lane: string, event: Pick<TimelineEvent, "kind" | "words"> & Partial<TimelineEvent>): number {
    this.#events.push({ lane, kind: event.kind, at, words: event.words, holds: event.holds ?? [] });
    return this.#events.length - 1;
  }

  #step(at: number, lane: string, words: string, holds: TimelineEvent["holds"] = []): number {
    return this.#add(at, lane, { kind: "step", words, holds });
  }

  #begin(key: string, from: number, span: OpenSpan["span"]): void {
    this.#open.set(key, { from, lane: this.#events[from]?.lane ?? store, span });
  }

  #end(key: string, to: number): void {
    const open = this.#open.get(key);
    if (open === undefined) return;
    this.#spans.push({ ...open.span, from: open.from, lane: open.lane, to });
    this.#open.delete(key);
  }
}

function nameOf({ job, node, op }: { readonly op: string; readonly node: string; readonly job: string }): string {
  return [op, node, job].filter((part) => part !== "").join(" ");
}
