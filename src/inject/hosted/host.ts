/**
 * The process of one instance: the scheduler on its real connections. It makes the calls that the harness requests, and records everything that the
 * scheduler does, by the clock that all processes share. A call is timed here, so its time excludes the pipe to this process.
 */
import type { Readable, Writable } from "node:stream";
import type { HistoryEvent } from "../../check/history.ts";
import { OwnThread } from "../../lab/machine/thread-time.ts";
import { spentBetween, type Tick, watchThread } from "../../lab/machine/thread-watch.ts";
import { sharedNow } from "../../lab/process/monotonic.ts";
import type { LoadedScheduler } from "../../mutants/schedulers.ts";
import type { Scheduler } from "../../scheduler/scheduler.ts";
import { startInstance } from "../instances/instance.ts";
import type { Journal } from "../observe/recorder.ts";
import { watchViews } from "../observe/view-watch.ts";
import { readFrames, writeFrame } from "./frames.ts";
import { type HostedCall, type HostedOptions, type Look, type Message, type Request, thrownOf } from "./messages.ts";

/** Resolves when the input ends: then the harness is gone, or does not need the instance any more. */
export async function host(input: Readable, output: Writable): Promise<void> {
  const ended = Promise.withResolvers<void>();
  const sender = new Sender(output);
  let hosted: Hosted | null = null;
  readFrames<Request>(input, (request) => {
    if (request.kind !== "start") hosted?.take(request);
    else {
      hosted = new Hosted(request.options, sender);
      void hosted.start();
    }
  });
  input.on("end", ended.resolve);
  input.on("error", ended.resolve);
  await ended.promise;
}

/** Sends the messages of one turn of the event loop in one frame. */
class Sender {
  readonly #output: Writable;
  #queue: Message[] = [];

  constructor(output: Writable) {
    this.#output = output;
  }

  send(message: Message): void {
    if (this.#queue.push(message) === 1) setImmediate(() => this.#flush());
  }

  #flush(): void {
    const messages = this.#queue;
    this.#queue = [];
    writeFrame(this.#output, messages);
  }
}

class Hosted {
  readonly #options: HostedOptions;
  readonly #sender: Sender;
  readonly #thread = OwnThread.open();
  #scheduler: Scheduler | null = null;
  readonly #watches = new DisposableStack();
  /** By the number of the call: those in flight that may be aborted. */
  readonly #aborts = new Map<number, AbortController>();

  constructor(options: HostedOptions, sender: Sender) {
    this.#options = options;
    this.#sender = sender;
  }

  async start(): Promise<void> {
    const { index, nodes, scheduler: url } = this.#options;
    const journal: Journal = {
      now: sharedNow,
      moment: sharedNow,
      at: (moment) => moment,
      event: (event: HistoryEvent) => this.#sender.send({ kind: "event", event }),
    };
    try {
      const { createScheduler } = (await import(/* @vite-ignore */ url)) as Pick<LoadedScheduler, "createScheduler">;
      const record = (tick: Tick): void => journal.event({ kind: "stall", instance: index, ...tick });
      this.#watches.use(watchThread({ now: sharedNow, thread: this.#thread, record }));
      const scheduler = await startInstance({ ...this.#options, recorder: journal, createScheduler });
      this.#scheduler = scheduler;
      this.#watches.use(watchViews([scheduler], { nodes, first: index }, journal));
      this.#sender.send({ kind: "ready", look: this.#look(scheduler) });
    } catch (error) {
      this.#sender.send({ kind: "refused", error: thrownOf(error) });
    }
  }

  take(request: Exclude<Request, { kind: "start" }>): void {
    const scheduler = this.#scheduler;
    if (scheduler === null) throw new Error(`${request.kind} before the instance was ready`);
    switch (request.kind) {
      case "call":
        void this.#call(scheduler, request);
        return;
      case "abort":
        this.#aborts.get(request.id)?.abort();
        return;
      case "look":
        this.#sender.send({ kind: "looked", id: request.id, look: this.#look(scheduler) });
        return;
      case "finish":
        this.#watches.dispose();
        this.#sender.send({ kind: "finished", id: request.id });
    }
  }

  async #call(scheduler: Scheduler, request: HostedCall): Promise<void> {
    const { id, name } = request;
    const args = this.#argumentsOf(request);
    const method = scheduler[name] as (...args: readonly unknown[]) => object | Promise<object>;
    const before = this.#thread?.time() ?? null;
    const from = sharedNow();
    const answered = (outcome: Pick<Extract<Message, { kind: "answered" }>, "answer" | "thrown">): void => {
      const to = sharedNow();
      const measured = { from, to, ...spentBetween(before, this.#thread?.time() ?? null) };
      const config = scheduler.config()?.version ?? null;
      this.#sender.send({ kind: "answered", id, measured, config, ...outcome });
    };
    try {
      answered({ answer: await method.apply(scheduler, args as unknown[]) });
    } catch (error) {
      answered({ thrown: thrownOf(error) });
    }
    this.#aborts.delete(id);
  }

  /** With the signal in its place, which cannot be sent. */
  #argumentsOf({ args, id, signal }: HostedCall): readonly unknown[] {
    if (signal === undefined) return args;
    const controller = new AbortController();
    if (signal === "aborted") controller.abort();
    else this.#aborts.set(id, controller);
    return [...args.slice(0, -1), { ...(args.at(-1) as object), signal: controller.signal }];
  }

  #look(scheduler: Scheduler): Look {
    const { connected, mode, view } = scheduler.status();
    const nodes = view.map((_, partition) => scheduler.nodes(partition));
    return { at: sharedNow(), mode, connected, view, nodes, config: scheduler.config()?.version ?? null };
  }
}
