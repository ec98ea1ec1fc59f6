/** Reads every partition in turn, for as long as the watch lasts, and goes on after the store was away. */
import type { Millis } from "../check/history.ts";
import type { AuditEvent, PartitionAudit } from "./audit/partition-audit.ts";
import { RateLimit } from "./audit/rate-limit.ts";
import { commandsOf, commandsOfLook, type Source } from "./reading.ts";

/** ms between two reads of a partition, where the rate allows it: a violation is to be reported within 2 s. */
const readEvery: Millis = 250;
/** ms between two looks for a store that no instance has laid out yet. */
const lookEvery: Millis = 500;
/** Nodes that one read looks at: a read holds the server for a fraction of a millisecond. */
const mostLooks = 16;
/** Pauses between attempts while the store is away. */
const leastPause: Millis = 100;
const mostPause: Millis = 2_000;
/** The store is lost for good: it has not answered for this long, or not at all since the watch began. */
export const lostAfter: Millis = 60_000;
export const firstAnswerWithin: Millis = 10_000;

export interface WatchClock {
  /** Monotone milliseconds. */
  now(): Millis;
  /** Ends early, without an error, when the signal aborts. */
  sleep(duration: Millis, signal: AbortSignal): Promise<void>;
}

export type WatchEvent =
  | AuditEvent
  | { readonly kind: "following"; readonly partitions: number }
  | { readonly kind: "waiting" }
  | { readonly kind: "away"; readonly reason: string }
  | { readonly kind: "back"; readonly lasted: Millis };

export interface LoopOptions {
  readonly source: Source;
  readonly clock: WatchClock;
  /** Commands a second. */
  readonly rate: number;
  /** Aborted when the watch is to end. */
  readonly ended: AbortSignal;
  /** Whether the store may answer again after this error. */
  readonly mayPass: (error: unknown) => boolean;
  readonly audit: (partition: number) => PartitionAudit;
  readonly on: (event: WatchEvent) => void;
}

export class WatchLoop {
  readonly #options: LoopOptions;
  readonly #limit: RateLimit;
  readonly #begun: Millis;
  #audits: readonly PartitionAudit[] = [];
  #answeredAt: Millis | null = null;
  #awaySince: Millis | null = null;
  #absences = 0;
  #isWaiting = false;

  constructor(options: LoopOptions) {
    this.#options = options;
    this.#limit = new RateLimit(options.rate);
    this.#begun = options.clock.now();
  }

  get audits(): readonly PartitionAudit[] {
    return this.#audits;
  }

  /** How often the store was away. */
  get absences(): number {
    return this.#absences;
  }

  get isAway(): boolean {
    return this.#awaySince !== null;
  }

  /** @returns false where the store was lost for good @throws errors that do not pass */
  async run(): Promise<boolean> {
    const { clock, ended } = this.#options;
    let pause = leastPause;
    while (!ended.aborted) {
      const startedAt = clock.now();
      try {
        const isBehind = await this.#round();
        this.#answered();
        pause = leastPause;
        const rest = this.#audits.length === 0 ? lookEvery : readEvery;
        await clock.sleep(isBehind ? 1 : Math.max(1, rest - (clock.now() - startedAt)), ended);
      } catch (error) {
        if (ended.aborted) break;
        if (!this.#options.mayPass(error)) throw error;
        if (this.#failed(error)) return false;
        await clock.sleep(pause, ended);
        pause = Math.min(2 * pause, mostPause);
      }
    }
    return true;
  }

  /** @returns whether something is to be read at once */
  async #round(): Promise<boolean> {
    if (this.#audits.length === 0 && !(await this.#begin())) return false;
    let isBehind = false;
    for (const audit of this.#audits) if (await this.#read(audit)) isBehind = true;
    return isBehind;
  }

  async #begin(): Promise<boolean> {
    const { audit, on, source } = this.#options;
    const partitions = await source.partitions();
    if (partitions === null) {
      if (!this.#isWaiting) on({ kind: "waiting" });
      this.#isWaiting = true;
      return false;
    }
    this.#audits = Array.from({ length: partitions }, (_, partition) => audit(partition));
    on({ kind: "following", partitions });
    return true;
  }

  async #read(audit: PartitionAudit): Promise<boolean> {
    const { clock, ended, source } = this.#options;
    if (ended.aborted) return false;
    const share = readEvery / this.#audits.length;
    const free = this.#limit.within(Math.max(share, 1), clock.now()) - commandsOf({ looks: [] });
    const looks = Math.max(1, Math.min(mostLooks, Math.floor(free / commandsOfLook)));
    const ask = audit.ask(looks, clock.now() - this.#begun);
    await clock.sleep(this.#limit.spend(commandsOf(ask), clock.now()), ended);
    try {
      return audit.take(await source.read(ask));
    } catch (error) {
      audit.failed(ask);
      throw error;
    }
  }

  #answered(): void {
    const { clock, on } = this.#options;
    this.#answeredAt = clock.now();
    if (this.#awaySince === null) return;
    on({ kind: "back", lasted: this.#answeredAt - this.#awaySince });
    this.#awaySince = null;
  }

  /** @returns whether it is lost for good */
  #failed(error: unknown): boolean {
    const { clock, on } = this.#options;
    const now = clock.now();
    if (this.#awaySince === null) {
      this.#awaySince = now;
      this.#absences += 1;
      on({ kind: "away", reason: error instanceof Error ? error.message : String(error) });
    }
    return this.#answeredAt === null ? now - this.#begun > firstAnswerWithin : now - this.#answeredAt > lostAfter;
  }
}
