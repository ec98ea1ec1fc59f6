/**
 * The order in which the calls of several clients are sent, run and answered: from a seed's choices to moves that all mean something.
 * A choice names what is on its way by a number that is taken modulo what there is, so most of a plan is not about calls that are not there.
 */
import fc from "fast-check";
import type { Accident, CallMove, Move } from "./plan.ts";
import { clientCount } from "./world.ts";

type AnswerKind = Extract<Move, { do: "deliver" }>["answer"];
type Knowledge = Extract<Move, { do: "send" }>["knows"];

export type Happening =
  | { readonly kind: "send"; readonly client: number; readonly knows: Knowledge; readonly call: CallMove }
  | { readonly kind: "deliver"; readonly pick: number; readonly answer: AnswerKind }
  | { readonly kind: "answer" | "retry" | "duplicate" | "drop"; readonly pick: number }
  | { readonly kind: "reconnect"; readonly client: number }
  | { readonly kind: "accident"; readonly accident: Accident };

const pick = fc.nat(999);
const client = fc.nat(clientCount - 1);

export function happenings(call: fc.Arbitrary<CallMove>, accident: fc.Arbitrary<Accident>): fc.Arbitrary<Happening> {
  const kind = <Kind extends Happening["kind"]>(name: Kind): fc.Arbitrary<Kind> => fc.constant(name);
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
    { arbitrary: fc.record({ kind: kind("accident"), accident }), weight: 12 },
  );
}

/** What is on its way at the end still arrives, the oldest first. */
export function interleaved(all: readonly Happening[]): readonly Move[] {
  const under: Under = { names: 0, requests: [], unanswered: [], answers: [] };
  const moves = all.flatMap((each) => moveOf(each, under) ?? []);
  return [...moves, ...under.requests.map((name): Move => ({ do: "deliver", name, answer: "heard" }))];
}

/** By name, what is under way. */
interface Under {
  names: number;
  readonly requests: number[];
  /** Retries are made of these. */
  readonly unanswered: number[];
  readonly answers: number[];
}

function moveOf(happening: Happening, under: Under): Move | null {
  switch (happening.kind) {
    case "send": {
      const name = under.names;
      under.names += 1;
      under.requests.push(name);
      under.unanswered.push(name);
      const { client: sender, knows, call } = happening;
      return { do: "send", client: sender, name, knows, call };
    }
    case "deliver": {
      const name = take(under.requests, happening.pick);
      if (name === undefined) return null;
      if (happening.answer === "heard") forget(under.unanswered, name);
      if (happening.answer === "late") under.answers.push(name);
      return { do: "deliver", name, answer: happening.answer };
    }
    case "answer": {
      const name = take(under.answers, happening.pick);
      if (name === undefined) return null;
      forget(under.unanswered, name);
      return { do: "answer", name };
    }
    case "retry": {
      const name = at(under.unanswered, happening.pick);
      if (name === undefined) return null;
      under.requests.push(name);
      return { do: "retry", name };
    }
    case "duplicate": {
      const name = at(under.requests, happening.pick);
      if (name === undefined) return null;
      under.requests.push(name);
      return { do: "duplicate", name };
    }
    case "drop": {
      const name = take(under.requests, happening.pick);
      return name === undefined ? null : { do: "drop", name };
    }
    case "reconnect":
      return { do: "reconnect", client: happening.client };
    case "accident":
      return happening.accident;
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
