/** The store of a check: it answers each call by the check's own logs after one millisecond, or as the check scripts it, and keeps what it was asked. */
import type { StoredConfig } from "../../../protocol/configuration.ts";
import type { ChangesReply, Failure, OrphansReply, PageReply } from "../../../protocol/replies.ts";
import type { Heartbeat, Registration } from "../../../protocol/requests.ts";
import type { Instant, Millis } from "../../../protocol/time.ts";
import type { Version } from "../../../protocol/version.ts";
import type { Store } from "../../../scheduler/ports.ts";
import { ScriptedLog } from "./scripted-log.ts";
import type { SteppedClock } from "./stepped-clock.ts";

export type StoreCall = Exclude<keyof Store, "close">;

export interface Asked {
  readonly call: StoreCall;
  readonly at: Instant;
  readonly deadline: Millis;
  readonly request: Readonly<Record<string, unknown>>;
}

type Reply<Call extends StoreCall> = Awaited<ReturnType<Store[Call]>>;
/** @param usual what the logs answer; the call has its effect when this is called */
type Script<Call extends StoreCall> = (usual: () => Reply<Call>, asked: Asked) => Reply<Call> | Promise<Reply<Call>>;
type Scripts = { [Call in StoreCall]?: Script<Call> };

export function failed(cause: Failure["cause"], applied: Failure["applied"] = "unknown"): Failure {
  return { kind: "failed", applied, cause, after: 0, message: cause };
}

/** How long the way to the store and back takes. */
const wayAndBack: Millis = 1;

export class ScriptedStore implements Store {
  readonly #clock: SteppedClock;
  readonly logs: readonly ScriptedLog[];
  config: StoredConfig | null = null;
  configVersion: Version = { epoch: "a", sequence: 0 };
  asked: Asked[] = [];
  /** How often it was closed. */
  closed = 0;
  /** In place of the usual answers. */
  scripts: Scripts = {};

  constructor(clock: SteppedClock, partitions: number) {
    this.#clock = clock;
    this.logs = Array.from({ length: partitions }, () => new ScriptedLog());
  }

  log(partition: number): ScriptedLog {
    const found = this.logs[partition];
    if (found === undefined) throw new RangeError(`no partition ${partition}`);
    return found;
  }

  /** The requests of one kind, without their time. */
  requests(call: StoreCall): readonly Asked["request"][] {
    return this.asked.filter((one) => one.call === call).map(({ request }) => request);
  }

  /** The answer does not come within `deadline`. */
  async late({ deadline }: Asked): Promise<Failure> {
    await this.#clock.sleep(deadline - wayAndBack);
    return failed("deadline");
  }

  async close(): Promise<void> {
    this.closed += 1;
  }

  registerNode(request: Registration, deadline: Millis) {
    return this.#answer("registerNode", request, deadline, () => {
      const { expected: _, partition, registration: __, ttl: ___, ...offer } = request;
      const log = this.log(partition);
      const { change } = log.register(offer.node, offer);
      const incarnation = change.kind === "registered" ? change.incarnation : "";
      return { kind: "registered", version: log.version, incarnation };
    });
  }

  heartbeat(request: Heartbeat, deadline: Millis) {
    return this.#answer("heartbeat", request, deadline, () => {
      return { kind: "renewed", version: this.log(request.partition).version, unknown_jobs: [] };
    });
  }

  offlineNode(request: Parameters<Store["offlineNode"]>[0], deadline: Millis) {
    return this.#answer("offlineNode", request, deadline, () => {
      const log = this.log(request.partition);
      log.add({ kind: "offline", node: request.node, orphaned: [] });
      return { kind: "offline", version: log.version, orphaned: [] };
    });
  }

  reserveJob(request: Parameters<Store["reserveJob"]>[0], deadline: Millis) {
    return this.#answer("reserveJob", request, deadline, () => {
      const { job, node, partition } = request;
      const log = this.log(partition);
      const current_jobs = (log.nodes.get(node)?.current_jobs ?? 0) + 1;
      log.add({ kind: "reserved", node, job, current_jobs, lease_until_ms: 0 });
      return { kind: "reserved", version: log.version };
    });
  }

  completeJob(request: Parameters<Store["completeJob"]>[0], deadline: Millis) {
    return this.#answer("completeJob", request, deadline, () => this.#ended("completed", request));
  }

  releaseJob(request: Parameters<Store["releaseJob"]>[0], deadline: Millis) {
    return this.#answer("releaseJob", request, deadline, () => this.#ended("released", request));
  }

  sweep(request: Parameters<Store["sweep"]>[0], deadline: Millis) {
    return this.#answer("sweep", request, deadline, () => {
      const nothing = { expired: [], removed: [], lapsed: [], failed: [], due: [] };
      return { kind: "swept", version: this.log(request.partition).version, ...nothing };
    });
  }

  changesSince(request: Parameters<Store["changesSince"]>[0], deadline: Millis) {
    return this.#answer("changesSince", request, deadline, (): ChangesReply => {
      const { limit, partition, since } = request;
      const { entries, epoch, version } = this.log(partition);
      if (since.epoch !== epoch) return { kind: "resync", version };
      const later = entries.filter(({ sequence }) => sequence > since.sequence);
      return { kind: "changes", version, entries: later.slice(0, limit) };
    });
  }

  readOrphans(request: Parameters<Store["readOrphans"]>[0], deadline: Millis) {
    return this.#answer("readOrphans", request, deadline, (): OrphansReply => {
      const { kept, version } = this.log(request.partition);
      const losses = kept.filter(({ order }) => order > request.after).slice(0, request.limit);
      return { kind: "orphans", version, losses };
    });
  }

  ackOrphans(request: Parameters<Store["ackOrphans"]>[0], deadline: Millis) {
    return this.#answer("ackOrphans", request, deadline, () => {
      const log = this.log(request.partition);
      log.kept = log.kept.filter(({ order }) => request.losses.every((loss) => loss.order !== order));
      return { kind: "acknowledged", version: log.version };
    });
  }

  snapshot(request: Parameters<Store["snapshot"]>[0], deadline: Millis) {
    return this.#answer("snapshot", request, deadline, (): PageReply => {
      const { after, limit, nodes, partition } = request;
      const log = this.log(partition);
      const ids = [...log.nodes.keys()].filter((id) => id > after).sort();
      const page = nodes.map((id) => log.nodes.get(id) ?? null);
      return { kind: "page", version: log.version, nodes: page, next: ids.slice(0, limit) };
    });
  }

  putConfig(request: Parameters<Store["putConfig"]>[0], deadline: Millis) {
    return this.#answer("putConfig", request, deadline, () => {
      const { epoch, sequence } = this.configVersion;
      this.configVersion = { epoch, sequence: sequence + 1 };
      this.config = { ...request.content, version: this.configVersion };
      return { kind: "stored", version: this.configVersion, config: this.configVersion };
    });
  }

  readConfig(deadline: Millis) {
    return this.#answer("readConfig", {}, deadline, () => {
      return { kind: "config", version: this.configVersion, config: this.config };
    });
  }

  checkConfig(since: Version, deadline: Millis) {
    return this.#answer("checkConfig", { since }, deadline, () => {
      const { epoch, sequence } = this.configVersion;
      const isSame = epoch === since.epoch && sequence === since.sequence;
      return { kind: isSame ? "unchanged" : "changed", version: this.configVersion };
    });
  }

  #ended(kind: "completed" | "released", { job, node, partition }: { job: string; node: string; partition: number }) {
    const log = this.log(partition);
    const held = log.nodes.get(node);
    const current_jobs = Math.max(0, (held?.current_jobs ?? 0) - 1);
    if (kind === "released") log.add({ kind, node, job, current_jobs });
    else log.add({ kind, node, job, current_jobs, finished: (held?.finished ?? 0) + 1 });
    return { kind: "completed", version: log.version } as const;
  }

  async #answer<Call extends StoreCall>(
    call: Call,
    request: object,
    deadline: Millis,
    usual: () => Reply<Call>,
  ): Promise<Reply<Call>> {
    const asked: Asked = { call, at: this.#clock.now(), deadline, request: { ...request } };
    this.asked.push(asked);
    const script: Script<Call> | undefined = this.scripts[call];
    await this.#clock.sleep(wayAndBack);
    return script === undefined ? usual() : script(usual, asked);
  }
}

/** For scripts that fail alike. */
export function replyWith<Reply>(answer: Reply): () => Reply {
  return () => answer;
}
