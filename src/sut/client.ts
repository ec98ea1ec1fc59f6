/**
 * The harness's side of the line protocol, with one process over its pipes. Replies come in any order. A call without a reply within its timeout may have
 * happened, and so may one during which the process ended. A process that violates the protocol gets no further calls: its replies cannot be judged.
 */
import type { Readable, Writable } from "node:stream";
import { z } from "zod";
import type { Millis } from "../protocol/time.ts";
import type { Clock } from "../scheduler/ports.ts";
import { SutError, shown } from "./errors.ts";
import { readLines } from "./lines.ts";
import {
  type Ask,
  type ErrorCode,
  envelopeSchema,
  errorCodes,
  type errorSchema,
  type Op,
  ops,
  parseReply,
  protocolVersion,
  type Reply,
} from "./protocol.ts";

/** The part of a process that the client uses. */
export interface SutProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Resolves with how it ended, once all that it wrote has been read. */
  readonly ended: Promise<string>;
  /** The end of its log. */
  log(): Promise<string>;
}

export type SutAnswer<O extends Op> =
  | { readonly kind: "answered"; readonly reply: Reply<O> }
  | {
      readonly kind: "failed";
      readonly code: ErrorCode | "gone" | "unknown_code";
      /** true: it did not happen, and never will. */
      readonly definite: boolean;
      readonly message: string;
      readonly after: Millis;
    };

export interface SutClientOptions {
  readonly process: SutProcess;
  /** In messages: `instance 0`. */
  readonly name: string;
  readonly clock: Clock;
}

/** Bytes of requests that a process, which may be stopped, has not read yet. */
const mostUnread = 4_000_000;

interface Breach {
  readonly found: string;
  readonly allowed: string;
}

interface Awaited {
  readonly op: Op;
  readonly since: Millis;
  settle(answer: SutAnswer<Op>): void;
}

export class SutClient {
  readonly #options: SutClientOptions;
  readonly #awaited = new Map<number, Awaited>();
  /** Calls that have timed out; a late answer to one is dropped. */
  readonly #timedOut = new Set<number>();
  readonly #claimed = new Set<string>(["init", "shutdown", "status"]);
  readonly #faulty = Promise.withResolvers<SutError>();
  #fault: SutError | null = null;
  #end: string | null = null;
  #lastId = 0;
  #lines = 0;

  constructor(options: SutClientOptions) {
    this.#options = options;
    const { process } = options;
    readLines(process.stdout, {
      line: (text) => this.#read(text),
      tooLong: (beginning) => this.#break("a line without an end", "one JSON object a line", beginning),
    });
    void process.ended.then((how) => this.#over(how));
  }

  /** Resolves when it breaks the protocol; never otherwise. */
  get faulty(): Promise<SutError> {
    return this.#faulty.promise;
  }

  /** How the process ended; null: it has not. */
  get end(): string | null {
    return this.#end;
  }

  /** @throws SutError when it does not answer in time, refuses, or ends: with the end of its log */
  async init(ask: Omit<Ask<"init">, "op" | "protocol">, timeout: Millis): Promise<Reply<"init">> {
    const answer = await this.call({ op: "init", protocol: protocolVersion, ...ask }, timeout);
    if (this.#fault !== null) throw this.#fault;
    if (answer.kind === "answered") {
      for (const op of answer.reply.capabilities.ops) this.#claimed.add(op);
      return answer.reply;
    }
    const log = await this.#options.process.log();
    throw new SutError({
      found: `${answer.code} as the answer to init: ${answer.message}${log === "" ? "" : `; its log ends:\n${log}\n`}`,
      allowed: `name, version and capabilities within ${timeout} ms`,
      where: this.#options.name,
      fix: "Start the command by hand and give it the init line of docs/sut-protocol.md.",
    });
  }

  /** Never rejects, and settles within the timeout. */
  async call<Asked extends Ask>(ask: Asked, timeout: Millis): Promise<SutAnswer<Asked["op"]>> {
    const { clock, process } = this.#options;
    const refuse = (code: "gone" | ErrorCode, message: string): SutAnswer<Asked["op"]> => {
      return { kind: "failed", code, definite: true, message, after: 0 };
    };
    if (this.#fault !== null) return refuse("protocol", this.#fault.message);
    if (this.#end !== null) return refuse("gone", `the process has ended: ${this.#end}`);
    if (ask.op !== "init" && !this.#claimed.has(ask.op))
      return refuse("unsupported", "it does not claim the operation");
    if (process.stdin.writableLength > mostUnread) return refuse("overloaded", "it does not read its input");
    this.#lastId += 1;
    const id = this.#lastId;
    const since = clock.now();
    const cancel = new AbortController();
    const answered = new Promise<SutAnswer<Op>>((resolve) => {
      this.#awaited.set(id, { op: ask.op, since, settle: resolve });
    });
    process.stdin.write(`${JSON.stringify({ id, ...ask })}\n`);
    void clock.sleep(timeout, cancel.signal).then(() => {
      if (cancel.signal.aborted || !this.#awaited.has(id)) return;
      this.#timedOut.add(id);
      this.#settle(id, failed("deadline", false, `no answer within ${timeout} ms`, clock.now() - since));
    });
    const answer = await answered;
    cancel.abort();
    return answer as SutAnswer<Asked["op"]>;
  }

  #read(text: string): void {
    if (this.#fault !== null) return;
    this.#lines += 1;
    const breach = this.#take(text);
    if (breach !== null) this.#break(breach.found, breach.allowed, text);
  }

  #take(text: string): Breach | null {
    const parsed = parseEnvelope(text);
    if (parsed === null) return { found: "what is no reply", allowed: '{"id", "ok": true, …} or {"id", "error": {…}}' };
    const { envelope, raw } = parsed;
    if (envelope.id === null) return { found: "an error that answers no request", allowed: "a reply with an id" };
    if (this.#timedOut.delete(envelope.id)) return null;
    const awaited = this.#awaited.get(envelope.id);
    if (awaited === undefined) return { found: "an id that is not in flight", allowed: "one reply a request" };
    const after = this.#options.clock.now() - awaited.since;
    if ("error" in envelope) {
      this.#settle(envelope.id, refusal(envelope.error, after));
      return null;
    }
    try {
      this.#settle(envelope.id, { kind: "answered", reply: parseReply(awaited.op, raw) });
      return null;
    } catch (error) {
      if (!(error instanceof z.ZodError)) throw error;
      const lacking = z.prettifyError(error).replaceAll("\n", " ");
      return { found: `a reply to ${awaited.op} that lacks something`, allowed: lacking };
    }
  }

  #settle(id: number, answer: SutAnswer<Op>): void {
    this.#awaited.get(id)?.settle(answer);
    this.#awaited.delete(id);
  }

  /** Its replies are ignored from here on; the calls in flight may have happened. */
  #break(found: string, allowed: string, line: string): void {
    if (this.#fault !== null) return;
    this.#fault = new SutError({
      found: `${found}, ${shown(line)}`,
      allowed,
      where: `${this.#options.name}, line ${this.#lines} of its output`,
      fix: `Only replies belong on stdout, logs on stderr; operations are ${ops.join(", ")}: see docs/sut-protocol.md.`,
    });
    this.#giveUp("protocol", this.#fault.message);
    this.#faulty.resolve(this.#fault);
  }

  #over(how: string): void {
    this.#end = how;
    this.#giveUp("gone", `the process ended under the call: ${how}`);
  }

  #giveUp(code: "gone" | "protocol", message: string): void {
    const now = this.#options.clock.now();
    for (const [id, { since }] of this.#awaited) this.#settle(id, failed(code, false, message, now - since));
  }
}

/** An unknown code may mean anything. */
function refusal({ code, definite, message }: z.infer<typeof errorSchema>, after: Millis): SutAnswer<Op> {
  const known = errorCodes.find((each) => each === code);
  if (known === undefined) return failed("unknown_code", false, `${code}: ${message}`, after);
  return failed(known, definite, message, after);
}

function failed(
  code: ErrorCode | "gone" | "unknown_code",
  definite: boolean,
  message: string,
  after: Millis,
): SutAnswer<Op> {
  return { kind: "failed", code, definite, message, after };
}

function parseEnvelope(text: string): { envelope: z.infer<typeof envelopeSchema>; raw: unknown } | null {
  try {
    const raw: unknown = JSON.parse(text);
    const envelope = envelopeSchema.safeParse(raw);
    return envelope.success ? { envelope: envelope.data, raw } : null;
  } catch {
    return null;
  }
}
