/** The words of a plan's picture: moves, replies, places where two contents differ. */
import type { TimelineEvent } from "../../evidence/timeline.ts";
import type { CallMove, StoreEvent } from "../plan/plan.ts";
import { wrongKeyOf } from "../plan/wrong-types.ts";
import type { Json } from "../store/content.ts";
import { quoted } from "../store/content-lines.ts";
import { moveText } from "./explanation.ts";

/** `reserve_job node n0 job 0 lease 15000`, without how it was delivered. */
export function callText(move: CallMove): string {
  return moveText({ ...move, delivery: "delivered" });
}

export function shortText(move: CallMove): string {
  const [kind, , node, ...rest] = callText(move).split(" ");
  const job = "job" in move ? `, job ${rest[1] ?? ""}` : "";
  return "node" in move ? `${kind} ${quoted(node ?? "")}${job}` : (kind ?? "");
}

export function storeEventKind(move: StoreEvent): TimelineEvent["kind"] {
  return move.do === "wait" || move.do === "wait_until_due" ? "step" : "fault";
}

export function storeEventText(move: StoreEvent): string {
  switch (move.do) {
    case "wait":
      return `has its clock ${move.by < 0 ? "put back" : "go on"} by ${Math.abs(move.by)} ms`;
    case "wait_until_due":
      return `has its clock go on to ${move.off} ms after the next ${move.what} that is due`;
    case "script_flush":
      return "forgets all scripts";
    case "flush_all":
      return "loses all data";
    case "promote":
      return "fails over to a replica that lacks nothing";
    case "restart":
      return move.keepData ? "restarts with its data" : "restarts without data";
    case "spoil": {
      const { key, target, type } = wrongKeyOf(move);
      return `has another program put a ${type} in the place of ${target === "cfg" ? target : `p${target}`}:${quoted(key)}`;
    }
    case "meddle":
      return `has another program meddle: ${move.what.replaceAll("_", " ")}`;
    case "mend":
      return "has all its keys again as they were";
  }
}

export function kindOf(reply: Json): string {
  return typeof reply === "object" && reply !== null && "kind" in reply ? String(reply["kind"]) : "?";
}

export function placeOf(path: readonly string[]): string {
  return path.map(quotedPart).join(" › ");
}

function quotedPart(part: string): string {
  return JSON.stringify(part.length > 60 ? `${part.slice(0, 59)}…` : part).slice(1, -1);
}

export function shown(value: Json | undefined): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}
