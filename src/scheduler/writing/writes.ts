/**
 * The writes to the store for a node or a job. Every write is safe to repeat, and none is queued: it is sent now, or it fails now with
 * `applied: "no"`. An answer in an abandoned epoch counts as `applied: "unknown"`: the write may be lost.
 */

import type { Membership } from "../../protocol/node.ts";
import type {
  Answer,
  Failure,
  FinishReply,
  HeartbeatReply,
  KeysNeeded,
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
import { BoundedMap } from "../reading/bounded.ts";
import { healthMilli } from "../selection/health.ts";
import type { Reservations } from "../selection/reservations.ts";
import type { Settings } from "../settings.ts";
import { pairKey } from "../text.ts";
import { inChunks } from "./chunks.ts";
import { FirstAsked } from "./first-asked.ts";

export interface RegisterRequest extends NodeOffer {
  /** The token of the first attempt, to repeat a registration with unknown outcome. Drawn when absent. */
  readonly registration?: string;
}

export interface HeartbeatRequest {
  readonly node: string;
  /** Grows with every heartbeat of one life; the store drops what is older. */
  readonly seq: number;
  /** A metric that is absent, null or impossible counts as not known. */
  readonly metrics: ReportedMetrics;
  /** Jobs the node is running, up to 100,000: their leases are renewed, those of 500 jobs a call. */
  readonly running: readonly string[];
  /** The incarnation that sends it; absent: the one that this instance knows. */
  readonly incarnation?: string | undefined;
}

export interface ReserveOptions extends CallOptions {
  /** How long the place is kept without a heartbeat that names the job; `settings.lease` when absent. Milliseconds, 1 to a day. */
  readonly lease?: Millis | undefined;
  /** Settles whether an earlier try happened: sent in every mode. */
  readonly urgent?: boolean;
}

export type RegisterOutcome = Exclude<RegisterReply, KeysNeeded>;
export type OfflineOutcome = Exclude<OfflineReply, KeysNeeded>;

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

/** How often a call is repeated with the keys that the store asked for; more would mean that the node changes under our hands. */
const maxKeyRounds = 3;
const nowhere: Membership = { pools: [], languages: [] };

export class Writes {
  readonly #ports: WritePorts;
  /** node -> the life that was registered here last. */
  readonly #incarnations: BoundedMap<string, string>;
  readonly #firstAsked: FirstAsked;

  constructor(ports: WritePorts) {
    this.#ports = ports;
    this.#incarnations = new BoundedMap(ports.settings.maxEntries);
    this.#firstAsked = new FirstAsked(ports.settings.maxEntries);
  }

  /** A new life of the node. @throws InvalidInputError */
  async registerNode(request: RegisterRequest, options: CallOptions = {}): Promise<Answer<RegisterOutcome>> {
    const offer = checkOffer(request);
    const registration = checkId("registration", request.registration ?? this.#token(), 64);
    const { node } = offer;
    const follower = this.#ports.followerOf(node);
    const { partition } = follower;
    const held = follower.view.get(node);
    const leave = held?.status === "online" ? without(held, offer) : nowhere;
    const ttl = this.#ttl();
    const answer = await this.#withKeys<RegisterOutcome>(leave, (keys) => {
      const message = { ...offer, partition, registration, ttl, leave: without(keys, offer) };
      const run = (deadline: Millis) => this.#ports.store.registerNode(message, deadline);
      return this.#send("register_node", follower, run, options);
    });
    if (answer.kind === "registered" || answer.kind === "already") this.#incarnations.set(node, answer.incarnation);
    // It may be living a new life: what we remember would make each of its messages one of a former life. The view will know.
    else if (isFailure(answer) && answer.applied === "unknown") this.#incarnations.delete(node);
    return answer;
  }

  /** @throws InvalidInputError */
  async heartbeat(request: HeartbeatRequest, options: CallOptions = {}): Promise<Answer<HeartbeatReply>> {
    const { node } = request;
    checkId("node", node);
    const seq = checkInteger("seq", request.seq, 0, 999_999_999_999_999);
    checkRunning(request.running);
    const { emit } = this.#ports;
    const metrics = checkMetrics(request.metrics, (metric, found) =>
      emit({ kind: "impossible_metric", node, metric, found }),
    );
    const follower = this.#ports.followerOf(node);
    const known = this.#incarnationOf(node, request.incarnation, follower);
    const { healthWeights, lease } = this.#ports.settings;
    const health_milli = healthMilli(metrics, healthWeights);
    return inLife<HeartbeatReply>(known, (incarnation) => {
      const life = { partition: follower.partition, node, incarnation, seq };
      return inChunks(request.running, (running, chunk) => {
        const message = { ...life, chunk, ttl: this.#ttl(), lease, health_milli, metrics, running };
        const run = (deadline: Millis) => this.#ports.store.heartbeat(message, deadline);
        return this.#send("heartbeat", follower, run, options);
      });
    });
  }

  /** @throws InvalidInputError */
  async offlineNode(node: string, incarnation?: string, options: CallOptions = {}): Promise<Answer<OfflineOutcome>> {
    checkId("node", node);
    const follower = this.#ports.followerOf(node);
    const { retention } = this.#ports.settings;
    return inLife<OfflineOutcome>(this.#incarnationOf(node, incarnation, follower), (life) => {
      const request = { partition: follower.partition, node, incarnation: life, retention };
      return this.#withKeys<OfflineOutcome>(follower.view.get(node) ?? nowhere, ({ pools, languages }) => {
        const message = { ...request, declared: { pools, languages } };
        const run = (deadline: Millis) => this.#ports.store.offlineNode(message, deadline);
        return this.#send("offline_node", follower, run, options);
      });
    });
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

  async #withKeys<Reply extends Versioned>(
    keys: Membership,
    attempt: (keys: Membership) => Promise<Answer<Reply | KeysNeeded>>,
  ): Promise<Answer<Reply>> {
    let declared = keys;
    for (let round = 0; round <= maxKeyRounds; round++) {
      const answer = await attempt(declared);
      if (isKeysNeeded(answer)) declared = answer;
      else return answer;
    }
    const message = `the node's pools or languages changed ${maxKeyRounds} times under the call`;
    return { kind: "failed", applied: "no", cause: "protocol", after: 0, message };
  }

  #incarnationOf(node: string, given: string | undefined, follower: Follower): string | undefined {
    if (given !== undefined) return checkId("incarnation", given, 64);
    return this.#incarnations.get(node) ?? follower.view.get(node)?.incarnation;
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

/** An incarnation that no node ever has. */
const noIncarnation = "0000000000000000:0";

/**
 * Uses the known incarnation. Without one, the store names the current incarnation, and only the store can say that there is no such node: the view
 * may be stale.
 */
async function inLife<Reply extends Versioned>(
  known: string | undefined,
  speak: (incarnation: string) => Promise<Answer<Reply>>,
): Promise<Answer<Reply>> {
  const answer = await speak(known ?? noIncarnation);
  if (known !== undefined || isFailure(answer) || !("incarnation" in answer)) return answer;
  return speak(String(answer.incarnation));
}

/** Whether the call may have happened and a repetition could show it: neither close nor the caller has ended it. */
export function isAmbiguous<Reply extends { readonly kind: string }>(answer: Answer<Reply>): answer is Failure {
  return isFailure(answer) && answer.applied === "unknown" && answer.cause !== "closed" && answer.cause !== "aborted";
}

function isKeysNeeded<Reply extends Versioned>(answer: Answer<Reply | KeysNeeded>): answer is KeysNeeded {
  return answer.kind === "keys_needed";
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

/** The memberships that the node leaves when it joins `next`. */
function without(former: Membership, next: Membership): Membership {
  const pairs = new Set(next.languages.map(pairKey));
  return {
    pools: former.pools.filter((pool) => !next.pools.includes(pool)),
    languages: former.languages.filter((pair) => !pairs.has(pairKey(pair))),
  };
}
