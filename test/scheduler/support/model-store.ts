/** One instance's way to the server: a store and a feed, with what a network may do to them. */
import type {
  Answer,
  Feed,
  FeedListener,
  LanguagePair,
  Millis,
  PartitionTag,
  Store,
} from "../../../src/scheduler/ports.ts";
import { failure, fromText, toModel, toModelContent } from "../../../src/simulate/servers/protocol-values.ts";
import type { ConfigSent, ModelServer, Sent } from "./model-server.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** What happens to one call. `mute` and `tardy` break the store's promise: no answer at the deadline, or one only after it. */
export type Fate =
  | { readonly kind: "delivered"; readonly delay?: Millis; readonly replyDelay?: Millis }
  | { readonly kind: "tardy"; readonly replyDelay: Millis }
  | { readonly kind: "request_lost" | "reply_lost" | "mute" | "refused" };

/** Of the configuration too: its version check is of kind "check_config", so that it is not mistaken for a partition's. */
type Request = Sent | ConfigSent | { readonly kind: "check_config" };

export type Network = (sent: Request, partition: PartitionTag) => Fate;

const reliable: Network = () => ({ kind: "delivered" });

/** One way, when nothing else is said. */
const oneWay = 0.5;

export class ModelStore implements Store {
  readonly #server: ModelServer;
  readonly #clock: VirtualClock;
  network: Network = reliable;
  /** What this instance believes; the server is asked with it. */
  partitions: number;
  /** Of partitions. */
  readonly sent: Sent[] = [];
  /** Of the configuration. */
  readonly sentConfig: ConfigSent[] = [];

  constructor(server: ModelServer, clock: VirtualClock) {
    this.#server = server;
    this.#clock = clock;
    this.partitions = server.partitions;
  }

  count(kind: Sent["kind"]): number {
    return this.sent.filter((sent) => sent.kind === kind).length;
  }

  registerNode: Store["registerNode"] = ({ partition, max_jobs, ...request }, deadline) =>
    this.#call(partition, { kind: "register_node", ...request, maxJobs: max_jobs }, deadline);

  heartbeat: Store["heartbeat"] = ({ partition, health_milli, incarnation, ...request }, deadline) => {
    const life = { incarnation: fromText(incarnation), healthMilli: health_milli };
    return this.#call(partition, { kind: "heartbeat", ...request, ...life }, deadline);
  };

  offlineNode: Store["offlineNode"] = ({ partition, incarnation, ...request }, deadline) =>
    this.#call(partition, { kind: "offline_node", ...request, incarnation: fromText(incarnation) }, deadline);

  reserveJob: Store["reserveJob"] = ({ partition, ...request }, deadline) =>
    this.#call(partition, { kind: "reserve_job", ...request }, deadline);

  completeJob: Store["completeJob"] = ({ partition, ...request }, deadline) =>
    this.#call(partition, { kind: "complete_job", ...request }, deadline);

  releaseJob: Store["releaseJob"] = ({ partition, ...request }, deadline) =>
    this.#call(partition, { kind: "release_job", ...request }, deadline);

  sweep: Store["sweep"] = ({ partition, ...request }, deadline) =>
    this.#call(partition, { kind: "sweep", ...request }, deadline);

  changesSince: Store["changesSince"] = ({ partition, since, limit }, deadline) =>
    this.#call(partition, { kind: "changes_since", since: toModel(since), limit }, deadline);

  snapshot: Store["snapshot"] = ({ partition, nodes, after, limit }, deadline) =>
    this.#call(partition, { kind: "snapshot", records: nodes, after, limit }, deadline);

  putConfig: Store["putConfig"] = ({ expected, content }, deadline) =>
    this.#callConfig(
      { kind: "put_config", expected: expected && toModel(expected), content: toModelContent(content) },
      deadline,
    );

  readConfig: Store["readConfig"] = (deadline) => this.#callConfig({ kind: "read_config" }, deadline);

  checkConfig: Store["checkConfig"] = (since, deadline) =>
    this.#callConfig({ kind: "changes_since", since: toModel(since), limit: 0 }, deadline);

  async close(): Promise<void> {
    this.network = () => ({ kind: "refused" });
  }

  #callConfig<Reply>(sent: ConfigSent, deadline: Millis): Promise<Answer<Reply>> {
    this.sentConfig.push(sent);
    const fate = this.network(sent.kind === "changes_since" ? { kind: "check_config" } : sent, "cfg");
    return this.#travel(fate, deadline, () => this.#server.runConfig(sent, this.partitions) as Answer<Reply>);
  }

  #call<Reply>(partition: number, sent: Sent, deadline: Millis): Promise<Answer<Reply>> {
    this.sent.push(sent);
    const fate = this.network(sent, partition);
    return this.#travel(fate, deadline, () => this.#server.run(partition, sent, this.partitions) as Answer<Reply>);
  }

  #travel<Reply>(fate: Fate, deadline: Millis, run: () => Answer<Reply>): Promise<Answer<Reply>> {
    if (fate.kind === "refused") return Promise.resolve(failure("disconnected", "no connection"));
    return new Promise((resolve) => {
      if (fate.kind !== "mute" && fate.kind !== "tardy") {
        this.#clock.after(deadline, () => resolve(failure("deadline", "no answer in time", "unknown")));
      }
      if (fate.kind === "request_lost") return;
      const isAnswered = fate.kind === "delivered" || fate.kind === "tardy";
      const { delay, replyDelay } = delaysOf(fate);
      this.#clock.after(delay, () => {
        const reply = run();
        if (isAnswered) this.#clock.after(replyDelay, () => resolve(reply));
      });
    });
  }
}

function delaysOf(fate: Fate): { readonly delay: Millis; readonly replyDelay: Millis } {
  if (fate.kind === "tardy") return { delay: oneWay, replyDelay: fate.replyDelay };
  if (fate.kind !== "delivered") return { delay: oneWay, replyDelay: oneWay };
  return { delay: fate.delay ?? oneWay, replyDelay: fate.replyDelay ?? oneWay };
}

export class ModelFeed implements Feed {
  readonly #server: ModelServer;
  #listener: FeedListener | null = null;

  constructor(server: ModelServer) {
    this.#server = server;
  }

  /** Wake-ups are lost without anybody noticing: a half-open connection. */
  isDeaf = false;

  start(listener: FeedListener): void {
    this.#listener = {
      ...listener,
      woken: (partition, version) => {
        if (!this.isDeaf) listener.woken(partition, version);
      },
    };
    this.#server.subscribe(this.#listener);
    listener.connected();
  }

  /** A message from nowhere: late, repeated, or of another time. */
  say(partition: number, version: { epoch: string; sequence: number }): void {
    this.#listener?.woken(partition, version);
  }

  async close(): Promise<void> {
    if (this.#listener !== null) this.#server.unsubscribe(this.#listener);
  }
}

export const english: LanguagePair = { source: "en", target: "de" };
