/** One step of a check of a system under test. */

import type { Millis } from "../../../check/history.ts";
import type { PipedProcess } from "../../../lab/process/piped-process.ts";
import type { RedisServer } from "../../../lab/servers/redis.ts";
import type { Ask, Op, Reply } from "../../../sut/protocol.ts";
import type { Conversation, Said } from "./conversation.ts";

/** The environment that the steps share. */
export interface Bench {
  readonly redis: RedisServer;
  /** Starts an instance; its `init` is answered. @throws StepError */
  start(instance: number): Promise<Running>;
}

export interface Running {
  readonly process: PipedProcess;
  readonly talk: Conversation;
  readonly about: Reply<"init">;
  has(op: string): boolean;
}

export interface Step {
  readonly name: string;
  /** The section of docs/sut-protocol.md that it checks. */
  readonly section: string;
  /** @returns what was seen, in words @throws StepError */
  run(bench: Bench): Promise<string>;
}

/** A failed step: the found and the allowed outcome, with the lines that show it. */
export class StepError extends Error {
  override readonly name = "StepError";
  readonly lines: readonly string[];

  constructor(found: string, allowed: string, lines: readonly string[] = []) {
    super(`found ${found}; allowed: ${allowed}`);
    this.lines = lines;
  }
}

/** Milliseconds after which no busy machine is to blame any more. */
const degradedAtMost = 2_000;

/** Asks again while it is refused for certain, for want of a connection: a busy machine degrades a right system for a moment. */
export async function askServed<Asked extends Ask>(
  talk: Conversation,
  ask: Asked,
  within: Millis,
): Promise<Said<Asked["op"]>> {
  for (const until = performance.now() + degradedAtMost; ; ) {
    const said = await talk.ask(ask, within);
    const isAway = said.kind === "refused" && said.definite && said.code === "disconnected";
    if (!isAway || performance.now() > until) return said;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

type AnySaid = Said<Op>;

/** @throws StepError unless it was answered with one of the outcomes */
export function expectOutcome(said: AnySaid, outcomes: readonly string[]): string {
  const found = outcomeOf(said);
  if (outcomes.includes(found)) return found;
  throw new StepError(found, outcomes.join(" or "), linesOf(said));
}

/** The outcome of an answer, `ok` where it has none; else how the request failed. */
export function outcomeOf(said: AnySaid): string {
  if (said.kind === "answered")
    return "outcome" in said.reply ? String((said.reply as { outcome: unknown }).outcome) : "ok";
  if (said.kind === "refused") return `the error ${said.code}${said.definite ? "" : ", which is indefinite"}`;
  return said.kind === "wrong" ? `a reply that cannot be read: ${said.why}` : said.why;
}

export function linesOf(said: AnySaid): readonly string[] {
  return [`request: ${cut(said.request)}`, ...("line" in said ? [`reply:   ${cut(said.line)}`] : [])];
}

function cut(line: string): string {
  return line.length > 400 ? `${line.slice(0, 400)}…` : line;
}
