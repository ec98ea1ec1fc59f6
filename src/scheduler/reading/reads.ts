/** getNode: L1, then the version check, then L2, then whatever is held; within the read deadline, whatever the store does. */

import type { NodeState } from "../../protocol/node.ts";
import type { PageReply } from "../../protocol/replies.ts";
import type { Instant, Millis } from "../../protocol/time.ts";
import type { Version } from "../../protocol/version.ts";
import type { Calls } from "../calls/calls.ts";
import type { Tasks } from "../calls/tasks.ts";
import type { Emit, Source } from "../events.ts";
import type { Follower } from "../following/follower.ts";
import { checkId } from "../input.ts";
import type { Mode } from "../mode/mode.ts";
import type { ModeKeeper } from "../mode/mode-keeper.ts";
import { type Clock, isFailure, type Store } from "../ports.ts";
import type { Settings } from "../settings.ts";
import { compareVersions } from "../version.ts";
import type { Caches } from "./caches.ts";
import { Coalescer } from "./coalesce.ts";

export interface NodeAnswer {
  readonly found: boolean;
  readonly node?: NodeState;
  readonly source: Source;
  /** Milliseconds since the answer was last confirmed; infinite when it never was. */
  readonly age_ms: Millis;
  /** True when it could not be confirmed in time. */
  readonly stale: boolean;
  readonly mode: Mode;
}

interface Finding {
  readonly node: NodeState | undefined;
  readonly source: Source;
  readonly knownAt: Instant;
  readonly stale: boolean;
}

export interface ReadPorts {
  readonly clock: Clock;
  readonly store: Store;
  readonly settings: Settings;
  readonly calls: Calls;
  readonly caches: Caches;
  readonly mode: ModeKeeper;
  readonly tasks: Tasks;
  readonly emit: Emit;
  readonly followerOf: (node: string) => Follower;
  readonly isWatched: boolean;
  /** Whether the instance has not been closed. */
  readonly isOpen: () => boolean;
}

export class Reads {
  readonly #ports: ReadPorts;
  readonly #asked = new Coalescer<string, Finding | null>();

  constructor(ports: ReadPorts) {
    this.#ports = ports;
  }

  /** The answer that L1 has, or null. What is in L1 needs no check, as long as the feed is followed: not after `close`. */
  fromL1(node: string): NodeAnswer | null {
    const { caches, clock, isOpen, mode } = this.#ports;
    if (!isOpen()) return null;
    const now = clock.now();
    const cached = caches.fresh(node, now);
    if (cached === undefined) return null;
    const age_ms = Math.max(0, now - cached.confirmedAt);
    const answer = { found: true, node: cached.node, source: "l1", age_ms, stale: false, mode: mode.mode } as const;
    if (this.#ports.isWatched) this.#emitAnswered(node, answer, now);
    return answer;
  }

  /** Answers within `readDeadline`; degraded, or of a marked miss, at once.
   * @returns `stale: true` when the store is slow or gone; never rejects for that reason
   * @throws InvalidInputError for an id that the protocol does not allow; the signal's reason when it aborts
   */
  async getNode(node: string, signal?: AbortSignal): Promise<NodeAnswer> {
    const { clock, mode } = this.#ports;
    checkId("node", node);
    const startedAt = clock.now();
    const follower = this.#ports.followerOf(node);
    const finding =
      this.#atOnce(node, follower) ?? (await this.#inTime(node, follower, signal)) ?? held(node, follower);
    signal?.throwIfAborted();
    const answer = toAnswer(finding, clock.now(), mode.mode);
    if (this.#ports.isWatched) this.#emitAnswered(node, answer, startedAt);
    return answer;
  }

  #emitAnswered(id: string, { found, node, source, age_ms, stale, mode }: NodeAnswer, startedAt: Instant): void {
    const { clock, emit } = this.#ports;
    const [status, version] = [node?.status ?? null, node?.version ?? null];
    const took = clock.now() - startedAt;
    emit({ kind: "answered", node: id, found, status, version, source, age_ms, stale, mode, took });
  }

  /** The answer from caches and view alone; null when the store has to be asked. */
  #atOnce(node: string, follower: Follower): Finding | null {
    const { caches, clock, emit, isOpen, mode } = this.#ports;
    if (!isOpen()) return held(node, follower);
    const missed = caches.missed(node, clock.now());
    if (missed !== undefined) {
      emit({ kind: "miss_absorbed", node });
      return { node: undefined, source: "miss", knownAt: missed.confirmedAt, stale: false };
    }
    return mode.isNormal ? null : held(node, follower);
  }

  /** @returns null when the deadline came first, the signal aborted, or the store failed */
  #inTime(node: string, follower: Follower, signal: AbortSignal | undefined): Promise<Finding | null> {
    const { calls, settings } = this.#ports;
    return new Promise((resolve, reject) => {
      const none = (): void => {
        end();
        resolve(null);
      };
      const end = (): void => {
        late.met();
        signal?.removeEventListener("abort", none);
      };
      const late = calls.deadlines.set(settings.readDeadline, none);
      signal?.addEventListener("abort", none);
      this.#consult(node, follower).then(
        (finding) => {
          end();
          resolve(finding);
        },
        (error: unknown) => {
          end();
          reject(error);
        },
      );
    });
  }

  async #consult(node: string, follower: Follower): Promise<Finding | null> {
    if (follower.view.get(node) === undefined) {
      const asked = await this.#ask(node, follower);
      if (asked !== null || !this.#ports.mode.isNormal) return asked;
      // The page was of another epoch than the view, or ahead of it, or failed harmlessly: what the view can be brought to is the answer.
    }
    const caughtUp = await follower.refresh();
    return caughtUp.kind === "current" ? this.#confirmed(node, follower) : null;
  }

  /** The view is current: what it says is so, a node that is not in it included. */
  #confirmed(node: string, follower: Follower): Finding {
    const record = follower.view.get(node);
    if (record !== undefined) this.#ports.caches.keep(follower.partition, record, follower.confirmedAt);
    return { node: record, source: "l2", knownAt: follower.confirmedAt, stale: false };
  }

  #ask(node: string, follower: Follower): Promise<Finding | null> {
    const { emit, tasks } = this.#ports;
    const { partition } = follower;
    if (this.#asked.has(node)) emit({ kind: "coalesced", operation: "snapshot", partition });
    return this.#asked.join(node, () => tasks.run("look up a node", () => this.#lookUp(node, follower)));
  }

  async #lookUp(node: string, follower: Follower): Promise<Finding | null> {
    const { calls, clock, store } = this.#ports;
    const { partition } = follower;
    const sentAt = clock.now();
    const request = { partition, nodes: [node], after: "", limit: 0 };
    const run = (deadline: Millis) => store.snapshot(request, deadline);
    const page = await calls.read({ operation: "snapshot", partition, run }, "client");
    return isFailure(page) ? null : this.#takePage(node, page, follower, sentAt);
  }

  /** A reply never replaces what is newer: an older page says nothing that the view does not know better. */
  #takePage(node: string, page: PageReply, follower: Follower, sentAt: Instant): Finding | null {
    const { caches, emit } = this.#ports;
    const { partition, view } = follower;
    for (const each of page.unreadable ?? []) emit({ kind: "record_unreadable", ...each });
    if (!follower.heard(page.version, "snapshot")) return null;
    const order = compareVersions(page.version, view.version);
    if (order === "another_epoch") return null;
    const inView = view.get(node);
    if (inView !== undefined) {
      // The node has come into the view meanwhile. A page that is ahead may know more of it, which the view has to be brought to.
      const isSettled = order !== "newer" || isSame(page.nodes[0]?.version, inView.version);
      return isSettled ? { node: inView, source: "l2", knownAt: sentAt, stale: false } : null;
    }
    const record = order === "older" ? null : (page.nodes[0] ?? null);
    if (record === null) {
      caches.mark(partition, node, sentAt);
      return { node: undefined, source: "redis", knownAt: sentAt, stale: false };
    }
    if (view.absorb(record, page.version) === "contradiction") follower.contradicted(node, page.version);
    else caches.keep(partition, record, sentAt);
    return { node: record, source: "redis", knownAt: sentAt, stale: false };
  }
}

function isSame(one: Version | undefined, other: Version): boolean {
  return one !== undefined && compareVersions(one, other) === "same";
}

/** An answer from what is cached, unconfirmed. */
function held(node: string, follower: Follower): Finding {
  const record = follower.view.get(node);
  const source = record === undefined ? "none" : "l2";
  return { node: record, source, knownAt: follower.confirmedAt, stale: true };
}

function toAnswer({ node, source, knownAt, stale }: Finding, now: Instant, mode: Mode): NodeAnswer {
  const said = { source, age_ms: Math.max(0, now - knownAt), stale, mode };
  return node === undefined ? { found: false, ...said } : { found: true, node, ...said };
}
