/**
 * M1: the counters of an instance equal what happened. Each event is counted once, under its labels (docs/metrics.md); reads equal the answers that clients
 * had, by source; calls to Redis equal those that left the instance, by operation and outcome, as far as a call that was given up leaves one answer.
 */
import { type Call, type Millis, readOps } from "../../check/history.ts";
import type { Judgement } from "../../check/judgement.ts";
import type { Counted, Emitted, JudgeEvent, Settled } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";
import { countedAs, seriesOf } from "./counted-as.ts";

type Counts = Map<string, number>;

/** One life of one instance, as others saw it. */
interface Seen {
  readonly since: Millis;
  /** By series: what its events say. */
  readonly events: Counts;
  /** By series: the reads that clients were answered, and marks that answered them. */
  readonly answers: Counts;
  readonly selections: Counts;
  /** Each may have selected once. */
  dispatches: number;
  /** By operation, then by outcome. */
  readonly calls: Map<string, Counts>;
}

/** The names of calls to Redis in metrics. */
const operations: ReadonlySet<string> = new Set([
  ...["register_node", "heartbeat", "offline_node", "reserve_job", "complete_job", "release_job", "sweep"],
  ...[
    "changes_since",
    "version_check",
    "snapshot",
    "read_orphans",
    "ack_orphans",
    "put_config",
    "read_config",
    "check_config",
  ],
]);
const calls = "lockproof_redis_operations_total";
const selections = "lockproof_selections_total";

export function judgeCounters(theCase: Case): Judge {
  return new Counters(theCase);
}

class Counters implements Judge {
  readonly property = "M1";
  readonly hears = ["emitted", "settled", "returned", "instance", "counted"] as const;
  readonly operations = [...readOps, "dispatch"] as const;
  readonly #findings = new Findings("M1");
  /** By instance: its lives. */
  readonly #lives: readonly Seen[][];
  readonly #rounding: Millis;
  #compared = 0;

  constructor({ instances, timing }: Case) {
    this.#rounding = timing.rounding;
    this.#lives = Array.from({ length: instances }, () => []);
  }

  on(event: JudgeEvent): void {
    if (event.kind === "counted") this.#compare(event);
    else if (event.kind === "instance") {
      if (event.state === "started") this.#lives[event.instance]?.push(nothingSeen(event.at));
    } else if (event.kind === "emitted") this.#emitted(event);
    else if (event.kind === "settled") this.#settled(event);
    else if (event.kind === "returned") this.#returned(event.call);
  }

  finish(): Judgement {
    return this.#findings.conclude({ exercised: this.#compared });
  }

  #current(instance: number): Seen | undefined {
    return this.#lives[instance]?.at(-1);
  }

  #emitted({ at, instance, what }: Emitted): void {
    const seen = this.#current(instance);
    if (seen === undefined) return;
    const { operation, took = 0 } = what as typeof what & { readonly operation?: string; readonly took?: Millis };
    if (!(took >= 0 && took <= at - seen.since + this.#rounding))
      this.#untrue(instance, what.kind, `it took ${took} ms`);
    if (operation !== undefined && !operations.has(operation))
      this.#untrue(instance, what.kind, `its operation is ${JSON.stringify(operation)}`);
    for (const { by = 1, labels, name } of countedAs(what)) add(seen.events, seriesOf(name, labels), by);
  }

  #settled({ instance, isProbe = false, outcome, script }: Settled): void {
    const seen = this.#current(instance);
    if (seen === undefined) return;
    const operation = isProbe ? "version_check" : script;
    const own = seen.calls.get(operation) ?? new Map<string, number>();
    seen.calls.set(operation, own);
    add(own, outcome, 1);
  }

  #returned({ instance, op, read, reply, selected }: Call): void {
    const seen = this.#current(instance);
    if (seen === undefined) return;
    if (op === "dispatch") seen.dispatches += 1;
    if (read !== undefined) {
      const { source, stale } = read;
      add(seen.answers, seriesOf("lockproof_reads_total", { source, stale: String(stale) }), 1);
      if (source === "miss") add(seen.answers, seriesOf("lockproof_misses_absorbed_total", {}), 1);
    }
    if (selected === undefined) return;
    const outcome = selected.length > 0 ? "found" : "empty";
    add(seen.selections, seriesOf(selections, { mode: reply, outcome }), 1);
  }

  #compare(event: Counted): void {
    const seen = this.#lives[event.instance]?.[event.life - 1];
    if (seen === undefined) {
      this.#findings.unseen();
      return;
    }
    this.#equal(event, seen.events, "its events say");
    this.#equal(event, seen.answers, "its clients were answered");
    for (const [series, least] of seen.selections) this.#within(event, series, least, least + seen.dispatches);
    for (const [operation, outcomes] of seen.calls) this.#compareCalls(event, operation, outcomes);
  }

  /** Series of the names that `expected` has, no more and no less; those of another name are compared elsewhere. */
  #equal(event: Counted, expected: Counts, who: string): void {
    const names = new Set([...expected.keys()].map(nameOf));
    for (const [series, found] of event.counters) {
      if (!names.has(nameOf(series)) || expected.has(series) || found === 0) continue;
      this.#differs(event, series, `allowed 0: ${who} nothing of it`);
    }
    for (const [series, count] of expected) {
      this.#compared += 1;
      if ((event.counters.get(series) ?? 0) !== count) this.#differs(event, series, `allowed ${count}: so many ${who}`);
    }
  }

  #within(event: Counted, series: string, least: number, most: number): void {
    this.#compared += 1;
    const found = event.counters.get(series) ?? 0;
    if (found < least || found > most) this.#differs(event, series, `allowed ${least} to ${most}`);
  }

  /** A call that was given up is counted as that, and as a late reply where it is answered after all; one that never left has no end at the store. */
  #compareCalls(event: Counted, operation: string, outcomes: Counts): void {
    const of = (outcome: string): number => event.counters.get(seriesOf(calls, { operation, outcome })) ?? 0;
    const late = event.counters.get(seriesOf("lockproof_redis_late_replies_total", { operation })) ?? 0;
    const answered = outcomes.get("answered") ?? 0;
    this.#within(event, seriesOf(calls, { operation, outcome: "answered" }), answered - late, answered);
    for (const [outcome, count] of outcomes) {
      if (outcome === "answered") continue;
      this.#compared += 1;
      if (of(outcome) + late >= count) continue;
      this.#differs(
        event,
        seriesOf(calls, { operation, outcome }),
        `allowed at least ${count - late}: so many ended so`,
      );
    }
  }

  #untrue(instance: number, kind: string, found: string): void {
    this.#findings.violate(() => [
      `the event ${kind} of instance ${instance} says that ${found}, allowed an operation of docs/metrics.md, and from 0 to the time that its process has run`,
    ]);
  }

  #differs({ counters, instance, life }: Counted, series: string, allowed: string): void {
    this.#findings.violate(() => [
      `instance ${instance} has counted ${counters.get(series) ?? 0} of ${series}, ${allowed}`,
      `life ${life} of its process`,
    ]);
  }
}

function nothingSeen(since: Millis): Seen {
  return { since, events: new Map(), answers: new Map(), selections: new Map(), dispatches: 0, calls: new Map() };
}

function add(counts: Counts, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

function nameOf(series: string): string {
  return series.slice(0, series.indexOf("{"));
}
