/**
 * The process of one instance: the scheduler on its real connections, called as the harness asks, with everything that it does taken down here,
 * by the clock that all processes share. The time of a call is measured around it, so the way to this process is no part of it.
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
import { type CallName, type HostedOptions, type Look, type Message, type Request, thrownOf } from "./messages.ts";

/** Resolves when the input ends: then the harness is gone, or has no more use for the instance. */
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

/** What is said in one turn of the event loop leaves in one frame. */
class Sender {
  readonly #output: Writable;
  #said: Message[] = [];

  constructor(output: Writable) {
    this.#output = output;
  }

  say(message: Message): void {
    if (this.#said.push(message) === 1) setImmediate(() => this.#send());
  }

  #send(): void {
    const said = this.#said;
    this.#said = [];
    writeFrame(this.#output, said);
  }
}

class Hosted {
  readonly #options: HostedOptions;
  readonly #sender: Sender;
  readonly #thread = OwnThread.open();
  #scheduler: Scheduler | null = null;
  readonly #watches = new DisposableStack();

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
      event: (event: HistoryEvent) => this.#sender.say({ kind: "event", event }),
    };
    try {
      const { createScheduler } = (await import(/* @vite-ignore */ url)) as Pick<LoadedScheduler, "createScheduler">;
      const scheduler = await startInstance({ ...this.#options, recorder: journal, createScheduler });
      this.#scheduler = scheduler;
      const tell = (tick: Tick): void => journal.event({ kind: "stall", instance: index, ...tick });
      this.#watches.use(watchThread({ now: sharedNow, thread: this.#thread, tell }));
      this.#watches.use(watchViews([scheduler], { nodes, first: index }, journal));
      this.#sender.say({ kind: "ready", look: this.#look(scheduler) });
    } catch (error) {
      this.#sender.say({ kind: "refused", error: thrownOf(error) });
    }
  }

  take(request: Exclude<Request, { kind: "start" }>): void {
    const scheduler = this.#scheduler;
    if (scheduler === null) throw new Error(`${request.kind} before the instance was ready`);
    switch (request.kind) {
      case "call":
        void this.#call(scheduler, request.id, request.name, request.args);
        return;
      case "look":
        this.#sender.say({ kind: "looked", id: request.id, look: this.#look(scheduler) });
        return;
      case "finish":
        this.#watches.dispose();
        this.#sender.say({ kind: "finished", id: request.id });
    }
  }

  async #call(scheduler: Scheduler, id: number, name: CallName, args: readonly unknown[]): Promise<void> {
    const method = scheduler[name] as (...args: readonly unknown[]) => object | Promise<object>;
    const before = this.#thread?.time() ?? null;
    const from = sharedNow();
    const answered = (outcome: Pick<Extract<Message, { kind: "answered" }>, "answer" | "thrown">): void => {
      const to = sharedNow();
      const measured = { from, to, ...spentBetween(before, this.#thread?.time() ?? null) };
      const config = scheduler.config()?.version ?? null;
      this.#sender.say({ kind: "answered", id, measured, config, ...outcome });
    };
    try {
      answered({ answer: await method.apply(scheduler, args as unknown[]) });
    } catch (error) {
      answered({ thrown: thrownOf(error) });
    }
  }

  #look(scheduler: Scheduler): Look {
    const { connected, mode, view } = scheduler.status();
    const nodes = view.map((_, partition) => scheduler.nodes(partition));
    return { at: sharedNow(), mode, connected, view, nodes, config: scheduler.config()?.version ?? null };
  }
}
