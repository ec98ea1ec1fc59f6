/** A plan that departs from the model as a timeline: the clients, the store and the model, up to the step with which the two part. */
import type { PropertyId } from "../../check/properties.ts";
import { properties } from "../../check/properties.ts";
import type { Holding, Lane, Timeline, TimelineEvent } from "../../evidence/timeline.ts";
import type { ScriptSet } from "../../redis/scripts/scripts.ts";
import { type Divergence, execute, type StepRecord, type Watcher } from "../execute.ts";
import type { CallMove, Move, Plan } from "../plan/plan.ts";
import type { World } from "../plan/world.ts";
import type { Content, Json } from "../store/content.ts";
import { contentLines } from "../store/content-lines.ts";
import { expectedContent } from "../store/expect.ts";
import { replyJson } from "../store/request.ts";
import type { Subject } from "../subject.ts";
import { Letters, laneOfClient } from "./in-flight-messages.ts";
import { accidentKind, accidentText, callText, kindOf, placeOf, shortText, shown } from "./picture-words.ts";

/** What a step did, where both agreed, and what both held with the one where they did not. */
interface Seen {
  readonly steps: { readonly record: StepRecord; readonly content: Content }[];
  parted: { readonly content: Content; readonly world: World } | null;
}

export interface Drawn {
  readonly plan: Plan;
  readonly property: PropertyId;
  readonly title: string;
  /** In one sentence: what was found and what was allowed. */
  readonly found: string;
  readonly token: string;
}

/** Runs the plan once more and watches. @returns null where it does not depart this time */
export async function drawPlan(subject: Subject, scripts: ScriptSet, drawn: Drawn): Promise<Timeline | null> {
  const seen: Seen = { steps: [], parted: null };
  const watcher: Watcher = {
    stepped: (record, content) => void seen.steps.push({ record, content }),
    parted: (content, world) => {
      seen.parted = { content, world };
    },
  };
  const { divergence } = await execute(subject, scripts, drawn.plan, watcher);
  return divergence && pictureOf(drawn, divergence, seen);
}

function pictureOf({ plan, property, title, found, token }: Drawn, divergence: Divergence, seen: Seen): Timeline {
  const teller = new Teller(divergence, seen);
  for (const move of plan.moves.slice(0, divergence.step)) teller.tell(move);
  const { events, messages } = teller;
  const last = events.length - 1;
  return {
    ...{ title, property, found, token, events, messages },
    claim: `${properties[property].claim}: every reply and all that the keys hold are the model's`,
    lanes: lanesOf(events, messages),
    before: [{ lane: "store", lines: ["nothing"] }],
    spans: [],
    loop: null,
    broken: last,
    doom: { kind: "parted", at: last, why: "up to there every reply and all content were the model's" },
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

class Teller {
  readonly events: TimelineEvent[] = [];
  readonly #letters = new Letters();
  readonly #divergence: Divergence;
  readonly #seen: Seen;
  #next = 0;
  #held: string[] = ["nothing"];

  constructor(divergence: Divergence, seen: Seen) {
    this.#divergence = divergence;
    this.#seen = seen;
  }

  get messages(): Letters["messages"] {
    return this.#letters.messages;
  }

  tell(move: Move): void {
    const letters = this.#letters;
    const event = this.events.length;
    switch (move.do) {
      case "send": {
        const knows = move.knows === "heard" ? ", knowing what it has heard" : "";
        this.#add(laneOfClient(move.client), "call", `calls ${callText(move.call)}${knows}`);
        letters.send(event, move.name, move.client, shortText(move.call));
        return;
      }
      case "deliver":
        this.#deliver(move);
        return;
      case "answer":
        if (letters.hasAnswer(move.name)) this.#answer(move.name, event);
        return;
      case "retry":
      case "duplicate":
        this.#again(move.do, move.name, event);
        return;
      case "drop":
        if (!letters.isUnderway(move.name)) return;
        this.#add("network", "fault", `loses "${letters.callerOf(move.name)?.words ?? ""}"`);
        letters.take(event, move.name, "lost");
        return;
      case "reconnect":
        letters.reconnect(move.client);
        this.#add(laneOfClient(move.client), "fault", "has another connection, and hears nothing more of the old one");
        return;
      default:
        if ("delivery" in move) this.#call(move);
        else this.#add("store", accidentKind(move), accidentText(move), this.#outcome());
    }
  }

  #answer(name: number, event: number): void {
    const client = laneOfClient(this.#letters.callerOf(name)?.client ?? 0);
    const isHeard = this.#letters.bring(event, name);
    this.#add(client, "answer", isHeard ? "hears the answer" : "is answered on a connection that it has left");
  }

  #again(how: "retry" | "duplicate", name: number, event: number): void {
    const caller = this.#letters.callerOf(name);
    if (caller === undefined || (how === "duplicate" && !this.#letters.isUnderway(name))) return;
    if (how === "retry")
      this.#add(laneOfClient(caller.client), "call", `was not answered and calls again: ${caller.words}`);
    else this.#add("network", "fault", `has "${caller.words}" twice on its way`);
    this.#letters.again(event, name);
  }

  #deliver(move: Extract<Move, { do: "deliver" }>): void {
    const event = this.events.length;
    const letter = this.#letters.take(event, move.name, "arrived");
    if (letter === undefined) return;
    const outcome = this.#outcome();
    const words = this.#letters.callerOf(move.name)?.words ?? "";
    const lost = move.answer === "lost" ? ", and the answer is lost" : "";
    this.#add("store", move.answer === "lost" ? "fault" : "step", `runs ${words}${lost}`, outcome);
    this.#letters.answer(event, letter, outcome.reply, move.answer);
  }

  /** A call that is made at once: the client waits, and nothing else happens meanwhile. */
  #call(move: CallMove): void {
    const words = callText(move);
    const short = shortText(move);
    if (move.delivery === "request_lost") {
      const event = this.events.length;
      this.#add("client", "fault", `calls ${words}, and the request is lost`);
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
    this.#add("client", isReplyLost ? "fault" : "call", `${words}${lost}`, outcome);
    this.messages.push({ sent: event, from: "client", to: "store", ended: event, words: short, fate: "arrived" });
    const fate = isReplyLost ? "lost" : "arrived";
    this.messages.push({ sent: event, from: "store", to: "client", ended: event, words: outcome.reply, fate });
  }

  /** What the next step of the run did; the one after all that agreed is where they part. */
  #outcome(): Outcome {
    const { steps, parted } = this.#seen;
    const step = steps[this.#next];
    const isLast = this.#next === steps.length - 1 && this.#divergence.where === "repeated";
    this.#next += 1;
    if (step !== undefined) {
      const reply = step.record.advanced === null ? "" : kindOf(replyJson(step.record.advanced.reply));
      const told = isLast ? `: ${this.#difference()}` : "";
      return { reply, told, store: contentLines(step.content), model: isLast ? [this.#leftByFirst()] : null };
    }
    if (parted === null) return { reply: "?", told: "", store: [], model: null };
    const { difference, modelReply, where } = this.#divergence;
    const answered = where === "reply" && typeof difference.store === "string" ? difference.store : kindOf(modelReply);
    const differs = (side: Json | undefined): string => `${placeOf(difference.path)}: ${shown(side)}`;
    return {
      reply: answered,
      told: `: ${this.#difference()}`,
      store: [...contentLines(parted.content), differs(difference.store)],
      model: [...contentLines(expectedContent(parted.world)), differs(difference.model)],
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

  #add(lane: string, kind: TimelineEvent["kind"], words: string, outcome?: Outcome): void {
    const holds: Holding[] = [];
    const lines = outcome?.store;
    if (lines !== undefined && lines.join("\n") !== this.#held.join("\n")) {
      this.#held = [...lines];
      holds.push({ lane: "store", lines });
    }
    if (outcome?.model) holds.push({ lane: "model", lines: outcome.model });
    this.events.push({ lane, kind, at: null, words: words + (outcome?.told ?? ""), holds });
  }
}

interface Outcome {
  /** The first word of what the caller was told. */
  readonly reply: string;
  /** The difference, where there is one. */
  readonly told: string;
  readonly store: readonly string[];
  /** Only where it is not the store's. */
  readonly model: readonly string[] | null;
}
