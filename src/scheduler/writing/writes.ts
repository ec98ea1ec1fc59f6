/**
 * The writes to the store for a node or a job. Every write is safe to repeat, and none is queued: it is sent now, or it fails now with
 * `applied: "no"`. An answer in an abandoned epoch counts as `applied: "unknown"`: the write may be lost.
 */

import type { NodeState } from "../../protocol/node.ts";
import type {
  Answer,
  Failure,
  FinishReply,
  HeartbeatReply,
  OfflineReply,
  RegisterReply,
  ReserveReply,
} from "../../protocol/replies.ts";
import type { Millis } from "../../protocol/time.ts";
import type { Version } from "../../protocol/version.ts";
import type { CallOptions, Calls } from "../calls/calls.ts";
import type { Emit, Operation } from "../events.ts";
import type { Follower } from "../following/follower.ts";
import {
  checkId,
  checkInteger,
  checkMetrics,
  checkOffer,
  checkRunning,
  type NodeOffer,
  type ReportedMetrics,
} from "../input.ts";
import { jittered } from "../jitter.ts";
import { isFailure, type Random, type Store } from "../ports.ts";
import { healthMilli } from "../selection/health.ts";
import type { Reservations } from "../selection/reservations.ts";
import type { Settings } from "../settings.ts";
import { inChunks } from "./chunks.ts";
import { FirstAsked } from "./first-asked.ts";

export interface RegisterRequest extends NodeOffer {
  /** The token of the first attempt, to repeat a registration with unknown outcome. Drawn when absent. */
  readonly registration?: string;
  /**
   * The incarnation that it replaces, as it was last heard; null: there is no such node. Absent: the one that this instance's view shows, so that a
   * process which has just started takes over. Where the store has another one the answer is `conflict`, and names it.
   */
  readonly expected?: string | null | undefined;
}

export interface HeartbeatRequest {
  readonly node: string;
  /** Grows with every heartbeat of one life; the store drops what is older. */
  readonly seq: number;
  /** A metric that is absent, null or impossible counts as not known. */
  readonly metrics: ReportedMetrics;
  /** Jobs the node is running, up to 100,000: their leases are renewed, those of 500 jobs a call. */
  readonly running: readonly string[];
  /** The incarnation that sends it, as its registration was answered: an instance knows only which one there is by now. */
  readonly incarnation: string;
}

export interface ReserveOptions extends CallOptions {
  /** How long the place is kept without a heartbeat that names the job; `settings.lease` when absent. Milliseconds, 1 to a day. */
  readonly lease?: Millis | undefined;
  /** Settles whether an earlier try happened: sent in every mode. */
  readonly urgent?: boolean;
}

type Versioned = { readonly kind: string; readonly version: Version };

export interface WritePorts {
  readonly store: Store;
  readonly calls: Calls;
  readonly emit: Emit;
  readonly settings: Settings;
  readonly reservations: Reservations;
  readonly tokens: Random;
  readonly ttls: Random;
  readonly followerOf: (node: string) => Follower;
}

export class Writes {
  readonly #ports: WritePorts;
  readonly #firstAsked: FirstAsked;

  constructor(ports: WritePorts) {
    this.#ports = ports;
    this.#firstAsked = new FirstAsked(ports.settings.maxEntries);
  }

  /** A new incarnation of the node. @throws InvalidInputError */
  async registerNode(request: RegisterRequest, options: CallOptions = {}): Promise<Answer<RegisterReply>> {
    const offer = checkOffer(request);
    const registration = checkId("registration", request.registration ?? this.#token(), 64);
    const { node } = offer;
    const follower = this.#ports.followerOf(node);
    const { partition } = follower;
    const expected = expectedOf(request.expected, follower.view.get(node));
    const message = { ...offer, partition, registration, expected, ttl: this.#ttl() };
    const run = (deadline: Millis) => this.#ports.store.registerNode(message, deadline);
    return this.#send("register_node", follower, run, options);
  }

  /** @throws InvalidInputError */
  async heartbeat(request: HeartbeatRequest, options: CallOptions = {}): Promise<Answer<HeartbeatReply>> {
    const { node } = request;
    checkId("node", node);
    const incarnation = checkId("incarnation", request.incarnation, 64);
    const seq = checkInteger("seq", request.seq, 0, 999_999_999_999_999);
    checkRunning(request.running);
    const { emit } = this.#ports;
    const metrics = checkMetrics(request.metrics, (metric, found) =>
      emit({ kind: "impossible_metric", node, metric, found }),
    );
    const follower = this.#ports.followerOf(node);
    const { healthWeights, lease } = this.#ports.settings;
    const health_milli = healthMilli(metrics, healthWeights);
    const sender = { partition: follower.partition, node, incarnation, seq };
    return inChunks(request.running, (running, chunk) => {
      const message = { ...sender, chunk, ttl: this.#ttl(), lease, health_milli, metrics, running };
      const run = (deadline: Millis) => this.#ports.store.heartbeat(message, deadline);
      return this.#send("heartbeat", follower, run, options);
    });
  }

  /**
   * @param given the incarnation that goes; absent: the one that this instance sees. Of another one the answer is `superseded`, and names it
   * @throws InvalidInputError
   */
  async offlineNode(node: string, given?: string, options: CallOptions = {}): Promise<Answer<OfflineReply>> {
    checkId("node", node);
    const follower = this.#ports.followerOf(node);
    const held = follower.view.get(node);
    const incarnation = given === undefined ? (held?.incarnation ?? noIncarnation) : checkId("incarnation", given, 64);
    const request = { partition: follower.partition, node, incarnation, retention: this.#ports.settings.retention };
    const run = (deadline: Millis) => this.#ports.store.offlineNode(request, deadline);
    return this.#send("offline_node", follower, run, options);
  }

  /** @throws InvalidInputError */
  async reserveJob(node: string, job: string, options: ReserveOptions = {}): Promise<Answer<ReserveReply>> {
    const { reservations, settings, store } = this.#ports;
    checkId("node", node);
    checkId("job", job);
    const follower = this.#ports.followerOf(node);
    const { partition } = follower;
    const lease = options.lease === undefined ? settings.lease : checkInteger("lease", options.lease, 1, 86_400_000);
    const request = { partition, node, job, lease };
    const reservation = reservations.begin(partition, node);
    let placedAt: Version | null = null;
    try {
      const answer = await this.#firstAsked.reserve(request, follower.view.get(node)?.finished, async (asked) => {
        let times = 0;
        const run = (deadline: Millis) => {
          times += 1;
          return store.reserveJob(asked, deadline);
        };
        const answer = await this.#send("reserve_job", follower, run, options);
        return { answer, isRepeated: times > 1 };
      });
      if (answer.kind === "reserved" || answer.kind === "already") placedAt = answer.version;
      return answer;
    } finally {
      reservations.settle(partition, reservation, placedAt, follower.view.version);
    }
  }

  /** @throws InvalidInputError */
  async completeJob(node: string, job: string, options: CallOptions = {}): Promise<Answer<FinishReply>> {
    const { settings, store } = this.#ports;
    const { follower, request } = this.#jobOf(node, job);
    const message = { ...request, doneFor: settings.doneFor, doneMax: settings.doneMax };
    return this.#send("complete_job", follower, (deadline) => store.completeJob(message, deadline), options);
  }

  /** @throws InvalidInputError */
  async releaseJob(node: string, job: string, options: CallOptions = {}): Promise<Answer<FinishReply>> {
    const { follower, request } = this.#jobOf(node, job);
    const run = (deadline: Millis) => this.#ports.store.releaseJob(request, deadline);
    return this.#send("release_job", follower, run, options);
  }

  #jobOf(node: string, job: string) {
    checkId("node", node);
    checkId("job", job);
    const follower = this.#ports.followerOf(node);
    return { follower, request: { partition: follower.partition, node, job } };
  }

  /** Sends, once more if it may have happened and `retryAmbiguous` is "all". */
  async #send<Reply extends Versioned>(
    operation: Operation,
    follower: Follower,
    run: (deadline: Millis) => Promise<Answer<Reply>>,
    options: ReserveOptions,
  ): Promise<Answer<Reply>> {
    const { calls, settings } = this.#ports;
    const { partition } = follower;
    const once = async (how: ReserveOptions) =>
      heardBy(follower, operation, await calls.write({ operation, partition, run }, how));
    const answer = await once(options);
    if (settings.retryAmbiguous !== "all" || !isAmbiguous(answer)) return answer;
    const again = await once({ ...options, urgent: true });
    return isFailure(again) ? { ...again, applied: "unknown" } : again;
  }

  /** 128 random bits. */
  #token(): string {
    const word = () => this.#ports.tokens.nextUint32().toString(16).padStart(8, "0");
    return word() + word() + word() + word();
  }

  #ttl(): Millis {
    const { heartbeatTtl, ttlSpread } = this.#ports.settings;
    return Math.max(1, Math.round(jittered(heartbeatTtl, ttlSpread, this.#ports.ttls)));
  }
}

/** The incarnation that a registration replaces: the caller's, or else the one that is seen. */
function expectedOf(given: string | null | undefined, held: NodeState | undefined): string | null {
  if (given === undefined) return held?.incarnation ?? null;
  return given === null ? null : checkId("expected", given, 64);
}

/** An incarnation that no node ever has: only the store can say that there is no such node, since the view may be old. */
const noIncarnation = "0000000000000000:0";

/** Whether the call may have happened and a repetition could show it: neither close nor the caller has ended it. */
export function isAmbiguous<Reply extends { readonly kind: string }>(answer: Answer<Reply>): answer is Failure {
  return isFailure(answer) && answer.applied === "unknown" && answer.cause !== "closed" && answer.cause !== "aborted";
}

function heardBy<Reply extends Versioned>(
  follower: Follower,
  operation: Operation,
  answer: Answer<Reply>,
): Answer<Reply> {
  if (isFailure(answer) || follower.heard(answer.version, operation)) return answer;
  const message = `answered in epoch ${answer.version.epoch}, which was abandoned: what was written may be lost`;
  return { kind: "failed", applied: "unknown", cause: "readonly", after: 0, message };
}
