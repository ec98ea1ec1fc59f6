/** Translates the events of a history into those of a timeline: calls and their returns, faults, modes and lost replies. */
import type {
  Call,
  FaultStep,
  HistoryEvent,
  LostReply,
  Millis,
  ModeChange,
  NodeContent,
  Version,
} from "../../check/history.ts";
import type { LaneState, Message, Span, Timeline, TimelineEvent } from "../timeline.ts";
import { HistoryLanes } from "./lanes.ts";

export function contentsOf({ read, selected }: Call): readonly NodeContent[] {
  return read?.node ? [read.node] : (selected ?? []);
}

export function nodesOf(call: Call): readonly string[] {
  return [...(call.node === undefined ? [] : [call.node]), ...contentsOf(call).map(({ node }) => node)];
}

/** An event with its time, and the span or message that belongs to it. */
interface Moment {
  readonly at: Millis;
  readonly event: Omit<TimelineEvent, "at">;
  /** The span that begins or ends here. */
  readonly span?: { readonly key: string; readonly kind: Span["kind"]; readonly words: string };
  readonly call?: number;
  readonly lost?: Omit<Message, "sent" | "ended" | "fate">;
}

/** Takes the events of a history, in the order in which they began, and keeps those about the chosen nodes. */
export class TimelineRecorder {
  readonly #nodes: ReadonlySet<string>;
  readonly #lanes = new HistoryLanes();
  readonly #moments: Moment[] = [];
  readonly #epochs = new Map<string, string>();

  constructor(nodes: ReadonlySet<string>) {
    this.#nodes = nodes;
  }

  /** @param end later returns are left out */
  take(event: HistoryEvent, end: Millis): void {
    switch (event.kind) {
      case "call":
        if (nodesOf(event).some((node) => this.#nodes.has(node))) this.#call(event, end);
        return;
      case "mode":
        return void this.#mode(event);
      case "fault":
        return void this.#fault(event);
      case "lost_reply":
        if (this.#nodes.has(event.node)) this.#lostReply(event);
    }
  }

  #call(call: Call, end: Millis): void {
    const lane = this.#lanes.clientOf(call);
    const what = [call.op, call.node, call.job].filter((part) => part !== undefined).join(" ");
    const span = { key: `call ${call.id}`, kind: "call", words: what } as const;
    const asked = { lane, kind: "call", words: `calls ${what}`, holds: [] } as const;
    this.#moments.push({ at: call.from, event: asked, span });
    if (call.to === null || call.to > end) return;
    const seen = contentsOf(call).filter(({ node }) => this.#nodes.has(node));
    const lines = seen.map((content) => this.#contentText(content));
    const holds: readonly LaneState[] = lines.length === 0 ? [] : [{ lane, lines }];
    const answered = { lane, kind: "answer", words: this.#answerText(call, seen), holds } as const;
    this.#moments.push({ at: call.to, event: answered, span, call: call.id });
  }

  #answerText(call: Call, seen: readonly NodeContent[]): string {
    const { outcome, reply, version, read } = call;
    const shows = seen.map(({ node, version: at }) => `${node} at ${this.#versionText(at)}`).join(", ");
    const from = read === undefined ? "" : ` from ${read.source}${read.stale ? ", stale" : ""}`;
    if (outcome === "info") return `hears nothing of ${call.op} (${reply}): it may have happened`;
    if (outcome === "fail") return `is refused ${call.op}: ${reply}`;
    if (shows !== "") return `is shown ${shows}${from}`;
    return `is answered ${reply}${version === undefined ? "" : ` at ${this.#versionText(version)}`}${from}`;
  }

  #contentText({ node, version, status, current_jobs, max_jobs, incarnation }: NodeContent): string {
    const jobs = `${current_jobs} of ${max_jobs} jobs`;
    const life = incarnation === "" ? "" : `, life ${this.#incarnationText(incarnation)}`;
    return `saw ${node} at ${this.#versionText(version)}: ${status}${life}, ${jobs}`;
  }

  #versionText({ epoch, sequence }: Version): string {
    return `${this.#epochText(epoch)}:${sequence}`;
  }

  #incarnationText(incarnation: string): string {
    const [epoch = "", sequence] = incarnation.split(":");
    return sequence === undefined ? epoch : `${this.#epochText(epoch)}:${sequence}`;
  }

  /** Epoch ids are long: they become e1, e2, … in the order in which they appear. */
  #epochText(epoch: string): string {
    const known = this.#epochs.get(epoch) ?? `e${this.#epochs.size + 1}`;
    this.#epochs.set(epoch, known);
    return known;
  }

  #mode({ at, instance, from, to, cause }: ModeChange): void {
    const lane = this.#lanes.instance(instance);
    this.#moments.push({ at, event: { lane, kind: "mode", words: `goes from ${from} to ${to}: ${cause}`, holds: [] } });
  }

  #fault({ fault, name, instance, link, step, asked, done }: FaultStep): void {
    const lane = link === "server" ? this.#lanes.store() : this.#lanes.network();
    const affected = instance === null ? "all instances" : `instance ${instance}`;
    const begins = step === "inject";
    const words = `${begins ? "begins" : "ends"} ${name} (${link === "server" ? "the server" : `${link} of ${affected}`})`;
    const span = { key: `fault ${fault} ${instance} ${link}`, kind: "fault", words: name } as const;
    this.#moments.push({ at: begins ? asked : done, event: { lane, kind: "fault", words, holds: [] }, span });
  }

  #lostReply({ at, instance, script, node, job, reply }: LostReply): void {
    const [from, to] = [this.#lanes.store(), this.#lanes.instance(instance)];
    const words = `loses the reply "${reply}" to ${script} ${node} ${job}`;
    const event = { lane: this.#lanes.network(), kind: "fault", words, holds: [] } as const;
    this.#moments.push({ at, event, lost: { from, to, words: reply } });
  }

  /** @param call the id of the call that shows the violation */
  build(call: number): Pick<Timeline, "lanes" | "events" | "messages" | "spans" | "broken"> {
    const moments = [...this.#moments].sort((a, b) => a.at - b.at);
    const begun = new Map<string, number>();
    const spans: Span[] = [];
    const messages: Message[] = [];
    for (const [index, { span, lost, event }] of moments.entries()) {
      if (lost) messages.push({ ...lost, sent: index, ended: index, fate: "lost" });
      if (span === undefined) continue;
      const from = begun.get(span.key);
      if (from === undefined) begun.set(span.key, index);
      else spans.push({ lane: event.lane, kind: span.kind, from, to: index, words: span.words });
      if (from !== undefined) begun.delete(span.key);
    }
    for (const from of begun.values()) {
      const { event, span } = moments[from] ?? {};
      if (event && span) spans.push({ lane: event.lane, kind: span.kind, from, to: null, words: span.words });
    }
    const broken = moments.findIndex((moment) => moment.call === call);
    return {
      lanes: this.#lanes.all(),
      events: moments.map(({ at, event }) => ({ ...event, at })),
      messages,
      spans,
      broken: broken < 0 ? null : broken,
    };
  }
}
