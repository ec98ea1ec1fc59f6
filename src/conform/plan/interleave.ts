/**
 * The order in which the calls of several clients are sent, run and answered, made of the choices of a seed. A choice names a call in flight by a
 * number modulo their count, so that most moves concern calls that exist.
 */
import fc from "fast-check";
import type { CallMove, Move, StoreEvent } from "./plan.ts";
import { clientCount } from "./world.ts";

type AnswerKind = Extract<Move, { do: "deliver" }>["answer"];
type Knowledge = Extract<Move, { do: "send" }>["knows"];

export type TrafficEvent =
  | { readonly kind: "send"; readonly client: number; readonly knows: Knowledge; readonly call: CallMove }
  | { readonly kind: "deliver"; readonly pick: number; readonly answer: AnswerKind }
  | { readonly kind: "answer" | "retry" | "duplicate" | "drop"; readonly pick: number }
  | { readonly kind: "reconnect"; readonly client: number }
  | { readonly kind: "store_event"; readonly change: StoreEvent };

const pick = fc.nat(999);
const client = fc.nat(clientCount - 1);

export function trafficEvents(
  call: fc.Arbitrary<CallMove>,
  change: fc.Arbitrary<StoreEvent>,
): fc.Arbitrary<TrafficEvent> {
  const kind = <Kind extends TrafficEvent["kind"]>(name: Kind): fc.Arbitrary<Kind> => fc.constant(name);
  const knows = fc.constantFrom<Knowledge[]>("all", "all", "all", "heard", "heard");
  const answer = fc.constantFrom<AnswerKind[]>("heard", "heard", "heard", "late", "lost");
  return fc.oneof(
    { arbitrary: fc.record({ kind: kind("send"), client, knows, call }), weight: 40 },
    { arbitrary: fc.record({ kind: kind("deliver"), pick, answer }), weight: 34 },
    { arbitrary: fc.record({ kind: kind("answer"), pick }), weight: 6 },
    { arbitrary: fc.record({ kind: kind("retry"), pick }), weight: 5 },
    { arbitrary: fc.record({ kind: kind("duplicate"), pick }), weight: 3 },
    { arbitrary: fc.record({ kind: kind("drop"), pick }), weight: 2 },
    { arbitrary: fc.record({ kind: kind("reconnect"), client }), weight: 2 },
    { arbitrary: fc.record({ kind: kind("store_event"), change }), weight: 12 },
  );
}

/** Requests that are in flight at the end still arrive, the oldest first. */
export function interleaved(all: readonly TrafficEvent[]): readonly Move[] {
  const inFlight: InFlight = { names: 0, requests: [], unanswered: [], answers: [] };
  const moves = all.flatMap((each) => moveOf(each, inFlight) ?? []);
  return [...moves, ...inFlight.requests.map((name): Move => ({ do: "deliver", name, answer: "heard" }))];
}

/** The names of calls in flight. */
interface InFlight {
  names: number;
  readonly requests: number[];
  /** Retries are made of these. */
  readonly unanswered: number[];
  readonly answers: number[];
}

function moveOf(event: TrafficEvent, inFlight: InFlight): Move | null {
  switch (event.kind) {
    case "send": {
      const name = inFlight.names;
      inFlight.names += 1;
      inFlight.requests.push(name);
      inFlight.unanswered.push(name);
      const { client: sender, knows, call } = event;
      return { do: "send", client: sender, name, knows, call };
    }
    case "deliver": {
      const name = take(inFlight.requests, event.pick);
      if (name === undefined) return null;
      if (event.answer === "heard") forget(inFlight.unanswered, name);
      if (event.answer === "late") inFlight.answers.push(name);
      return { do: "deliver", name, answer: event.answer };
    }
    case "answer": {
      const name = take(inFlight.answers, event.pick);
      if (name === undefined) return null;
      forget(inFlight.unanswered, name);
      return { do: "answer", name };
    }
    case "retry": {
      const name = at(inFlight.unanswered, event.pick);
      if (name === undefined) return null;
      inFlight.requests.push(name);
      return { do: "retry", name };
    }
    case "duplicate": {
      const name = at(inFlight.requests, event.pick);
      if (name === undefined) return null;
      inFlight.requests.push(name);
      return { do: "duplicate", name };
    }
    case "drop": {
      const name = take(inFlight.requests, event.pick);
      return name === undefined ? null : { do: "drop", name };
    }
    case "reconnect":
      return { do: "reconnect", client: event.client };
    case "store_event":
      return event.change;
  }
}

function at(names: readonly number[], pick: number): number | undefined {
  return names.length === 0 ? undefined : names[pick % names.length];
}

function take(names: number[], pick: number): number | undefined {
  return names.length === 0 ? undefined : names.splice(pick % names.length, 1)[0];
}

function forget(names: number[], name: number): void {
  const place = names.indexOf(name);
  if (place >= 0) names.splice(place, 1);
}
