/**
 * N4: after the store was away from all instances for longer than its sweeps may be apart, after a new epoch began, and after its clock jumped, no node expires and
 * no place lapses before one TTL of a heartbeat is over. So a node that keeps sending heartbeats is renewed by then, for as long as the settings say
 * (`Lifetimes`).
 */
import type { Millis } from "../../check/history.ts";
import { inMs, type Judgement } from "../../check/judgement.ts";
import type { Called, Changed, FaultStep, JudgeEvent, Returned } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";
import type { EpochLine, LineEntry } from "../truth.ts";
import { Lifetimes } from "./lifetimes.ts";
import { SeenDeadlines } from "./seen-deadlines.ts";

/** Sweeps may be so many intervals apart (docs/protocol.md, sweep). */
const missedSweeps = 3;
/** Until an instance that is cut off sweeps no longer. */
const lastSweeps: Millis = 500;

/** Faults of one instance under which nothing of it reaches the store, or no answer. */
interface CutOff {
  count: number;
  since: Millis;
}

/** The known times of one node's heartbeats. */
interface Beats {
  renewedAt: Millis;
  triedAt: Millis;
  /** When a call for it was sent that found it online; minus infinity: none has. */
  onlineAt: Millis;
}

/** Replies that find a node online. */
const findsOnline: ReadonlySet<string> = new Set(["registered", "renewed", "already"]);

export function judgeHeldDeadlines(theCase: Case): Judge {
  return new HeldDeadlines(theCase);
}

class HeldDeadlines implements Judge {
  readonly property = "N4";
  readonly hears = ["fault", "change", "called", "returned", "node", "node_requested", "sweep_requested"] as const;
  readonly operations = ["heartbeat", "register_node"] as const;
  readonly #case: Case;
  readonly #findings: Findings;
  readonly #lifetimes: Lifetimes;
  readonly #seen: SeenDeadlines;
  readonly #grace: Millis;
  /** The shortest absence that sweeps have to show. */
  readonly #absence: Millis;
  readonly #longestTtl: Millis;
  readonly #cutOff: readonly CutOff[];
  /** When the last absence began, and when it ended. */
  #last: { readonly from: Millis; readonly to: Millis } | null = null;
  /** When the server's clock was moved. */
  #movedAt: Millis = Number.NEGATIVE_INFINITY;
  readonly #beats = new Map<string, Beats>();
  #compared = 0;

  constructor(theCase: Case) {
    this.#case = theCase;
    this.#findings = new Findings("N4", theCase.onViolation);
    this.#lifetimes = new Lifetimes(theCase, this.#findings);
    this.#seen = new SeenDeadlines(this.#findings);
    const { heartbeatTtl, sweepInterval = Number.POSITIVE_INFINITY, ttlSpread } = theCase.terms;
    this.#grace = Math.floor(heartbeatTtl * (1 - ttlSpread));
    this.#longestTtl = heartbeatTtl * (1 + ttlSpread);
    this.#absence = missedSweeps * sweepInterval + sweepInterval * (1 + ttlSpread) + lastSweeps;
    this.#cutOff = Array.from({ length: theCase.instances }, () => ({ count: 0, since: Number.POSITIVE_INFINITY }));
  }

  on(event: JudgeEvent): void {
    if (event.kind === "fault") this.#fault(event);
    else if (event.kind === "called") this.#called(event);
    else if (event.kind === "returned") this.#returned(event);
    else if (event.kind === "change") {
      this.#changed(event);
      this.#seen.changed(event);
    } else if (event.kind === "node") this.#seen.seen(event);
    else if (event.kind === "node_requested") this.#lifetimes.asked(event);
    else if (event.kind === "sweep_requested") this.#lifetimes.swept(event);
  }

  finish(): Judgement {
    const { compared } = this.#lifetimes;
    const seen = this.#seen.compared;
    return this.#findings.conclude({
      exercised: this.#compared + seen,
      measures: [
        { name: "lifetimes_compared", value: compared },
        ...(seen === 0 ? [] : [{ name: "deadlines_compared", value: seen }]),
      ],
      ...(this.#case.isStoreAlone === true && {
        premise: "a node outlived by heartbeats the time that it was seen with",
      }),
    });
  }

  #fault(event: FaultStep): void {
    const { at, cutsOff, inForce = at, instance, lack = null, name, step } = event;
    if (name === "clock_jump" && step === "inject") this.#movedAt = at;
    if (!cutsOff || lack !== null) return;
    if (step === "heal") this.#healed(inForce);
    for (const [index, one] of this.#cutOff.entries()) {
      if (instance !== null && instance !== index) continue;
      one.count += step === "inject" ? 1 : -1;
      if (step === "inject" && one.count === 1) one.since = inForce;
      if (one.count === 0) one.since = Number.POSITIVE_INFINITY;
    }
  }

  /** Something heals: until now all instances were cut off, or were not. */
  #healed(to: Millis): void {
    const from = Math.max(...this.#cutOff.map(({ since }) => since));
    if (!(to - from > this.#absence)) return;
    if (this.#last?.from !== from) {
      for (const { renewedAt, triedAt } of this.#beats.values()) {
        if (triedAt > from && renewedAt + this.#longestTtl < to) this.#compared += 1;
      }
    }
    this.#last = { from, to };
  }

  #called({ at, node, op }: Called): void {
    if (op === "heartbeat") this.#beatsOf(node).triedAt = at;
  }

  #returned({ at, call: { from, node = "", outcome, reply } }: Returned): void {
    if (outcome !== "ok") return;
    const beats = this.#beatsOf(node);
    if (findsOnline.has(reply)) beats.onlineAt = from;
    if (beats.renewedAt < this.#movedAt && this.#jumpBy(at) > this.#longestTtl) this.#compared += 1;
    beats.renewedAt = at;
  }

  /** How far the last move of the server's clock has put it forward; 0: it is not known, or there was none. */
  #jumpBy(at: Millis): Millis {
    const { truth } = this.#case;
    const moved = this.#movedAt;
    if (at <= moved) return 0;
    return (truth.clock(at, at) ?? 0) - (truth.clock(moved - 1, moved - 1) ?? truth.clock(at, at) ?? 0);
  }

  #beatsOf(node: string): Beats {
    const known = this.#beats.get(node);
    if (known !== undefined) return known;
    const made = {
      renewedAt: Number.POSITIVE_INFINITY,
      triedAt: Number.NEGATIVE_INFINITY,
      onlineAt: Number.NEGATIVE_INFINITY,
    };
    this.#beats.set(node, made);
    return made;
  }

  #changed({ entry, line }: Changed): void {
    const { at, kind, node, orphaned = [] } = entry;
    if (kind !== "expired" && kind !== "lapsed") return;
    const why = this.#heldAt(entry, line.order === 0 ? null : line);
    if (why === null) return;
    const what = kind === "expired" ? `node ${node} expired` : `${orphaned.join(", ")} of node ${node} lapsed`;
    this.#findings.violate(() => [
      `${what} ${inMs(at - why.since)} after ${why.text}, allowed only after ${inMs(this.#grace)}, in which heartbeats renew it`,
      `partition ${line.partition}, sequence ${entry.sequence}, at ${inMs(at)}`,
    ]);
  }

  /** Why nothing was due then; null: it may have been. */
  #heldAt(
    { at, node, since }: LineEntry,
    next: EpochLine | null,
  ): { readonly text: string; readonly since: Millis } | null {
    const { timing } = this.#case;
    const least = this.#grace - timing.grain - timing.rounding;
    const last = this.#last;
    if (last !== null && since > last.from && at < last.to + least)
      return { text: `the store was back, which had been away for ${inMs(last.to - last.from)}`, since: last.to };
    if (next !== null && at < next.begunSince + least) return { text: "a new epoch had begun", since: next.begunAt };
    const moved = this.#movedAt;
    // A change from before the jump may be seen after it; but not one of a node that was renewed shortly before it.
    const isAfter = since >= moved || this.#beatsOf(node).onlineAt + this.#grace > moved;
    const jump = isAfter && at < moved + least ? this.#jumpBy(at) : 0;
    return jump < 0 || jump > this.#absence ? { text: "the server's clock had jumped", since: moved } : null;
  }
}
