/**
 * K6: `close` takes nothing new and lets what is in flight end, each call by its deadline. It leaves no timer and no connection, and nothing is sent after it.
 * An answer after it is an error, or marked stale.
 */
import { type Call, type Millis, readOps } from "../../check/history.ts";
import { inMs, type Judgement } from "../../check/judgement.ts";
import type { Closed, InstanceChanged, JudgeEvent, Settled } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";

/** One close of one instance. */
interface Closing {
  readonly instance: number;
  readonly since: Millis;
  /** null: it has not ended. */
  closed: Closed | null;
  /** Calls of clients that were in flight then, or came later: without one nothing was to be drained, and nothing to be refused. */
  met: number;
}

const reads: ReadonlySet<string> = new Set(readOps);
/** One call to the store each: nothing that `close` refuses is a part of it. */
const single: ReadonlySet<string> = new Set(["reserve_job", "complete_job", "release_job"]);

export function judgeClosing(theCase: Case): Judge {
  return new CloseJudge(theCase);
}

class CloseJudge implements Judge {
  readonly property = "K6";
  readonly hears = ["instance", "closed", "settled", "returned"] as const;
  readonly #case: Case;
  readonly #findings = new Findings("K6");
  /** The closings of each instance, in order. */
  readonly #closings: Closing[] = [];
  readonly #current = new Map<number, Closing>();
  #longest = 0;

  constructor(theCase: Case) {
    this.#case = theCase;
  }

  on(event: JudgeEvent): void {
    if (event.kind === "instance") this.#stood(event);
    else if (event.kind === "closed") this.#closed(event);
    else if (event.kind === "settled") this.#settled(event);
    else if (event.kind === "returned") this.#returned(event.call);
  }

  finish(): Judgement {
    for (const closing of this.#current.values()) this.#neverEnded(closing);
    return this.#findings.conclude({
      exercised: this.#closings.filter(({ closed, met }) => closed !== null && met > 0).length,
      measures: [{ name: "time_to_close_ms_max", value: this.#longest, threshold: this.#limit }],
    });
  }

  /** All calls that are in flight end by the longest deadline of one. */
  get #limit(): Millis {
    const { readLimit = 0, writeLimit = Number.POSITIVE_INFINITY } = this.#case.terms;
    return Math.max(readLimit, writeLimit);
  }

  #stood({ at, instance, state }: InstanceChanged): void {
    if (state === "closing") {
      const closing = { instance, since: at, closed: null, met: 0 };
      this.#closings.push(closing);
      this.#current.set(instance, closing);
    } else if (state === "started" || state === "crashed") {
      const closing = this.#current.get(instance);
      if (closing !== undefined) this.#neverEnded(closing);
      this.#current.delete(instance);
    }
  }

  #closed(event: Closed): void {
    const { at, connections, instance, timers } = event;
    const closing = this.#current.get(instance);
    if (closing === undefined) return;
    if (closing.closed === null) this.#inTime(closing, at);
    closing.closed = event;
    if (timers === 0 && connections === 0) return;
    this.#findings.violate(() => [
      `instance ${instance} left ${timers} timers and ${connections} connections after close, allowed none`,
      `looked at ${inMs(at)}; it was closed from ${inMs(closing.since)} on`,
    ]);
  }

  #inTime(closing: Closing, at: Millis): void {
    const { timing } = this.#case;
    const { instance, since } = closing;
    const took = timing.ran(instance, since, at);
    this.#longest = Math.max(this.#longest, took);
    const late = took - this.#limit;
    if (late <= timing.grain) return;
    const blame = timing.blame(late, since, at, instance);
    this.#findings.late(blame, timing.isMarginal(late, since, at, instance), () => [
      `close of instance ${instance} took ${inMs(took)}, allowed ${inMs(this.#limit)}: the deadline of a call`,
      `from ${inMs(since)} to ${inMs(at)}; ${timing.waitText(instance, since, at)}`,
    ]);
  }

  #neverEnded({ closed, instance, since }: Closing): void {
    if (closed !== null) return;
    this.#findings.violate(() => [
      `close of instance ${instance} had not ended when its process did, or the run, allowed ${inMs(this.#limit)}`,
      `it was closed at ${inMs(since)}`,
    ]);
  }

  #settled({ at, from, instance, outcome, script }: Settled): void {
    const closing = this.#current.get(instance);
    if (closing === undefined || from <= closing.since + this.#case.timing.rounding) return;
    if (outcome === "closed" && at === from) return; // refused by the connections, which are closed themselves
    this.#findings.violate(() => [
      `instance ${instance} sent ${script} after close, allowed nothing`,
      `at ${inMs(from)}; it was closed at ${inMs(closing.since)}`,
    ]);
  }

  #returned(call: Call): void {
    const { from, instance, to } = call;
    const closing = this.#closings.findLast(
      (one) => one.instance === instance && (to ?? Number.POSITIVE_INFINITY) >= one.since,
    );
    if (closing === undefined || to === null) return;
    const isLater = from > closing.since;
    if (closing !== this.#current.get(instance)) return; // its process has ended since
    closing.met += 1;
    if (isLater) this.#later(call, closing);
    else this.#drained(call, closing);
  }

  /** Judges a call that was made after close. */
  #later({ from, id, instance, op, outcome, read, reply, stale }: Call, { since }: Closing): void {
    const isMarked = reads.has(op) && (read?.stale ?? stale ?? true);
    if (outcome !== "ok" || isMarked) return;
    const answer = reads.has(op) ? "an answer that is not marked stale" : reply;
    this.#findings.violate(
      () => [
        `${op} on instance ${instance} got ${answer} after close, allowed an error or an answer marked stale`,
        `asked at ${inMs(from)}; it was closed at ${inMs(since)}`,
      ],
      [id],
    );
  }

  /** A call in flight at close ends by its deadline; close does not cut it off. */
  #drained({ from, id, instance, op, outcome, reply, to }: Call, { since }: Closing): void {
    if (!single.has(op) || outcome !== "info" || reply !== "closed") return;
    this.#findings.violate(
      () => [
        `${op} on instance ${instance} was cut off by close, allowed is its own end or its deadline`,
        `from ${inMs(from)} to ${inMs(to ?? from)}; it was closed at ${inMs(since)}`,
      ],
      [id],
    );
  }
}
