/** From the steps of a counterexample to a timeline: states are unpacked before and after each step, and the model's view describes them. */
import type { Machine, Property, Scope } from "../../../model/language/machine.ts";
import type { PropertyId } from "../../check/properties.ts";
import type {
  Lane,
  LaneState,
  Loop,
  Message,
  PointOfNoReturn,
  Timeline,
  TimelineEvent,
} from "../../evidence/timeline.ts";
import { countText, numberText } from "../../evidence/words.ts";
import { owedSince, type PointOfNoReturnAnswer, pointOfNoReturn } from "../properties/point-of-no-return.ts";
import type { Successor } from "../properties/reference-interpreter.ts";
import { compileExpander } from "../search/expander.ts";
import { jobStoreView } from "./job-store.ts";
import type { Act, InFlightMessage, ModelView } from "./model-view.ts";
import { plainView } from "./plain.ts";
import { systemView } from "./system.ts";

/** A counterexample as it was taken. */
export interface Taken {
  readonly model: string;
  readonly scope: Scope;
  readonly machine: Machine;
  readonly property: Property;
  readonly id: PropertyId;
  /** The packed first state, then each step with the state that it leads to; the loop included. */
  readonly first: readonly number[];
  readonly steps: readonly Pick<Successor, "action" | "args" | "words">[];
  /** How many of the steps come before the loop; null: no liveness. */
  readonly stem: number | null;
  readonly found: string;
  readonly title: string;
  readonly token: string;
  /** Most states to visit for the point of no return; 0: it is not computed. */
  readonly pointOfNoReturnStates: number;
}

const views: Readonly<Record<string, (scope: Scope) => ModelView<never>>> = {
  system: systemView,
  "job-store": jobStoreView,
};

export function pictureOf(taken: Taken): Timeline {
  const { machine, steps, first, stem, found, title, token, id, property } = taken;
  const view = viewOf(taken);
  const tracker = new MessageTracker();
  const [was, is] = [compileExpander(machine, { emit: () => {} }), compileExpander(machine, { emit: () => {} })];
  was.load(Int32Array.from(first), 0);
  const before = view.holds(was.draft);
  let held = before;
  let words = first;
  const events = steps.map((step, index): TimelineEvent => {
    was.load(Int32Array.from(words), 0);
    is.load(Int32Array.from(step.words), 0);
    words = step.words;
    const act = view.act({ action: machine.actions[step.action]?.name ?? "?", args: step.args }, was.draft, is.draft);
    tracker.move(index, act, view.inFlight(was.draft), view.inFlight(is.draft));
    const now = view.holds(is.draft);
    const holds = changed(held, now);
    held = now;
    return { lane: act.lane, kind: act.kind, at: null, words: act.words, holds };
  });
  return {
    ...{ title, property: id, claim: property.claim, found, before, events, token },
    lanes: used(view.lanes, events, tracker.messages),
    messages: tracker.messages,
    spans: [],
    loop: loopOf(stem, steps.length),
    broken: stem === null && steps.length > 0 ? steps.length - 1 : null,
    pointOfNoReturn: pointOfNoReturnIn(taken),
    omitted: null,
  };
}

function viewOf({ model, scope, machine }: Taken): ModelView<unknown> {
  const view = Object.hasOwn(views, model) ? views[model]?.(scope) : undefined;
  return (view as ModelView<unknown> | undefined) ?? plainView(machine);
}

function loopOf(stem: number | null, steps: number): Loop | null {
  if (stem === null) return null;
  return stem === steps ? { kind: "rest" } : { kind: "round", from: stem };
}

function changed(before: readonly LaneState[], after: readonly LaneState[]): readonly LaneState[] {
  return after.filter(({ lines }, index) => JSON.stringify(lines) !== JSON.stringify(before[index]?.lines));
}

/** A network in which no message is ever lost needs no lane; all other lanes are shown, idle or not. */
function used(lanes: readonly Lane[], events: readonly TimelineEvent[], messages: readonly Message[]): readonly Lane[] {
  return lanes.filter(
    ({ id, kind }) =>
      kind !== "network" ||
      events.some(({ lane }) => lane === id) ||
      messages.some(({ from, to }) => from === id || to === id),
  );
}

/** Follows the messages in flight from state to state. */
class MessageTracker {
  readonly messages: Message[] = [];
  /** By key: the place of a message in flight in `messages`. */
  readonly #open = new Map<string, number>();

  move(event: number, act: Act, before: readonly InFlightMessage[], after: readonly InFlightMessage[]): void {
    for (const { key } of before) {
      const stays = after.some((each) => each.key === key);
      if (stays && key === act.repeats) this.#repeat(key, event);
      if (!stays && act.takes.includes(key)) this.#end(key, event, act.ends);
      if (!stays) this.#open.delete(key);
    }
    for (const { key, from, to, words } of after) {
      if (before.some((each) => each.key === key)) continue;
      this.#open.set(key, this.messages.length);
      this.messages.push({ sent: event, from: act.sender ?? from, ended: null, to, words, fate: "on_its_way" });
    }
    for (const { from, to, words, isLost } of act.within) {
      this.messages.push({ sent: event, from, ended: event, to, words, fate: isLost ? "lost" : "arrived" });
    }
  }

  #end(key: string, event: number, end: Act["ends"]): void {
    const place = this.#open.get(key) ?? -1;
    const message = this.messages[place];
    if (message === undefined) return;
    const isLate = end === "arrived" && this.#isOvertaken(message);
    this.messages[place] = { ...message, ended: event, fate: isLate ? "late" : end };
  }

  /** One copy has arrived, the other goes on. */
  #repeat(key: string, event: number): void {
    const place = this.#open.get(key) ?? -1;
    const message = this.messages[place];
    if (message === undefined) return;
    this.messages[place] = { ...message, ended: event, fate: "repeated" };
    this.#open.set(key, this.messages.length);
    this.messages.push(message);
  }

  /** Something that was sent after it on the same way has arrived already. */
  #isOvertaken({ sent, from, to }: Message): boolean {
    return this.messages.some(
      (other) =>
        other.from === from &&
        other.to === to &&
        other.sent > sent &&
        other.ended !== null &&
        other.fate !== "lost" &&
        other.ended !== other.sent,
    );
  }
}

function pointOfNoReturnIn({ machine, property, first, steps, stem, pointOfNoReturnStates }: Taken): PointOfNoReturn {
  const path = [first, ...steps.map(({ words }) => words)];
  const owed = stem === null ? "" : `; it is owed since ${owedText(owedSince({ machine, property, path }))}`;
  if (pointOfNoReturnStates === 0)
    return { kind: "not_computed", why: `not requested; \`lockproof explain\` computes it${owed}` };
  let answer: PointOfNoReturnAnswer;
  try {
    answer = pointOfNoReturn({ machine, property, path, mostStates: pointOfNoReturnStates });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { kind: "not_computed", why: `what may follow leaves the model's schema: ${message}${owed}` };
  }
  const looked = `${countText(answer.states, "state")} looked at`;
  switch (answer.kind) {
    case "avoidable":
      return {
        kind: "open",
        why:
          stem === null
            ? `not before it is broken: after every step before, some fair way to go on keeps the property (${looked})`
            : `at no step: from every state of it some fair way to go on keeps the property, only not this one (${looked})${owed}`,
      };
    case "too_many":
      return {
        kind: "not_computed",
        why: `what may follow is more than ${numberText(pointOfNoReturnStates)} states${owed}`,
      };
    case "inevitable": {
      const earlier = answer.isFirst
        ? ""
        : "; whether it was before is not known, there are too many states to look at";
      const why = `every fair way to go on from there, within the scope, breaks the property (${looked})${earlier}${owed}`;
      return { kind: "inevitable", after: answer.state - 1, why };
    }
  }
}

function owedText(state: number): string {
  return state === 0 ? "the start" : `step ${state}`;
}
