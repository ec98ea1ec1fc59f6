/** The exact cost of the runs of one revision: everything is counted, or timed by virtual time. */
import type { Millis } from "../check/history.ts";
import { work } from "../simulate/cost/instrument.ts";
import type { Heard, Listener } from "../simulate/trace/bus.ts";
import type { Returned, Said, Sent, SimEvent } from "../simulate/trace/events.ts";

export type Unit = "calls" | "bytes" | "ms" | "times" | "steps" | "objects" | "runs";

export interface Metric {
  /** Words with the unit last: `get_node_ms_p50`. */
  readonly name: string;
  readonly unit: Unit;
  readonly value: number;
}

/** The counts of all runs together; `begin` and `end` enclose each run. */
export class Tally implements Listener {
  readonly hears: readonly Heard[] = [
    ...(["returned", "sent", "stepped", "config_stepped", "phase"] as const),
    ...(["scheduler.mode_changed", "scheduler.resync_started", "scheduler.coalesced"] as const),
  ];
  readonly #latencies = new Map<string, Millis[]>();
  readonly #sent = new Map<string, number>();
  readonly #counts = { requestBytes: 0, replyBytes: 0, resyncs: 0, departures: 0, coalesced: 0 };
  readonly #departed = new Map<number, Millis>();
  #degraded = 0;
  #clientCalls = 0;
  #steps = 0;
  #objects = 0;
  #work = { ...work };

  begin(): void {
    this.#work = { ...work };
    this.#departed.clear();
  }

  end(): void {
    this.#steps += work.blocks - this.#work.blocks;
    this.#objects += work.objects - this.#work.objects;
  }

  on(event: SimEvent): void {
    if (event.kind === "returned") this.#returned(event);
    else if (event.kind === "sent") this.#sentOne(event);
    else if (event.kind === "stepped" || event.kind === "config_stepped")
      this.#counts.replyBytes += sizeOf(event.reply);
    else if (event.kind === "scheduler") this.#said(event);
    else if (event.kind === "phase" && event.name === "end") this.#ended(event.at);
  }

  metrics(): readonly Metric[] {
    const { coalesced, departures, replyBytes, requestBytes, resyncs } = this.#counts;
    const calls = [...this.#sent.values()].reduce((sum, count) => sum + count, 0);
    const each = this.#clientCalls === 0 ? 0 : 1 / this.#clientCalls;
    return [
      { name: "redis_calls", unit: "calls", value: calls },
      ...sorted(this.#sent).map(([name, value]) => ({ name: `redis_calls_${name}`, unit: "calls" as const, value })),
      { name: "round_trips_per_operation", unit: "calls", value: calls * each },
      { name: "request_bytes", unit: "bytes", value: requestBytes },
      { name: "reply_bytes", unit: "bytes", value: replyBytes },
      ...sorted(this.#latencies).flatMap(([op, took]) => latencyOf(op, took)),
      { name: "resyncs", unit: "times", value: resyncs },
      { name: "requests_coalesced", unit: "times", value: coalesced },
      { name: "degraded_times", unit: "times", value: departures },
      { name: "degraded_ms", unit: "ms", value: this.#degraded },
      { name: "computed_steps_per_operation", unit: "steps", value: this.#steps * each },
      { name: "objects_per_operation", unit: "objects", value: this.#objects * each },
    ];
  }

  #returned({ call: { from, op, to } }: Returned): void {
    this.#clientCalls += 1;
    if (to === null) return;
    const known = this.#latencies.get(op);
    if (known === undefined) this.#latencies.set(op, [to - from]);
    else known.push(to - from);
  }

  #sentOne({ question, script }: Sent): void {
    this.#sent.set(script, (this.#sent.get(script) ?? 0) + 1);
    this.#counts.requestBytes += sizeOf(question.asked);
  }

  #said({ at, instance, what }: Said): void {
    if (what.kind === "resync_started") this.#counts.resyncs += 1;
    else if (what.kind === "coalesced") this.#counts.coalesced += 1;
    else if (what.kind === "mode_changed") this.#modeChanged(instance, at, what);
  }

  /** The first way to `normal` is the start, and no degradation. */
  #modeChanged(instance: number, at: Millis, { from, to }: { readonly from: string; readonly to: string }): void {
    if (from === "normal") {
      this.#counts.departures += 1;
      this.#departed.set(instance, at);
    }
    const since = this.#departed.get(instance);
    if (to !== "normal" || since === undefined) return;
    this.#degraded += at - since;
    this.#departed.delete(instance);
  }

  #ended(at: Millis): void {
    for (const since of this.#departed.values()) this.#degraded += at - since;
    this.#departed.clear();
  }
}

/** The size of a message's content as JSON, in bytes: not what a client library sends, but exact in both revisions. */
function sizeOf(content: unknown): number {
  return Buffer.byteLength(JSON.stringify(content));
}

function latencyOf(op: string, took: readonly Millis[]): readonly Metric[] {
  const inOrder = took.toSorted((one, other) => one - other);
  const rank = (share: number): Millis => inOrder[Math.max(0, Math.ceil(inOrder.length * share) - 1)] ?? 0;
  return (
    [
      ["p50", 0.5],
      ["p99", 0.99],
      ["max", 1],
    ] as const
  ).map(([name, share]) => ({
    name: `${op}_ms_${name}`,
    unit: "ms",
    value: rank(share),
  }));
}

function sorted<Value>(counts: ReadonlyMap<string, Value>): readonly (readonly [string, Value])[] {
  return [...counts].sort(([one], [other]) => (one < other ? -1 : 1));
}
