/**
 * Toxiproxy's client, which makes its calls on a thread of its own. An HTTP response takes half a millisecond and more of its thread: those to 14 calls
 * at the same time blocked the main thread for 10 ms, which a client of an instance then saw as a missed timeout.
 */

import { Toxiproxy } from "toxiproxy-node-client";
import { startThread } from "../process/thread.ts";
import { programPath } from "../program.ts";
import type { ToxiproxyAnswer, ToxiproxyCall } from "./call.ts";

type Answer = { readonly data: never };

export class ToxiproxyClient extends Toxiproxy implements AsyncDisposable {
  readonly #thread = startThread(programPath("toxiproxy/thread"));
  readonly #inFlight = new Map<number, PromiseWithResolvers<Answer>>();
  #calls = 0;
  #isOver = false;

  /** @param host `http://127.0.0.1:8474` */
  constructor(host: string) {
    super(host);
    this.api.get = (url) => this.#ask({ method: "get", url });
    this.api.post = (url, body) => this.#ask({ method: "post", url, body });
    this.api.delete = async (url) => void (await this.#ask({ method: "delete", url }));
    this.#thread.on("message", (answer: ToxiproxyAnswer) => this.#settle(answer));
    this.#thread.on("error", (error) => this.#end(`the thread that makes them failed: ${error.message}`));
    this.#thread.on("exit", () => this.#end("the thread that makes them has ended"));
    this.#thread.unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end("the server was stopped");
    await this.#thread.terminate();
  }

  #ask(call: Omit<ToxiproxyCall, "id">): Promise<Answer> {
    if (this.#isOver) return Promise.reject(over("the server was stopped"));
    this.#calls += 1;
    const asked = Promise.withResolvers<Answer>();
    this.#inFlight.set(this.#calls, asked);
    this.#thread.ref(); // keeps the process alive until the answer
    this.#thread.postMessage({ ...call, id: this.#calls } satisfies ToxiproxyCall);
    return asked.promise;
  }

  #settle(answer: ToxiproxyAnswer): void {
    const asked = this.#inFlight.get(answer.id);
    this.#inFlight.delete(answer.id);
    if (this.#inFlight.size === 0) this.#thread.unref();
    if ("error" in answer) asked?.reject(Object.assign(new Error(answer.error.message), { name: answer.error.name }));
    else asked?.resolve({ data: answer.data as never });
  }

  #end(reason: string): void {
    this.#isOver = true;
    for (const asked of this.#inFlight.values()) asked.reject(over(reason));
    this.#inFlight.clear();
  }
}

function over(reason: string): Error {
  return new Error(`no more calls to Toxiproxy: ${reason}`);
}
