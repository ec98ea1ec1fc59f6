/** As much of a Redis as a registry with locks needs, in memory, on virtual time. */
import type { Millis } from "../../../src/protocol/time.ts";
import type { VirtualClock } from "../support/virtual-clock.ts";

interface Entry {
  readonly value: string;
  readonly until: number;
}

export class SmallRedis {
  readonly #clock: VirtualClock;
  readonly #entries = new Map<string, Entry>();
  /** How long a round trip takes. */
  roundTrip: Millis = 1;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** SET key value NX PX ttl */
  async setNx(key: string, value: string, ttl: Millis): Promise<boolean> {
    await this.pause(this.roundTrip);
    if (this.peek(key) !== null) return false;
    this.#entries.set(key, { value, until: this.#clock.now() + ttl });
    return true;
  }

  async set(key: string, value: string): Promise<void> {
    await this.pause(this.roundTrip);
    this.#entries.set(key, { value, until: Number.POSITIVE_INFINITY });
  }

  async get(key: string): Promise<string | null> {
    await this.pause(this.roundTrip);
    return this.peek(key);
  }

  /** GET, compare, DEL: as a script does it that frees a lock. */
  async deleteIf(key: string, value: string): Promise<boolean> {
    await this.pause(this.roundTrip);
    return this.peek(key) === value && this.#entries.delete(key);
  }

  /** At once, for the test. */
  peek(key: string): string | null {
    const entry = this.#entries.get(key);
    return entry === undefined || entry.until <= this.#clock.now() ? null : entry.value;
  }

  keys(prefix: string): readonly string[] {
    return [...this.#entries.keys()].filter((key) => key.startsWith(prefix)).sort();
  }

  pause(duration: Millis): Promise<void> {
    return this.#clock.sleep(duration, new AbortController().signal);
  }
}
