/** The harness's end of the connection to the process of a hosted instance: requests out, answers and events in. It ends with the process. */
import type { PipedProcess } from "../../lab/process/piped-process.ts";
import { readFrames, writeFrame } from "./frames.ts";
import type { CallName, HostedOptions, Look, Message, Request } from "./messages.ts";

export type Answered = Extract<Message, { kind: "answered" }>;
export type Ready = Extract<Message, { kind: "ready" | "refused" }>;

export class HostedConnection {
  readonly #process: PipedProcess;
  readonly #onEvent: (message: Extract<Message, { kind: "event" }>) => void;
  readonly #ready = Promise.withResolvers<Ready | null>();
  /** By the number of the request. When the process ends, the requests in flight get null. */
  readonly #awaited = new Map<number, (message: Message | null) => void>();
  #isOver = false;
  #lastId = 0;

  constructor(process: PipedProcess, onEvent: (message: Extract<Message, { kind: "event" }>) => void) {
    this.#process = process;
    this.#onEvent = onEvent;
    readFrames<readonly Message[]>(process.stdout, (messages) => {
      for (const message of messages) this.#take(message);
    });
    void process.ended.then(() => this.#over());
  }

  /** @returns null: the process ended instead */
  start(options: HostedOptions): Promise<Ready | null> {
    this.#send({ kind: "start", options });
    return this.#ready.promise;
  }

  /** @param signal of the last argument, which has none
   * @returns null: the process ended during the call, or had ended before */
  async call(name: CallName, args: readonly unknown[], signal?: AbortSignal): Promise<Answered | null> {
    let abort: (() => void) | undefined;
    const message = await this.#ask((id) => {
      abort = () => this.#send({ kind: "abort", id });
      signal?.addEventListener("abort", abort);
      return { kind: "call", id, name, args, signal: signal && (signal.aborted ? "aborted" : "open") };
    });
    if (abort !== undefined) signal?.removeEventListener("abort", abort);
    return message?.kind === "answered" ? message : null;
  }

  async look(): Promise<Look | null> {
    const message = await this.#ask((id) => ({ kind: "look", id }));
    return message?.kind === "looked" ? message.look : null;
  }

  async finish(): Promise<void> {
    await this.#ask((id) => ({ kind: "finish", id }));
  }

  #ask(request: (id: number) => Request): Promise<Message | null> {
    if (this.#isOver) return Promise.resolve(null);
    this.#lastId += 1;
    const id = this.#lastId;
    const answered = new Promise<Message | null>((resolve) => {
      this.#awaited.set(id, resolve);
    });
    this.#send(request(id));
    return answered;
  }

  #send(request: Request): void {
    writeFrame(this.#process.stdin, request);
  }

  #take(message: Message): void {
    switch (message.kind) {
      case "ready":
      case "refused":
        this.#ready.resolve(message);
        return;
      case "event":
        this.#onEvent(message);
        return;
      default:
        this.#awaited.get(message.id)?.(message);
        this.#awaited.delete(message.id);
    }
  }

  #over(): void {
    this.#isOver = true;
    this.#ready.resolve(null);
    for (const settle of this.#awaited.values()) settle(null);
    this.#awaited.clear();
  }
}
