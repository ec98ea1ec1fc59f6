/**
 * Part of O1: every loss of jobs reaches the callback of at least one instance, within the bound in which one of them is in `normal`: also where the feed was not
 * followed over it, since an epoch began, the feed was trimmed, or all instances started only later.
 *
 * Changes that Redis lost, in a failover or otherwise, are no losses of the store that the instances follow in the end.
 * The store keeps only so many losses.
 */
import { type Millis, type Version, versionText } from "../../check/history.ts";
import { inMs } from "../../check/judgement.ts";
import type { ModeChanged } from "../event.ts";
import type { Findings } from "../findings.ts";
import type { Case } from "../judge.ts";
import type { EpochLine, LineEntry } from "../truth.ts";

export class ReachedLosses {
  readonly #case: Case;
  readonly #findings: Findings;
  /** Losses that some instance has reported. */
  readonly #reported = new Map<EpochLine, Set<number>>();
  /** By instance: when its mode last changed. */
  readonly #changedAt = new Map<number, Millis>();
  #compared = 0;

  constructor(theCase: Case, findings: Findings) {
    this.#case = theCase;
    this.#findings = findings;
  }

  /** Losses that had to be reported. */
  get compared(): number {
    return this.#compared;
  }

  changed({ at, instance }: ModeChanged): void {
    this.#changedAt.set(instance, at);
  }

  reported(line: EpochLine, sequence: number): void {
    const known = this.#reported.get(line) ?? new Set();
    this.#reported.set(line, known.add(sequence));
  }

  /** Once, at the end of the run. */
  judge(): void {
    const bound = this.#bound();
    if (bound === null) return;
    const since = this.#case.scene.endedAt - bound;
    for (let partition = 0; partition < this.#case.partitions; partition += 1) {
      const tip = this.#followedBy(partition, since);
      if (tip !== null) this.#judgePast(tip, since, bound);
    }
  }

  /** Until a loss is reported to an instance in `normal`: it converges within one bound, and asks again with every sweep. null: not known. */
  #bound(): Millis | null {
    const { bounds, scene, terms } = this.#case;
    const { sweepInterval } = terms;
    if (sweepInterval === undefined || !Number.isFinite(scene.endedAt)) return null;
    return bounds.convergence + sweepInterval * (1 + terms.ttlSpread);
  }

  /** The epoch that all instances are in at the end, if one of them has been there, in `normal`, for as long as the bound says. */
  #followedBy(partition: number, since: Millis): EpochLine | null {
    const { instances, reporting, scene, timing, truth } = this.#case;
    const all = Array.from({ length: instances }, (_, instance) => scene.view(instance, partition)?.epoch);
    const [epoch] = all;
    if (epoch === undefined || all.some((other) => other !== epoch)) return null;
    const isSteady = (instance: number): boolean =>
      reporting.has(instance) &&
      scene.mode(instance) === "normal" &&
      (this.#changedAt.get(instance) ?? since) <= since &&
      !timing.wasAway(instance, since, scene.endedAt);
    return Array.from({ length: instances }, (_, instance) => instance).some(isSteady)
      ? (truth.line(epoch) ?? null)
      : null;
  }

  /** The epoch and those that it goes back to, each as far as the next one had it. */
  #judgePast(tip: EpochLine, since: Millis, bound: Millis): void {
    const { truth } = this.#case;
    let [line, last]: [EpochLine | undefined, number] = [tip, tip.last];
    let lostLater = 0;
    // A history may say of two epochs that each follows the other.
    const seen = new Set<EpochLine>();
    while (line !== undefined && !seen.has(line)) {
      seen.add(line);
      for (let sequence = last; sequence >= 1; sequence -= 1) {
        const entry = line.entry(sequence);
        const lost = entry?.orphaned?.length ?? 0;
        if (entry === undefined || lost === 0) continue;
        if (lostLater + lost <= this.#case.terms.feedMax && entry.at <= since) this.#compare(line, entry, bound);
        lostLater += lost;
      }
      const before: Version | null | undefined = line.follows;
      line = before ? truth.line(before.epoch) : undefined;
      last = before?.sequence ?? 0;
    }
  }

  #compare(line: EpochLine, { at, kind, node, orphaned = [], sequence }: LineEntry, bound: Millis): void {
    this.#compared += 1;
    if (this.#reported.get(line)?.has(sequence) === true) return;
    this.#findings.violate(() => [
      `no instance called back for the loss of ${orphaned.join(", ")} of node ${node} (${kind}), allowed is at least one within ${inMs(bound)} of an instance in normal`,
      `${versionText({ epoch: line.epoch, sequence })}, at ${inMs(at)}`,
    ]);
  }
}
