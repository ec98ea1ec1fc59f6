/**
 * Keeps Phase3Config current, like the view of a partition. A wake-up triggers a cheap version check; if that finds a change, the one record is read
 * whole. The version never goes back within an epoch, and an abandoned epoch is never adopted again. What another program has put in its place is
 * reported, and is no reason to wait: the former configuration stays in force, or none.
 */

import type { StoredConfig } from "../../protocol/configuration.ts";
import type { ConfigReply, Failure } from "../../protocol/replies.ts";
import type { Instant, Millis } from "../../protocol/time.ts";
import type { Version } from "../../protocol/version.ts";
import type { Tasks } from "../calls/tasks.ts";
import type { Operation } from "../events.ts";
import { jittered } from "../jitter.ts";
import type { ModeKeeper } from "../mode/mode-keeper.ts";
import { isFailure, type Random } from "../ports.ts";
import { PoolPlan } from "../selection/phase3.ts";
import { beforeAll, compareVersions } from "../version.ts";
import { Epochs } from "../view/epochs.ts";
import type { CaughtUp } from "./follower.ts";
import type { Answered, ResyncPorts, Strange } from "./resync.ts";

export interface ConfigFollowerPorts extends Omit<ResyncPorts, "size"> {
  readonly mode: ModeKeeper;
  readonly tasks: Tasks;
  /** For the TTL of L2. */
  readonly random: Random;
  /** Read for the first time, or in another epoch. */
  readonly loaded: () => void;
}

const partition = "cfg";
/** Rounds of one refresh; the next poll continues after that. */
const maxRounds = 8;

export class ConfigFollower {
  readonly #ports: ConfigFollowerPorts;
  readonly #epochs = new Epochs();
  /** The version of the configuration's own log. */
  #version = beforeAll;
  #config: StoredConfig | null = null;
  #plan: PoolPlan | null = null;
  /** Why what is stored is no configuration; null: it is one. */
  #malformed: string | null = null;
  #announced: Version | null = null;
  #fetching: Promise<CaughtUp> | null = null;
  #expiresAt: Instant = Number.NEGATIVE_INFINITY;
  #checkedAt: Instant = Number.NEGATIVE_INFINITY;

  constructor(ports: ConfigFollowerPorts) {
    this.#ports = ports;
  }

  get config(): StoredConfig | null {
    return this.#config;
  }

  /** Null: there is no configuration, or it is not enabled. */
  get plan(): PoolPlan | null {
    return this.#plan;
  }

  get expiresAt(): Instant {
    return this.#expiresAt;
  }

  get checkedAt(): Instant {
    return this.#checkedAt;
  }

  get isFetching(): boolean {
    return this.#fetching !== null;
  }

  /** A wake-up: only ever a reason to look. */
  wake(version: Version): void {
    if (!this.#isNews(version)) return;
    this.#announced = version;
    if (this.#fetching === null && this.#ports.mode.isNormal) void this.refresh();
  }

  /** Evaluates the version of a reply.
   * @returns false when it is of an abandoned epoch, and nothing may be taken from it
   */
  heard(version: Version, operation: Operation): boolean {
    if (this.#epochs.judge(version.epoch) === "abandoned") {
      this.#ports.emit({ kind: "dropped_reply", operation, partition, version });
      return false;
    }
    this.wake(version);
    return true;
  }

  refresh(): Promise<CaughtUp> {
    if (this.#fetching !== null) return this.#fetching;
    const fetching = this.#ports.tasks.run("follow the configuration", () => this.#fetch());
    this.#fetching = fetching;
    return fetching;
  }

  #isNews(version: Version): boolean {
    const order = compareVersions(version, this.#version);
    return order === "newer" || (order === "another_epoch" && this.#epochs.judge(version.epoch) === "unknown");
  }

  async #fetch(): Promise<CaughtUp> {
    await null; // `refresh` has to have noted it before it can end
    try {
      for (let round = 0; round < maxRounds; round++) {
        this.#announced = null;
        const caughtUp = this.#version.epoch === beforeAll.epoch ? await this.#read() : await this.#follow();
        if (caughtUp.kind === "current" && this.#announced !== null && this.#isNews(this.#announced)) continue;
        if (caughtUp.kind === "abandoned_epoch" || caughtUp.kind === "stale_server") this.#blame(caughtUp.kind);
        return caughtUp;
      }
      return { kind: "lagging" };
    } finally {
      this.#fetching = null;
    }
  }

  async #follow(): Promise<CaughtUp> {
    const sentAt = this.#ports.clock.now();
    const reply = await this.#check();
    if (isFailure(reply)) return this.#failed(reply, sentAt);
    const strange = this.#strange(reply, "check_config");
    if (strange !== null) return { kind: strange };
    if (reply.kind === "changed" || compareVersions(reply.version, this.#version) !== "same") return this.#read();
    this.#confirm(sentAt);
    return { kind: "current" };
  }

  #check() {
    const { calls, clock, store } = this.#ports;
    this.#checkedAt = clock.now();
    const since = this.#version;
    const run = (deadline: Millis) => store.checkConfig(since, deadline);
    return calls.read({ operation: "check_config", partition, run }, "own");
  }

  async #read(): Promise<CaughtUp> {
    const { calls, clock, store } = this.#ports;
    const sentAt = clock.now();
    this.#checkedAt = sentAt;
    const run = (deadline: Millis) => store.readConfig(deadline);
    const reply = await calls.read<ConfigReply>({ operation: "read_config", partition, run }, "own");
    return isFailure(reply) ? this.#failed(reply, sentAt) : this.#take(reply, sentAt);
  }

  /** A key that holds another type is asked about again with the next poll. */
  #failed(failure: Failure, sentAt: Instant): CaughtUp {
    if (failure.cause !== "wrong_type") return failure;
    this.#reject(failure.message);
    this.#confirm(sentAt);
    return { kind: "current" };
  }

  #reject(reason: string): void {
    if (reason === this.#malformed) return;
    this.#malformed = reason;
    this.#ports.emit({ kind: "config_malformed", reason });
  }

  #take(reply: ConfigReply, sentAt: Instant): CaughtUp {
    const { version } = reply;
    const { emit } = this.#ports;
    const strange = this.#strange(reply, "read_config");
    if (strange !== null) return { kind: strange };
    const held = this.#version;
    this.#epochs.adopt(version.epoch, reply.succession);
    if (held.epoch !== version.epoch) {
      if (held.epoch !== beforeAll.epoch) emit({ kind: "epoch_left", partition, ...held });
      emit({ kind: "epoch_adopted", partition, ...version });
      this.#ports.loaded();
    }
    this.#version = version;
    if (reply.kind === "malformed") this.#reject(reply.reason);
    else this.#adopt(reply.config);
    this.#confirm(sentAt);
    return { kind: "current" };
  }

  #adopt(config: StoredConfig | null): void {
    this.#malformed = null;
    if (isSame(config?.version, this.#config?.version)) return;
    this.#config = config;
    this.#plan = config?.enabled === true ? new PoolPlan(config) : null;
    const enabled = this.#plan !== null;
    this.#ports.emit({ kind: "config_changed", version: config?.version ?? null, enabled });
  }

  /** Whether it is another store than the one we follow that says it is at `version`. */
  #strange({ succession, version }: Answered, operation: Operation): Strange | null {
    const { emit } = this.#ports;
    if (this.#epochs.place(version.epoch, succession) === "abandoned") {
      emit({ kind: "dropped_reply", operation, partition, version });
      return "abandoned_epoch";
    }
    if (compareVersions(version, this.#version) !== "older") return null;
    emit({ kind: "store_behind", partition, held: this.#version, reported: version });
    return "stale_server";
  }

  #blame(strange: Strange): void {
    this.#ports.mode.report({
      kind: "call_failed",
      cause: strange === "abandoned_epoch" ? "left_epoch" : "store_behind",
      isRead: true,
    });
  }

  #confirm(at: Instant): void {
    const { settings, random } = this.#ports;
    this.#expiresAt = at + jittered(settings.l2Ttl, settings.ttlSpread, random);
  }
}

function isSame(a: Version | undefined, b: Version | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && compareVersions(a, b) === "same");
}
