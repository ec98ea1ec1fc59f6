/**
 * C1: expiry is spread: no burst of Redis work above the bound when many entries were written at once.
 *
 * Judged is a burst of such work as a whole: the mean of a part of it says nothing. It is not whole where some of it came due before the load began,
 * when it was not taken down what the machine did and which instance was degraded; or where some had not been done when nothing was read any more.
 */
import type { Call, Millis } from "../../check/history.ts";
import { inMs, type Judgement } from "../../check/judgement.ts";
import { mildest } from "../../check/timing/stall.ts";
import type { Changed, JudgeEvent, ModeChanged } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";
import { Burst, dueWindow, type Work } from "./burst.ts";

/** The busiest slice of time against the mean of all. */
const allowed = 2;
/** Sweeps that are so many intervals apart show that the store was away (docs/protocol.md, sweep); two instances sweep at two times of an interval. */
const missedSweeps = 2;
/** Fewer than this are not many, and chance alone makes a slice of them twice as busy as the mean. */
const many = 100;

export function judgeExpirySpread(theCase: Case): Judge {
  return new ExpirySpread(theCase);
}

class ExpirySpread implements Judge {
  readonly property = "C1";
  readonly hears = ["change", "returned", "settled", "mode"] as const;
  readonly operations = ["get_node"] as const;
  readonly #case: Case;
  readonly #findings = new Findings("C1");
  readonly #registered: { readonly node: string; readonly at: Millis }[] = [];
  readonly #offline = new Set<string>();
  readonly #expired = new Set<string>();
  readonly #expiries: Work[] = [];
  /** By instance: node -> when it was first read, hence cached. */
  readonly #cached: readonly Map<string, Millis>[];
  #lastRead = Number.NEGATIVE_INFINITY;
  /** When each refresh was sent. */
  readonly #refreshed: Work[] = [];
  /** By instance, in order. */
  readonly #modes: readonly ModeChanged[][];

  constructor(theCase: Case) {
    this.#case = theCase;
    this.#cached = Array.from({ length: theCase.instances }, () => new Map<string, Millis>());
    this.#modes = Array.from({ length: theCase.instances }, () => []);
  }

  on(event: JudgeEvent): void {
    if (event.kind === "change") this.#changed(event);
    else if (event.kind === "returned") this.#returned(event.call);
    else if (event.kind === "mode") this.#modes[event.instance]?.push(event);
    else if (event.kind === "settled" && event.script === "changes_since")
      this.#refreshed.push({ at: event.from, after: event.from });
  }

  finish(): Judgement {
    const bursts = [this.#expiryBurst(), this.#refreshes()].filter((burst) => burst !== null);
    const { longestWait, openText } = this.#case.timing;
    for (const burst of bursts) {
      if (burst.busiest.ratio <= allowed) continue;
      const isHeldUp = this.#isDegraded(burst) || (burst.name === "expiry" && this.#isHeldBack(burst));
      const isCertain = burst.certain.ratio > allowed;
      if (isCertain && !isHeldUp && this.#blameFor(burst) === "instance") this.#findings.violate(() => storyOf(burst));
      else this.#findings.leftOpen(burst.size);
    }
    return this.#findings.conclude({
      // Expiries in the store and refreshes of caches: the claim is about both.
      exercised: bursts.length < 2 ? 0 : bursts.reduce((sum, { size }) => sum + size, 0),
      open: `work that the machine, a degraded instance or a store without sweeps had held up, or the observer saw late, came at once (${openText}${longestWait === null ? "" : `; ${longestWait}`})`,
      measures: bursts.map((burst) => ({
        name: `${burst.name}_burst_ratio`,
        value: burst.busiest.ratio,
        ...(this.#findings.isSettled ? { threshold: allowed } : {}),
      })),
    });
  }

  #changed({ at, after = at, entry: { kind, node } }: Changed): void {
    if (kind === "registered") this.#registered.push({ node, at });
    else if (kind === "offline") this.#offline.add(node);
    else if (kind === "expired") {
      this.#expired.add(node);
      this.#expiries.push({ at, after });
    }
  }

  #returned({ from, instance, node = "", read, to }: Call): void {
    this.#lastRead = Math.max(this.#lastRead, from);
    const own = this.#cached[instance];
    if (read?.found && own?.has(node) === false) own.set(node, to ?? from);
  }

  /** Nodes that registered at once and never sent a heartbeat; null: there were not many, they took too long to be at once, or one has not expired. */
  #expiryBurst(): Burst | null {
    const written = this.#registered.filter(({ node }) => !this.#offline.has(node));
    if (this.#expiries.length < many || written.some(({ node }) => !this.#expired.has(node))) return null;
    const { heartbeatTtl, ttlSpread } = this.#case.terms;
    const window = dueWindow(
      written.map(({ at }) => at),
      heartbeatTtl,
      ttlSpread,
    );
    return window === null || window.from < 0 ? null : new Burst("expiry", "nodes expired", window, this.#expiries);
  }

  /**
   * Answers that were cached at once: each instance's first reading of each node. null: there were not many, they took too long to be at once, or the
   * reading, which is what refreshes them, ended before the last was due.
   */
  #refreshes(): Burst | null {
    const { l1Ttl, ttlSpread } = this.#case.terms;
    const cached = this.#cached.flatMap((own) => [...own.values()]);
    const window = cached.length < many ? null : dueWindow(cached, l1Ttl, ttlSpread);
    if (window === null || window.from < 0 || window.to > this.#lastRead) return null;
    // At other times they are made for other reasons.
    const work = this.#refreshed.filter(({ at }) => at >= window.from && at < window.to);
    return work.length < many ? null : new Burst("refresh", "refreshes were sent", window, work);
  }

  /**
   * Attributes a burst. In the busiest time that is allowed, what came on top comes due in no less than so long; so it was held up for as long, while
   * the whole of the burst came due.
   */
  #blameFor({ certain, sliceWidth }: Burst): ReturnType<typeof mildest> {
    const { ratio, to } = certain;
    const held = ((ratio - allowed) / allowed) * sliceWidth;
    const since = to - (ratio + 1) * sliceWidth;
    return mildest(this.#modes.map((_, instance) => this.#case.timing.blameWithServers(held, since, to, instance)));
  }

  /** One that is degraded neither sweeps nor refreshes; when it is back it has that to do. */
  #isDegraded({ certain, sliceWidth, window }: Burst): boolean {
    const since = Math.min(window.from, certain.from) - sliceWidth;
    return this.#modes.some((changes) => {
      const last = changes.findLast(({ at }) => at <= since);
      const mode = last?.to ?? changes[0]?.from ?? "normal";
      return mode !== "normal" || changes.some(({ at, to }) => at > since && at < certain.to && to !== "normal");
    });
  }

  /** No instance swept for a while, so the store held deadlines back for one shortest TTL; what came due meanwhile goes when that is over. */
  #isHeldBack({ certain, sliceWidth, window }: Burst): boolean {
    const { heartbeatTtl, sweepInterval, ttlSpread } = this.#case.terms;
    if (sweepInterval === undefined) return false;
    const grace = heartbeatTtl * (1 - ttlSpread);
    return this.#withoutSweeps().some(({ from, to }) => {
      const until = to + grace;
      const isBurst = until > window.from && until > certain.from - sliceWidth && until < certain.to;
      return to - from > missedSweeps * sweepInterval && isBurst;
    });
  }

  /** When all instances were degraded at once, in which mode none sweeps. */
  #withoutSweeps(): readonly { readonly from: Millis; readonly to: Millis }[] {
    const spans: { from: Millis; to: Millis }[] = [];
    const degraded = new Map<number, Millis>();
    const changes = this.#modes.flat().toSorted((one, other) => one.at - other.at);
    for (const { at, instance, to } of changes) {
      const wereAll = degraded.size === this.#modes.length;
      const since = Math.max(...degraded.values());
      if (to === "normal") degraded.delete(instance);
      else if (!degraded.has(instance)) degraded.set(instance, at);
      if (wereAll && to === "normal") spans.push({ from: since, to: at });
    }
    return spans;
  }
}

function storyOf({ certain, size, sliceWidth, what, window }: Burst): readonly string[] {
  const { count, from, ratio } = certain;
  return [
    `${count} of ${size} ${what} within ${inMs(sliceWidth)}, ${ratio.toFixed(1)} times the mean, allowed ${allowed} times`,
    `from ${inMs(from)} on; jitter lets them come due from ${inMs(window.from)} to ${inMs(window.to)}`,
  ];
}
