/**
 * A synchronous client of real servers: it blocks the thread until they have answered. Virtual time does not advance meanwhile, so a simulated run
 * cannot observe that its store is elsewhere.
 */

import { MessageChannel, type MessagePort, receiveMessageOnPort, type Worker } from "node:worker_threads";
import { BrokenRunError } from "../evidence/failure.ts";
import { startThread } from "../lab/process/thread.ts";
import { isErrorReply, type Request, type Response } from "./request.ts";

const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";

/** Milliseconds; the timeouts of the thread itself are shorter. */
const timeout = 30_000;

export class SyncClient implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #bell = new Int32Array(new SharedArrayBuffer(4));
  #isOver = false;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#worker = startThread(new URL(`./client-thread.${ending}`, import.meta.url), {
      workerData: { port: port2, bell: this.#bell },
      transferList: [port2],
    });
    this.#worker.unref();
    this.#port.unref();
  }

  /** @throws BrokenRunError when a server does not answer, or is not there */
  ask(request: Request): readonly unknown[] {
    const answered = this.#answer(request);
    if (answered.kind === "replies") return answered.replies;
    this.#isOver = true;
    throw broken(answered.reason);
  }

  /** Sends commands on one connection, one after another. */
  commands(url: string, ...commands: readonly (readonly string[])[]): readonly unknown[] {
    return this.ask({ kind: "commands", url, commands });
  }

  /** As `commands`. @throws Error when one of them is refused */
  execute(url: string, ...commands: readonly (readonly string[])[]): readonly unknown[] {
    return this.mustAnswer(this.commands(url, ...commands));
  }

  /** @throws Error of the first reply that is an error: the commands of the harness itself must succeed */
  mustAnswer(replies: readonly unknown[]): readonly unknown[] {
    const refused = replies.find(isErrorReply);
    if (refused === undefined) return replies;
    throw new Error(`a real server of a simulated run: ${refused.error}`);
  }

  #answer(request: Request): Response {
    if (this.#isOver) throw broken("they were given up before");
    const before = Atomics.load(this.#bell, 0);
    this.#port.postMessage(request);
    // A wake-up is no answer: it may come from the notification of the answer before.
    while (Atomics.load(this.#bell, 0) === before) {
      if (Atomics.wait(this.#bell, 0, before, timeout) !== "timed-out") continue;
      this.#isOver = true;
      throw broken(`no answer within ${timeout} ms`);
    }
    const message = receiveMessageOnPort(this.#port);
    if (message === undefined) throw broken("an answer that is none");
    return message.message as Response;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.#port.postMessage({ kind: "end" } satisfies Request);
    this.#port.close();
    await this.#worker.terminate();
  }
}

function broken(reason: string): BrokenRunError {
  return new BrokenRunError(`the real servers of a simulated run: ${reason}`, {
    where: "lockstep",
    fix: "see that redis-server runs here: lockproof doctor",
  });
}
