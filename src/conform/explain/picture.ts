/** The timeline of a plan that departs from the model: clients, store and model, up to the step that diverges. */
import type { PropertyId } from "../../check/properties.ts";
import { properties } from "../../check/properties.ts";
import type { Lane, LaneState, Timeline, TimelineEvent } from "../../evidence/timeline.ts";
import type { ScriptSet } from "../../redis/scripts/scripts.ts";
import { type Divergence, execute, type StepRecord, type Watcher } from "../execute.ts";
import type { CallMove, Move, Plan } from "../plan/plan.ts";
import type { World } from "../plan/world.ts";
import type { Content, Json } from "../store/content.ts";
import { contentLines } from "../store/content-lines.ts";
import { expectedContent } from "../store/expect.ts";
import { replyJson } from "../store/request.ts";
import type { Subject } from "../subject.ts";
import { InFlightMessages, laneOfClient } from "./in-flight-messages.ts";
import { callText, kindOf, placeOf, shortText, shown, storeEventKind, storeEventText } from "./picture-words.ts";

/** The steps on which both sides agreed, and what both held at the step that diverged. */
interface Seen {
  readonly steps: { readonly record: StepRecord; readonly content: Content }[];
  diverged: { readonly content: Content; readonly world: World } | null;
}

export interface Drawn {
  readonly plan: Plan;
  readonly property: PropertyId;
  readonly title: string;
  /** In one sentence: what was found and what was allowed. */
  readonly found: string;
  readonly token: string;
}

/** Runs the plan once more and records it. @returns null where it does not depart this time */
export async function drawPlan(subject: Subject, scripts: ScriptSet, drawn: Drawn): Promise<Timeline | null> {
  const seen: Seen = { steps: [], diverged: null };
  const watcher: Watcher = {
    stepped: (record, content) => void seen.steps.push({ record, content }),
    diverged: (content, world) => {
      seen.diverged = { content, world };
    },
  };
  const { divergence } = await execute(subject, scripts, drawn.plan, watcher);
  return divergence && pictureOf(drawn, divergence, seen);
}

function pictureOf({ plan, property, title, found, token }: Drawn, divergence: Divergence, seen: Seen): Timeline {
  const timeline = new PlanTimeline(divergence, seen);
  for (const move of plan.moves.slice(0, divergence.step)) timeline.add(move);
  const { events, messages } = timeline;
  const last = events.length - 1;
  return {
    ...{ title, property, found, token, events, messages },
    claim: `${properties[property].claim}: every reply and all that the keys hold are the model's`,
    lanes: lanesOf(events, messages),
    before: [{ lane: "store", lines: ["nothing"] }],
    spans: [],
    loop: null,
    broken: last,
    pointOfNoReturn: { kind: "parted", at: last, why: "up to there every reply and all content were the model's" },
    omitted: null,
  };
}

function lanesOf(events: readonly TimelineEvent[], messages: Timeline["messages"]): readonly Lane[] {
  const ids = new Set([...events.map(({ lane }) => lane), ...messages.flatMap(({ from, to }) => [from, to])]);
  const all: readonly Lane[] = [
    { id: "client", name: "client", kind: "client" },
    ...[0, 1, 2].map((client): Lane => ({ id: laneOfClient(client), name: laneOfClient(client), kind: "client" })),
    { id: "network", name: "network", kind: "network" },
    { id: "store", name: "Redis", kind: "store" },
    { id: "model", name: "model", kind: "model" },
  ];
  return all.filter(({ id }) => ids.has(id) || id === "store" || id === "model");
}

class PlanTimeline {
  readonly events: TimelineEvent[] = [];
  readonly #inFlight = new InFlightMessages();
  readonly #divergence: Divergence;
  readonly #seen: Seen;
  #next = 0;
  #held: string[] = ["nothing"];

  constructor(divergence: Divergence, seen: Seen) {
    this.#divergence = divergence;
    this.#seen = seen;
  }

  get messages(): InFlightMessages["messages"] {
    return this.#inFlight.messages;
  }

  add(move: Move): void {
    const inFlight = this.#inFlight;
    const event = this.events.length;
    switch (move.do) {
      case "send": {
        const knows = move.knows === "heard" ? ", knowing what it has heard" : "";
        this.#addEvent(laneOfClient(move.client), "call", `calls ${callText(move.call)}${knows}`);
        inFlight.send(event, move.name, move.client, shortText(move.call));
        return;
      }
      case "deliver":
        this.#deliver(move);
        return;
      case "answer":
        if (inFlight.hasAnswer(move.name)) this.#answer(move.name, event);
        return;
      case "retry":
      case "duplicate":
        this.#again(move.do, move.name, event);
        return;
      case "drop":
        if (!inFlight.isInFlight(move.name)) return;
        this.#addEvent("network", "fault", `loses "${inFlight.callerOf(move.name)?.words ?? ""}"`);
        inFlight.take(event, move.name, "lost");
        return;
      case "reconnect":
        inFlight.reconnect(move.client);
        this.#addEvent(
          laneOfClient(move.client),
          "fault",
          "has another connection, and hears nothing more of the old one",
        );
        return;
      default:
        if ("delivery" in move) this.#call(move);
        else this.#addEvent("store", storeEventKind(move), storeEventText(move), this.#outcome());
    }
  }

  #answer(name: number, event: number): void {
    const client = laneOfClient(this.#inFlight.callerOf(name)?.client ?? 0);
    const isHeard = this.#inFlight.bring(event, name);
    this.#addEvent(client, "answer", isHeard ? "hears the answer" : "is answered on a connection that it has left");
  }

  #again(how: "retry" | "duplicate", name: number, event: number): void {
    const caller = this.#inFlight.callerOf(name);
    if (caller === undefined || (how === "duplicate" && !this.#inFlight.isInFlight(name))) return;
    if (how === "retry")
      this.#addEvent(laneOfClient(caller.client), "call", `was not answered and calls again: ${caller.words}`);
    else this.#addEvent("network", "fault", `has "${caller.words}" twice on its way`);
    this.#inFlight.again(event, name);
  }

  #deliver(move: Extract<Move, { do: "deliver" }>): void {
    const event = this.events.length;
    const request = this.#inFlight.take(event, move.name, "arrived");
    if (request === undefined) return;
    const outcome = this.#outcome();
    const words = this.#inFlight.callerOf(move.name)?.words ?? "";
    const lost = move.answer === "lost" ? ", and the answer is lost" : "";
    this.#addEvent("store", move.answer === "lost" ? "fault" : "step", `runs ${words}${lost}`, outcome);
    this.#inFlight.answer(event, request, outcome.reply, move.answer);
  }

  /** A synchronous call: nothing else happens until its client has an answer. */
  #call(move: CallMove): void {
    const words = callText(move);
    const short = shortText(move);
    if (move.delivery === "request_lost") {
      const event = this.events.length;
      this.#addEvent("client", "fault", `calls ${words}, and the request is lost`);
      this.messages.push({ sent: event, from: "client", to: "store", ended: event, words: short, fate: "lost" });
    }
    this.#made(`calls ${words}`, short, move.delivery === "reply_lost");
    if (move.delivery === "reply_lost" && this.#next <= this.#seen.steps.length)
      this.#made(`calls again: ${words}`, short, false);
  }

  #made(words: string, short: string, isReplyLost: boolean): void {
    const event = this.events.length;
    const outcome = this.#outcome();
    const lost = isReplyLost ? ", and the reply is lost" : "";
    this.#addEvent("client", isReplyLost ? "fault" : "call", `${words}${lost}`, outcome);
    this.messages.push({ sent: event, from: "client", to: "store", ended: event, words: short, fate: "arrived" });
    const fate = isReplyLost ? "lost" : "arrived";
    this.messages.push({ sent: event, from: "store", to: "client", ended: event, words: outcome.reply, fate });
  }

  /** The outcome of the next step; after all steps that agreed comes the one that diverged. */
  #outcome(): Outcome {
    const { steps, diverged } = this.#seen;
    const step = steps[this.#next];
    const isLast = this.#next === steps.length - 1 && this.#divergence.where === "repeated";
    this.#next += 1;
    if (step !== undefined) {
      const reply = step.record.advanced === null ? "" : kindOf(replyJson(step.record.advanced.reply));
      const note = isLast ? `: ${this.#difference()}` : "";
      return { reply, note, store: contentLines(step.content), model: isLast ? [this.#leftByFirst()] : null };
    }
    if (diverged === null) return { reply: "?", note: "", store: [], model: null };
    const { difference, modelReply, where } = this.#divergence;
    const answered = where === "reply" && typeof difference.store === "string" ? difference.store : kindOf(modelReply);
    const differs = (side: Json | undefined): string => `${placeOf(difference.path)}: ${shown(side)}`;
    return {
      reply: answered,
      note: `: ${this.#difference()}`,
      store: [...contentLines(diverged.content), differs(difference.store)],
      model: [...contentLines(expectedContent(diverged.world)), differs(difference.model)],
    };
  }

  #leftByFirst(): string {
    const { path, model } = this.#divergence.difference;
    return `the call runs once, and leaves ${placeOf(path)}: ${shown(model)}`;
  }

  #difference(): string {
    const { path, store, model } = this.#divergence.difference;
    return `${placeOf(path)} is ${shown(store)}, the model has ${shown(model)}`;
  }

  #addEvent(lane: string, kind: TimelineEvent["kind"], words: string, outcome?: Outcome): void {
    const holds: LaneState[] = [];
    const lines = outcome?.store;
    if (lines !== undefined && lines.join("\n") !== this.#held.join("\n")) {
      this.#held = [...lines];
      holds.push({ lane: "store", lines });
    }
    if (outcome?.model) holds.push({ lane: "model", lines: outcome.model });
    this.events.push({ lane, kind, at: null, words: words + (outcome?.note ?? ""), holds });
  }
}

interface Outcome {
  /** The first word of the reply to the caller. */
  readonly reply: string;
  /** The difference; empty where there is none. */
  readonly note: string;
  readonly store: readonly string[];
  /** Only where it differs from the store's. */
  readonly model: readonly string[] | null;
}
