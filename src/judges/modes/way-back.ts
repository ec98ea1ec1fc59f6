/**
 * Part of D5: a degraded instance is never idle for longer than the pause between two probes; and once it has probed enough and its dwell is over, it is not
 * idle at all until it is in `normal`. So nothing makes the way back longer than the store's own answers do.
 *
 * Attempts of an instance without a connection are not seen, nor how one that was stopped took late answers: then the longest dwell is assumed.
 */
import type { Millis } from "../../check/history.ts";
import { inMs, type ModeTerms } from "../../check/judgement.ts";
import type { CommandLinkChanged, InstanceChanged, ModeChanged, Sent, Settled } from "../event.ts";
import type { Findings } from "../findings.ts";
import type { Case } from "../judge.ts";
import { isFollowed } from "./followed.ts";
import { isOfWayBack, saysGone } from "./store-calls.ts";

/** Relapses in a row of which the number is not known: as many as make the dwell the longest. */
const unknownRelapses = 30;

/** One instance on its way back. */
interface Way {
  isDegraded: boolean;
  /** It has never been in `normal` in this life. */
  isColdStart: boolean;
  stage: "probing" | "loading";
  /** Since the load began, something was asked for it. */
  hasAsked: boolean;
  /** Probes answered since a call last failed. */
  answered: number;
  relapses: number;
  /** No load is owed before. */
  notBefore: Millis;
  cameAt: Millis;
  /** Probes and reads of loads in flight, and since when there have been none. */
  inFlight: number;
  idleSince: Millis;
}

export class WaysBack {
  readonly #case: Case;
  readonly #terms: ModeTerms;
  readonly #findings: Findings;
  readonly #ways: readonly Way[];

  constructor(theCase: Case, terms: ModeTerms, findings: Findings) {
    this.#case = theCase;
    this.#terms = terms;
    this.#findings = findings;
    this.#ways = Array.from({ length: theCase.instances }, () => begun(Number.NEGATIVE_INFINITY));
  }

  sent({ at, instance, isProbe = false, script }: Sent): void {
    const way = this.#ways[instance];
    if (way === undefined || !isOfWayBack(script)) return;
    if (way.isDegraded && way.inFlight === 0) this.#judgeIdle(way, instance, at, isProbe);
    if (way.isDegraded && isProbe && way.stage === "loading") this.#failLoad(way, way.idleSince);
    if (!isProbe) {
      // Left over from following: what the instance makes of its end is not seen.
      if (way.isDegraded && way.stage === "probing") this.#lose(instance, at);
      way.stage = "loading";
      way.hasAsked = true;
    }
    way.inFlight += 1;
  }

  settled(event: Settled): void {
    const { at, instance, isProbe = false, outcome, script, version, partition } = event;
    const way = this.#ways[instance];
    if (way === undefined) return;
    if (isOfWayBack(script)) {
      way.inFlight = Math.max(0, way.inFlight - 1);
      if (way.inFlight === 0) way.idleSince = at;
    }
    if (!way.isDegraded) return;
    if (saysGone(event)) {
      way.answered = 0;
      if (way.stage === "loading") this.#failLoad(way, at);
    } else if (isProbe && outcome === "answered") {
      const isOurs = version === undefined || isFollowed(this.#case, instance, partition, version);
      this.#probed(way, at, isOurs);
    }
  }

  changed({ at, from, instance, to }: ModeChanged): void {
    const way = this.#ways[instance];
    if (way === undefined) return;
    if (from === "normal") this.#left(way, at);
    if (to !== "normal") return;
    const idle = way.inFlight > 0 ? 0 : this.#case.timing.ran(instance, way.idleSince, at);
    if (way.isDegraded && way.stage === "loading" && idle > this.#case.timing.grain) {
      this.#findings.violate(() => [
        `instance ${instance} came back to normal ${inMs(idle)} after it had loaded everything, allowed is at once`,
        `at ${inMs(at)}`,
      ]);
    }
    Object.assign(way, { isDegraded: false, isColdStart: false, cameAt: at });
  }

  linked({ at, instance }: CommandLinkChanged): void {
    this.#lose(instance, at);
  }

  /** A new life asks once; one that resumes has lost count, as far as can be seen. */
  reborn({ at, instance, state }: InstanceChanged): void {
    const way = this.#ways[instance];
    if (way === undefined) return;
    if (state === "started" || state === "crashed") Object.assign(way, begun(at), { isDegraded: state === "started" });
    else this.#lose(instance, at);
  }

  #left(way: Way, at: Millis): void {
    way.relapses = at - way.cameAt < this.#terms.calmAfter ? way.relapses + 1 : 0;
    Object.assign(way, { isDegraded: true, isColdStart: false, stage: "probing", answered: 0 });
    way.notBefore = at + this.#dwell(way);
    if (way.inFlight === 0) way.idleSince = at;
  }

  #judgeIdle(way: Way, instance: number, at: Millis, isProbe: boolean): void {
    const { timing } = this.#case;
    const idle = timing.ran(instance, way.idleSince, at);
    const isOwed = way.stage === "loading" && !(isProbe && way.hasAsked);
    const allowed = isOwed ? 0 : this.#terms.probeInterval;
    if (idle <= allowed + timing.grain) return;
    this.#findings.violate(() => [
      `instance ${instance} asked nothing for ${inMs(idle)} on its way back to normal, allowed ${inMs(allowed)}`,
      `until ${inMs(at)}; ${isOwed ? "enough probes had been answered, and its dwell was over" : "a degraded instance probes"}`,
    ]);
  }

  /** The instance takes an answer of a server that it does not follow for a failure. */
  #probed(way: Way, at: Millis, isOurs: boolean): void {
    if (!isOurs) {
      way.answered = 0;
      return;
    }
    way.answered += 1;
    const needed = way.isColdStart ? 1 : this.#terms.probesInARow;
    if (way.answered < needed || at <= way.notBefore + this.#case.timing.grain) return;
    way.stage = "loading";
    way.hasAsked = false;
  }

  /** It probes again, after a relapse. */
  #failLoad(way: Way, at: Millis): void {
    if (!way.isColdStart) way.relapses += 1;
    Object.assign(way, { stage: "probing", answered: 0, notBefore: at + this.#dwell(way) });
  }

  #lose(instance: number, at: Millis): void {
    const way = this.#ways[instance];
    if (way === undefined) return;
    if (!way.isColdStart) way.relapses = unknownRelapses;
    Object.assign(way, { stage: "probing", answered: 0, idleSince: at, notBefore: at + this.#dwell(way) });
  }

  #dwell({ relapses }: Way): Millis {
    return dwellOf(relapses, this.#terms);
  }
}

/** The least time degraded after so many relapses in a row. */
export function dwellOf(relapses: number, { dwell, dwellMax }: ModeTerms): Millis {
  return relapses === 0 ? 0 : Math.min(dwellMax, dwell * 2 ** Math.min(relapses - 1, unknownRelapses));
}

function begun(at: Millis): Way {
  return {
    ...{ isDegraded: false, isColdStart: true, stage: "probing", hasAsked: false, answered: 0, relapses: 0 },
    ...{ notBefore: Number.NEGATIVE_INFINITY, cameAt: Number.NEGATIVE_INFINITY, inFlight: 0, idleSince: at },
  };
}
