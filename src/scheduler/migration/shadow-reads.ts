/**
 * Shadow reads: the side that leads answers; the other is asked the same thereafter, and what differs is counted. The caller never waits
 * for that and never sees it fail.
 */

import type { Millis } from "../../protocol/time.ts";
import type { Clock, Random } from "../ports.ts";
import type { Wanted } from "../selection/select.ts";
import {
  type Difference,
  type DifferenceKind,
  differenceKinds,
  nodeDifferences,
  selectionDifferences,
} from "./differences.ts";
import { inRange } from "./ranges.ts";
import { type Lookup, otherSide, type Registries, type RegistryFailure, type Selected, type Side } from "./registry.ts";

export interface ShadowSettings {
  /** The pause before a difference is looked at again, on both sides: what was being written has then reached both. */
  readonly lookAgainAfter: Millis;
  /** How long one comparison may take, that pause included, before it is given up and counted as late. */
  readonly budget: Millis;
  /** Comparisons in flight at once; a read beyond that is not compared, and counted as dropped. */
  readonly maxInFlight: number;
  /** The share of reads that is compared, 0 to 1: comparing doubles the load of reads. */
  readonly sampled: number;
  /** The newest differences of each kind that are kept for people to look at. */
  readonly samplesPerKind: number;
}

const shadowSettings: ShadowSettings = {
  lookAgainAfter: 300,
  budget: 1_500,
  maxInFlight: 32,
  sampled: 1,
  samplesPerKind: 10,
};

export interface ShadowCounts {
  readonly compared: number;
  /** Comparisons with at least one difference that a second look confirmed. */
  readonly differing: number;
  /** Differences that a second comparison did not show: the two sides were read at different times. */
  readonly transient: number;
  readonly byKind: Readonly<Record<DifferenceKind, number>>;
  /** Both sides filled what was asked for with different nodes, which may be right. */
  readonly incomparable: number;
  readonly dropped: number;
  readonly late: number;
  /** A side did not answer. */
  readonly unanswered: number;
}

export interface ShadowPorts {
  readonly registries: Registries;
  readonly leadOf: (key: string) => Side;
  readonly clock: Clock;
  readonly random: Random;
}

type Verdict = readonly Difference[] | "incomparable" | "unanswered";
type Tally = { -readonly [Name in Exclude<keyof ShadowCounts, "byKind">]: number };

export class ShadowReads {
  readonly #ports: ShadowPorts;
  readonly #settings: ShadowSettings;
  readonly #comparisons = new Set<Promise<void>>();
  readonly #samples = new Map<DifferenceKind, Difference[]>();
  readonly #byKind = Object.fromEntries(differenceKinds.map((kind) => [kind, 0])) as Record<DifferenceKind, number>;
  readonly #tally: Tally = {
    compared: 0,
    differing: 0,
    transient: 0,
    incomparable: 0,
    dropped: 0,
    late: 0,
    unanswered: 0,
  };

  /** @throws SettingsError */
  constructor(ports: ShadowPorts, settings: Partial<ShadowSettings> = {}) {
    this.#ports = ports;
    this.#settings = checked({ ...shadowSettings, ...settings });
  }

  async getNode(node: string): Promise<Lookup> {
    return this.#answer(
      this.#ports.leadOf(node),
      (side) => this.#ports.registries[side].getNode(node),
      (lead, shadow) => nodeDifferences(node, lead, shadow),
    );
  }

  /** @param key decides which side leads: whatever should move as one, such as the pool or a session */
  async selectNodes(wanted: Wanted, key: string = wanted.pool): Promise<Selected> {
    return this.#answer(
      this.#ports.leadOf(key),
      (side) => this.#ports.registries[side].selectNodes(wanted),
      (lead, shadow) => selectionDifferences(wanted.pool, wanted.count, lead, shadow),
    );
  }

  get counts(): ShadowCounts {
    return { ...this.#tally, byKind: { ...this.#byKind } };
  }

  /** The newest of each kind, oldest first. */
  get samples(): readonly Difference[] {
    return [...this.#samples.values()].flat();
  }

  /** Resolves when no comparison is in flight. */
  async drained(): Promise<void> {
    while (this.#comparisons.size > 0) await Promise.all(this.#comparisons);
  }

  async #answer<Answer extends { readonly kind: string }>(
    lead: Side,
    ask: (side: Side) => Promise<Answer | RegistryFailure>,
    compare: (lead: Answer, shadow: Answer) => readonly Difference[] | "incomparable",
  ): Promise<Answer | RegistryFailure> {
    const answer = await ask(lead);
    if (this.#isSampled()) {
      const look = (led: Answer | RegistryFailure) => this.#look(led, () => ask(otherSide(lead)), compare);
      this.#compare(
        () => look(answer),
        async () => look(await ask(lead)),
      );
    }
    return answer;
  }

  #isSampled(): boolean {
    return this.#ports.random.nextUint32() < this.#settings.sampled * 0x1_0000_0000;
  }

  async #look<Answer extends { readonly kind: string }>(
    led: Answer | RegistryFailure,
    askShadow: () => Promise<Answer | RegistryFailure>,
    compare: (lead: Answer, shadow: Answer) => readonly Difference[] | "incomparable",
  ): Promise<Verdict> {
    if (isFailed(led)) return "unanswered";
    const shadowed = await askShadow();
    return isFailed(shadowed) ? "unanswered" : compare(led, shadowed);
  }

  /** A place is given back when the comparison has really ended: a shadow that hangs costs its places, and no more. */
  #compare(look: () => Promise<Verdict>, lookAgain: () => Promise<Verdict>): void {
    if (this.#comparisons.size >= this.#settings.maxInFlight) {
      this.#tally.dropped++;
      return;
    }
    const comparing = this.#inBudget(look, lookAgain).finally(() => this.#comparisons.delete(comparing));
    this.#comparisons.add(comparing);
  }

  async #inBudget(look: () => Promise<Verdict>, lookAgain: () => Promise<Verdict>): Promise<void> {
    const waiting = new AbortController();
    const late = new AbortController();
    const looking = this.#twice(look, lookAgain, late.signal).then((end) => {
      waiting.abort();
      if (!late.signal.aborted) end();
    });
    await this.#ports.clock.sleep(this.#settings.budget, waiting.signal);
    if (!waiting.signal.aborted) {
      late.abort();
      this.#tally.late++;
    }
    await looking;
  }

  /** @returns what is to be counted */
  async #twice(
    look: () => Promise<Verdict>,
    lookAgain: () => Promise<Verdict>,
    late: AbortSignal,
  ): Promise<() => void> {
    try {
      const first = await look();
      if (typeof first === "string" || first.length === 0) return () => this.#count(first, []);
      await this.#ports.clock.sleep(this.#settings.lookAgainAfter, late);
      const second = late.aborted ? first : await lookAgain();
      return () => this.#count(second, first);
    } catch {
      // A registry that throws breaks its promise; the caller has its answer all the same.
      return () => this.#count("unanswered", []);
    }
  }

  #count(verdict: Verdict, before: readonly Difference[]): void {
    if (verdict === "unanswered" || verdict === "incomparable") {
      this.#tally[verdict]++;
      return;
    }
    this.#tally.compared++;
    const lasting = verdict.filter(({ kind }) => before.some((one) => one.kind === kind));
    if (lasting.length > 0) this.#tally.differing++;
    else if (before.length > 0) this.#tally.transient++;
    for (const kind of new Set(lasting.map((difference) => difference.kind))) this.#byKind[kind]++;
    for (const difference of lasting) this.#keep(difference);
  }

  #keep(difference: Difference): void {
    const kept = this.#samples.get(difference.kind) ?? [];
    kept.push(difference);
    if (kept.length > this.#settings.samplesPerKind) kept.shift();
    this.#samples.set(difference.kind, kept);
  }
}

function isFailed(answer: { readonly kind: string }): answer is RegistryFailure {
  return answer.kind === "failed";
}

function checked(settings: ShadowSettings): ShadowSettings {
  const many = Number.MAX_SAFE_INTEGER;
  return inRange("shadow", settings, {
    lookAgainAfter: [0, settings.budget],
    budget: [1, 60_000],
    maxInFlight: [1, many],
    sampled: [0, 1],
    samplesPerKind: [0, 10_000],
  });
}
