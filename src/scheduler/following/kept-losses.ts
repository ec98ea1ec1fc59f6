/**
 * Losses of jobs that the partition keeps until an instance has called back for them. Each is reported once: as the feed brings it, or from what is kept,
 * where this instance did not follow the feed over it. What a callback has taken is acknowledged.
 */
import type { KeptLoss } from "../../protocol/feed.ts";
import type { Millis } from "../../protocol/time.ts";
import type { Version } from "../../protocol/version.ts";
import type { Calls } from "../calls/calls.ts";
import type { Operation, Orphans } from "../events.ts";
import { isFailure, type Store } from "../ports.ts";
import { BoundedMap } from "../reading/bounded.ts";
import type { Settings } from "../settings.ts";
import type { ReplySize } from "./reply-size.ts";

export interface KeptLossesPorts {
  readonly store: Store;
  readonly calls: Calls;
  readonly settings: Settings;
  readonly size: ReplySize;
  readonly callBack: CallBack;
  readonly hasCallback: () => boolean;
}

/** @returns whether a callback has taken it, perhaps only later; null: there is none. A promise never rejects. */
export type CallBack = (orphans: Orphans) => boolean | Promise<boolean> | null;

/** The follower's knowledge of the partition. */
interface Followed {
  readonly view: { readonly version: Version };
  readonly isTrusted: boolean;
  heard(version: Version, operation: Operation): boolean;
}

/** Losses in a reply of the usual size, and replies that are read at once; the next sweep goes on after that. */
const pageSize = 100;
const maxPages = 100;

export class KeptLosses {
  readonly #ports: KeptLossesPorts;
  readonly #partition: number;
  /** The version of a loss that was reported -> whether a callback has taken it. */
  readonly #reported: BoundedMap<string, boolean>;
  /** There may be losses that have to be reported, or acknowledged. */
  #isOpen = true;
  #isSettling = false;

  constructor(ports: KeptLossesPorts, partition: number) {
    this.#ports = ports;
    this.#partition = partition;
    this.#reported = new BoundedMap(ports.settings.maxEntries);
  }

  /** The feed has brought a loss. */
  followed(orphans: Orphans): void {
    this.#isOpen = true;
    this.#report(orphans);
  }

  /** The feed was not followed all the way. */
  missed(): void {
    this.#isOpen = true;
  }

  /** Reports what is kept and was not reported here, and acknowledges all that was; what fails is left to the next time. */
  async settle(followed: Followed): Promise<void> {
    if (!this.#isOpen || this.#isSettling || !this.#ports.hasCallback()) return;
    this.#isSettling = true;
    this.#isOpen = false;
    try {
      if (!(await this.#readAll(followed))) this.#isOpen = true;
    } finally {
      this.#isSettling = false;
    }
  }

  /** @returns whether all that was kept has been handled */
  async #readAll(followed: Followed): Promise<boolean> {
    let after = 0;
    for (let pages = 0; pages < maxPages; pages += 1) {
      const page = await this.#read(after);
      if (isFailure(page) || !followed.heard(page.version, "read_orphans")) return false;
      const { version } = followed.view;
      if (!followed.isTrusted || page.version.epoch !== version.epoch) return false;
      const last = page.losses.at(-1);
      if (last === undefined) return true;
      // Losses ahead of the view are not reported before the feed brings them.
      const here = page.losses.filter((loss) => !isAhead(loss.version, version));
      const taken = here.filter((loss) => this.#report(orphansOf(this.#partition, loss)));
      if (taken.length > 0 && !(await this.#acknowledge(taken, followed))) return false;
      after = last.order;
    }
    return false;
  }

  async #read(after: number) {
    const { calls, size, store } = this.#ports;
    const request = { partition: this.#partition, after, limit: size.of(pageSize).limit };
    const run = (deadline: Millis) => store.readOrphans(request, deadline);
    const reply = await calls.read({ operation: "read_orphans", partition: this.#partition, run }, "own");
    if (isFailure(reply) && reply.cause === "deadline") size.late();
    return reply;
  }

  async #acknowledge(losses: readonly KeptLoss[], followed: Followed): Promise<boolean> {
    const { calls, store } = this.#ports;
    const request = { partition: this.#partition, losses: losses.map(({ order, version }) => ({ order, version })) };
    const run = (deadline: Millis) => store.ackOrphans(request, deadline);
    const call = { operation: "ack_orphans", partition: this.#partition, run } as const;
    const reply = await calls.write(call, { origin: "own" });
    return !isFailure(reply) && followed.heard(reply.version, "ack_orphans");
  }

  /** @returns whether a callback has taken it, now or before */
  #report(orphans: Orphans): boolean {
    const { epoch, sequence } = orphans.lostAt;
    const id = `${epoch}:${sequence}`;
    const known = this.#reported.get(id);
    if (known !== undefined) return known;
    const answer = this.#ports.callBack(orphans);
    if (answer === null) return false;
    this.#reported.set(id, answer === true);
    if (typeof answer !== "boolean") void answer.then((isTaken) => this.#answered(id, isTaken));
    return answer === true;
  }

  #answered(id: string, isTaken: boolean): void {
    this.#reported.set(id, isTaken);
    this.#isOpen ||= isTaken;
  }
}

function isAhead(lostAt: Version, view: Version): boolean {
  return lostAt.epoch === view.epoch && lostAt.sequence > view.sequence;
}

function orphansOf(partition: number, { because, jobs, node, version: lostAt }: KeptLoss): Orphans {
  return { partition, node, jobs, because, lostAt };
}
