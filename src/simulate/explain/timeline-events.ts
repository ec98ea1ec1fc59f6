/** From the events of a run to those of a timeline: who asked whom, what was on its way, what the store held and how far each instance was. */
import type { Holding, Lane, Message, Span, Timeline, TimelineEvent } from "../../evidence/timeline.ts";
import { toPort } from "../servers/protocol-values.ts";
import { sayingOf } from "../trace/chronicle.ts";
import type { SimEvent } from "../trace/events.ts";
import { Held } from "./holdings.ts";

/** Told between its sending and its end. */
interface Underway {
  readonly sent: number;
  readonly from: Lane["id"];
  readonly to: Lane["id"];
  readonly words: string;
}

const store = "store";
const network = "network";
const laneOf = (instance: number): string => `instance ${instance}`;

export class Teller {
  readonly #quiet: ReadonlySet<number>;
  readonly #held = new Held();
  readonly #events: TimelineEvent[] = [];
  readonly #messages: Message[] = [];
  readonly #spans: Span[] = [];
  readonly #requests = new Map<number, Underway>();
  readonly #replies = new Map<number, Underway>();
  readonly #open = new Map<
    string,
    { readonly from: number; readonly lane: string; readonly span: Omit<Span, "to" | "from" | "lane"> }
  >();

  /** @param quiet requests that are not told */
  constructor(quiet: ReadonlySet<number>) {
    this.#quiet = quiet;
  }

  get told(): number {
    return this.#events.length;
  }

  /** What is held now, a lane at a time. */
  holdings(): Timeline["before"] {
    return [this.#stored(), ...this.#held.instances.map((instance) => this.#viewOf(instance))];
  }

  /** What happened before the picture begins: only what it came to is told. */
  pass(event: SimEvent): void {
    this.#held.follow(event);
  }

  take(event: SimEvent): void {
    if ("request" in event && this.#quiet.has(event.request)) {
      this.pass(event);
      return;
    }
    switch (event.kind) {
      case "called":
        this.#begin(
          `call ${event.call}`,
          this.#tell(event.at, laneOf(event.instance), "call", `is asked: ${nameOf(event)}`),
          {
            kind: "call",
            words: nameOf(event),
          },
        );
        break;
      case "returned": {
        const { asked, id, instance, op, outcome, reply, version } = event.call;
        const of = asked === undefined ? "" : ` of ${asked.pool}, ${asked.source} to ${asked.target}`;
        const at = version === undefined ? "" : ` at ${this.#held.version(version)}`;
        const seen = (event.call.selected ?? []).map(({ node }) => node).join(", ");
        const words =
          outcome === "info"
            ? `does not know what became of ${op} (${reply})`
            : `answers ${op}${of}: ${reply}${at} ${seen}`;
        this.#end(`call ${id}`, this.#tell(event.at, laneOf(instance), "answer", words.trimEnd()));
        break;
      }
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
      case "woken": {
        const words = `is woken: partition ${event.partition} is at ${this.#held.version(event.version)}`;
        this.#tell(event.at, laneOf(event.instance), "step", words);
        break;
      }
      case "fault":
        this.#fault(event);
        break;
      case "instance":
        this.#tell(event.at, laneOf(event.instance), "fault", `has ${event.state}`);
        break;
      case "server":
        this.#tell(event.at, store, "fault", `server ${event.server}: ${event.what}, data ${event.data}`);
        break;
      case "scheduler":
        this.#say(event);
        break;
      case "phase":
        if (event.name === "quiet") this.#tell(event.at, network, "step", "has healed, and the load has ended");
        break;
      default:
        this.pass(event);
    }
  }

  /** With which it breaks; one that is not told by itself is told in these words. */
  breakAt(event: SimEvent, words: string): number {
    const before = this.told;
    this.take(event);
    if (this.told > before) return this.told - 1;
    return this.#tell(
      event.at,
      "instance" in event && event.instance !== null ? laneOf(event.instance) : store,
      "step",
      words,
    );
  }

  tell(): Pick<Timeline, "lanes" | "events" | "messages" | "spans"> {
    const underway = [...this.#requests.values(), ...this.#replies.values()];
    const messages = [
      ...this.#messages,
      ...underway.map((one) => ({ ...one, ended: null, fate: "on_its_way" as const })),
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

  #send({ at, instance, question, request, script }: Extract<SimEvent, { kind: "sent" }>): void {
    const { asked } = question;
    const subject = { op: script, node: "node" in asked ? asked.node : "", job: "job" in asked ? asked.job : "" };
    const words = nameOf(subject);
    const sent = this.#tell(at, laneOf(instance), "step", `sends ${words}`);
    this.#requests.set(request, { sent, from: laneOf(instance), to: store, words });
  }

  #serve(event: Extract<SimEvent, { kind: "stepped" | "config_stepped" | "refused" }>): void {
    const { at, request } = event;
    if (event.kind === "refused" && event.cause === "no_script") {
      this.#tell(at, store, "step", `does not know the script ${event.script}, and will be sent it`);
      return;
    }
    const asked = this.#requests.get(request);
    const reply = event.kind === "refused" ? `refuses it: ${event.cause}` : this.#replyText(event);
    this.#held.follow(event);
    const holds = event.kind === "stepped" && event.changes.length > 0 ? [this.#stored()] : [];
    const what = asked?.words ?? (event.kind === "refused" ? event.script : event.command.kind);
    const index = this.#tell(
      at,
      store,
      "step",
      `${event.kind === "refused" ? "gets" : "runs"} ${what}: ${reply}`,
      holds,
    );
    if (asked !== undefined) {
      this.#messages.push({ ...asked, ended: index, fate: "arrived" });
      this.#requests.delete(request);
    }
    const to = laneOf(event.instance);
    if (!this.#replies.has(request)) this.#replies.set(request, { sent: index, from: store, to, words: reply });
  }

  #replyText(event: Extract<SimEvent, { kind: "stepped" | "config_stepped" }>): string {
    const { after, reply } = event;
    const at = after.meta === null ? "" : ` at ${this.#held.version(toPort(after.meta))}`;
    const server = event.server === 1 ? "" : ` (server ${event.server})`;
    const entries = "entries" in reply ? ` (${reply.entries.length})` : "";
    return `${reply.kind}${entries}${at}${server}`;
  }

  #settle({ at, instance, outcome, request, script }: Extract<SimEvent, { kind: "settled" }>): void {
    const reply = this.#replies.get(request);
    const what = reply?.words ?? this.#requests.get(request)?.words ?? script;
    const isAnswered = outcome === "answered" && reply !== undefined;
    const words = outcome === "answered" ? `hears: ${what}` : `gives up on ${what}: ${outcome}`;
    const index = this.#tell(at, laneOf(instance), "step", words);
    if (!isAnswered) return;
    this.#messages.push({ ...reply, ended: index, fate: "arrived" });
    this.#replies.delete(request);
  }

  #lose(event: Extract<SimEvent, { kind: "lost" | "withheld" }>): void {
    const { at, instance, request } = event;
    const what = event.kind === "withheld" ? "reply" : event.what;
    const table = what === "request" ? this.#requests : this.#replies;
    const underway = table.get(request);
    const lost = underway?.words ?? "";
    const words =
      what === "wake_up"
        ? `loses a wake-up for instance ${instance}`
        : `loses the ${what} ${lost} of instance ${instance}`;
    const index = this.#tell(at, network, "fault", words);
    if (underway === undefined) return;
    this.#messages.push({ ...underway, ended: index, fate: "lost" });
    table.delete(request);
  }

  #fault({ at, fault, instance, link, name, step }: Extract<SimEvent, { kind: "fault" }>): void {
    const lane = link === "server" ? store : link === "process" && instance !== null ? laneOf(instance) : network;
    const whom = link === "server" ? "the server" : `${link} of ${instance === null ? "all" : `instance ${instance}`}`;
    const index = this.#tell(at, lane, "fault", `${step === "inject" ? "begins" : "ends"} ${name} (${whom})`);
    const key = `fault ${fault} ${instance} ${link}`;
    if (step === "inject") this.#begin(key, index, { kind: "fault", words: name });
    else this.#end(key, index);
  }

  #say(event: Extract<SimEvent, { kind: "scheduler" }>): void {
    const { at, instance, what } = event;
    const holds = this.#held.follow(event) ? [this.#viewOf(instance)] : [];
    if (what.kind === "view_advanced") {
      this.#tell(at, laneOf(instance), "step", `takes ${what.entries} changes of partition ${what.partition}`, holds);
      return;
    }
    const said = sayingOf(what);
    if (said !== null) this.#tell(at, laneOf(instance), what.kind === "mode_changed" ? "mode" : "step", said, holds);
  }

  #stored(): Holding {
    return { lane: store, lines: this.#held.storeLines() };
  }

  #viewOf(instance: number): Holding {
    return { lane: laneOf(instance), lines: this.#held.viewLines(instance) };
  }

  #tell(
    at: number,
    lane: string,
    kind: TimelineEvent["kind"],
    words: string,
    holds: TimelineEvent["holds"] = [],
  ): number {
    this.#events.push({ lane, kind, at, words, holds });
    return this.#events.length - 1;
  }

  #begin(key: string, from: number, span: Omit<Span, "to" | "from" | "lane">): void {
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
