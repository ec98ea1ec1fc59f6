/** Requests to a system under test and its replies as they are, so that a wrong one can be shown beside the request. */
import { z } from "zod";
import type { Millis } from "../../../check/history.ts";
import type { PipedProcess } from "../../../lab/process/piped-process.ts";
import { shown } from "../../../sut/errors.ts";
import { readLines } from "../../../sut/lines.ts";
import { type Ask, envelopeSchema, errorCodes, type Op, ops, parseReply, type Reply } from "../../../sut/protocol.ts";

/** The outcome of a request. */
export type Said<O extends Op> =
  | { readonly kind: "answered"; readonly request: string; readonly line: string; readonly reply: Reply<O> }
  | {
      readonly kind: "refused";
      readonly request: string;
      readonly line: string;
      readonly code: string;
      readonly definite: boolean;
    }
  | { readonly kind: "wrong"; readonly request: string; readonly line: string; readonly why: string }
  | { readonly kind: "silent"; readonly request: string; readonly why: string };

interface Waiting {
  settle(line: string | null, raw: unknown): void;
}

export class Conversation {
  readonly #process: PipedProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #answered = new Set<number>();
  readonly #stray = Promise.withResolvers<string>();
  #lastId = 0;
  #ended: string | null = null;

  constructor(process: PipedProcess) {
    this.#process = process;
    readLines(process.stdout, {
      line: (text) => this.#read(text),
      tooLong: (beginning) => this.#stray.resolve(`a line without an end, ${shown(beginning)}`),
    });
    void process.ended.then((how) => {
      this.#ended = how;
      for (const { settle } of this.#waiting.values()) settle(null, null);
    });
  }

  /** Resolves with the first line that is no reply to a request in flight, in words; never otherwise. */
  get stray(): Promise<string> {
    return this.#stray.promise;
  }

  /** How its process ended; null: it has not. */
  get ended(): string | null {
    return this.#ended;
  }

  /** Settles within the time. */
  async ask<Asked extends Ask>(ask: Asked, within: Millis): Promise<Said<Asked["op"]>> {
    this.#lastId += 1;
    const said = await this.#send({ id: this.#lastId, ...ask }, this.#lastId, within);
    return said as Said<Asked["op"]>;
  }

  /** Sends what may be no request of the protocol. @param body without an id */
  async say(body: object, within: Millis): Promise<Said<Op>> {
    this.#lastId += 1;
    return await this.#send({ id: this.#lastId, ...body }, this.#lastId, within);
  }

  /** Sends a line that nothing answers. */
  write(line: string): void {
    this.#process.stdin.write(`${line}\n`);
  }

  async #send(body: object, id: number, within: Millis): Promise<Said<Op>> {
    const request = JSON.stringify(body);
    const over = (why: string): Said<Op> => ({ kind: "silent", request, why });
    if (this.#ended !== null) return over(`its process had ended: ${this.#ended}`);
    const answer = Promise.withResolvers<Said<Op>>();
    const timer = setTimeout(() => answer.resolve(over(`no reply within ${within} ms`)), within);
    this.#waiting.set(id, {
      settle: (line, raw) => {
        if (line === null) answer.resolve(over(`its process ended during the request: ${this.#ended}`));
        else answer.resolve(saidOf(request, line, raw, "op" in body ? String(body.op) : ""));
      },
    });
    this.write(request);
    const said = await answer.promise;
    clearTimeout(timer);
    this.#waiting.delete(id);
    this.#answered.add(id);
    return said;
  }

  #read(line: string): void {
    const raw = parsed(line);
    const id = z.object({ id: z.int().nonnegative() }).safeParse(raw).data?.id;
    const waiting = id === undefined ? undefined : this.#waiting.get(id);
    if (waiting === undefined) {
      // The answer to a line that is no request, whose id cannot be read.
      if (z.object({ id: z.null(), error: z.object({ code: z.string() }) }).safeParse(raw).success) return;
      const what = id !== undefined && this.#answered.has(id) ? "a second reply" : "what is no reply to a request";
      this.#stray.resolve(`${what}, ${shown(line)}`);
      return;
    }
    waiting.settle(line, raw);
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function saidOf(request: string, line: string, raw: unknown, op: string): Said<Op> {
  const envelope = envelopeSchema.safeParse(raw);
  if (!envelope.success) {
    return { kind: "wrong", request, line, why: 'neither {"ok": true, …} nor {"error": {code, message, definite}}' };
  }
  if ("error" in envelope.data) {
    const { code, definite } = envelope.data.error;
    return { kind: "refused", request, line, code, definite: definite && errorCodes.some((one) => one === code) };
  }
  if (!ops.some((known) => known === op)) return { kind: "answered", request, line, reply: {} };
  try {
    return { kind: "answered", request, line, reply: parseReply(op as Op, raw) };
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    return { kind: "wrong", request, line, why: z.prettifyError(error).replaceAll("\n", " ") };
  }
}
