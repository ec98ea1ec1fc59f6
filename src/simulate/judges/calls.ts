/** The events that the common judges are given about the calls of instances to their store. */
import type { Version } from "../../check/history.ts";
import type { Sent as CallSent, Settled as CallSettled } from "../../judges/event.ts";
import { toPort } from "../servers/protocol-values.ts";
import type { ConfigStepped, Sent, Settled, Stepped } from "../trace/events.ts";

/** The content of an answer to a poll for changes. */
interface ChangesAnswer {
  readonly version: Version;
  readonly isWhole: boolean;
}

const reads: ReadonlySet<string> = new Set([
  "changes_since",
  "snapshot",
  "read_orphans",
  "read_config",
  "check_config",
]);

/** Most only ask what has changed, and are handed on as they are. */
export function callSent(event: Sent): CallSent {
  const { question } = event;
  if (isProbe(event)) return { ...event, isProbe: true };
  if (reads.has(event.script)) return event;
  const { asked } = question;
  const [node, job] = ["node" in asked ? asked.node : "", "job" in asked ? asked.job : ""];
  return { ...event, node, job };
}

/** Whether it only asks whether the store answers. */
function isProbe({ question }: Sent): boolean {
  return question.kind === "nodes" && question.asked.kind === "changes_since" && question.asked.limit === 0;
}

/** null: it is another reply, or the store gives no version. */
function answerOf({ command, reply }: Stepped): ChangesAnswer | null {
  if (command.kind !== "changes_since" || (reply.kind !== "changes" && reply.kind !== "resync")) return null;
  const version = toPort(reply.version);
  return { version, isWhole: reply.kind === "changes" && isWhole(command.since, reply.version, reply.entries) };
}

/** The answer has no content: what is held is current only where the version is still the one that was asked about. */
function configAnswerOf({ command, reply }: ConfigStepped): ChangesAnswer | null {
  if (command.kind !== "changes_since" || (reply.kind !== "changes" && reply.kind !== "resync")) return null;
  const { epoch, sequence } = reply.version;
  const isSame = command.since.epoch === epoch && command.since.sequence === sequence;
  return { version: toPort(reply.version), isWhole: reply.kind === "changes" && isSame };
}

function isWhole(
  since: { readonly epoch: number; readonly sequence: number },
  version: { readonly epoch: number; readonly sequence: number },
  entries: readonly { readonly sequence: number }[],
): boolean {
  if (since.epoch !== version.epoch || version.sequence < since.sequence) return false;
  const missed = version.sequence - since.sequence;
  return entries.length === missed && entries.every(({ sequence }, index) => sequence === since.sequence + index + 1);
}

/** Questions what has changed that the server has answered, and that have not ended. */
export class ChangesAnswers {
  readonly #answers = new Map<number, ChangesAnswer>();

  /** Keeps only the first answer to a request that the network repeats. */
  stepped(event: Stepped | ConfigStepped): void {
    const answer = event.kind === "stepped" ? answerOf(event) : configAnswerOf(event);
    if (answer !== null && !this.#answers.has(event.request)) this.#answers.set(event.request, answer);
  }

  /** The end of a call, with what the answer to a poll says. */
  settled(event: Settled, asked: Sent | undefined): CallSettled {
    const { outcome, request, script } = event;
    if (script !== "changes_since" && script !== "check_config") return event;
    const answer = this.#answers.get(request);
    this.#answers.delete(request);
    const probe = asked !== undefined && isProbe(asked);
    const said = outcome === "answered" ? answer : undefined;
    return probe || said !== undefined ? { ...event, ...said, isProbe: probe } : event;
  }
}
