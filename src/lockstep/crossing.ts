/**
 * Asks real servers and stands still until they have answered. Virtual time stands still with it, so a simulated run cannot tell that its
 * store is elsewhere, and nothing else happens meanwhile.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import { BrokenRunError } from "../evidence/failure.ts";
import { type Answered, type Errand, isErrorReply } from "./errand.ts";

const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";

/** The thread's own deadlines are shorter. */
const patience = 30_000;

export class Crossing implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #bell = new Int32Array(new SharedArrayBuffer(4));
  #isOver = false;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#worker = new Worker(new URL(`./ferry.${ending}`, import.meta.url), {
      workerData: { port: port2, bell: this.#bell },
      transferList: [port2],
    });
    this.#worker.unref();
    this.#port.unref();
  }

  /** @throws BrokenRunError when a server does not answer, or is not there */
  ask(errand: Errand): readonly unknown[] {
    const answered = this.#answer(errand);
    if (answered.kind === "replies") return answered.replies;
    this.#isOver = true;
    throw broken(answered.reason);
  }

  /** On one connection, one after another. */
  commands(url: string, ...commands: readonly (readonly string[])[]): readonly unknown[] {
    return this.ask({ kind: "commands", url, commands });
  }

  /** As `commands`, of which none may be refused. */
  tell(url: string, ...commands: readonly (readonly string[])[]): readonly unknown[] {
    return this.mustAnswer(this.commands(url, ...commands));
  }

  /** @throws Error of the first reply that is an error: what we do to a server ourselves has to be done */
  mustAnswer(replies: readonly unknown[]): readonly unknown[] {
    const refused = replies.find(isErrorReply);
    if (refused === undefined) return replies;
    throw new Error(`a real server of a simulated run: ${refused.error}`);
  }

  #answer(errand: Errand): Answered {
    if (this.#isOver) throw broken("they were given up before");
    const heard = Atomics.load(this.#bell, 0);
    this.#port.postMessage(errand);
    // Woken is not answered: the bell of the answer before may still be ringing.
    while (Atomics.load(this.#bell, 0) === heard) {
      if (Atomics.wait(this.#bell, 0, heard, patience) !== "timed-out") continue;
      this.#isOver = true;
      throw broken(`no answer within ${patience} ms`);
    }
    const message = receiveMessageOnPort(this.#port);
    if (message === undefined) throw broken("an answer that is none");
    return message.message as Answered;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.#port.postMessage({ kind: "end" } satisfies Errand);
    this.#port.close();
    await this.#worker.terminate();
  }
}

function broken(reason: string): BrokenRunError {
  return new BrokenRunError(`the real servers of a simulated run: ${reason}`, {
    where: "src/lockstep",
    fix: "see that redis-server runs here: lockproof doctor",
  });
}
