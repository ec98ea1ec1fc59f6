/**
 * Part of V1: an instance that follows an epoch never follows one again that came before it, whether it was in that one or not: a former primary goes on in
 * it. The same of an epoch that goes back to the same first one and has fewer before it: a former primary has begun it.
 */
import { inMs } from "../../check/judgement.ts";
import type { ViewMoved } from "../event.ts";
import type { Findings } from "../findings.ts";
import type { EpochLine, Truth } from "../truth.ts";

/** More failovers than any run has. */
const mostEpochs = 1_000;

export class FollowedEpochs {
  readonly #truth: Pick<Truth, "line">;
  readonly #findings: Findings;
  /** By instance and partition. */
  readonly #followed = new Map<number, Map<number, string>>();
  #compared = 0;

  constructor(truth: Pick<Truth, "line">, findings: Findings) {
    this.#truth = truth;
    this.#findings = findings;
  }

  /** How often an instance came to another epoch, of which it is known what came before. */
  get compared(): number {
    return this.#compared;
  }

  moved({ at, instance, partition, version: { epoch } }: ViewMoved): void {
    const own = this.#followed.get(instance) ?? new Map<number, string>();
    if (own.size === 0) this.#followed.set(instance, own);
    const before = own.get(partition);
    own.set(partition, epoch);
    if (before === undefined || before === epoch) return;
    const isBack = isPastEpoch(this.#truth, epoch, before);
    if (isBack === undefined) return;
    this.#compared += 1;
    if (!isBack) return;
    this.#findings.violate(() => [
      `instance ${instance} went from epoch ${before} of partition ${partition} to ${epoch}, allowed is none that came before it`,
      `at ${inMs(at)}`,
    ]);
  }

  /** It starts again with nothing. */
  died(instance: number): void {
    this.#followed.delete(instance);
  }
}

type Lines = Pick<Truth, "line">;

/** Whether an epoch came before another one, or goes back to the same first one and has fewer before it; undefined: it is not known. */
export function isPastEpoch(truth: Lines, epoch: string, than: string): boolean | undefined {
  const [own, past] = [pastOf(truth, epoch), pastOf(truth, than)];
  if (own === null || past === null) return undefined;
  const isOfOne = (own.at(-1) ?? epoch) === (past.at(-1) ?? than);
  return past.includes(epoch) || (isOfOne && own.length < past.length);
}

/** The epochs before it, the latest first; null: not all of them are known. */
function pastOf(truth: Lines, epoch: string): readonly string[] | null {
  const past: string[] = [];
  let line: EpochLine | undefined = truth.line(epoch);
  while (line !== undefined && past.length < mostEpochs) {
    if (line.follows === null) return past;
    if (line.follows === undefined) return null;
    past.push(line.follows.epoch);
    line = truth.line(line.follows.epoch);
  }
  return null;
}
