/**
 * Leaves a server that takes no writes. A primary that was demoted may keep its connections, and behind its address (a VIP, a name, what Sentinels say)
 * another may be the primary by now. A second connection finds out whether one is, so that reads go on meanwhile; the less often, the longer none is.
 */
import { Cluster } from "ioredis";
import type { Millis } from "../../protocol/time.ts";
import { late, within } from "../deadline.ts";
import { isReadOnly } from "../failure.ts";
import { type Client, type ConnectionTuning, createClient } from "./connection.ts";
import { spread } from "./spread.ts";
import type { Topology } from "./topology.ts";

/** Between the first two looks for another primary; doubled with each that finds none. */
const leastPause: Millis = 100;
const mostPause: Millis = 2_000;

export interface RenewalOptions {
  readonly topology: Topology;
  readonly tuning: ConnectionTuning;
  /** Makes the connections anew. */
  readonly renew: () => void;
  /** Monotone; that of the process by default. */
  readonly now?: () => Millis;
}

export class Renewal {
  readonly #options: RenewalOptions;
  #pause = leastPause;
  #notBefore = 0;
  #isClosed = false;
  readonly #looks = new Set<Client>();

  constructor(options: RenewalOptions) {
    this.#options = options;
  }

  close(): void {
    this.#isClosed = true;
    for (const client of this.#looks) client.disconnect();
  }

  /** @returns whether the connection on which the error came is to be made anew at once: that of a node of a Cluster */
  met(error: Error): boolean {
    if (!isReadOnly(error) || this.#isClosed || !this.#isTime()) return false;
    if (this.#options.topology.kind === "cluster") return true;
    void this.#look();
    return false;
  }

  /** A pause that is over by far belongs to an earlier demotion. */
  #isTime(): boolean {
    const now = this.#options.now?.() ?? performance.now();
    if (now < this.#notBefore) return false;
    if (now > this.#notBefore + 2 * mostPause) this.#pause = leastPause;
    this.#notBefore = now + spread(this.#pause);
    this.#pause = Math.min(2 * this.#pause, mostPause);
    return true;
  }

  async #look(): Promise<void> {
    const { renew, topology, tuning } = this.#options;
    const client = createClient(topology, { ...tuning, name: `${tuning.name}-look` });
    this.#looks.add(client);
    const isThere = await leadsToPrimary(client, tuning.silence);
    client.disconnect();
    this.#looks.delete(client);
    if (isThere && !this.#isClosed) renew();
  }
}

/** Whether a connection that is made now reaches a server that takes writes. */
async function leadsToPrimary(client: Client, silence: Millis): Promise<boolean> {
  if (client instanceof Cluster) return false;
  try {
    if ((await within(client.connect(), silence)) === late) return false;
    const info = await within(client.info("replication"), silence);
    return info !== late && /^role:master\b/mu.test(info);
  } catch {
    return false;
  }
}
