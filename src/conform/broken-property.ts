/** Determines the property that a divergence breaks. */
import { callOf } from "../../model/partition/rules/group.ts";
import type { PropertyId } from "../check/properties.ts";
import type { Divergence } from "./execute.ts";
import type { Json } from "./store/content.ts";
import { isInstant } from "./store/content.ts";

/** Refused before the call's own work: nothing more specific can be said of it. */
const notAllowed: ReadonlySet<string> = new Set(["invalid", "layout_mismatch", "wrong_type"]);
const jobCommands: ReadonlySet<string> = new Set(["reserve_job", "complete_job", "release_job"]);
/** Answers to a registration that another one has overtaken. */
const isLate: ReadonlySet<string> = new Set(["superseded", "conflict"]);

/** Decides by the answer of the model, then by the place of the difference, then by the command: the most specific rule comes first. */
export function brokenProperty(whole: Divergence): PropertyId {
  const divergence = ofItem(whole);
  const { difference, where, move, resolved, attempt, modelReply, storeReply } = divergence;
  const command = resolved?.command.kind ?? "";
  const path = difference.path.join(" ");
  const answer = kindOf(modelReply);
  const received = kindOf({ kind: where === "reply" ? (difference.store ?? null) : null });
  // A script that fails in the middle leaves half of a change, which no repetition completes.
  if (answer === "wrong_type" && where === "content" && !path.startsWith("published")) return "K2";
  if (command === "sweep" && received !== answer && [answer, received].includes("wrong_type"))
    if (isIdle(modelReply) || isIdle(storeReply)) return "N4";
  // A script that reads what it need not is refused where the model has a reason of its own: that one is broken.
  const refused = received === "wrong_type" ? [answer] : [answer, received];
  if (refused.some((kind) => notAllowed.has(kind))) return "K7";
  if (resolved?.clock === "server" && [difference.model, difference.store].every(isInstant)) return "K7";
  if (epochOf(difference.model) !== epochOf(difference.store)) return "V1";
  const isAnswered = where === "reply" && received !== "wrong_type";
  if (isAnswered && epochOf(versionIn(modelReply)) !== epochOf(versionIn(storeReply))) return "V1";
  if (/:orphans/u.test(path) || command === "read_orphans" || command === "ack_orphans") return "O1";
  if (where === "repeated") return jobCommands.has(command) ? "J3" : "K2";
  if (/swept_ms|held_ms/u.test(path)) return "N4";
  if (command === "heartbeat" && isRefusal(answer)) return "N1";
  if (command === "heartbeat" && /:jobs:|:leases/u.test(path)) return "J5";
  if (command === "offline_node" && [answer, received].includes("superseded")) return "N1";
  if (command === "register_node" && [answer, received].some((kind) => isLate.has(kind))) return "N1";
  // With calls in flight a repetition proves nothing: others ran in between.
  if (attempt === 2 && move.do !== "deliver") return jobCommands.has(command) ? "J3" : "K2";
  if (answer === "finished" || answer === "finished_unknown" || received === "finished_unknown") return "J3";
  if (path.includes(" finished")) return "J3";
  if (answer === "already" && jobCommands.has(command)) return "J3";
  if (answer === "already" && command !== "put_config") return "K2";
  if (answer === "full" || received === "full") return "J2";
  if (command === "sweep" && where === "reply" && isIdle(modelReply)) return "N4";
  if (command === "sweep" && hasLapsed(modelReply)) return "J4";
  if (path.startsWith("published")) return "K7";
  if (path.includes("current_jobs")) return "J1";
  if (path.includes("metrics")) return "H1";
  if (/:meta\b|epoch|version|sequence/u.test(path)) return "V1";
  if (path.includes(":feed") || command === "changes_since") return "F1";
  if (path.includes(":leases")) return "J4";
  if (path.includes(":jobs:") || jobCommands.has(command)) return "J1";
  return "K7";
}

/** The same of the item of a group in whose reply the difference is; as it is where it is in something else. */
function ofItem(divergence: Divergence): Divergence {
  const { difference, modelReply, resolved, storeReply } = divergence;
  const [, list, place] = difference.path;
  if (resolved?.command.kind !== "group" || resolved.target === "cfg" || list !== "replies") return divergence;
  const item = resolved.command.items[Number(place)];
  if (item === undefined) return divergence;
  return {
    ...divergence,
    resolved: { ...resolved, command: callOf(resolved.command, item) },
    difference: { ...difference, path: ["reply", ...difference.path.slice(3)] },
    modelReply: replyAt(modelReply, Number(place)),
    storeReply: replyAt(storeReply, Number(place)),
  };
}

function replyAt(reply: Json | null, place: number): Json | null {
  const { replies } = (reply ?? {}) as { readonly replies?: readonly Json[] };
  return replies?.[place] ?? null;
}

/** The epoch of a version by name (`e3:17`); undefined for anything else. */
function epochOf(value: unknown): string | undefined {
  return typeof value === "string" ? /^(e\d+):\d+$/u.exec(value)?.[1] : undefined;
}

function versionIn(reply: unknown): unknown {
  return typeof reply === "object" && reply !== null && "version" in reply ? reply.version : undefined;
}

function kindOf(reply: unknown): string {
  const isReply = typeof reply === "object" && reply !== null && "kind" in reply && typeof reply.kind === "string";
  return isReply ? String(reply.kind) : "";
}

/** The sweep freed leases. */
function hasLapsed(reply: unknown): boolean {
  const found = typeof reply === "object" && reply !== null && "lapsed" in reply ? reply.lapsed : null;
  return Array.isArray(found) && found.length > 0;
}

const sweptLists = ["expired", "removed", "lapsed", "failed", "due"] as const;

/** The model says that nothing is due. */
function isIdle(reply: unknown): boolean {
  if (typeof reply !== "object" || reply === null) return false;
  const lists = reply as Readonly<Record<string, unknown>>;
  return sweptLists.every((name) => Array.isArray(lists[name]) && lists[name].length === 0);
}

function isRefusal(answer: string): boolean {
  return ["stale", "superseded", "not_online", "unknown_node"].includes(answer);
}
