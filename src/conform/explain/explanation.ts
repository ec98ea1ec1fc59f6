/** Explains a divergence: the commands that lead to it, and the first difference with both sides. */

import type { Divergence } from "../execute.ts";
import type { Move, Plan } from "../plan/plan.ts";
import { nodeIds } from "../plan/world.ts";
import type { Json } from "../store/content.ts";

export function explain(
  plan: Plan,
  { step, attempt, difference, where, resolved, modelReply }: Divergence,
): readonly string[] {
  const place = difference.path.map((part) => printable(part)).join(" › ");
  const what = { reply: "the reply", content: "the content of the keys", repeated: "what the repeated call left" }[
    where
  ];
  return [
    `${what} departs from the model at command ${step} of ${plan.moves.length}: ${place}: ` +
      `found ${shown(difference.store)}, allowed ${shown(difference.model)}`,
    ...plan.moves.slice(0, step).map((move, at) => `${String(at + 1).padStart(3)}. ${moveText(move)}`),
    ...(attempt === 2 ? ["     … and once more, since the reply was lost"] : []),
    ...(resolved ? [`     sent: ${shown(resolved.command as unknown as Json)}`] : []),
    ...(modelReply === null ? [] : [`     the model answers ${shown(modelReply)}`]),
  ];
}

const optional: ReadonlySet<string> = new Set(["partitions", "clock", "services", "maxBytes", "instead"]);

/** `reserve_job node n0 job j0 lease 15000`: a move in one line, without defaults. */
export function moveText(move: Move): string {
  if (move.do === "send") return `send ${moveText(move.call)}`;
  const { do: kind, ...rest } = move;
  const words = Object.entries(rest)
    // Fields that are set only now and then come last, wherever they stand in the plan.
    .sort(([a], [b]) => Number(optional.has(a)) - Number(optional.has(b)))
    .filter(([field, value]) => !(field === "delivery" && value === "delivered"))
    .map(([field, value]) => (field === "node" ? `node ${nodeText(value)}` : `${field} ${shown(value as Json)}`));
  return [kind, ...words].join(" ");
}

function nodeText(index: unknown): string {
  return printable(String(nodeIds[Number(index)] ?? index)).slice(0, 20);
}

function shown(value: Json | undefined): string {
  if (value === undefined) return "nothing";
  const text = typeof value === "string" ? JSON.stringify(value) : JSON.stringify(value, plainNumbers);
  return text.length > 400 ? `${text.slice(0, 397)}…` : text;
}

/** JSON has no NaN and no Infinity; an explanation shows them as text. */
function plainNumbers(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

function printable(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
