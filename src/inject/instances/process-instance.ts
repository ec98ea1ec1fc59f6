/**
 * An instance as a process behind the same proxies, which can be killed, stopped and restarted. Only its replies over the line protocol are seen: the
 * harness requests its mode and views every few milliseconds, and does not judge what the protocol does not report.
 */
import type { NodeContent } from "../../check/history.ts";
import type { PropertyId } from "../../check/properties.ts";
import { BrokenRunError } from "../../evidence/failure.ts";
import type { Lab } from "../../lab/lab.ts";
import { isStopped } from "../../lab/process/process.ts";
import { waitFor } from "../../lab/process/wait.ts";
import { systemClock } from "../../redis/system.ts";
import { SutClient } from "../../sut/client.ts";
import type { SutCommand } from "../../sut/command.ts";
import type { Reply } from "../../sut/protocol.ts";
import { Waiting } from "../machine/waiting.ts";
import type { LinkName } from "../network/links.ts";
import type { Moment, Recorder } from "../observe/recorder.ts";
import { InstanceProcess, readyTimeout, startedOrClosed, statusTimeout } from "./instance-process.ts";
import { ProcessTarget } from "./process-target.ts";
import { type Subject, withoutStatus } from "./subject.ts";

export interface ProcessInstanceOptions {
  readonly lab: Lab;
  readonly command: SutCommand;
  readonly index: number;
  /** By URL: the line protocol has no other form. */
  readonly links: Readonly<Record<LinkName, { readonly url: string }>>;
  readonly namespace: string;
  readonly partitions: number;
  readonly feedMax: number;
  readonly settings: Readonly<Record<string, number>>;
  readonly recorder: Recorder;
}

/** ms between two requests for the mode: a change is seen this much later, or not at all. */
const statusEvery = 5;
/** In such requests: one of them asks for all nodes too, which costs more. */
const contentsEvery = 8;

/** Properties that depend on events inside an instance, or between it and Redis, which the line protocol does not report. */
const notReported = "instances are processes, and the line protocol does not report";
const withheld: Partial<Record<PropertyId, string>> = {
  P1: `${notReported} what they ask Redis for`,
  C1: `${notReported} what they ask Redis for`,
  C2: `${notReported} what they ask Redis for`,
  O1: `${notReported} callbacks`,
  K3: `${notReported} single operations on Redis`,
};

const unseen = "the system does not claim status, by which modes and views are seen";
/** Properties that are judged by what status reports, of a system that does not have it. */
const withheldUnseen: Partial<Record<PropertyId, string>> = {
  ...{ V3: unseen, V4: unseen, D2: unseen, D3: unseen, D5: unseen, D6: unseen },
};

type Status = Reply<"status">;

export class ProcessInstance extends ProcessTarget implements Subject {
  readonly #options: ProcessInstanceOptions;
  readonly #timer: NodeJS.Timeout;
  readonly process: InstanceProcess;
  #client: SutClient | null = null;
  /** Its last status; null while it is gone. */
  #status: Status | null = null;
  /** The last one with all nodes, and when it came. */
  #whole: { readonly at: Moment; readonly reply: Status } | null = null;
  /** It is ready, and does not claim to report its status. */
  #isUnreported = false;
  #operations: readonly string[] = [];
  #mode = "normal";
  /** The request in flight. */
  #asking: Promise<void> | null = null;
  #asks = 0;
  /** When the last request was made that was answered with the present mode. */
  #modeAskedAt: Moment | null = null;
  readonly #waiting: Waiting;
  #fault: Error | null = null;

  /** @throws SutError when it does not get ready; LabError when it cannot be started */
  static async start(options: ProcessInstanceOptions): Promise<ProcessInstance> {
    const instance = new ProcessInstance(options);
    return await startedOrClosed(instance, () => instance.#begin());
  }

  private constructor(options: ProcessInstanceOptions) {
    super(() => this.#startedClient());
    this.#options = options;
    this.process = new InstanceProcess(options, () => {
      this.#status = null;
      this.#isUnreported = false;
    });
    this.#waiting = new Waiting(options.recorder.moment());
    this.#timer = setInterval(() => this.#look(), statusEvery);
  }

  get operations(): readonly string[] {
    return this.#operations;
  }

  status(): ReturnType<Subject["status"]> {
    return this.#statusOf(this.#status);
  }

  statusOfNodes(): ReturnType<Subject["status"]> {
    const whole = this.#status === null ? null : this.#whole;
    const { recorder } = this.#options;
    return { ...this.#statusOf(whole?.reply ?? null), ...(whole !== null && { at: recorder.at(whole.at) }) };
  }

  #statusOf(status: Status | null): ReturnType<Subject["status"]> {
    const view = Array.from({ length: this.#options.partitions }, (_, partition) => {
      return status?.view[String(partition)] ?? { epoch: "", sequence: 0 };
    });
    if (this.#isUnreported) return { mode: withoutStatus, connected: true, view };
    // A status without `connected` counts as subscribed.
    return { mode: status?.mode ?? "gone", connected: status?.connected ?? status !== null, view };
  }

  /** Also of all nodes: the next request asks for them. Without status, it resolves once the process is not stopped. */
  async refresh(): Promise<void> {
    const pid = this.process.current?.pid;
    if (this.#isUnreported && pid !== undefined) {
      await waitFor(() => (isStopped(pid) ? undefined : true), { timeout: statusTimeout, interval: 1 });
    }
    while (this.#asking !== null) await this.#asking; // of two in flight either may be answered first
    this.#asks = 0;
    if (this.#client !== null && this.#status !== null) await this.#ask(this.#client);
  }

  /** All nodes that it knows, under the first partition: the protocol does not report which partition a node is in. */
  nodes(partition: number): readonly NodeContent[] {
    return partition === 0 && this.#status !== null ? (this.#whole?.reply.contents ?? []) : [];
  }

  /** @throws SutError when it does not get ready */
  async restart(): Promise<void> {
    await this.process.kill();
    await this.#begin();
  }

  /** @throws BrokenRunError when it broke the protocol: its replies since then cannot be judged */
  throwIfBroken(): void {
    if (this.#fault === null) return;
    throw new BrokenRunError(this.#fault.message, { where: this.#name, fix: "see docs/sut-protocol.md" }, this.#fault);
  }

  /** Everything is recorded at once here. */
  async finish(): Promise<void> {}

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.process.kill();
  }

  get #name(): string {
    return `instance ${this.#options.index}`;
  }

  #startedClient(): SutClient {
    if (this.#client === null) throw new Error(`${this.#name} was called before it was started`);
    return this.#client;
  }

  async #begin(): Promise<void> {
    const { command, feedMax, index, links, namespace, partitions, recorder, settings } = this.#options;
    const process = await this.process.launch(command);
    const client = new SutClient({ process, name: this.#name, clock: systemClock });
    this.#client = client;
    this.#asks = 0;
    this.#modeAskedAt = null;
    void client.faulty.then((error) => {
      this.#fault ??= error;
    });
    const request = {
      ...{ instance: index, namespace, feed_max: feedMax, settings: { ...settings, partitions } },
      ...{ redis: links.commands.url, redis_feed: links.feed.url },
    };
    const { capabilities, name, version } = await client.init(request, readyTimeout);
    const { ops, properties: claims } = capabilities;
    this.#operations = ops;
    if (ops.includes("status")) await this.#ask(client);
    else this.#isUnreported = true;
    const hidden = this.#isUnreported ? { ...withheld, ...withheldUnseen } : withheld;
    const at = recorder.now();
    recorder.event({ kind: "system", at, instance: index, name, version, ops, claims, withheld: hidden });
    this.process.recordEnd(process);
  }

  #look(): void {
    this.#recordWaiting();
    if (this.#asking !== null || this.#status === null || this.#client === null) return;
    void this.#ask(this.#client);
  }

  async #ask(client: SutClient): Promise<void> {
    const asking = this.#answered(client).finally(() => {
      if (this.#asking === asking) this.#asking = null;
    });
    this.#asking = asking;
    await asking;
  }

  async #answered(client: SutClient): Promise<void> {
    const { index, recorder } = this.#options;
    const asked = recorder.moment();
    const contents = this.#asks % contentsEvery === 0;
    this.#asks += 1;
    const answer = await client.call(contents ? { op: "status", contents } : { op: "status" }, statusTimeout);
    const answered = recorder.moment();
    const at = recorder.at(answered);
    if (answer.kind === "failed" || client !== this.#client || this.process.current === null) return;
    recorder.event({ kind: "pipe", at, instance: index, took: at - recorder.at(asked) });
    const { mode } = answer.reply;
    const before = this.#mode;
    const since = this.#modeAskedAt === null ? at : recorder.at(this.#modeAskedAt);
    const changed = { kind: "mode", at, since, instance: index, from: before, to: mode, cause: "status" } as const;
    if (mode !== before) recorder.event(changed);
    this.#modeAskedAt = asked;
    this.#mode = mode;
    this.#status = answer.reply;
    if (contents) this.#whole = { at: answered, reply: answer.reply };
  }

  /** CPU starvation of the process since the last look. */
  #recordWaiting(): void {
    const { index, recorder } = this.#options;
    const process = this.process.current;
    const waiting = this.#waiting.look(recorder.moment(), process?.pid ?? 0, process?.threadTimes() ?? null);
    if (waiting === null) return;
    const [since, at] = [recorder.at(waiting.since), recorder.at(waiting.at)];
    recorder.event({ kind: "stall", ...waiting, since, at, instance: index });
  }
}
