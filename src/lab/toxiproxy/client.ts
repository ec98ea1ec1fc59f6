/**
 * Toxiproxy's client, whose calls are made by a thread of their own. An answer by HTTP takes half a millisecond and more of the thread that it comes
 * to, and that of a run is the instances': those to 14 calls at once kept it for 10 ms, which a client then saw as a missed deadline.
 */

import { Worker } from "node:worker_threads";
import { Toxiproxy } from "toxiproxy-node-client";
import { programPath } from "../program.ts";
import type { ToxiproxyAnswer, ToxiproxyCall } from "./call.ts";

type Answer = { readonly data: never };

export class ToxiproxyClient extends Toxiproxy implements AsyncDisposable {
  readonly #thread = new Worker(programPath("toxiproxy/thread"));
  readonly #underWay = new Map<number, PromiseWithResolvers<Answer>>();
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
    this.#underWay.set(this.#calls, asked);
    this.#thread.ref(); // whoever waits for an answer is not to end before it
    this.#thread.postMessage({ ...call, id: this.#calls } satisfies ToxiproxyCall);
    return asked.promise;
  }

  #settle(answer: ToxiproxyAnswer): void {
    const asked = this.#underWay.get(answer.id);
    this.#underWay.delete(answer.id);
    if (this.#underWay.size === 0) this.#thread.unref();
    if ("error" in answer) asked?.reject(Object.assign(new Error(answer.error.message), { name: answer.error.name }));
    else asked?.resolve({ data: answer.data as never });
  }

  #end(reason: string): void {
    this.#isOver = true;
    for (const asked of this.#underWay.values()) asked.reject(over(reason));
    this.#underWay.clear();
  }
}

function over(reason: string): Error {
  return new Error(`no more calls to Toxiproxy: ${reason}`);
}
